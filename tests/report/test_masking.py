"""Masks: nothing of a cell or a contact can be read, and who is the same person can."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctct_etl import columns as c
from ctct_etl.report.console import render_console
from ctct_etl.report.machine import render_json
from ctct_etl.report.markdown import render_markdown
from ctct_etl.report.masking import Mask, MaskedPlan, mask_outcome, mask_rehearsal
from ctct_etl.report.model import build_report
from ctct_etl.report.page import render_html
from tests.report.plans import PlanBuilder, applied, small_plan

KEY = b"k" * 32
SIGN = "zqv"  # stands in every address and value of the tests below, and nowhere else


def mask() -> Mask:
    return Mask(KEY)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("ann.lee@example.com", "a•••@•••.com #"),
        ("ann@example.museum", "•••@••• #"),  # few have such an ending
        ("a@example.com", "•••@••• #"),  # its first letter is all of it
        ("ann", "••• #"),
    ],
)
def test_of_an_address_the_first_letter_and_the_ending_are_told(address: str, shown: str) -> None:
    assert re.fullmatch(re.escape(shown) + "[0-9a-f]{4}", mask().address(address))


def test_the_same_text_has_the_same_tag_in_one_report_and_another_one_in_the_next() -> None:
    one, other = mask(), Mask(b"o" * 32)
    assert one.address("Ann@Example.com ").split("#")[1] == one.address("ann@example.com").split("#")[1]
    assert one.value("Lee") == one.value("Lee") != other.value("Lee")


def test_no_two_texts_have_one_tag() -> None:
    one = mask()
    assert len({one.value(f"value {at}") for at in range(3000)}) == 3000


def test_what_is_blank_stays_blank_since_it_says_that_a_value_is_set_or_cleared() -> None:
    assert [mask().value(text) for text in ("", " ")] == ["", " "]


@pytest.mark.parametrize(
    ("sentence", "value", "told"),
    [
        ('column "E-mail": "ann" is no address', None, 'column "E-mail": "…" is no address'),
        ('a.xlsx, column "ZIP": "0123" is short', None, 'a.xlsx, column "ZIP": "…" is short'),
        ('"a" b" is odd: did you mean "c"? — mend it', 'a" b', '"…" is odd: did you mean "…"? — mend it'),
        ('"a" b" is odd: did you mean "c"? — mend it', None, '"…"? — mend it'),
        ("ann@example.com is there; see b%40example.com", None, "… is there; see …"),
        ("first_name was empty in the plan", None, "first_name was empty in the plan"),
        (f'"{"x" * 39}…" is too long', "x" * 50, '"…" is too long'),
    ],
)
def test_a_sentence_is_told_without_what_it_quotes(sentence: str, value: str | None, told: str) -> None:
    assert re.sub(r"[^\s\"]*•••[^\s]* #[0-9a-f]{4}", "…", mask().words(sentence, value)) == told


def test_of_the_services_own_words_nothing_is_told_and_of_ours_all_but_values() -> None:
    assert "Lee" not in mask().told("the name Lee is taken", c.FAILED)
    assert mask().told("the account has this contact since the plan", c.CONFLICT).startswith("the account has this")


def test_what_an_expectation_saw_is_no_figure_any_more() -> None:
    note = 'expectation: column "Age": the largest should be at most 90, and it is 1,234'
    assert mask().note(note) == 'expectation: column "Age": the largest should be at most •••, and it is •••'
    assert mask().note("10 wholly blank rows passed over") == "10 wholly blank rows passed over"


def test_a_missing_value_stays_missing() -> None:
    masked = mask().column(pd.Series(["a", None], dtype="str"))
    assert masked.isna().tolist() == [False, True] and masked.dtype == "str"


def test_a_masked_value_is_not_compared_letter_by_letter() -> None:
    text = render_console(build_report(MaskedPlan(small_plan(), mask()), None), width=140, color=False)
    assert re.search(r'~ first_name +"••• #[0-9a-f]{4}" → "••• #[0-9a-f]{4}"', text)


def test_numbers_lists_files_and_rows_are_told_as_they_are() -> None:
    bare, masked = (build_report(plan, None) for plan in (small_plan(), MaskedPlan(small_plan(), mask())))
    for name in ("headline", "summary", "rows", "actions", "fields", "memberships", "guards", "cost", "provenance"):
        assert getattr(masked, name) == getattr(bare, name)
    assert sorted(masked.changes["where"]) == sorted(bare.changes["where"])
    assert {"Newsletter", "spring-2026"} <= set(masked.changes[c.AFTER])


# -- nothing can be read --------------------------------------------------------------------------------------

odd_texts = st.text(st.sampled_from("ab \"'\\|<>&;:—…#@.,%\n\u202e é"), max_size=12)
values = st.builds(lambda before, after: f"{before}{SIGN}{after}", odd_texts, odd_texts)


@st.composite
def plans(draw: Any) -> tuple[Any, Any]:
    plan = PlanBuilder()
    for at in range(draw(st.integers(2, 4))):
        address = f"{SIGN}{at}@{SIGN}.org"
        plan.action("create", address, {"first_name": ("", draw(values))}, reason=f'Status is "{draw(values)}"')
        plan.action("update", f"u{address}", {"custom.Any": (draw(values), draw(values))})
        plan.action("skip", f"s{address}", reason=f'refused with "{draw(values)}": left alone')
        value = draw(values)
        plan.reject(
            draw(values), f'column "A "b"": "{value[:39]}" is wrong: did you mean "{draw(values)}"?', value=value
        )
        plan.problem(0, "Cell", value, f'"{value}" is odd — see {address}', severity="warn")
    warnings = [f'column "X": "{draw(values)}" is there', f"expectation: it is {address}"]
    outcome = applied("part", create={"done": 0, "failed": len(plan.actions) // 3})
    outcome["results"] = {
        action: {"failed" if action == "create" else "done": sum(a["action"] == action for a in plan.actions)}
        for action in ("create", "update", "remove")
    }
    outcome["stopped"] = f'refused, the last with "{draw(values)}"'
    outcome["not_done"] = [
        {"address": address, "action": "create", "result": "failed", "words": draw(values)},
        {"address": address, "action": "update", "result": "conflict", "words": f'name was "{draw(values)}" in it'},
    ]
    found = {"address": address, "field": "first_name", "promised": draw(values), "found": draw(values)}
    outcome["verification"] = {"checked": 2, "as_promised": 1, "differences": [found]}
    return plan.build(warnings=warnings), outcome


@settings(max_examples=settings().max_examples // 5)
@given(plans())
def test_no_address_and_no_value_is_in_any_form_of_a_masked_report(told: tuple[Any, Any]) -> None:
    plan, outcome = told
    one = mask()
    report = build_report(MaskedPlan(plan, one), mask_outcome(outcome, one))
    texts = [
        render_console(report, width=90, color=False, examples=None), render_markdown(report, examples=None),
        render_json(report), render_html(report),
    ]  # fmt: skip
    assert not [text for text in texts if SIGN in unescape(text).lower()]


def test_a_masked_rehearsal_tells_names_of_lists_and_no_values() -> None:
    changed = {"address": f"{SIGN}@x.org", "field": "first_name", "was": SIGN, "is": SIGN}
    moved = {"address": f"{SIGN}@x.org", "field": "list", "was": "", "is": "Newsletter"}
    told = applied() | {"outside": [changed, moved]}
    masked = mask_rehearsal(told, mask())
    assert SIGN not in str(masked)
    assert masked["outside"][1]["is"] == "Newsletter" and masked["outside"][0]["field"] == "first_name"
