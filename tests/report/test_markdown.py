from __future__ import annotations

from ctct_etl.report.markdown import render_markdown
from ctct_etl.report.model import build_report
from tests.report.plans import PlanBuilder, applied, guard, small_plan


def markdown(plan=None, outcome=None, **options) -> str:
    return render_markdown(build_report(plan or small_plan(), outcome), **options)


def test_the_whole_of_a_small_plan() -> None:
    assert (
        markdown()
        == """\
## nightly-members → Lakeside Rowing Club

**3 people would be added, 2 changed and 1 taken off lists.**

Run `20261123T224501Z-3f2a`. No mail goes out to anyone. 5 requests, under a minute; 9,000 are left today.
Made first: lists `Volunteers`.

| Rows | rejected | merged | unchanged | skipped | to add | to change |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
| 11 | 2 | 1 | 2 | 1 | 3 | 2 |

| Field, list or tag | set, put on | changed | cleared, taken off |
| --- | ---: | ---: | ---: |
| `first_name` | 1 | 1 | 0 |
| `last_name` | 1 | 0 | 0 |
| `phone.mobile` | 0 | 1 | 0 |
| `address.home.postal_code` | 1 | 0 | 0 |
| `custom.Member Level` | 0 | 0 | 1 |
| list `Newsletter` | 2 |  | 1 |
| list `Travel Club` | 1 |  | 0 |
| tag `spring-2026` | 1 |  | 0 |

- ✅ 3 guards fine

### To add: 3 people

|  | Address | Starts with |
| --- | --- | --- |
| `+` | `ann@example.org` | `first_name` `Ann`, `last_name` `O'Neil`, `list` `Newsletter` |
| `+` | `bo@example.org` | `address.home.postal_code` `01001`, `list` `Newsletter`, `list` `Travel Club` |
| `+` | `cy@example.org` | `email` `cy@example.org` |

### To change: 2 people

|  | Address | Field | Before | After |
| --- | --- | --- | --- | --- |
| `~` | `dee@example.org` | `first_name` | `Dee` | `Deirdre` |
|  |  | `custom.Member Level` | `Gold` |  |
|  |  | `tag` |  | `spring-2026` |
| `~` | `eva@example.org` | `phone.mobile` | `+1 555 0100` | `+1 555 0199` |

### To take off lists: 1 person

|  | Address | Field | Before | After |
| --- | --- | --- | --- | --- |
| `-` | `gone@example.org` | `list` | `Newsletter` |  |

### Left alone: 1 row

- 1: unsubscribed in the account on …: never changed

### Rejected: 2 rows

- 1: the row has no e-mail address — fill the cell
- 1: … is not an e-mail address — correct the cell

| Where | Why |
| --- | --- |
| members.xlsx, sheet Members, row 11 | "zed@@example.org" is not an e-mail address — correct the cell |
| members.xlsx, sheet Members, row 12 | the row has no e-mail address — fill the cell |

### Warnings

- whether these people left a list before can't be known on a first run
"""
    )


def test_a_tripped_guard_is_told_with_its_cure_and_the_others_are_counted() -> None:
    guards = [guard("max_updates", "2 of 3 contacts", 2, "30%", tripped=True), guard("min_rows", "2 rows", 2, "1")]
    text = markdown(small_plan(guards=guards))
    assert "- ❌ **max\\_updates**: 2 of 3 contacts, limit 30%; read the report, then --accept max\\_updates=2" in text
    assert "- ✅ 1 guard more fine" in text


def test_an_apply_tells_results_and_who_was_not_done() -> None:
    outcome = applied("part", update={"done": 1, "failed": 1})
    outcome["not_done"] = [{"address": "eva@example.org", "action": "update", "result": "failed", "words": "a|b"}]
    text = markdown(outcome=outcome)
    assert "| update | 2 | 1 | 0 | 1 | 0 |" in text
    assert "| `eva@example.org` | update: refused | `a\\|b` |" in text


def test_values_are_no_markup_and_end_no_cell() -> None:
    plan = PlanBuilder()
    values = {"first_name": ("", "`a` ``b`` | <b>@team</b>"), "last_name": ("", "back\\|bar")}
    plan.action("update", "a@x.org", values, reason="x")
    lines = markdown(plan.build()).splitlines()
    assert "| `~` | `a@x.org` | `first_name` |  | ``` `a` ``b`` \\| <b>@team</b> ``` |" in lines
    assert "|  |  | `last_name` |  | back\\\\\\|bar |" in lines


def test_examples_are_capped_and_counted_and_without_a_cap_all_are_listed() -> None:
    plan = PlanBuilder()
    for at in range(9):
        plan.action("create", f"a{at}@x.org", {f"custom.{n}": ("", "v") for n in range(9)})
        plan.row(f"s{at}@x.org", "skip", f"rule {at}")
        plan.reject(None, f"no address {at}")
    few, every = markdown(plan.build(), examples=2), markdown(plan.build(), examples=None)
    assert "a1@x.org" in few and "a2@x.org" not in few and "and 5 more" in few and few.count("… and 7 more") == 2
    assert "- and 7 more reasons" in few
    assert "a8@x.org" in every and "… and" not in every and every.count("`custom.8` `v`") == 9
    assert "| members.xlsx, sheet Members, row 27 | rule 8 |" in every
