"""The one way from a plan to its report: masked where the person who runs the command wants it so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ctct_etl.plan.tables import Planned
from ctct_etl.report.masking import Mask, MaskedPlan, mask_outcome
from ctct_etl.report.model import Report, build_brief, build_report
from ctct_etl.report.shapes import EarlierRun


def report_on(
    plan: Planned, outcome: Mapping[str, Any] | None, mask: Mask | None, earlier: Sequence[EarlierRun] = ()
) -> Report:
    """Build the report of a plan, and of what an apply made of it; through a mask no address and no value is in it."""
    if mask is None:
        return build_report(plan, outcome, earlier)
    return build_report(MaskedPlan(plan, mask), mask_outcome(outcome, mask), earlier)


def report_briefly(plan: Planned, outcome: Mapping[str, Any], mask: Mask | None) -> Report:
    """The same without tables, while a plan is applied."""
    return build_brief(plan.manifest, outcome if mask is None else mask_outcome(outcome, mask))
