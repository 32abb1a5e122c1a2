"""The page in a real browser: its script fills the tables, hostile values do nothing, search and sort work."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ctct_etl.report.model import build_report
from ctct_etl.report.page import render_html
from tests.report.pages import Page
from tests.report.plans import PlanBuilder, small_plan

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER = next(filter(None, map(shutil.which, BROWSERS)), None)
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--virtual-time-budget=5000",
)  # fmt: skip
CHANGES = "Every changed field, list and tag, before and after"

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine, so the page can't be run in one")


def open_page(html: str, folder: Path) -> Page:
    """Open the page, let its script run, and read what it has become."""
    path = folder / "report.html"
    path.write_text(html, "utf-8")
    command = [str(BROWSER), *QUIET, f"--user-data-dir={folder / 'profile'}", "--dump-dom", path.as_uri()]
    done = subprocess.run(command, capture_output=True, timeout=90, check=True)
    return Page(done.stdout.decode("utf-8"))


def drive_page(html: str, steps: str, folder: Path) -> Page:
    """Open the page and act as a person does; its policy, which would refuse this script too, is taken out first."""
    open_to_us = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", html)
    assert open_to_us != html
    return open_page(open_to_us.replace("</body>", f"<script>{steps}</script></body>"), folder)


def is_ready(page: Page) -> bool:
    return page.tags[0] == ("html", {"lang": "en", "data-ready": "yes"})


def many_changes():
    plan = PlanBuilder()
    for at in range(450):
        plan.action("update", f"u{at}@x.org", {"first_name": (f"N{at}", f"M{at}")}, reason=f"rule {at % 2}")
    return render_html(build_report(plan.build(), None))


def test_the_script_fills_the_tables_as_they_are_printed(tmp_path):
    html = render_html(build_report(small_plan(), None))
    page = open_page(html, tmp_path)
    assert is_ready(page)
    assert page.cells(CHANGES) == Page(html).cells(CHANGES)
    assert "Rows 1 to 12 of 12" in page.text


def test_hostile_values_do_nothing(tmp_path):
    values = [
        "<script>document.title='OWNED'</script>",
        "</script><script>document.title='OWNED'</script>",
        "<img src=x onerror=\"document.title='OWNED'\">",
        "<!--<script>",
        "\u202egnp.exe",
        "👩‍👩‍👧 مرحبا",
        "z" * 10_000,
    ]
    plan = PlanBuilder()
    for at, value in enumerate(values):
        plan.action("update", f"u{at}@x.org", {"first_name": ("", value)}, reason=value)
        plan.reject(value, value)
    page = open_page(render_html(build_report(plan.build(warnings=values), None)), tmp_path)
    assert is_ready(page)
    assert "OWNED" not in page.texts["title"][0]
    shown = [row[4] for row in page.cells(CHANGES)]
    assert shown == [*values[:4], "⟨U+202E⟩gnp.exe", values[5], "z" * 300 + "… (10,000 characters)"]


def test_search_finds_the_rows_that_hold_every_word(tmp_path):
    steps = """
      const search = document.querySelector("#changes-search");
      search.value = "RULE n44";
      search.dispatchEvent(new Event("input"));
    """
    page = drive_page(many_changes(), steps, tmp_path)
    assert sorted(row[3] for row in page.cells(CHANGES)) == ["N44", *(f"N44{digit}" for digit in range(10))]
    assert "Rows 1 to 11 of 11 found among 450" in page.text


def test_picking_a_reason_leaves_its_rows(tmp_path):
    steps = """
      const select = document.querySelector("#changes-pick-5");
      select.value = [...select.options].find((option) => option.text === "rule 1 (225)").value;
      select.dispatchEvent(new Event("change"));
    """
    page = drive_page(many_changes(), steps, tmp_path)
    assert {row[5] for row in page.cells(CHANGES)} == {"rule 1"}
    assert "Rows 1 to 200 of 225 found among 450" in page.text


def test_sorting_reads_numbers_as_numbers_and_the_second_click_turns_it_round(tmp_path):
    steps = """
      const head = document.querySelectorAll("#changes thead button")[3];
      head.click();
      head.click();
    """
    page = drive_page(many_changes(), steps, tmp_path)
    assert [row[3] for row in page.cells(CHANGES)][:3] == ["N449", "N448", "N447"]
    assert ("th", {"scope": "col", "class": "before", "aria-sort": "descending"}) in page.tags


def test_next_shows_the_rows_that_follow(tmp_path):
    steps = "[...document.querySelectorAll('#changes .pager button')].at(-1).click();"
    page = drive_page(many_changes(), steps, tmp_path)
    assert "Rows 201 to 400 of 450" in page.text
    assert len(page.cells(CHANGES)) == 200


def test_the_saved_csv_holds_what_was_found_and_no_formula(tmp_path):
    plan = PlanBuilder()
    plan.action("update", "a@x.org", {"first_name": ("", '=HYPERLINK("x")'), "job_title": ("", "+1 555")})
    plan.action("update", "b@x.org", {"first_name": ("", "plain")})
    steps = """
      URL.createObjectURL = (blob) => { blob.text().then((text) => { document.title = text; }); return "#"; };
      const search = document.querySelector("#changes-search");
      search.value = "a@x.org";
      search.dispatchEvent(new Event("input"));
      setTimeout(() => document.querySelector("#changes .tools > button").click(), 200);
    """
    csv = drive_page(render_html(build_report(plan.build(), None)), steps, tmp_path).texts["title"][0]
    assert csv.startswith('"Address","What","Field","Before","After","Why","Where"')
    assert '"\'=HYPERLINK(""x"")"' in csv and '"\'+1 555"' in csv
    assert "plain" not in csv
