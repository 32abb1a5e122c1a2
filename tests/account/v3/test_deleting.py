import pytest

from ctct_etl.account.dialect import Response
from ctct_etl.account.v3.building import build_operations
from ctct_etl.account.v3.deleting import send_delete, settle_delete
from ctct_etl.account.v3.routing import choose_routes
from ctct_etl.columns import DELETED, REMOVE, UPDATED_AT
from ctct_etl.plan.tables import DELETE_CONTACT, ROUTE, ROUTE_REASON, PlanTables
from tests.account.plans import Act, plan_tables, talk
from tests.tables import snapshot

AT = "2026-11-23T22:05:00Z"
ACCOUNT = snapshot(
    [{"email": "ann@x.org", "first_name": "Ann", "lists": ["News"], "tags": ["vip"], UPDATED_AT: AT}]
)  # fmt: skip
ACT = Act("ann@x.org", REMOVE, {"first_name": ("Ann", ""), "status": ("implicit", DELETED)}, remove=["News"])


def routed() -> PlanTables:
    tables = plan_tables([ACT], ACCOUNT)
    routes = choose_routes(tables, ACCOUNT)
    return PlanTables(
        tables.actions.assign(**{name: routes[name] for name in (ROUTE, ROUTE_REASON)}),
        tables.changes, tables.memberships, tables.origins, tables.wanted,
    )  # fmt: skip


def operation():
    (one,) = build_operations(routed(), ACCOUNT)
    return one


def contact(**more):
    return {
        "contact_id": "id-0",
        "email_address": {"address": "ann@x.org", "permission_to_send": "implicit"},
        "first_name": "Ann",
        "list_memberships": ["list-News"],
        "taggings": ["tag-vip"],
        "updated_at": AT,
        **more,
    }


def send(found, answer=None):
    answers = {"GET": Response(200, found) if found else Response(404, None), "DELETE": answer or Response(204, None)}
    return talk(send_delete(operation()), lambda request: answers[request.method])


def test_a_deletion_is_one_call_and_no_list_is_left_before():
    assert routed().actions[ROUTE].tolist() == [DELETE_CONTACT]


def test_who_is_as_the_plan_found_it_is_deleted():
    said = send(contact(updated_at="2026-11-23T22:05:00.000Z"))
    assert said.lines == ["GET /contacts/id-0", "DELETE /contacts/id-0"]
    assert said.value.results[0].result == "done"


@pytest.mark.parametrize(
    ("touched", "words"),
    [
        ({"first_name": "Anna"}, "first_name"),
        ({"job_title": "Chair"}, "job_title"),
        ({"phone_numbers": [{"kind": "home", "phone_number": "212"}]}, "phone.home"),
        ({"custom_fields": [{"custom_field_id": "c9", "value": "x"}]}, "a custom field"),
        ({"list_memberships": ["list-News", "other"]}, "list_memberships"),
        ({"list_memberships": []}, "list_memberships"),
        ({"taggings": ["tag-vip", "other"]}, "taggings"),
        ({"updated_at": "2026-11-23T23:00:00Z"}, "updated_at"),
        ({"deleted_at": "2026-11-23"}, "deleted since"),
        ({"email_address": {"address": "ann@x.org", "permission_to_send": "explicit"}}, "permission"),
        ({"email_address": {"address": "ann@y.org", "permission_to_send": "implicit"}}, "address"),
    ],
)
def test_who_was_touched_since_stays(touched, words):
    said = send(contact(**touched))
    assert said.lines == ["GET /contacts/id-0"]
    assert said.value.results[0].result == "conflict" and words in said.value.results[0].words


def test_a_refusal_is_told_in_the_services_words():
    said = send(contact(), Response(400, [{"error_key": "x", "error_message": "not now"}]))
    assert (said.value.results[0].result, said.value.results[0].words) == ("failed", "not now")


def test_a_lost_answer_is_settled_by_reading():
    def settled(found):
        return talk(settle_delete(operation()), lambda request: Response(200, found)).value

    assert settled(contact(deleted_at="2026-11-23")).results[0].result == "done"
    (again,) = settled(contact()).fallback
    assert again == operation()
