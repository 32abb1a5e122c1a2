from datetime import UTC, datetime

import pytest

from ctct_etl.account.dialect import Response
from ctct_etl.account.v3.fetching import custom_field, fetch_account
from ctct_etl.account.v3.reading import column_names
from ctct_etl.columns import CONTACT, CONTACT_ID, EMAIL, KIND, NAME
from tests.account.plans import talk

NOW = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)


def contact(id_, **more):
    return {"contact_id": id_, "email_address": {"address": f"{id_}@x.org", "permission_to_send": "implicit"}, **more}


def account(*pages):
    """Answers of an account with one list, one tag, and these pages of contacts."""
    left = list(pages)

    def answer(request):
        if request.path == "/account/summary":
            return Response(200, {"encoded_account_id": "a1", "organization_name": "Club"})
        if request.path == "/contact_lists":
            return Response(200, {"lists": [{"name": "News", "list_id": "l1"}, {"name": None}]})
        if request.path == "/contact_tags":
            return Response(200, {"tags": [{"name": "vip", "tag_id": "t1"}]})
        if request.path == "/contact_custom_fields":
            return Response(200, {"custom_fields": [{"label": "Tier", "custom_field_id": "c1", "type": "string"}]})
        contacts = left.pop(0)
        links = {"next": {"href": f"/v3/contacts?cursor={len(left)}"}} if left else None
        return Response(200, {"contacts": contacts, "_links": links})

    return answer


def test_everything_is_asked_for_with_every_status_and_include():
    said = talk(fetch_account(lambda: NOW), account([]))
    assert said.lines[:4] == [
        "GET /account/summary",
        "GET /contact_lists",
        "GET /contact_custom_fields",
        "GET /contact_tags",
    ]
    assert said.requests[2].query == {"limit": "100"}
    assert said.requests[4].query == {
        "status": "all",
        "limit": "500",
        "include": "custom_fields,list_memberships,taggings,phone_numbers,street_addresses",
    }


def test_an_empty_account_has_every_column_and_no_row():
    snapshot = talk(fetch_account(lambda: NOW), account([])).value
    assert list(snapshot.contacts) == column_names(snapshot.custom_fields)
    assert (len(snapshot.contacts), len(snapshot.memberships)) == (0, 0)
    assert snapshot.account == {"encoded_account_id": "a1", "organization_name": "Club"}
    assert snapshot.fetched_at == "2026-11-23T22:00:00Z"
    assert set(snapshot.contacts.dtypes.astype("str")) == {"str"}


def test_a_contact_that_moved_while_paging_counts_once_as_read_last():
    first = contact("a", first_name="old", list_memberships=["l1"])
    again = contact("a", first_name="new", taggings=["t1"])
    pages = account([first, contact("b", list_memberships=["l1"])], [again, contact("c", list_memberships=["l1"])])
    snapshot = talk(fetch_account(lambda: NOW), pages).value
    assert snapshot.contacts[CONTACT_ID].tolist() == ["b", "a", "c"]
    assert snapshot.contacts["first_name"].tolist() == ["", "new", ""]
    held = snapshot.memberships.astype({KIND: "str", NAME: "str"})
    assert sorted(map(tuple, held[[CONTACT, KIND, NAME]].to_numpy().tolist())) == [
        (0, "list", "News"),
        (1, "tag", "vip"),
        (2, "list", "News"),
    ]


def test_a_list_that_the_account_does_not_name_still_is_a_membership():
    snapshot = talk(fetch_account(lambda: NOW), account([contact("a", list_memberships=["hidden"])])).value
    assert snapshot.memberships[NAME].tolist() == ["hidden"]


def test_half_a_surrogate_pair_does_not_stop_the_reading():
    snapshot = talk(fetch_account(lambda: NOW), account([contact("a", first_name="A\ud800")])).value
    assert snapshot.contacts["first_name"].tolist() == ["A?"]


def test_contacts_without_an_address_are_kept():
    snapshot = talk(fetch_account(lambda: NOW), account([{"contact_id": "sms", "sms_channel": {}}])).value
    assert snapshot.contacts[EMAIL].tolist() == [""]


def test_choices_come_in_the_accounts_order_without_the_deleted_ones():
    raw = {
        "label": "Tier",
        "custom_field_id": "c1",
        "type": "single_select",
        "name": "tier",
        "choices": [
            {"choice_id": 3, "choice_label": "Gold", "display_order": 2},
            {"choice_id": 1, "choice_label": "Basic", "display_order": 1},
            {"choice_id": 2, "choice_label": "Old", "display_order": 3, "deleted_at": "2025-01-01"},
        ],
    }
    assert list(custom_field(raw).choices.items()) == [("Basic", "1"), ("Gold", "3")]


@pytest.mark.parametrize("nulls", [False, True])
def test_the_sandbox_is_read_whole_over_many_pages(serve, nulls):
    people = [
        {
            "email_address": {"address": f"U{n}@Example.com", "permission_to_send": "implicit"},
            "first_name": f"N{n}",
            "list_memberships": ["News"] if n % 2 else [],
        }
        for n in range(1_203)
    ]
    gone = {"email_address": {"address": "gone@example.com"}, "deleted_at": "2025-03-01"}
    served = serve([*people, gone], null_properties=nulls)
    snapshot = served.snapshot()
    assert len(snapshot.contacts) == 1_204
    assert set(snapshot.contacts[EMAIL]) == {f"u{n}@example.com" for n in range(1_203)} | {"gone@example.com"}
    assert len(snapshot.memberships) == 601
    assert snapshot.contacts.set_index(EMAIL).loc["gone@example.com", "status"] == "deleted"
    paths = [request["path"] for request in served.requests()]
    assert paths.count("/v3/contacts") == 3
