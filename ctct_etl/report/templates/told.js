
// A page of a run that is under way says how long ago it was written: a run that was cut off can't say so itself.
const told = document.querySelector("#told");
if (told) {
  const minutes = Math.floor((Date.now() - Date.parse(told.dataset.at)) / 60_000);
  const ago = minutes < 120 ? `${number(minutes)} minutes` : `${number(Math.floor(minutes / 60))} hours`;
  if (minutes >= 5) {
    told.querySelector("span").textContent = `That was ${ago} ago.`;
    const badge = document.querySelector("#state");
    badge.textContent = "Cut off, or an old copy of this page";
    badge.classList.replace("underway", "interrupted");
  }
}
document.documentElement.dataset.ready = "yes";
