"""A rehearsal in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ctct_etl.columns import RESULTS, WRITING_ACTIONS
from ctct_etl.report.wording import ACTION_WORDS, RESULT_WORDS, say_all, say_count, say_field

SHOWN = 5  # of each kind of thing that would go wrong; rehearsal.json has more


def write_rehearsal(told: Mapping[str, Any]) -> str:
    """Say what would come of the plan; `told` is what rehearsal.json holds. The verdict stands last."""
    return "\n".join([*_say_results(told), *_say_wrong(told), *_say_cost(told), _say_verdict(told)])


def _say_results(told: Mapping[str, Any]) -> Iterator[str]:
    yield f"Rehearsed on a copy of {say_count(told['copied']['contacts'], 'contact')}; the account was only read."
    for action in WRITING_ACTIONS:
        counts = told["results"][action]
        if sum(counts.values()):
            parts = [f"{counts[result]:,} {RESULT_WORDS[result]}" for result in RESULTS if counts[result]]
            yield f"{ACTION_WORDS[action].capitalize()}: {say_all(parts)}"


def _say_wrong(told: Mapping[str, Any]) -> Iterator[str]:
    if told["stopped"]:
        yield f"It stopped: {told['stopped']}"
    for one in told["not_done"][:SHOWN]:
        yield f"  {one['address']}: {RESULT_WORDS[one['result']]} — {one['words'] or 'it was not reached'}"
    for one in told["verification"]["differences"][:SHOWN]:
        promised, found = one["promised"] or "nothing", one["found"] or "nothing"
        yield f"  {one['address']}: {say_field(one['field'])} would be {found}, and the plan promises {promised}"
    if told["outside_count"]:
        yield f"{say_count(told['outside_count'], 'change')} that the plan does not name:"
    for one in told["outside"][:SHOWN]:
        yield f"  {one['address']}: {say_field(one['field'])}: {one['was'] or 'nothing'} → {one['is'] or 'nothing'}"
    if told["copied"]["differences"]:
        count = say_count(told["copied"]["differences"], "value")
        yield f"{count} could not be copied as the account has them: the rehearsal says nothing about these"


def _say_cost(told: Mapping[str, Any]) -> Iterator[str]:
    requests = told["requests"]
    yield f"{say_count(requests['used'], 'request')}; the plan foresees {requests['forecast']:,}."
    mails = [f"{count:,} {kind}" for kind, count in sorted(told["mails_sent"].items()) if count]
    yield f"Mails that the copy would send: {say_all(mails)}." if mails else "The copy would send no mail to anyone."


def _say_verdict(told: Mapping[str, Any]) -> str:
    if told["as_promised"]:
        return "As the plan promises."
    return "Not as the plan promises: read what is listed above, and plan again where contacts have moved."
