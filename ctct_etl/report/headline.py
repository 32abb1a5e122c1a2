"""The first thing that is read: what happens, or happened, to how many people, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ctct_etl.columns import CREATE, DONE, PENDING_RESULT, REMOVE, UPDATE
from ctct_etl.plan.tables import Verdict
from ctct_etl.report.shapes import ActionCount, Cost, State
from ctct_etl.report.wording import say_all, say_count, say_minutes, say_people

Verbs = Mapping[str, str]  # action → what happens to people
_LOADING: Verbs = {CREATE: "added", UPDATE: "changed", REMOVE: "taken off lists"}
_REVERTING: Verbs = {CREATE: "added", UPDATE: "changed back", REMOVE: "taken off lists again"}


def write_headline(state: State, actions: Sequence[ActionCount], *, reverts: str = "", deletes: bool = False) -> str:
    """Say in one sentence what happens to people, or what did.

    reverts: the run that is taken back; "" for a load. deletes: some are deleted, not only taken off lists.
    """
    verbs = _REVERTING if reverts else _LOADING
    if deletes:
        verbs = {**verbs, REMOVE: "deleted or taken off lists again"}
    planned = {each.action: each.planned for each in actions if each.action in verbs}
    if not any(planned.values()):
        return _say_nothing_to_do(state, reverts)
    if state == "planned":
        return f"{_say_deeds(planned, verbs, 'would be')}."
    if state == "stopped":
        return f"Stopped before anything was sent. {_say_deeds(planned, verbs, 'would have been')}."
    return _say_applied(state, actions, verbs)


def write_summary(
    guards: Sequence[Verdict], mails: Mapping[str, int], cost: Cost, rejected: int, rows: int
) -> tuple[str, ...]:
    """Say, a sentence each, what the guards think, which mails go out, what it costs, how many rows did not make it."""
    return (_say_guards(guards), say_mails(mails), say_cost(cost), _say_rejected(rejected, rows))


def say_mails(mails: Mapping[str, int]) -> str:
    """Which of its mails the account has switched on can't be read: so both cases are told."""
    confirmed, welcomed = (mails.get(kind, 0) for kind in ("confirmation", "welcome"))
    if not confirmed and not welcomed:
        return "No mail goes out to anyone."
    if not confirmed:
        return f"Up to {say_count(welcomed, 'welcome mail')} to people, as far as their lists have one."
    asked = f"{say_count(confirmed, 'confirmation mail')} to people, if the account has people confirm"
    return f"{asked}; if not, {say_count(welcomed, 'welcome mail')}, as far as their lists have one."


def say_cost(cost: Cost) -> str:
    if cost.used is not None:
        return f"{say_count(cost.used, 'request')} used."
    if not cost.total:
        return "No requests."
    left = f"; {cost.left_today:,} are left today" if cost.left_today is not None else ""
    return f"{say_count(cost.total, 'request')}, {say_minutes(cost.minutes)}{left}."


def _say_deeds(counts: Mapping[str, int], verbs: Verbs, auxiliary: str) -> str:
    """ "312 people would be added and 301 changed"; what does not happen is not mentioned."""
    (first, count), *others = [(verb, counts[action]) for action, verb in verbs.items() if counts.get(action)]
    return say_all([f"{say_people(count)} {auxiliary} {first}", *(f"{count:,} {verb}" for verb, count in others)])


def _say_applied(state: State, actions: Sequence[ActionCount], verbs: Verbs) -> str:
    done = {each.action: (each.results or {}).get(DONE, 0) for each in actions if each.action in verbs}
    total = sum(done.values())
    auxiliary = "was" if next((count for count in done.values() if count), 0) == 1 else "were"
    deeds = _say_deeds(done, verbs, auxiliary) if total else "nobody was changed"
    waiting = sum((each.results or {}).get(PENDING_RESULT, 0) for each in actions)
    undone = sum(each.planned for each in actions if each.action in verbs) - total
    refused = undone - waiting
    rest = [f"{say_people(refused)} not done: see the list below"] if refused else []
    rest += [f"{say_people(waiting)} still to do"] if waiting else []
    opening = {
        "underway": "Under way: ",
        "done": "",
        "part": "Done in part: ",
        "interrupted": "Interrupted: ",
        "quota": "The day's requests are used up: ",
        "failed": "Failed: ",
    }[state]
    sentence = f"{opening}{'; '.join([deeds, *rest])}."
    return sentence[0].upper() + sentence[1:]


def _say_nothing_to_do(state: State, reverts: str) -> str:
    if state == "stopped":
        return "Stopped before anything was sent. Nobody would have been changed."
    if state == "failed":
        return "Failed: nobody was changed."
    if reverts:
        return f"Nothing to take back: nothing is any more as run {reverts} left it, or it changed nobody."
    return "Nothing to do: the account already says what the source says."


def _say_guards(guards: Sequence[Verdict]) -> str:
    stopping = [guard for guard in guards if guard.tripped]
    if stopping:
        return f"{say_count(len(stopping), 'guard')} stopped it: {say_all([guard.guard for guard in stopping])}."
    accepted = [guard for guard in guards if guard.accepted]
    if accepted:
        return f"No guard stops it; {say_all([guard.guard for guard in accepted])} accepted by a person."
    return f"All {len(guards)} guards are fine." if len(guards) > 1 else "No guard stops it."


def _say_rejected(rejected: int, rows: int) -> str:
    if not rejected:
        return f"None of {say_count(rows, 'row')} was rejected." if rows else "The source has no rows."
    return f"{rejected:,} of {say_count(rows, 'row')} did not make it."
