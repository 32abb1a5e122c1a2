"use strict";
// Makes the long tables searchable. Words of the spreadsheet are only ever set as text, never parsed as markup.

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
const number = (count) => count.toLocaleString("en-US");

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** Rank of each word of a column in reading order, so that sorting rows compares numbers. */
function ranks(column) {
  if (!column.ranks) {
    const order = column.words.map((_, code) => code);
    order.sort((a, b) => collator.compare(column.words[a], column.words[b]) || a - b);
    column.ranks = new Int32Array(order.length);
    order.forEach((code, rank) => { column.ranks[code] = rank; });
  }
  return column.ranks;
}

/** Which words of a column hold the term: each word is looked at once, however many rows repeat it. */
function hits(column, term) {
  column.lower ??= column.words.map((word) => word.toLowerCase());
  return Uint8Array.from(column.lower, (word) => (word.includes(term) ? 1 : 0));
}

/** The rows that hold every term somewhere and every picked word in its column. */
function findRows(columns, terms, picked) {
  const total = columns[0].codes.length;
  const found = terms.map((term) => columns.map((column) => hits(column, term)));
  const rows = [];
  for (let row = 0; row < total; row++) {
    const isPicked = columns.every((column, at) => picked[at] === undefined || column.codes[row] === picked[at]);
    if (isPicked && found.every((hit) => columns.some((column, at) => hit[at][column.codes[row]]))) rows.push(row);
  }
  return rows;
}

/** A cell that a spreadsheet could take for a formula is marked as text. */
function csvCell(text) {
  const harmless = /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
  return `"${harmless.replaceAll('"', '""')}"`;
}

function mount(section) {
  const { columns, page } = JSON.parse(section.querySelector("script").textContent);
  const seen = columns.filter((column) => !column.hidden);
  const table = section.querySelector("table");
  const body = table.tBodies[0];
  const state = { rows: [], start: 0, by: -1, descending: false, picked: [] };

  const search = make("input", { type: "search", id: `${section.id}-search`, autocomplete: "off", spellcheck: "false" });
  const status = make("p", { role: "status", class: "count" });
  const previous = make("button", { type: "button" }, "Previous");
  const next = make("button", { type: "button" }, "Next");
  const csv = make("button", { type: "button" }, "Save as CSV");
  const pickers = columns.map((column, at) => (column.pick && column.words.length > 1 ? makePicker(column, at) : null));

  function makePicker(column, at) {
    const counts = new Uint32Array(column.words.length);
    for (const code of column.codes) counts[code]++;
    const codes = column.words.map((_, code) => code).sort((a, b) => counts[b] - counts[a]).slice(0, 100);
    const options = codes.map((code) => make("option", { value: code }, `${(column.words[code] || "empty").slice(0, 90)} (${number(counts[code])})`));
    const select = make("select", { id: `${section.id}-pick-${at}` }, make("option", { value: "" }, "all"), ...options);
    select.addEventListener("change", () => pick(at, select.value));
    return select;
  }

  function pick(at, value) {
    state.picked[at] = value === "" ? undefined : Number(value);
    refresh();
  }

  function refresh() {
    state.rows = findRows(columns, search.value.toLowerCase().split(/\s+/).filter(Boolean), state.picked);
    if (state.by >= 0) {
      const { codes } = seen[state.by];
      const rank = ranks(seen[state.by]);
      const way = state.descending ? -1 : 1;
      state.rows.sort((a, b) => way * (rank[codes[a]] - rank[codes[b]]) || a - b);
    }
    show(0);
  }

  function show(start) {
    state.start = start;
    const shown = state.rows.slice(start, start + page);
    body.replaceChildren(...shown.map(makeRow));
    const all = columns[0].codes.length;
    const which = shown.length ? `Rows ${number(start + 1)} to ${number(start + shown.length)} of ${number(state.rows.length)}` : "No row";
    status.textContent = state.rows.length === all ? which : `${which} found among ${number(all)}`;
    previous.disabled = start === 0;
    next.disabled = start + page >= state.rows.length;
  }

  function makeRow(row) {
    return make("tr", {}, ...seen.map(({ title, look, words, codes }) => {
      const word = words[codes[row]];
      const text = word === "" ? make("span", { class: "none" }, "empty") : word;
      return make("td", { "data-label": title, class: look, dir: "auto" }, text);
    }));
  }

  function sortBy(at) {
    state.descending = state.by === at && !state.descending;
    state.by = at; // among the seen columns
    [...table.tHead.rows[0].cells].forEach((head, each) => {
      if (each === at) head.setAttribute("aria-sort", state.descending ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
    refresh();
  }

  function saveCsv() {
    const lines = state.rows.map((row) => columns.map(({ words, codes }) => csvCell(words[codes[row]])).join(","));
    const text = `\ufeff${[columns.map(({ title }) => csvCell(title)).join(","), ...lines].join("\r\n")}\r\n`;
    const address = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    make("a", { href: address, download: `${section.id}.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  }

  [...table.tHead.rows[0].cells].forEach((head, at) => {
    const button = make("button", { type: "button" }, head.textContent.trim());
    button.addEventListener("click", () => sortBy(at));
    head.replaceChildren(button);
  });
  const fields = pickers.flatMap((select, at) => (select ? [make("div", {}, make("label", { for: select.id }, columns[at].title), select)] : []));
  const find = make("div", { class: "find" }, make("label", { for: search.id }, "Search"), search);
  section.querySelector(".tools").replaceChildren(find, ...fields, csv);
  section.querySelector(".pager").replaceChildren(status, previous, next);
  let waiting = 0;
  search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(refresh, 80); });
  previous.addEventListener("click", () => show(state.start - page));
  next.addEventListener("click", () => show(state.start + page));
  csv.addEventListener("click", saveCsv);
  refresh();
}

document.querySelectorAll("[data-grid]").forEach(mount);
