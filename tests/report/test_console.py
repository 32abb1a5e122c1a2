from __future__ import annotations

import re

from ctct_etl.report.console import render_console
from ctct_etl.report.model import build_report
from tests.report.plans import PlanBuilder, applied, guard, small_plan

HOSTILE = "[red]x[/oops]\x1b[2J\u202e<script>"


def console(plan=None, outcome=None, **options):
    report = build_report(plan or small_plan(), outcome)
    return render_console(report, **({"width": 140, "color": False} | options))


def test_the_whole_summary_of_a_small_plan():
    assert (
        console()
        == """\
nightly-members → Lakeside Rowing Club  run 20261123T224501Z-3f2a

3 people would be added, 2 changed and 1 taken off lists.

Rows
  11 rows = 2 rejected + 1 merged + 2 unchanged + 1 skipped + 3 to add + 2 to change (10 blank rows not counted)

Contacts
  3 create, 2 update, 1 remove, 2 unchanged, 1 skip

Changes
  first_name                   1 set    1 changed  0 cleared
  last_name                    1 set    0 changed  0 cleared
  phone.mobile                 0 set    1 changed  0 cleared
  address.home.postal_code     1 set    0 changed  0 cleared
  custom.Member Level          0 set    0 changed  1 cleared
  list Newsletter           2 put on  1 taken off
  list Travel Club          1 put on  0 taken off
  tag spring-2026           1 put on  0 taken off
  120 differences of writing alone left as they are
  1 value edited by hand in the account stay there

Guards
  ✓  max_updates   2 of 7,600 contacts of the account would be updated (0.0%)              limit 30%
  ✓  max_creates   3 would be created, against 7,600 contacts that the account has (0.0%)  limit 50%
  ✓  max_rejected  2 of 12 rows are rejected (16.7%)                                       limit 50%

Mails  No mail goes out to anyone.
Cost   5 requests, under a minute; 9,000 are left today.
First  make lists: Volunteers

To add: 3 people
  +  ann@example.org  first_name "Ann", last_name "O'Neil", list "Newsletter"
  +  bo@example.org   address.home.postal_code "01001", list "Newsletter", list "Travel Club"
  +  cy@example.org   email "cy@example.org"

To change: 2 people
  ~  dee@example.org  members.xlsx, sheet Members, row 5
       ~ first_name           "De{+irdr+}e"
       - custom.Member Level  "Gold"
       + tag                  "spring-2026"
  ~  eva@example.org  members.xlsx, sheet Members, row 6
       ~ phone.mobile  "+1 555 01[-00-]{+99+}"

To take off lists: 1 person
  -  gone@example.org
       - list  "Newsletter"

Left alone: 1 row
  1  unsubscribed in the account on …: never changed

Rejected rows
  members.xlsx, sheet Members, row 11  "zed@@example.org" is not an e-mail address — correct the cell
  members.xlsx, sheet Members, row 12  the row has no e-mail address — fill the cell

Warnings
  ! whether these people left a list before can't be known on a first run
"""
    )


def test_a_tripped_guard_shows_how_to_accept_it():
    text = console(small_plan(guards=[guard("max_updates", "2 of 3 contacts", 2, "30%", tripped=True)]))
    assert "✗  max_updates  2 of 3 contacts" in text
    assert "read the report, then --accept max_updates=2" in text


def test_an_apply_shows_results_and_the_words_of_the_service():
    outcome = applied("part", update={"done": 1, "failed": 1})
    outcome["not_done"] = [{"address": "eva@example.org", "action": "update", "result": "failed", "words": HOSTILE}]
    text = console(outcome=outcome)
    assert "2 update  1 done  0 changed meanwhile  1 refused  0 not yet done" in text
    assert "eva@example.org  update: refused  [red]x[/oops]␛[2J⟨U+202E⟩<script>" in text


def test_an_apply_that_ended_early_says_why():
    outcome = applied("failed", create={"pending": 3}) | {"stopped": "the service is down (HTTP 503)"}
    assert "the service is down (HTTP 503)" in console(outcome=outcome)


def test_values_are_text_and_never_steer_the_terminal():
    plan = PlanBuilder()
    plan.action("update", "a@x.org", {"first_name": ("", HOSTILE)}, reason=HOSTILE)
    plan.reject(HOSTILE, HOSTILE)
    text = console(plan.build(warnings=[HOSTILE], pipeline={"name": HOSTILE, "sha256": ""}))
    assert text.count("[red]x[/oops]␛[2J⟨U+202E⟩<script>") == 4  # name, value, why a row was rejected, warning
    assert "\x1b" not in text


def test_no_line_is_wider_than_the_terminal():
    plan = PlanBuilder()
    plan.action("update", f"{'a' * 60}@{'x' * 60}.org", {"first_name": ("b" * 10_000, "c" * 10_000)})
    assert max(map(len, console(plan.build(), width=72).splitlines())) <= 72


def test_colour_shows_both_values_where_marks_show_one_and_changes_nothing_else():
    coloured = console(color=True)
    assert '"De\x1b[1;32mirdr\x1b[0me"' in coloured
    bare = re.sub(r"\x1b\[[\d;]*m", "", coloured)
    marked = {'"Dee" → "Deirdre"': '"De{+irdr+}e"', '"+1 555 0100" → "+1 555 0199"': '"+1 555 01[-00-]{+99+}"'}
    for sides, marks in marked.items():
        bare = bare.replace(sides, marks)
    assert bare == console()


def test_values_that_share_little_or_hold_marks_themselves_stand_before_and_after():
    plan = PlanBuilder()
    changes = {"first_name": ("Gold", "Silver"), "last_name": ("[-a-] club", "[-b-] club")}
    plan.action("update", "a@x.org", changes)
    text = console(plan.build())
    assert '"Gold" → "Silver"' in text and '"[-a-] club" → "[-b-] club"' in text


def test_of_a_long_value_only_what_is_around_the_change_is_told():
    plan = PlanBuilder()
    plan.action("update", "a@x.org", {"first_name": ("x" * 500 + " a " + "y" * 500, "x" * 500 + " b " + "y" * 500)})
    assert f'"…{"x" * 19} [-a-]{{+b+}} {"y" * 19}…"' in console(plan.build())


def test_a_long_line_goes_on_below_its_own_words():
    plan = PlanBuilder()
    plan.action("create", "a@x.org", {"first_name": ("", "v" * 40), "last_name": ("", "w" * 40)})
    lines = console(plan.build(), width=72).splitlines()
    (at,) = (at for at, line in enumerate(lines) if "a@x.org" in line)
    assert lines[at].index("first_name") == lines[at + 1].index(lines[at + 1].strip())


def test_examples_are_capped_for_each_action_and_counted():
    plan = PlanBuilder()
    for at in range(20):
        plan.action("create", f"a{at:02}@x.org", {"first_name": ("", "A")})
        plan.reject(None, f"reason number {at} — mend it")
    plan.action("remove", "z@x.org", remove=("Newsletter",))
    text = console(plan.build(), examples=3)
    assert "To add: 20 people" in text and "…  and 17 more: show PLAN --all" in text
    assert "a02@x.org" in text and "a03@x.org" not in text and "z@x.org" in text
    assert "Rejected: 20 rows" in text and "…  and 17 more reasons" in text and "First rejected rows (3 of 20)" in text


def test_without_a_cap_everything_is_listed():
    plan = PlanBuilder()
    for at in range(20):
        plan.action("create", f"a{at:02}@x.org", {f"custom.{n}": ("", "v") for n in range(9)})
        plan.row(f"s{at:02}@x.org", "skip", f"rule {at}")
    text = console(plan.build(), examples=None)
    assert text.count("custom.8") == 20 + 1 and text.count(": show PLAN") == 0
    assert "rule 19" in text and "members.xlsx, sheet Members, row 41" in text


def test_a_new_contact_shows_its_first_values_and_counts_the_rest():
    plan = PlanBuilder()
    fields = ("first_name", "last_name", "job_title", "company_name", "custom.A", "custom.B")
    plan.action("create", "a@x.org", {field: ("", "v") for field in fields})
    line = 'first_name "v", last_name "v", job_title "v", company_name "v", and 2 more'
    assert line in console(plan.build())


def test_many_warnings_are_capped_and_counted():
    assert "and 15 more" in console(small_plan(warnings=[f"warning {at}" for at in range(20)]))
