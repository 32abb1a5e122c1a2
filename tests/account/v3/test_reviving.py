"""A deleted contact comes back by one PUT, behind a read that shows it as the plan found it."""

from __future__ import annotations

from typing import Any

import pytest

from ctct_etl.account.dialect import Operation, Response
from ctct_etl.account.entries import Entry, Load, make_operation, read_load
from ctct_etl.account.v3.adapter import V3
from ctct_etl.account.v3.reviving import send_revival, settle_revival
from ctct_etl.errors import Unsettled
from ctct_etl.plan.tables import REVIVE_CONTACT, ROUTE, ROUTE_REASON
from tests.account.plans import Act, Talk, plan_tables, routed, talk
from tests.tables import snapshot

ID = "11111111-1111-4111-8111-111111111111"
ANN = "ann@example.com"


UNSETTLED = "unsubscribed or not confirmed before it was deleted: it stays so"


def contact(*, deleted: str = "2026-03-04", permission: str = "implicit", **more: Any) -> dict[str, Any]:
    mail = {"address": ANN, "permission_to_send": permission, **more.pop("mail", {})}
    gone = {"deleted_at": deleted} if deleted else {}
    return {"contact_id": ID, "email_address": mail, "first_name": "Anna", "last_name": "Lee", "taggings": ["t1"],
            "list_memberships": [], **gone, **more}  # fmt: skip


def back(**more: Any) -> dict[str, Any]:
    return contact(deleted="", first_name="Ann", list_memberships=["l1"], taggings=["t1", "t2"], **more)


def revival() -> Operation:
    entry = Entry(ANN, ID, "deleted", before={"first_name": "Anna"}, after={"first_name": "Ann"}, lists=("l1",),
                  tags=("t2",), evidence=("2026-05-01", "Web form"))  # fmt: skip
    return make_operation(REVIVE_CONTACT, Load((entry,), {}, "2026-11-23T22:00:00Z"))


def send(*reads: dict[str, Any] | None, answer: Response | Exception | None = None) -> Talk:
    answers = iter(reads)

    def reply(request: Any) -> Response | Exception:
        if request.method == "PUT":
            return answer or Response(200, {})
        read = next(answers)
        return Response(404, None) if read is None else Response(200, read)

    return talk(send_revival(revival()), reply)


def result(said: Talk) -> tuple[str, str]:
    (one,) = said.value.results
    return one.result, one.words


def test_it_is_read_written_whole_with_its_lists_and_read_back() -> None:
    said = send(contact(phone_numbers=[{"kind": "home", "phone_number": "1"}]), back())
    assert said.lines == [f"GET /contacts/{ID}", f"PUT /contacts/{ID}", f"GET /contacts/{ID}"]
    assert result(said) == ("done", "")
    assert said.requests[1].body == {
        "email_address": {"address": ANN, "permission_to_send": "implicit"},
        "update_source": "Account",
        "first_name": "Ann",
        "last_name": "Lee",
        "phone_numbers": [{"kind": "home", "phone_number": "1"}],
        "list_memberships": ["l1"],
        "taggings": ["t1", "t2"],
    }
    assert said.checkpoints[0].detail["before"]["deleted_at"] == "2026-03-04"
    assert said.value.before[ANN]["deleted_at"] == "2026-03-04"


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (None, "the account does not know this contact any more"),
        (contact(deleted="", permission="implicit"), "no longer deleted since the plan: implicit"),
        (contact(deleted="", permission="unsubscribed"), "no longer deleted since the plan: unsubscribed"),
        (contact(permission="unsubscribed"), UNSETTLED),
        (contact(permission="pending_confirmation"), UNSETTLED),
        (contact(mail={"opt_out_source": "Contact"}), UNSETTLED),
        (contact(mail={"opt_out_date": "2026-01-01"}), UNSETTLED),
        (contact(deleted="2026-05-01"), "deleted on 2026-05-01, and the consent was given no later: "
                                        "deleted again since the plan"),
        (contact(mail={"address": "eve@example.com"}), "its address changed since the plan"),
        (contact(first_name="Eve"), "changed in the account since the plan: first_name"),
    ],
)  # fmt: skip
def test_what_is_not_as_the_plan_found_it_stays_as_it_is(now: dict[str, Any] | None, words: str) -> None:
    said = send(now)
    assert (result(said), said.lines) == (("conflict", words), [f"GET /contacts/{ID}"])


def test_one_that_is_back_as_promised_already_is_done_without_a_write() -> None:
    said = send(back())
    assert (result(said), said.lines) == (("done", ""), [f"GET /contacts/{ID}"])


def test_one_that_came_back_otherwise_is_told() -> None:
    assert result(send(contact(), back(permission="unsubscribed")))[0] == "failed"
    assert result(send(contact(), contact()))[0] == "failed"


def test_one_that_left_its_list_as_soon_as_it_was_back_on_it_is_done() -> None:
    assert result(send(contact(), {**back(), "list_memberships": []})) == ("done", "")


def test_a_refusal_is_told_in_the_services_own_words() -> None:
    refused = Response(400, [{"error_message": "list_memberships is missing"}])
    assert result(send(contact(), answer=refused)) == ("failed", "list_memberships is missing")


def test_a_lost_answer_leaves_the_conversation_and_is_settled_by_reading() -> None:
    with pytest.raises(Unsettled):
        send(contact(), answer=Unsettled("lost"))

    def settle(now: dict[str, Any] | None) -> Talk:
        answer = Response(404, None) if now is None else Response(200, now)
        return talk(settle_revival(revival(), {"before": contact()}), lambda request: answer)

    assert result(settle(back())) == ("done", "")
    assert settle(back()).value.before == {ANN: contact()}
    assert settle(contact()).value.fallback == (revival(),)
    assert result(settle(contact(deleted="2026-06-01")))[0] == "conflict"
    assert result(settle(None))[0] == "conflict"


ACCOUNT = snapshot([{"email": ANN, "status": "deleted", "contact_id": ID}], lists=("News",), tags=("vip",))


def test_a_deleted_contact_goes_by_no_import_and_no_list_job_but_by_one_route_of_its_own() -> None:
    dialect = V3(import_list="News", per_second=4.0)
    others = [Act(f"new{n:02}@example.com", add=["News"]) for n in range(40)]
    act = Act(ANN, "update", {"first_name": ("", "Ann")}, add=["News"], tags=["vip"])
    tables = routed(plan_tables([act, *others], ACCOUNT), dialect, ACCOUNT)
    assert tables.actions[[ROUTE, ROUTE_REASON]].iloc[0].tolist() == [
        "revive_contact", "deleted: it comes back by an update of its own, with its lists",
    ]  # fmt: skip
    carrying = [one for one in dialect.build(tables, ACCOUNT) if ANN in one.addresses]
    assert [one.route for one in carrying] == [REVIVE_CONTACT]
    (entry,) = read_load(carrying[0]).entries
    assert (entry.lists, entry.tags) == (("list-News",), ("tag-vip",))
    assert dialect.forecast([tables], ACCOUNT).requests[REVIVE_CONTACT] == 3


def test_the_evidence_of_a_consent_goes_into_the_operation_and_so_into_the_journal() -> None:
    act = Act(ANN, "update", add=["News"])
    tables = plan_tables([act, Act("new@example.com", opt_in_source="contact")], ACCOUNT)
    tables.actions["@evidence_date"], tables.actions["@evidence_source"] = "2026-05-01", "Web form"
    dialect = V3()
    operations = dialect.build(routed(tables, dialect, ACCOUNT), ACCOUNT)
    assert [entry.evidence for one in operations for entry in read_load(one).entries] == [
        ("2026-05-01", "Web form"), ("2026-05-01", "Web form"),
    ]  # fmt: skip
