"""The safety rails: each guard is judged over the plan as a whole, and names its figure, its limit and its cure.

Percentages bind only from FLOOR contacts up: in an account of three people one update is a third of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

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
    readds: int = 0  # memberships of lists that people left
    removals: int = 0  # who would be taken off managed lists
    managed_members: int = 0  # who is on them
    removed_from: str = "managed lists"
    unreadable_rows: int = 0  # rows that may hide somebody who is present; 0 where nobody is looked for
    good_rows: int | None = None  # of the last good run; None before one
    lost: str = ""  # what of the memory of earlier runs is gone
    at_least: bool = False  # the account is not read whole: it has at least so many `contacts`
    reverted: str = ""  # the run that loaded this very source and was reverted


_SUMS = (
    "rows", "rejected_rows", "contacts", "matched", "creates", "updates", "clears", "mapped_values", "readds",
    "removals", "managed_members", "unreadable_rows",
)  # fmt: skip


def join_figures(parts: Sequence[Figures]) -> Figures:
    """The figures of a plan from those of its parts, one or more, which differ in counts alone."""
    changed = Counter[str]()
    for part in parts:
        changed.update(part.changed_by_field)
    sums = {name: sum(getattr(part, name) for part in parts) for name in _SUMS}
    return replace(parts[0], **sums, changed_by_field=dict(changed))


def judge_plan(figures: Figures, guards: Guards, accepted: Mapping[str, Limit]) -> tuple[Verdict, ...]:
    """Judge every guard of `guards`; `accepted` holds the limits that a person said yes to, by guard."""
    verdicts = (judge(figures, guards) for judge in JUDGES.values())
    return tuple(accept(each, accepted[each.guard]) if each.guard in accepted else each for each in verdicts)


def tripped(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """Return the verdicts that stop the plan."""
    return tuple(verdict for verdict in verdicts if verdict.tripped)


def accept(verdict: Verdict, limit: Limit) -> Verdict:
    """Let a person's yes up to `limit` stand against a verdict that tripped; one that it does not cover stays."""
    if not verdict.tripped:
        return verdict
    if verdict.guard == "min_rows":
        covered = limit.count is not None and verdict.value >= limit.count
    elif not verdict.whole and limit.share is not None:
        covered = False  # there is nothing that it could be a share of
    else:
        covered = not _exceeds(verdict.value, verdict.whole, limit)
    return replace(verdict, limit=str(limit), tripped=False, accepted=True, cure="") if covered else verdict


def _exceeds(value: int, whole: int, limit: Limit) -> bool:
    if limit.share is None:
        return value > (limit.count or 0)
    return whole >= FLOOR and value > limit.share * whole


def _judge(guard: str, value: int, whole: int, words: str, limit: Limit, *, at_least: bool = False) -> Verdict:
    over = _exceeds(value, whole, limit)
    share = f" ({value / whole:.1%})" if whole else ""
    return Verdict(
        guard=guard,
        figure=f"{value:,} of {'at least ' if at_least else ''}{whole:,} {words}{share}",
        value=value,
        whole=whole,
        limit=str(limit),
        tripped=over,
        accepted=False,
        cure=f"read the report, then --accept {guard}={value}" if over else "",
    )


def _judge_updates(figures: Figures, guards: Guards) -> Verdict:
    words = "contacts of the account would be updated"
    return _judge(
        "max_updates", figures.updates, figures.contacts, words, guards.max_updates, at_least=figures.at_least
    )


def _judge_creates(figures: Figures, guards: Guards) -> Verdict:
    if figures.contacts == 0:  # an empty account is exempt: its first load is all creates
        figure = f"{figures.creates:,} would be created in an empty account"
        return Verdict("max_creates", figure, figures.creates, 0, "-", False, False, "")
    verdict = _judge("max_creates", figures.creates, figures.contacts, "", guards.max_creates)
    least = "at least " if figures.at_least else ""
    share = figures.creates / figures.contacts  # of the account, not a part of it: it may exceed 100%
    figure = f"{figures.creates:,} would be created, and the account has {least}{figures.contacts:,} ({share:.1%})"
    return replace(verdict, figure=figure)


def _judge_removals(figures: Figures, guards: Guards) -> Verdict:
    words = f"members of {figures.removed_from} would be taken off them"
    return _judge("max_removals", figures.removals, figures.managed_members, words, guards.max_removals)


def _judge_unreadable(figures: Figures, guards: Guards) -> Verdict:
    """Binds only where somebody would be taken off: a row without a readable address may be about that very person."""
    value, limit = figures.unreadable_rows, guards.unreadable_addresses
    over = figures.removals > 0 and value > limit
    cure = f"correct the addresses, or read who leaves a list, then --accept unreadable_addresses={value}"
    figure = f"{value:,} rows without a readable address, and {figures.removals:,} contacts would be taken off lists"
    return Verdict("unreadable_addresses", figure, value, 0, f"{limit:,}", over, False, cure if over else "")


def _judge_rejected(figures: Figures, guards: Guards) -> Verdict:
    return _judge("max_rejected", figures.rejected_rows, figures.rows, "rows are rejected", guards.max_rejected)


def _judge_clears(figures: Figures, guards: Guards) -> Verdict:
    words = "values of mapped fields would be cleared"
    return _judge("max_clears", figures.clears, figures.mapped_values, words, guards.max_clears)


def _judge_field_change(figures: Figures, guards: Guards) -> Verdict:
    """Only the worst field is shown: one shifted column is enough to stop."""
    field, value = max(figures.changed_by_field.items(), key=lambda item: (item[1], item[0]), default=("any field", 0))
    words = f"matched contacts would have {field} changed"
    return _judge("max_field_change", value, figures.matched, words, guards.max_field_change)


def _judge_shrink(figures: Figures, guards: Guards) -> Verdict:
    if figures.good_rows is None:
        figure = f"{figures.rows:,} rows, and no earlier run to compare them with"
        return Verdict("max_shrink", figure, 0, 0, str(guards.max_shrink), False, False, "")
    fewer = max(0, figures.good_rows - figures.rows)
    words = "rows of the last good run are there no longer"
    return _judge("max_shrink", fewer, figures.good_rows, words, guards.max_shrink)


def _judge_state_lost(figures: Figures, guards: Guards) -> Verdict:
    cure = (
        "put back a copy of accounts/ in the state directory, or the account's entry in accounts.yaml as it was; if "
        "there is none, --accept state_lost=1, knowing that who left a list before today may be put back"
    )
    return _judge_yes_or_no("state_lost", figures.lost, "the memory of earlier runs is there", cure)


def _judge_reverted(figures: Figures, guards: Guards) -> Verdict:
    said = f"this very source was loaded by run {figures.reverted}, and that run reverted" if figures.reverted else ""
    cure = "mend the source, or --accept reverted=1 to load it all the same"
    return _judge_yes_or_no("reverted", said, "this source was not reverted", cure)


def _judge_yes_or_no(guard: str, said: str, quiet: str, cure: str) -> Verdict:
    return Verdict(guard, said or quiet, int(bool(said)), 0, "-", bool(said), False, cure if said else "")


def _judge_readds(figures: Figures, guards: Guards) -> Verdict:
    verdict = _judge("max_readds", figures.readds, 0, "", Limit(count=guards.max_readds))
    return replace(verdict, figure=f"{figures.readds:,} would be put back on a list that they left")


def _judge_min_rows(figures: Figures, guards: Guards) -> Verdict:
    under = figures.rows < guards.min_rows
    cure = f"look at the source, then --accept min_rows={figures.rows}" if under else ""
    return Verdict("min_rows", f"{figures.rows:,} rows", figures.rows, 0, f"{guards.min_rows:,}", under, False, cure)


def _judge_budget(figures: Figures, guards: Guards) -> Verdict:
    if figures.left_today is None:
        return Verdict("budget", f"{figures.requests:,} requests", figures.requests, 0, "-", False, False, "")
    verdict = _judge("budget", figures.requests, figures.left_today, "requests left today are needed", guards.budget)
    if figures.requests <= figures.left_today:
        return verdict
    # However few they are: the rest of the plan would wait for another day.
    cure = f"run it after 00:00 UTC, or begin today and resume then: --accept budget={figures.requests}"
    return replace(verdict, tripped=True, cure=cure)


# In the order in which they are told.
JUDGES: Mapping[str, Callable[[Figures, Guards], Verdict]] = {
    "max_updates": _judge_updates,
    "max_creates": _judge_creates,
    "max_removals": _judge_removals,
    "max_rejected": _judge_rejected,
    "max_clears": _judge_clears,
    "max_shrink": _judge_shrink,
    "max_field_change": _judge_field_change,
    "max_readds": _judge_readds,
    "unreadable_addresses": _judge_unreadable,
    "min_rows": _judge_min_rows,
    "budget": _judge_budget,
    "state_lost": _judge_state_lost,
    "reverted": _judge_reverted,
}
