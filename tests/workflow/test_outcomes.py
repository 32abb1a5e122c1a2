from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ctct_etl.columns import EMAIL, RESULT, WORDS
from ctct_etl.errors import CtctError, Denied, PlanRefused
from ctct_etl.run.applying import Applied
from ctct_etl.workflow.outcomes import describe_applied, keep_outcome, read_outcome
from ctct_etl.workflow.totals import Totals
from tests.report.plans import small_plan

PLAN = small_plan()
DONE = {"create": {"done": 3, "conflict": 0, "failed": 0, "pending": 0}}


def totals(counts: dict[str, dict[str, int]]) -> Totals:
    added = Totals()
    rows = [
        (f"{action}{number}@example.org", action, result, "no" if result == "failed" else "")
        for action, each in counts.items()
        for result, count in each.items()
        for number in range(count)
    ]
    added.add(pd.DataFrame(rows, columns=[EMAIL, "action", RESULT, WORDS], dtype="str"))
    return added


def told(
    ended: str = "done",
    counts: dict[str, dict[str, int]] = DONE,
    stopped: CtctError | None = None,
    verification: dict[str, Any] | None = None,
) -> dict[str, Any]:
    applied = Applied(requests=7, ended=ended, stopped=stopped)
    return describe_applied(PLAN, applied, totals(counts), verification, "2026-11-23T22:00:00Z", "2026-11-23T22:00:09Z")


def test_what_went_through_is_counted_and_nobody_is_listed() -> None:
    outcome = told()
    assert (outcome["ended"], outcome["requests"], outcome["results"]["create"]) == ("done", 7, DONE["create"])
    assert (outcome["not_done"], outcome["stopped"]) == ([], "")
    assert outcome["run"] == PLAN.manifest["run"]


def test_who_was_not_done_is_listed_with_the_services_words() -> None:
    outcome = told(counts={"create": {"done": 1, "pending": 1, "failed": 1}})
    assert outcome["not_done"] == [
        {"address": "create0@example.org", "action": "create", "result": "failed", "words": "no"},
        {"address": "create0@example.org", "action": "create", "result": "pending", "words": ""},
    ]


@pytest.mark.parametrize(("result", "ended"), [("conflict", "part"), ("failed", "part"), ("pending", "done")])
def test_a_run_that_went_through_ends_in_part_when_somebody_was_left_behind(result: str, ended: str) -> None:
    counts = {"create": {"done": 2, "conflict": 0, "failed": 0, "pending": 0, result: 1}}
    assert told(counts=counts)["ended"] == ended


@pytest.mark.parametrize("ended", ["failed", "quota", "interrupted"])
def test_a_graver_end_is_not_called_part(ended: str) -> None:
    counts = {"create": {"done": 2, "conflict": 0, "failed": 1, "pending": 0}}
    assert told(ended, counts)["ended"] == ended


def test_why_it_stopped_is_kept() -> None:
    assert told("failed", stopped=Denied("the token was refused"))["stopped"] == "the token was refused"


def test_what_is_kept_can_be_read_again_and_is_private(tmp_path: Path) -> None:
    outcome = told(verification={"checked": 1, "as_promised": 1, "differences": [], "note": "kein Ä"})
    keep_outcome(tmp_path, outcome)
    assert read_outcome(tmp_path) == outcome
    assert (tmp_path / "outcome.json").stat().st_mode & 0o777 == 0o600


def test_a_plan_that_was_never_applied_has_no_outcome(tmp_path: Path) -> None:
    assert read_outcome(tmp_path) is None


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[]", b"{}", b"null"])
def test_a_torn_outcome_is_refused_with_a_way_on(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "outcome.json").write_bytes(content)
    with pytest.raises(PlanRefused, match=r"outcome\.json: can't be read .* --resume"):
        read_outcome(tmp_path)


def test_the_file_is_the_same_whatever_the_order_of_its_keys(tmp_path: Path) -> None:
    keep_outcome(tmp_path, {"b": 1, "a": 2})
    written = (tmp_path / "outcome.json").read_bytes()
    keep_outcome(tmp_path, {"a": 2, "b": 1})
    assert (tmp_path / "outcome.json").read_bytes() == written
    assert json.loads(written) == {"a": 2, "b": 1}
