from __future__ import annotations

from ctct_etl.report.masking import Mask
from ctct_etl.workflow.reporting import report_on
from tests.modules import read_modules
from tests.report.plans import applied, small_plan


def test_a_report_is_of_the_plan_itself_or_of_the_plan_through_a_mask() -> None:
    told, masked = report_on(small_plan(), None, None), report_on(small_plan(), None, Mask(b"k" * 32))
    assert "ann@example.org" in set(told.changes["email"])
    assert not set(told.changes["email"]) & set(masked.changes["email"])
    assert told.headline == masked.headline


def test_what_became_of_a_plan_is_masked_with_it() -> None:
    one = {"address": "eva@example.org", "action": "update", "result": "failed", "words": "Eva is taken"}
    outcome = applied("part", update={"done": 1, "failed": 1}) | {"not_done": [one]}
    (masked,) = report_on(small_plan(), outcome, Mask(b"k" * 32)).not_done
    assert "eva" not in f"{masked.address} {masked.words}".lower()


def test_no_report_of_a_plan_is_built_past_the_mask() -> None:
    callers = {
        module.path for module in read_modules()
        if module.part == "workflow" and any(name == "build_report" for name, _ in module.mentions)
    }  # fmt: skip
    assert callers == {"ctct_etl/workflow/reporting.py"}


def test_edits_by_hand_and_rows_that_differ_are_masked_too() -> None:
    masked = report_on(small_plan(), None, Mask(b"k" * 32))
    shown = " ".join(masked.edits.astype("str").to_numpy().ravel()) + " ".join(masked.collisions.to_numpy().ravel())
    assert len(masked.edits) == len(masked.collisions) == 1
    assert not [value for value in ("Smith", "Smyth", "555", "example.org") if value in shown]
