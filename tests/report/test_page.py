from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ctct_etl.report.console import render_console
from ctct_etl.report.machine import render_json
from ctct_etl.report.model import build_brief, build_report
from ctct_etl.report.page import page_marks, render_first, render_html
from ctct_etl.report.shapes import EarlierRun
from tests.report.pages import Page
from tests.report.plans import PlanBuilder, applied, guard, small_plan

HOSTILE = [
    "<script>document.title='OWNED'</script>",
    "</script><img src=x onerror=alert(1)>",
    "<!--<script>",
    "{{ 7 * 7 }} {% raw %}",
    "\" onmouseover='x' '",
    "a\u2028b\u2029c",
    "مرحبا",
    "=1+1",
]
CHANGES = "Every changed field, list and tag, before and after"


def html_of(plan=None, outcome=None, verification=None):
    told = {**outcome, "verification": verification} if outcome else None
    return render_html(build_report(plan or small_plan(), told))


def hostile_plan():
    plan = PlanBuilder()
    for at, value in enumerate(HOSTILE):
        plan.action("update", f"u{at}@x.org", {"first_name": (value, value + "!"), f"custom.{value}": ("", value)},
                    add=(value,), reason=value)  # fmt: skip
        plan.reject(value, value)
        plan.row(value, "skip", value)
    return plan.build(
        warnings=HOSTILE,
        pipeline={"name": HOSTILE[0], "sha256": HOSTILE[1]},
        guards=[guard("max_updates", HOSTILE[0], 1, HOSTILE[1], tripped=True)],
        prerequisites={"lists": HOSTILE, "custom_fields": [], "tags": []},
    )


def test_the_first_screen_says_what_will_happen_to_how_many():
    page = Page(html_of())
    assert page.texts["h1"] == ["3 people would be added, 2 changed and 1 taken off lists."]
    assert page.tiles() == [
        ("3", "to add new to the account"),
        ("2", "to change the account has them"),
        ("1", "to take off lists gone from the source"),
        ("2", "rows rejected of 11 rows"),
        ("0", "mails go out nobody hears of it"),
        ("5", "requests under a minute, of 9,000 left today"),
        ("3 of 3", "guards fine nothing stops it"),
    ]
    assert "Plan: nothing has been sent" in page.text


def test_a_stopped_plan_says_which_guard_and_how_to_accept_it():
    page = Page(html_of(small_plan(guards=[guard("max_updates", "2 of 3 contacts", 2, "30%", tripped=True)])))
    assert page.texts["h1"][0].startswith("Stopped before anything was sent.")
    assert ("1 of 1", "guard stops it max_updates") in page.tiles()
    assert "If that is right, read the report, then --accept max_updates=2" in page.text


def test_after_an_apply_the_page_says_what_was_done_and_what_the_service_refused():
    outcome = applied("part", update={"done": 1, "failed": 1})
    outcome["not_done"] = [{"address": "eva@example.org", "action": "update", "result": "failed", "words": "<b>no</b>"}]
    page = Page(html_of(outcome=outcome))
    assert ("1", "changed of 2 planned") in page.tiles()
    assert page.cells("People by action and result")[1] == ["change", "2", "1", "0", "1", "0"]
    assert page.cells("People who were not done, with the words of the service") == [
        ["eva@example.org", "change", "refused", "<b>no</b>"]
    ]


def test_an_apply_that_ended_early_says_why_on_the_first_screen():
    outcome = applied("failed", create={"pending": 3}) | {"stopped": "the service is down (HTTP 503)"}
    page = Page(html_of(outcome=outcome))
    assert page.text.index("the service is down (HTTP 503)") < page.text.index("What was done")


def test_a_written_plan_shows_the_hashes_of_its_files_and_a_new_one_does_not():
    fresh = {name: value for name, value in small_plan().manifest.items() if name not in ("files", "digest")}
    plan = small_plan()
    assert [row[0] for row in Page(html_of(plan)).cells("Hashes")] == [
        "pipeline", "mapping", "actions.jsonl", "rows.parquet", "plan.json",
    ]  # fmt: skip
    assert [row[0] for row in Page(html_of(replace(plan, manifest=fresh))).cells("Hashes")] == ["pipeline", "mapping"]


def test_a_broken_promise_stands_on_the_first_screen():
    broken = {"address": "ann@example.org", "field": "first_name", "promised": "Ann", "found": ""}
    page = Page(html_of(outcome=applied(), verification={"checked": 6, "as_promised": 5, "differences": [broken]}))
    assert page.text.index("Not all is as promised.") < page.text.index("What was done")
    assert page.cells("Values that are not as promised") == [["ann@example.org", "First name", "Ann", "empty"]]


def test_every_change_shows_before_after_reason_and_place():
    page = Page(html_of())
    assert len(page.cells(CHANGES)) == 12
    assert page.cells(CHANGES)[7:10:2] == [
        ["dee@example.org", "change", "First name", "Dee", "Deirdre", "existing.update: always",
         "members.xlsx, sheet Members, row 5"],
        ["dee@example.org", "change", "Tag", "empty", "spring-2026", "existing.update: always",
         "members.xlsx, sheet Members, row 5"],
    ]  # fmt: skip


def test_each_list_shows_its_members_before_and_after_and_the_others_are_named():
    page = Page(html_of())
    assert page.cells("People on lists and tags, before and after") == [
        ["Newsletter list", "5,000", "+2", "−1", "5,001"],
        ["Travel Club list", "120", "+1", "0", "121"],
        ["spring-2026 tag", "–", "+1", "0", "–"],
    ]
    assert "1 list or tag stays as they are" not in page.text and "1 list or tag stays as it is" in page.text
    assert "Board, list: 12" in page.text


def test_an_edit_by_hand_shows_what_stays_and_what_is_not_written():
    assert Page(html_of()).cells("Values that people wrote in the account and that stay") == [
        ["same@example.org", "Last name", "Smith", "Smyth", "Smithe", "members.xlsx, sheet Members, row 8"]
    ]


def test_rows_of_one_address_show_field_by_field_what_each_says_and_what_counts():
    assert Page(html_of()).cells("Values in which rows of one address differ") == [
        ["eva@example.org", "Mobile phone", "+1 555 0100", "+1 555 0199", "+1 555 0199",
         "members.xlsx, sheet Members, row 10", "members.xlsx, sheet Members, row 6"]
    ]  # fmt: skip


def test_this_run_stands_beside_the_runs_before_it():
    people = {"create": 2, "update": 2, "remove": 0}
    before = EarlierRun("r", "2026-11-22T22:45:01Z", "done", True, 10, 2, people, 0, 12)
    page = Page(render_html(build_report(small_plan(), None, [before])))
    assert page.cells("This run and the runs before it") == [
        ["23 November 2026, 22:45 UTC this one", "Plan: nothing has been sent", "11", "3", "2", "1", "2", "0", "–"],
        ["22 November 2026, 22:45 UTC", "done", "10", "2", "2", "0", "2", "0", "12"],
    ]
    assert "11 +1" in " ".join(page.text.split()) and "the same" in page.text
    assert "This run and the runs before it" not in Page(html_of()).tables


def test_an_apply_that_is_under_way_says_until_when_and_what_if_it_was_cut_off():
    outcome = applied("underway", create={"done": 1, "pending": 2}) | {"told_at": "2026-11-23T22:46:31Z"}
    page = Page(html_of(outcome=outcome))
    assert page.texts["h1"] == ["Under way: 1 person was added, 2 changed and 1 taken off lists; 2 people still to do."]
    assert "last at 23 November 2026, 22:46:31 UTC." in page.text
    assert "4 of 6 people done · 2 not yet done" in page.text
    assert "the run was cut off then: 4 were done, 2 not yet." in page.text


def test_what_an_apply_writes_anew_is_what_the_whole_page_says_there():
    outcome = applied("part", update={"done": 1, "failed": 1})
    outcome["not_done"] = [{"address": "eva@example.org", "action": "update", "result": "failed", "words": "<b>no</b>"}]
    html, marks = html_of(outcome=outcome), page_marks()
    first, between = render_first(build_brief(small_plan().manifest, outcome))
    assert html.partition(marks[0])[0].strip() == first.strip()
    assert html.partition(marks[1])[2].partition(marks[2])[0].strip() == between.strip()
    assert [html.count(mark) for mark in marks] == [1, 1, 1]


def test_no_value_can_hold_a_mark():
    plan = PlanBuilder()
    for mark in page_marks():
        plan.action("update", f"{mark}@x.org", {"first_name": (mark, mark + "!")}, add=(mark,), reason=mark)
    html = html_of(plan.build(warnings=list(page_marks())))
    assert [html.count(mark) for mark in page_marks()] == [1, 1, 1]


def test_rejected_rows_show_place_reason_and_value():
    assert Page(html_of()).cells("Rows that were rejected, and why")[0][:5] == [
        "members.xlsx, sheet Members, row 11",
        "zed@@example.org",
        '"zed@@example.org" is not an e-mail address — correct the cell',
        "E-mail",
        "zed@@example.org",
    ]


def test_the_data_of_the_script_says_the_same_as_the_printed_rows():
    page = Page(html_of())
    for block, caption in zip(page.blocks, [CHANGES, "Rows that were rejected, and why"], strict=False):
        seen = [column for column in block["columns"] if not column["hidden"]]
        columns = [[column["words"][code] for code in column["codes"]] for column in seen]
        told = [[" ".join((cell or "empty").split()) for cell in row] for row in zip(*columns, strict=True)]
        assert told == page.cells(caption)


def test_the_page_prints_the_first_rows_and_holds_all_of_them():
    plan = PlanBuilder()
    for at in range(450):
        plan.action("update", f"u{at:03}@x.org", {"first_name": ("", str(at))})
    page = Page(html_of(plan.build()))
    assert len(page.cells(CHANGES)) == 200
    assert [len(column["codes"]) for column in page.blocks[0]["columns"]] == [450] * 8


def test_a_table_that_is_too_large_for_a_page_says_so(monkeypatch):
    monkeypatch.setattr("ctct_etl.report.grid.MOST", 5)
    page = Page(html_of())
    assert len(page.blocks[0]["columns"][0]["codes"]) == 5
    assert "This page holds 5 of 12; all of them are in the files beside the plan." in page.text


def test_a_report_that_lists_a_part_of_the_changes_says_how_many_there_are():
    report = build_report(small_plan(), None)
    page = Page(render_html(replace(report, changes=report.changes.head(7))))
    assert "This page holds 7 of 12; all of them are in the files beside the plan." in page.text


def test_values_are_text_and_never_markup():
    html = html_of(hostile_plan())
    page = Page(html)
    tags = {tag for tag, _ in page.tags}
    assert "img" not in tags
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert sum(tag == "script" for tag, _ in page.tags) == 1 + len(page.blocks)
    shown = {cell for row in page.cells(CHANGES) for cell in row}
    assert {"a⟨U+2028⟩b⟨U+2029⟩c", *HOSTILE[:5], *HOSTILE[6:]} <= shown
    assert "<!--<script" not in html


def test_a_long_value_is_cut_and_its_length_said():
    plan = PlanBuilder()
    plan.action("update", "a@x.org", {"first_name": ("", "x" * 10_000)})
    html = html_of(plan.build())
    assert "x" * 300 + "… (10,000 characters)" in html
    assert "x" * 301 not in html


def test_the_policy_lets_nothing_run_or_load_but_the_script_and_style_of_the_page():
    page = Page(html_of(hostile_plan()))
    policy = next(
        attributes["content"] for tag, attributes in page.tags if tag == "meta" and "http-equiv" in attributes
    )

    def hashed(text):
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    html = html_of(hostile_plan())
    style = re.search(r"<style>(.*?)</style>", html, re.S)[1]
    script = re.findall(r"<script>(.*?)</script>", html, re.S)[-1]
    assert policy == (
        f"default-src 'none'; style-src {hashed(style)}; script-src {hashed(script)}; "
        "base-uri 'none'; form-action 'none'"
    )


def test_the_page_refers_to_nothing_outside_itself():
    for tag, attributes in Page(html_of()).tags:
        assert tag not in ("link", "iframe", "object", "embed", "img")
        assert "src" not in attributes and "style" not in attributes
        assert attributes.get("href", "#").startswith("#")


def test_the_same_report_is_the_same_bytes():
    assert html_of(hostile_plan()) == html_of(hostile_plan())


def test_every_table_has_a_caption_and_every_head_a_scope():
    page = Page(html_of(outcome=applied()))
    assert sum(tag == "table" for tag, _ in page.tags) == sum(tag == "caption" for tag, _ in page.tags)
    assert all("scope" in attributes for tag, attributes in page.tags if tag == "th")


def test_every_name_that_the_page_refers_to_exists_once():
    tags = Page(html_of(outcome=applied())).tags
    ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
    labels = {attributes["aria-labelledby"] for _, attributes in tags if "aria-labelledby" in attributes}
    links = {attributes["href"].removeprefix("#") for tag, attributes in tags if tag == "a"}
    assert len(ids) == len(set(ids))
    assert labels | links <= set(ids)
    names = [attributes["aria-label"] for _, attributes in tags if "aria-label" in attributes]
    assert len(names) == len(set(names))


def test_the_picture_has_a_title_with_every_number():
    page = Page(html_of())
    pictures = [attributes for tag, attributes in page.tags if tag == "svg" and attributes.get("role") == "img"]
    assert [attributes["aria-labelledby"] for attributes in pictures] == ["flow-title"]
    assert "11 rows: 3 to add, 2 to change, 2 unchanged, 1 merged, 1 skipped, 2 rejected" in page.texts["title"]


def test_an_empty_plan_has_a_page_without_a_picture():
    page = Page(html_of(PlanBuilder().build(guards=[])))
    assert page.texts["h1"] == ["Nothing to do: the account already says what the source says."]
    assert "Nothing changes." in page.text and page.blocks == []


count = st.integers(0, 12)


@given(created=count, updated=count, removed=count, rejected=count, merged=count, skipped=count, same=count)
def test_page_console_and_json_say_the_same_numbers(created, updated, removed, rejected, merged, skipped, same):
    plan = PlanBuilder(unchanged=same)
    for at in range(created):
        plan.action("create", f"c{at}@x.org", {"first_name": ("", "A")}, add=("Newsletter",))
    for at in range(updated):
        plan.action("update", f"u{at}@x.org", {"first_name": ("A", "")})
    for at in range(removed):
        plan.action("remove", f"r{at}@x.org", remove=("Newsletter",))
    for outcome, times in (("merged", merged), ("skip", skipped), ("unchanged", same)):
        for at in range(times):
            plan.row(f"{outcome}{at}@x.org", outcome, "because")
    for at in range(rejected):
        plan.reject(f"{at}@@x.org", "it is no address")
    report = build_report(plan.build(), None)
    page, console, data = Page(render_html(report)), render_console(report, width=200, color=False), render_json(report)
    told = {"to add": created, "to change": updated, "unchanged": same, "merged": merged, "skipped": skipped,
            "rejected": rejected}  # fmt: skip
    rows = {cells[0].split("  ")[0]: cells[1] for cells in page.cells("Rows by outcome, with reasons")}
    assert [next(rows[each] for each in rows if each.startswith(words)) for words in told] == [*map(str, told.values())]
    line = re.search(r"^  (\d+) rows? = (.*?)(?: \(|$)", console, re.M)
    assert {words: int(n) for n, words in (part.split(" ", 1) for part in line[2].split(" + "))} == told
    parsed = json.loads(data)
    assert int(line[1]) == int(rows["together"]) == parsed["rows"] == sum(told.values())
    planned = {each["action"]: each["planned"] for each in parsed["actions"]}
    assert (planned["create"], planned["update"], planned["remove"]) == (created, updated, removed)
    assert page.tiles()[0][0] == str(created) and page.tiles()[1][0] == str(updated)
    assert page.texts["h1"][0] in console and parsed["headline"] == page.texts["h1"][0]
