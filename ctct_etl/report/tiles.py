"""The tiles of the first screen: one figure each, with what it counts, and of what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ctct_etl.columns import CREATE, DONE, REJECTED, REMOVE, UPDATE
from ctct_etl.report.shapes import ActionCount, Report
from ctct_etl.report.wording import say_all, say_count, say_minutes

# What a tile says of an action: before it, after it, and about whom.
_DEEDS = {
    CREATE: ("to add", "added", "new to the account"),
    UPDATE: ("to change", "changed", "the account has them"),
    REMOVE: ("to take off lists", "taken off lists", "gone from the source"),
}


@dataclass(frozen=True)
class Tile:
    """kind: decides its colour."""

    kind: str
    figure: str
    label: str
    detail: str


def lay_out_tiles(report: Report) -> tuple[Tile, ...]:
    """Lay out the tiles, what happens to people first."""
    return (
        *_tell_deeds(report.actions),
        _tell_rejected(report),
        _tell_mails(report),
        _tell_cost(report),
        _tell_guards(report),
    )


def _tell_deeds(actions: Sequence[ActionCount]) -> Iterator[Tile]:
    for each in actions:
        if each.action not in _DEEDS or (each.action == REMOVE and not each.planned):
            continue
        future, past, whom = _DEEDS[each.action]
        if each.results is None:
            yield Tile(each.action, f"{each.planned:,}", future, whom)
        else:
            yield Tile(each.action, f"{each.results[DONE]:,}", past, f"of {each.planned:,} planned")


def _tell_rejected(report: Report) -> Tile:
    count = report.count_rows(REJECTED)
    kind = "rejected" if count else "fine"
    return Tile(
        kind, f"{count:,}", "row rejected" if count == 1 else "rows rejected", f"of {say_count(report.rows, 'row')}"
    )


def _tell_mails(report: Report) -> Tile:
    """One mail a person at the most: which of the two it is, the account decides."""
    confirmed, welcomed = (report.mails.get(kind, 0) for kind in ("confirmation", "welcome"))
    most = max(confirmed, welcomed)
    if not most:
        return Tile("fine", "0", "mails go out", "nobody hears of it")
    told = "welcome mails, as far as lists have one"
    if confirmed:
        told = "to confirm, or of welcome: as the account is set"
    return Tile("mails", f"≤ {most:,}", "mail goes out" if most == 1 else "mails go out", told)


def _tell_cost(report: Report) -> Tile:
    cost = report.cost
    if cost.used is not None:
        return Tile(
            "cost",
            f"{cost.used:,}",
            "request used" if cost.used == 1 else "requests used",
            f"{cost.total:,} were planned",
        )
    left = f", of {cost.left_today:,} left today" if cost.left_today is not None else ""
    return Tile(
        "cost", f"{cost.total:,}", "request" if cost.total == 1 else "requests", say_minutes(cost.minutes) + left
    )


def _tell_guards(report: Report) -> Tile:
    tripped = [guard.guard for guard in report.guards if guard.tripped]
    every = len(report.guards)
    if tripped:
        return Tile(
            "stopping",
            f"{len(tripped)} of {every}",
            "guard stops it" if len(tripped) == 1 else "guards stop it",
            say_all(tripped),
        )
    accepted = [guard.guard for guard in report.guards if guard.accepted]
    told = f"{say_all(accepted)} accepted by a person" if accepted else "nothing stops it"
    return Tile("fine", f"{every} of {every}", "guards fine", told)
