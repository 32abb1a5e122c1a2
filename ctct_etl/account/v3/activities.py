"""Bulk activities: start one, keep its id, wait until it has ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ctct_etl.account.dialect import Checkpoint, Conversation, Request, Response
from ctct_etl.account.polling import FIRST_LOOK_S, FIRST_WAIT_S, waits
from ctct_etl.account.v3.paging import read_items
from ctct_etl.account.v3.wire import PAGE_SIZE
from ctct_etl.account.v3.words import expect_object, refusal_of
from ctct_etl.errors import Busy

Activity = Mapping[str, Any]

ACTIVITY_ID = "activity_id"
_UNENDED = frozenset({"initialized", "processing"})


def start_activity(path: str, body: Mapping[str, Any], noted: Mapping[str, Any]) -> Conversation[Activity]:
    """Queue a job and wait for its end. Raises Rejected when the service takes no such job.

    noted: what is kept with the job's id, for who has to settle it.
    """
    response: Response = yield Request("POST", path, body=body, rests_on_read=True)
    if not response.ok:
        raise refusal_of(response)
    activity_id = str(expect_object(response, "activity").get("activity_id"))
    yield Checkpoint({ACTIVITY_ID: activity_id, **noted})
    activity = yield from await_activity(activity_id)
    return activity


def await_activity(activity_id: str) -> Conversation[Activity]:
    """Poll until the job has ended; {} when the account knows it no more (it keeps them for ten days)."""
    for wait in waits(FIRST_WAIT_S):
        response: Response = yield Request("GET", f"/activities/{activity_id}", wait_s=wait)
        if response.status == 404:
            return {}
        activity = expect_object(response, "activity")
        if activity.get("state") not in _UNENDED:
            return activity
    raise Busy(f"the activity {activity_id} does not end; run again with --resume later")


def await_all_activities() -> Conversation[None]:
    """Wait until no job of the account is under way.

    A job whose answer was lost has an id that nobody knows, and the list of jobs does not tell their types: so what it
    did is known for certain only when none is left that could still do it.
    """
    for wait in waits(FIRST_LOOK_S):
        jobs = yield from read_items("/activities", "activities", {"limit": str(PAGE_SIZE)}, wait_s=wait)
        if not any(job.get("state") in _UNENDED for job in jobs):
            return
    raise Busy("an activity of the account does not end; run again with --resume later")


def errors_of(activity: Activity) -> str:
    """What the job says went wrong; "" for nothing. Its errors are strings, or objects with a message."""
    words = [str(one.get("message", one)) if isinstance(one, dict) else str(one)
             for one in activity.get("activity_errors") or ()]  # fmt: skip
    if words:
        return "; ".join(words)[:500]
    return "" if activity.get("state") == "completed" else f"the activity ended as {activity.get('state', 'unknown')}"
