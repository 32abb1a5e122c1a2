"""The safety rails: each guard is judged over the plan as a whole, and names its figure, its limit and its cure.

Percentages bind only from FLOOR contacts up: in an account of three people one update is a third of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ctct_etl.config.pipeline import Guards
from ctct_etl.config.values import Limit
from ctct_etl.plan.tables import Verdict

FLOOR = 10


@dataclass(frozen=True)
class Figures:
    """What the guards look at. Counts of contacts, but where it says rows or values."""

    rows: int
    rejected_rows: int
    contacts: int  # of the account, not deleted
    matched: int  # desired contacts that the account has and the plan may write
    creates: int
    updates: int
    clears: int  # values that the plan clears
    mapped_values: int  # values that matched contacts have in mapped fields
    changed_by_field: Mapping[str, int]  # of matched contacts
    requests: int
    left_today: int | None  # None: the account counts no requests


def judge_plan(figures: Figures, guards: Guards, accepted: Mapping[str, Limit]) -> tuple[Verdict, ...]:
    """Judge every guard of `guards`; `accepted` holds the limits that a person said yes to, by guard."""
    verdicts = [
        _judge(
            "max_updates",
            figures.updates,
            figures.contacts,
            "contacts of the account would be updated",
            guards,
            accepted,
        ),
        _judge_creates(figures, guards, accepted),
        _judge("max_rejected", figures.rejected_rows, figures.rows, "rows are rejected", guards, accepted),
        _judge(
            "max_clears",
            figures.clears,
            figures.mapped_values,
            "values of mapped fields would be cleared",
            guards,
            accepted,
        ),
        _judge_field_change(figures, guards, accepted),
        _judge_min_rows(figures, guards, accepted),
        _judge_budget(figures, guards, accepted),
    ]
    return tuple(verdicts)


def tripped(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """Return the verdicts that stop the plan."""
    return tuple(verdict for verdict in verdicts if verdict.tripped)


def _exceeds(value: int, whole: int, limit: Limit) -> bool:
    if limit.share is None:
        return value > (limit.count or 0)
    return whole >= FLOOR and value > limit.share * whole


def _judge(
    guard: str, value: int, whole: int, words: str, guards: Guards, accepted: Mapping[str, Limit], *, field: str = ""
) -> Verdict:
    limit: Limit = getattr(guards, guard)
    over = _exceeds(value, whole, limit)
    yes = accepted.get(guard)
    allowed = over and yes is not None and not _exceeds(value, whole, yes)
    share = f" ({value / whole:.1%})" if whole else ""
    return Verdict(
        guard=guard,
        figure=f"{value:,} of {whole:,} {words}{share}{field}",
        value=value,
        limit=str(yes if allowed else limit),
        tripped=over and not allowed,
        accepted=allowed,
        cure=f"read the report, then --accept {guard}={value}" if over and not allowed else "",
    )


def _judge_creates(figures: Figures, guards: Guards, accepted: Mapping[str, Limit]) -> Verdict:
    words = "contacts, against those the account has, would be created"
    if figures.contacts == 0:  # an empty account is exempt: its first load is all creates
        value = figures.creates
        return Verdict("max_creates", f"{value:,} would be created in an empty account", value, "-", False, False, "")
    return _judge("max_creates", figures.creates, figures.contacts, words, guards, accepted)


def _judge_field_change(figures: Figures, guards: Guards, accepted: Mapping[str, Limit]) -> Verdict:
    """Only the worst field is shown: one shifted column is enough to stop."""
    field, value = max(figures.changed_by_field.items(), key=lambda item: (item[1], item[0]), default=("", 0))
    words = "matched contacts would have one field changed"
    name = f": {field}" if field else ""
    return _judge("max_field_change", value, figures.matched, words, guards, accepted, field=name)


def _judge_min_rows(figures: Figures, guards: Guards, accepted: Mapping[str, Limit]) -> Verdict:
    yes = accepted.get("min_rows")
    under = figures.rows < guards.min_rows
    allowed = under and yes is not None and yes.count is not None and figures.rows >= yes.count
    return Verdict(
        guard="min_rows",
        figure=f"{figures.rows:,} rows",
        value=figures.rows,
        limit=str(yes if allowed else f"{guards.min_rows:,}"),
        tripped=under and not allowed,
        accepted=allowed,
        cure=f"look at the source, then --accept min_rows={figures.rows}" if under and not allowed else "",
    )


def _judge_budget(figures: Figures, guards: Guards, accepted: Mapping[str, Limit]) -> Verdict:
    if figures.left_today is None:
        return Verdict("budget", f"{figures.requests:,} requests", figures.requests, "-", False, False, "")
    words = "requests left today are needed"
    verdict = _judge("budget", figures.requests, figures.left_today, words, guards, accepted)
    if figures.left_today >= FLOOR or figures.requests <= figures.left_today:
        return verdict
    cure = "run it after 00:00 UTC, when the day's requests begin anew"
    return Verdict(verdict.guard, verdict.figure, verdict.value, verdict.limit, True, False, cure)
