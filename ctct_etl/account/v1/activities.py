"""Bulk activities: start one, keep its id, wait until it has ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ctct_etl.account.dialect import Checkpoint, Conversation, Request, Response
from ctct_etl.account.polling import FIRST_LOOK_S, FIRST_WAIT_S, waits
from ctct_etl.account.v1.atom import Entry
from ctct_etl.account.v1.finding import turn_feed
from ctct_etl.account.v1.reading import number_of
from ctct_etl.account.v1.words import expect_entry, refusal_of
from ctct_etl.errors import Busy

ACTIVITY_ID = "activity_id"
ACTIVITY_KIND = "Activity"
# Of V1 only COMPLETE is shown; the others are what its successor names [D-ACT, V2-ACT]. What is none of these goes on.
_COMPLETE = "COMPLETE"
_ENDED = frozenset({_COMPLETE, "ERROR"})


def start_activity(
    form: Sequence[tuple[str, str]], noted: Mapping[str, Any], *, rests_on_read: bool = True
) -> Conversation[Entry]:
    """Queue a job and wait for its end. Raises Rejected when the service takes no such job.

    noted: what is kept with the job's id, for who has to settle it.
    """
    response: Response = yield Request("POST", "/activities", body=form, rests_on_read=rests_on_read)
    if not response.ok:
        raise refusal_of(response)
    activity_id = number_of(expect_entry(response, "activity", ACTIVITY_KIND).id)
    yield Checkpoint({ACTIVITY_ID: activity_id, **noted})
    return (yield from await_activity(activity_id))


def await_activity(activity_id: str) -> Conversation[Entry]:
    """Poll until the job has ended; one that the account knows no more has ended too."""
    for wait in waits(FIRST_WAIT_S):
        response: Response = yield Request("GET", f"/activities/{activity_id}", wait_s=wait)
        if response.status == 404:
            return Entry("", "", ACTIVITY_KIND, {}, None)
        activity = expect_entry(response, "activity", ACTIVITY_KIND)
        if is_ended(activity):
            return activity
    raise Busy(f"the activity {activity_id} does not end; run again with --resume later")


def await_all_activities() -> Conversation[None]:
    """Wait until no job of the account is under way: one whose answer was lost has an id that nobody knows."""
    for wait in waits(FIRST_LOOK_S):
        unended: list[str] = []

        def take(entries: Sequence[Entry], unended: list[str] = unended) -> None:
            unended.extend(one.id for one in entries if one.kind == ACTIVITY_KIND and not is_ended(one))

        yield from turn_feed("/activities", "activities", take, wait_s=wait)
        if not unended:
            return
    raise Busy("an activity of the account does not end; run again with --resume later")


def is_ended(activity: Entry) -> bool:
    return _status_of(activity) in _ENDED


def is_complete(activity: Entry) -> bool:
    return _status_of(activity) == _COMPLETE and not activity.errors


def is_clean(activity: Entry, sent: int) -> bool:
    """Did the job end well, and does it count as many contacts as it was sent?"""
    count = activity.values.get("TransactionCount", "").strip()
    return is_complete(activity) and count == str(sent)


def refused_rows(activity: Entry) -> dict[str, str]:
    """Address → the service's words. A job that is COMPLETE may hold rows that failed [D-OLDACT]."""
    return {address.strip().lower(): message.strip() or "refused" for _, address, message in activity.errors if address}


def _status_of(activity: Entry) -> str:
    return activity.values.get("Status", "").strip().upper()
