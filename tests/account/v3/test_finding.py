import pytest

from ctct_etl.account.dialect import Response
from ctct_etl.account.v3.finding import (
    count_contacts,
    find_by_address,
    read_contact,
    read_departures,
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


def test_departures_are_asked_for_by_update_by_opt_out_and_by_number():
    def answer(request):
        if "include_count" in request.query:
            return Response(200, {"contacts_count": 5})
        return Response(200, {"contacts": [mail("u@x.org" if "optout_after" in request.query else "d@x.org")]})

    said = talk(read_departures(SINCE, deleted=5), answer)
    assert set(said.value) == {"u@x.org", "d@x.org"}
    by_update, by_opt_out, by_number = (request.query for request in said.requests)
    assert by_update["updated_after"] == by_opt_out["optout_after"] == "2026-11-23T21:50:00Z"
    assert "implicit" not in by_update["status"] and "deleted" in by_update["status"]
    assert by_opt_out["status"] == "unsubscribed"
    assert by_number == {"status": "deleted", "limit": "1", "include_count": "true"}


@pytest.mark.parametrize("count", [6, None])
def test_the_deleted_are_read_when_their_number_differs_or_is_not_told(count):
    def answer(request):
        deleted = request.query == {"status": "deleted", "limit": "500"}
        return Response(200, {"contacts_count": count, "contacts": [mail("d@x.org")] if deleted else []})

    assert set(talk(read_departures(SINCE, deleted=5), answer).value) == {"d@x.org"}


def test_a_count_that_is_not_told_is_minus_one():
    assert talk(count_contacts({}), lambda request: Response(200, {})).value == -1


def test_members_are_read_in_filters_of_twenty_five_lists():
    said = talk(read_members("lists", {f"l{n:02}" for n in range(60)}), lambda request: Response(200, {"contacts": []}))
    assert [request.query["lists"].count(",") + 1 for request in said.requests] == [25, 25, 10]


def test_an_answer_that_is_no_page_is_an_error():
    with pytest.raises(AccountError, match="/contacts"):
        talk(find_by_address("a@x.org"), lambda request: Response(200, []))


@pytest.mark.parametrize("moment", ["2026-11-23T22:00:00Z", "2026-11-23T17:00:00-05:00", "2026-11-23T22:00:00.900"])
def test_a_window_reaches_ten_minutes_back_in_utc(moment):
    assert shortly_before(moment) == "2026-11-23T21:50:00Z"
