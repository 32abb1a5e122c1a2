"""How fast the page of a large plan is in a browser: 100,000 changed contacts, or as many as are asked for.

    python -m benchmarks.page_speed [N]

Needs Chromium, as the tests of the page do, and the tests' own maker of plans. Medians of three visits: until something
is painted, until the tables can be used, a list picked, a search (which waits 80 ms for more keys), a column sorted.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from ctct_etl.report.model import build_report
from ctct_etl.report.page import render_html
from tests.report.browsing import opened_browser
from tests.report.plans import PlanBuilder

VISITS = 3
PAINT = "() => performance.getEntriesByName('first-contentful-paint').map(each => each.startTime)[0]"
PICK = """() => {
    const named = each => each.text.startsWith('Newsletter');
    const select = [...document.querySelectorAll('#changes select')].find(each => [...each.options].some(named));
    const began = performance.now();
    select.value = [...select.options].find(named).value;
    select.dispatchEvent(new Event('change'));
    document.body.offsetHeight;
    return performance.now() - began;
}"""
SEARCH = """() => new Promise(done => {
    const input = document.querySelector('#changes-search'), told = document.querySelector('#changes [role=status]');
    const began = performance.now();
    new MutationObserver(() => { document.body.offsetHeight; done(performance.now() - began); })
        .observe(told, {childList: true, characterData: true, subtree: true});
    input.value = 'person.77 club3';
    input.dispatchEvent(new Event('input'));
})"""
SORT = """() => {
    const began = performance.now();
    document.querySelectorAll('#changes thead button')[0].click();
    document.body.offsetHeight;
    return performance.now() - began;
}"""


def main(contacts: int) -> None:
    plan = make_plan(contacts)
    began = time.perf_counter()
    html = render_html(build_report(plan, None))
    print(f"{contacts:,} contacts, {len(html.encode()) / 1e6:.1f} MB, made in {time.perf_counter() - began:.1f} s")
    with tempfile.TemporaryDirectory() as folder, opened_browser() as browser:
        page = Path(folder, "report.html")
        page.write_text(html, "utf-8")
        visits = [visit(browser, page.as_uri()) for _ in range(VISITS)]
    for what in visits[0]:
        print(f"{what:8} {statistics.median(each[what] for each in visits):6.0f} ms")


def make_plan(contacts: int) -> Any:
    made = PlanBuilder()
    for at in range(contacts):
        made.action(
            "update",
            f"person.{at}@club{at % 97}.example.org",
            {"first_name": (f"Name{at % 4000}", f"Other{at % 3900}")},
            add=("Newsletter",) if at % 9 == 0 else (),
        )
    return made.build()


def visit(browser: Any, address: str) -> dict[str, float]:
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    began = time.perf_counter()
    page.goto(address)
    page.wait_for_selector("html[data-ready]", state="attached")
    ready = 1000 * (time.perf_counter() - began)
    told = {"paint": page.evaluate(PAINT), "ready": ready}
    told |= {what: page.evaluate(script) for what, script in (("pick", PICK), ("search", SEARCH), ("sort", SORT))}
    page.close()
    return told


if __name__ == "__main__":
    main(int(sys.argv[1].replace(",", "")) if len(sys.argv) > 1 else 100_000)
