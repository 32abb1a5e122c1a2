"""The page in a real browser: opened, searched, filtered, saved, printed, by mouse and by keys, wide and narrow."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ctct_etl.report.model import build_report
from ctct_etl.report.page import render_html
from ctct_etl.report.shapes import EarlierRun
from tests.report.browsing import PHONE, WHY_NOT, Visit, opened_browser
from tests.report.pages import Page
from tests.report.plans import PlanBuilder, applied, guard, small_plan

pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)

CHANGES = "Every changed field, list and tag, before and after"
HOSTILE = [
    "<script>document.title='OWNED'</script>",
    "</script><script>document.title='OWNED'</script>",
    "<img src=x onerror=\"document.title='OWNED'\">",
    "<!--<script>",
    '=HYPERLINK("http://example.org")',
    "\u202egnp.exe",
    "👩‍👩‍👧 مرحبا",
    "z" * 10_000,
]
BEFORE = EarlierRun(
    "r", "2026-11-22T22:45:01Z", "done", True, 10, 2, {"create": 2, "update": 2, "remove": 0}, 0, 12
)  # fmt: skip
Open = Callable[..., Visit]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with opened_browser() as opened:
        yield opened


@pytest.fixture
def visit(browser: Any, tmp_path: Path) -> Iterator[Open]:
    opened: list[Visit] = []

    def open_page(html: str, **how: Any) -> Visit:
        opened.append(Visit(browser, html, tmp_path, **how))
        return opened[-1]

    yield open_page
    for each in opened:
        each.close()
        assert each.faults == [] and len(each.asked) == 1  # the page itself, and nothing else


def hostile_page() -> str:
    plan = PlanBuilder()
    for at, value in enumerate(HOSTILE):
        plan.action("update", f"u{at}@x.org", {"first_name": ("", value)}, add=(value[:80],), reason=value)
        plan.reject(value, value)
        lost = plan.row(f"u{at}@x.org", "merged", value)
        plan.edit(lost, "last_name", value, value + "!", value + "?")
        plan.collide(lost, at, "last_name", value, value + "!")
    return render_html(build_report(plan.build(warnings=HOSTILE), None))


def many_changes() -> str:
    plan = PlanBuilder()
    for at in range(450):
        lists = ("Choir",) if at % 3 == 0 else ()
        plan.action("update", f"u{at}@x.org", {"first_name": (f"N{at}", f"M{at}")}, add=lists, reason=f"rule {at % 2}")
    for at in range(5):
        plan.reject(f"{at}@@x.org", f'"{at}@@x.org" is not an e-mail address')
    plan.reject("b", "it is blank")
    return render_html(build_report(plan.build(), None))


def every_page() -> dict[str, str]:
    """A plan, a stopped one, one under way, and one that was applied and not in all."""
    failed = applied("part", update={"done": 1, "failed": 1})
    failed["not_done"] = [{"address": "eva@example.org", "action": "update", "result": "failed", "words": "no"}]
    broken = {"address": "ann@example.org", "field": "first_name", "promised": "Ann", "found": ""}
    failed["verification"] = {"checked": 6, "as_promised": 5, "differences": [broken]}
    going = applied("underway", create={"done": 1, "pending": 2}) | {"told_at": "2026-11-23T22:46:31Z"}
    stopped = small_plan(guards=[guard("max_updates", "2 of 3 contacts", 2, "30%", tripped=True)])
    return {
        "plan": render_html(build_report(small_plan(), None, [BEFORE])),
        "stopped": render_html(build_report(stopped, None)),
        "going": render_html(build_report(small_plan(), going)),
        "applied": render_html(build_report(small_plan(), failed, [BEFORE])),
    }


def test_the_script_fills_the_tables_as_they_are_printed(visit: Open) -> None:
    html = render_html(build_report(small_plan(), None))
    page = visit(html)
    shown = [[page.cells("changes", at)[row] for at in range(7)] for row in range(12)]
    assert [[" ".join(cell.split()) for cell in row] for row in shown] == Page(html).cells(CHANGES)
    assert page.count("changes") == "Rows 1 to 12 of 12"


def test_hostile_values_do_nothing_on_the_page_nor_in_what_is_saved(visit: Open) -> None:
    page = visit(hostile_page())
    assert "OWNED" not in page.page.title()
    shown = [*HOSTILE[:5], "⟨U+202E⟩gnp.exe", HOSTILE[6], "z" * 300 + "… (10,000 characters)"]
    assert page.cells("changes", 4)[::2] == shown
    assert page.overflow() == 0
    assert save(page, "collisions")[5][2:4] == ["'" + HOSTILE[4], "'" + HOSTILE[4] + "!"]


def test_a_table_is_searched_picked_from_sorted_and_paged(visit: Open) -> None:
    page = visit(many_changes())
    page.search("changes", "RULE n44")
    assert sorted(page.cells("changes", 3)) == ["N44", *(f"N44{digit}" for digit in range(10))]
    assert page.count("changes") == "Rows 1 to 11 of 11 found among 600"
    page.search("changes", "")
    page.page.get_by_label("List or tag", exact=True).select_option(label="Choir (150)")
    assert (
        set(page.cells("changes", 4)) == {"Choir"} and page.count("changes") == "Rows 1 to 150 of 150 found among 600"
    )
    page.page.get_by_label("List or tag", exact=True).select_option(label="all")
    page.page.locator("#changes").get_by_label("Why", exact=True).select_option(label="rule 1 (300)")
    page.page.locator("#changes").get_by_label("Field", exact=True).select_option(label="First name (450)")
    assert page.count("changes") == "Rows 1 to 200 of 225 found among 600"
    page.page.locator("#changes").get_by_role("button", name="Next").click()
    assert page.count("changes") == "Rows 201 to 225 of 225 found among 600"
    for _ in range(2):
        page.page.locator("#changes").get_by_role("button", name="Before").click()
    assert page.cells("changes", 3)[:3] == ["N449", "N447", "N445"]  # numbers as numbers, the greatest first
    page.page.get_by_label("Reason", exact=True).select_option(label="… is not an e-mail address (5)")
    assert page.count("rejects") == "Rows 1 to 5 of 5 found among 6"


def save(page: Visit, grid: str) -> list[list[str]]:
    with page.page.expect_download() as saving:
        page.page.locator(f"#{grid}").get_by_role("button", name="Save as CSV").click()
    assert saving.value.suggested_filename == f"{grid}.csv"
    text = Path(saving.value.path()).read_text("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def test_the_saved_csv_holds_what_was_found_and_no_formula(visit: Open) -> None:
    plan = PlanBuilder()
    plan.action("update", "a@x.org", {"first_name": ("", '=HYPERLINK("x")'), "job_title": ("", "+1 555")})
    plan.action("update", "b@x.org", {"first_name": ("", "plain")})
    page = visit(render_html(build_report(plan.build(), None)))
    page.search("changes", "a@x.org")
    head, *rows = save(page, "changes")
    assert head == ["Address", "What", "Field", "Before", "After", "Why", "Where", "List or tag"]
    assert [row[4] for row in rows] == ['\'=HYPERLINK("x")', "'+1 555"]


def test_it_is_worked_by_keys_alone(visit: Open) -> None:
    page = visit(many_changes())
    page.page.keyboard.press("Tab")
    assert page.page.evaluate("document.activeElement.textContent") == "Skip to the details"
    page.page.keyboard.press("Enter")
    assert page.page.url.endswith("#main")
    page.page.locator("#changes-search").focus()
    page.page.keyboard.type("u449@")
    page.page.wait_for_function("() => document.querySelectorAll('#changes tbody tr').length === 1")
    page.page.locator("#changes thead button").first.focus()
    page.page.keyboard.press("Enter")
    assert page.page.locator("#changes thead th").first.get_attribute("aria-sort") == "ascending"


def test_a_phone_never_scrolls_sideways(visit: Open) -> None:
    for html in (*every_page().values(), hostile_page()):
        assert visit(html, viewport=PHONE).overflow() == 0


def test_print_shows_the_tables_and_leaves_out_what_is_to_be_clicked(visit: Open) -> None:
    page = visit(every_page()["applied"], color_scheme="dark")
    page.page.emulate_media(media="print", color_scheme="dark")
    visible = {
        name: page.page.locator(name).first.is_visible() for name in ("nav", ".tools", ".tiles", "#changes table")
    }
    assert visible == {"nav": False, ".tools": False, ".tiles": True, "#changes table": True}
    assert page.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.page.pdf().startswith(b"%PDF")


def test_an_audit_of_accessibility_finds_nothing(visit: Open) -> None:
    pages = every_page()
    assert [visit(html).violations() for html in pages.values()] == [[]] * len(pages)
    assert visit(pages["plan"], viewport=PHONE).violations() == []


def test_in_the_dark_contrasts_are_as_strong(visit: Open) -> None:
    pages = every_page()
    found = [visit(pages[name], color_scheme="dark").violations("color-contrast") for name in ("stopped", "applied")]
    assert found == [[], []]


def test_a_page_of_a_run_that_was_cut_off_says_how_old_it_is(visit: Open) -> None:
    page = visit(every_page()["going"]).page
    assert page.locator("#state").text_content() == "Cut off, or an old copy of this page"
    assert "hours ago" in page.locator("#told").text_content()
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    fresh = visit(every_page()["going"].replace("2026-11-23T22:46:31Z", now)).page
    assert fresh.locator("#state").text_content() == "Under way"
