from itertools import pairwise

import pytest

from ctct_etl.account.dialect import Checkpoint, Response
from ctct_etl.account.v3.activities import await_activity, await_all_activities, errors_of, start_activity
from ctct_etl.errors import Busy, Rejected
from tests.account.plans import talk


def states(*names):
    left = list(names)

    def answer(request):
        if request.method == "POST":
            return Response(201, {"activity_id": "a1", "state": "initialized"})
        return Response(200, {"activity_id": "a1", "state": left.pop(0)})

    return answer


def test_a_job_is_kept_before_it_is_waited_for():
    said = talk(start_activity("/activities/x", {"n": 1}, {}), states("processing", "completed"))
    assert said.checkpoints == [Checkpoint({"activity_id": "a1"})]
    assert said.lines == ["POST /activities/x", "GET /activities/a1", "GET /activities/a1"]
    assert said.value["state"] == "completed"


def test_polls_back_off():
    said = talk(await_activity("a1"), states(*["processing"] * 20, "completed"))
    waits = [request.wait_s for request in said.requests]
    assert waits[0] == 0.5
    assert all(a <= b <= 30 for a, b in pairwise(waits))
    assert waits[-1] == 30


def test_a_job_that_never_ends_is_given_up_for_now():
    with pytest.raises(Busy, match="a1 does not end"):
        talk(await_activity("a1"), lambda request: Response(200, {"state": "processing"}))


def test_a_job_that_the_account_has_forgotten_has_ended():
    assert talk(await_activity("a1"), lambda request: Response(404, None)).value == {}


def test_a_refused_job_is_told_in_the_services_own_words():
    with pytest.raises(Rejected, match="queue full"):
        talk(start_activity("/activities/x", {}, {}), lambda request: Response(400, [{"error_message": "queue full"}]))


def test_when_no_id_is_known_no_job_at_all_may_be_under_way():
    pages = iter([["completed", "processing"], ["initialized"], ["completed", "failed", "timed_out", "cancelled"]])
    said = talk(
        await_all_activities(),
        lambda request: Response(200, {"activities": [{"state": state} for state in next(pages)]}),
    )
    assert said.lines == ["GET /activities"] * 3
    assert all(request.wait_s > 0 for request in said.requests)


@pytest.mark.parametrize(
    ("activity", "words"),
    [
        ({"state": "completed"}, ""),
        ({"state": "completed", "activity_errors": []}, ""),
        ({"state": "completed", "activity_errors": ["a", {"message": "b"}]}, "a; b"),
        ({"state": "failed"}, "the activity ended as failed"),
        ({"state": "timed_out", "activity_errors": None}, "the activity ended as timed_out"),
        ({}, "the activity ended as unknown"),
    ],
)
def test_what_a_job_says_went_wrong(activity, words):
    assert errors_of(activity) == words
