"""A person's yes to a plan that its guards had stopped, given when it is applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, TypeVar

from ctct_etl.config.values import Limit, parse_limit
from ctct_etl.plan.tables import Plan, Verdict
from ctct_etl.run.plan_directory import StoredPlan
from ctct_etl.stages.guarding import accept

P = TypeVar("P", Plan, StoredPlan)


def accept_again(plan: P, accepted: Mapping[str, Limit], outcome: Mapping[str, Any] | None = None) -> P:
    """Return the plan with the verdicts as they stand after `accepted`, and that yes recorded beside them.

    outcome: what an earlier apply of this plan left; the yes that it was given still holds.
    """
    earlier = {guard: parse_limit(text.replace(",", "")) for guard, text in (outcome or {}).get("accepted", {}).items()}
    accepted = {**earlier, **accepted}
    verdicts = [Verdict(**guard) for guard in plan.manifest["guards"]]
    judged = [accept(each, accepted[each.guard]) if each.guard in accepted else each for each in verdicts]
    said = {**plan.manifest["accepted"], **{guard: str(limit) for guard, limit in accepted.items()}}
    manifest = {**plan.manifest, "guards": [asdict(verdict) for verdict in judged], "accepted": said}
    return replace(plan, manifest=manifest)
