import pytest

from ctct_etl.account.dialect import Response
from ctct_etl.account.entries import Entry
from ctct_etl.account.v3.finding import (
    Member,
    find_by_address,
    read_contact,
    read_departures,
    read_holders,
    read_members,
    shortly_before,
)
from ctct_etl.errors import AccountError, Rejected
from tests.account.plans import talk

SINCE = "2026-11-23T22:00:00Z"


def mail(address):
    return {"contact_id": f"id-{address}", "email_address": {"address": address}}


def test_an_address_is_compared_and_the_filter_is_not_trusted():
    found = [mail("other@x.org"), {"email_address": None}, mail("Ann@X.org")]
    said = talk(find_by_address("ann@x.org"), lambda request: Response(200, {"contacts": found}))
    assert said.value == mail("Ann@X.org")


def test_an_address_that_is_not_there_is_none():
    assert talk(find_by_address("a@x.org"), lambda request: Response(200, {"contacts": []})).value is None


def test_a_contact_that_the_account_does_not_know_is_none():
    assert talk(read_contact("1"), lambda request: Response(404, None)).value is None


def test_a_contact_that_can_not_be_read_is_refused_in_the_services_own_words():
    with pytest.raises(Rejected, match="an invalid format"):
        talk(read_contact("1"), lambda request: Response(400, [{"error_message": "an invalid format"}]))


def test_departures_are_asked_for_by_update_by_opt_out_and_among_the_deleted():
    def answer(request):
        left = "u" if "optout_after" in request.query else "d" if request.query["status"] == "deleted" else "p"
        return Response(200, {"contacts": [left_by(f"{left}@x.org"), left_by("other@x.org")]})

    said = talk(read_departures(SINCE, [Entry(f"{name}@x.org") for name in "udp"]), answer)
    assert said.value == dict.fromkeys(("p@x.org", "u@x.org", "d@x.org"), "unsubscribed")
    by_update, by_opt_out, deleted = (request.query for request in said.requests)
    assert by_update["updated_after"] == by_opt_out["optout_after"] == "2026-11-23T21:50:00Z"
    assert "implicit" not in by_update["status"] and "deleted" in by_update["status"]
    assert by_opt_out["status"] == "unsubscribed"
    assert deleted == {"status": "deleted", "limit": "500"}


def left_by(address):
    return {"email_address": {"address": address, "permission_to_send": "unsubscribed"}}


def test_of_the_members_of_a_list_only_those_asked_for_are_kept():
    page = [left_by("a@x.org") | {"contact_id": "1"}, left_by("b@x.org") | {"contact_id": "2"}]
    said = talk(read_members("l1", {"2", "3"}), lambda request: Response(200, {"contacts": page}))
    assert said.value == {"2": Member("unsubscribed", frozenset())}
    assert [request.query for request in said.requests] == [{"status": "all", "limit": "500", "lists": "l1"}]


def test_the_lists_of_members_are_asked_for_by_the_same_requests():
    page = [left_by("b@x.org") | {"contact_id": "2", "list_memberships": ["l1", "l2"]}]
    said = talk(read_members("l1", {"2"}, with_lists=True), lambda request: Response(200, {"contacts": page}))
    assert said.value == {"2": Member("unsubscribed", frozenset({"l1", "l2"}))}
    assert [request.query["include"] for request in said.requests] == ["list_memberships"]


def test_holders_are_read_in_filters_of_twenty_five_lists():
    lists = {f"l{n:02}" for n in range(60)}
    page = [{"contact_id": "1", "list_memberships": ["l1", "l2"]}, {"contact_id": "2", "list_memberships": ["l1"]}]
    said = talk(read_holders("lists", lists, {"1"}), lambda request: Response(200, {"contacts": page}))
    assert [request.query["lists"].count(",") + 1 for request in said.requests] == [25, 25, 10]
    assert said.value == {"1": {"l1", "l2"}}


def test_an_answer_that_is_no_page_is_an_error():
    with pytest.raises(AccountError, match="/contacts"):
        talk(find_by_address("a@x.org"), lambda request: Response(200, []))


@pytest.mark.parametrize("moment", ["2026-11-23T22:00:00Z", "2026-11-23T17:00:00-05:00", "2026-11-23T22:00:00.900"])
def test_a_window_reaches_ten_minutes_back_in_utc(moment):
    assert shortly_before(moment) == "2026-11-23T21:50:00Z"
