"""What was sent and not answered, settled over HTTP while people act: nobody is put back, nothing overwritten."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from ctct_etl.account.dialect import Checkpoint, Operation
from ctct_etl.columns import UPDATE
from ctct_etl.errors import Unsettled
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import ADD_LISTS, JSON_IMPORT, REMOVE_LISTS
from tests.account.conformance import PEOPLE, person
from tests.account.driving import apply, carry_out, lists_of, plan, read
from tests.account.plans import Act

NAMES = [f"p{n}@x.org" for n in range(4)]
WORN = {"kind": "activity_row_errors", "done": 0.75, "match": {"method": "POST", "path": "*"}}


class Killed(BaseException):
    """When the job's id was kept."""


@pytest.fixture
def served(serve: Callable[..., Any]) -> Any:
    return serve([*PEOPLE, *(person(name) for name in NAMES)])


def act(served: Any, do: str, **how: Any) -> None:
    served.window("POST", "act", {"who": "person", "do": do, "address": NAMES[0], **how})


def job(served: Any, route: str) -> Operation:
    """Everybody onto a list, or off one."""
    before = read(served)
    adds = route == ADD_LISTS
    acts = [
        Act(name, UPDATE, add=["Trips"]) if adds else Act(name, "remove", remove=["Board"]) for name in NAMES
    ]  # fmt: skip
    (operation,) = served.account.dialect.build(plan(served, acts, before), before)
    assert operation.route == route
    return operation


def send_and_be_killed(served: Any, operation: Operation) -> dict[str, Any]:
    kept: dict[str, Any] = {}

    def keep(point: Checkpoint) -> None:
        kept.update(point.detail)
        if "activity_id" in kept:
            raise Killed

    with pytest.raises(Killed):
        served.account.session.converse(served.account.dialect.send(operation), keep)
    return kept


def settle(served: Any, operation: Operation, detail: dict[str, Any]) -> tuple[dict[str, str], Snapshot]:
    """What becomes of each, and the account when whatever follows has been sent."""
    answer = served.account.session.converse(served.account.dialect.settle(operation, detail))
    applied = apply(served, answer.fallback)
    followed = {address: said[-1] for address, said in applied.results.items()}
    return {one.address: one.result for one in answer.results} | followed, read(served)


def test_who_leaves_after_a_job_that_refused_another_is_not_put_back(served: Any) -> None:
    operation = job(served, ADD_LISTS)
    served.window("POST", "faults", WORN)
    kept = send_and_be_killed(served, operation)
    assert sum("Trips" in lists_of(read(served), name) for name in NAMES) == 3
    act(served, "leave_list", list="Trips")
    results, after = settle(served, operation, kept)
    assert "Trips" not in lists_of(after, NAMES[0])
    assert set(results.values()) == {"done"}  # so that the memory knows that they were on it


def test_who_was_left_out_of_a_job_is_told_so(served: Any) -> None:
    operation = job(served, ADD_LISTS)
    act(served, "unsubscribe")
    results, after = settle(served, operation, send_and_be_killed(served, operation))
    assert "Trips" not in lists_of(after, NAMES[0])
    assert results == {NAMES[0]: "conflict"} | dict.fromkeys(NAMES[1:], "done")


@pytest.mark.parametrize(
    ("route", "deed", "name", "told"),
    [(ADD_LISTS, "leave_list", "Trips", "done"), (REMOVE_LISTS, "join_list", "Board", "conflict")],
)
def test_who_acts_after_a_job_whose_id_is_not_known_is_left_as_they_are(
    served: Any, route: str, deed: str, name: str, told: str
) -> None:
    operation = job(served, route)
    kept = send_and_be_killed(served, operation)
    del kept["activity_id"]
    act(served, deed, list=name)
    results, after = settle(served, operation, kept)
    assert (name in lists_of(after, NAMES[0])) == (deed == "join_list")
    assert results == dict.fromkeys(NAMES, "done") | {NAMES[0]: told}


def test_who_was_deleted_under_another_address_is_not_brought_back(served: Any) -> None:
    operation = job(served, ADD_LISTS)
    url = f"{served.sandbox.url}/v3/contacts/{served.sandbox.read_person(NAMES[0])['contact_id']}"
    head = {"Authorization": "Bearer sandbox-token"}
    mail = {"address": "moved@x.org", "permission_to_send": "implicit"}
    whole = requests.get(url, headers=head, timeout=10).json() | {"email_address": mail, "update_source": "Account"}
    assert requests.put(url, json=whole, headers=head, timeout=10).ok
    served.window("POST", "act", {"who": "owner", "do": "delete", "address": "moved@x.org"})
    applied = apply(served, [operation])
    assert served.sandbox.read_person("moved@x.org")["deleted_at"]
    assert applied.results[NAMES[0]] == ["conflict"]


def test_who_edits_back_what_an_update_wrote_whose_answer_was_lost_is_not_overwritten(served: Any) -> None:
    before = read(served)
    plan_ = plan(served, [Act(NAMES[0], UPDATE, {"last_name": ("Lee", "Stone")})], before)
    (operation,) = served.account.dialect.build(plan_, before)
    served.window("POST", "faults", {"kind": "drop_after", "match": {"method": "PUT", "path": "*"}})
    kept: dict[str, Any] = {}
    with pytest.raises(Unsettled):
        served.account.session.converse(served.account.dialect.send(operation), lambda at: kept.update(at.detail))
    assert served.sandbox.read_person(NAMES[0])["last_name"] == "Stone"
    served.window("POST", "clock", {"advance_s": 60})
    act(served, "edit", fields={"last_name": "Lee"})
    results, _ = settle(served, operation, kept)
    assert served.sandbox.read_person(NAMES[0])["last_name"] == "Lee"
    assert results == {NAMES[0]: "conflict"}


IMPORTED = [f"n{n:02}@x.org" for n in range(40)]


@pytest.fixture
def importing(serve: Callable[..., Any]) -> Any:
    return serve([*PEOPLE, *(person(name) for name in IMPORTED)])


def import_of(served: Any) -> Operation:
    before = read(served)
    acts = [Act(name, UPDATE, {"last_name": ("Lee", "Stone")}, add=["Trips"]) for name in IMPORTED]
    (operation,) = served.account.dialect.build(plan(served, acts, before), before)
    assert operation.route == JSON_IMPORT
    return operation


def act_on_imported(served: Any) -> None:
    """The first of them edits back what was written, and leaves the list."""
    for deed in ({"do": "edit", "fields": {"last_name": "Lee"}}, {"do": "leave_list", "list": "Trips"}):
        served.window("POST", "act", {"who": "person", "address": IMPORTED[0], **deed})


@pytest.mark.parametrize("known", ["its id", "no id", "an id of weeks ago"])
def test_who_edits_back_what_an_import_wrote_is_not_overwritten_nor_put_back(importing: Any, known: str) -> None:
    operation = import_of(importing)
    kept = send_and_be_killed(importing, operation)
    if known == "no id":
        kept.clear()
    elif known == "an id of weeks ago":
        kept["activity_id"] = "00000000-0000-4000-8000-000000000000"
    importing.window("POST", "clock", {"advance_s": 60})
    act_on_imported(importing)
    results, after = settle(importing, operation, kept)
    assert importing.sandbox.read_person(IMPORTED[0])["last_name"] == "Lee"
    assert "Trips" not in lists_of(after, IMPORTED[0])
    assert results == {IMPORTED[0]: "conflict"} | dict.fromkeys(IMPORTED[1:], "done")


def test_who_acts_while_an_import_is_read_back_late_is_not_overwritten_nor_put_back(importing: Any) -> None:
    conversation, ended = importing.account.dialect.send(import_of(importing)), False

    def late() -> Any:
        """The answer to the poll that shows the end comes after a minute and a half."""
        nonlocal ended
        reply: Any = None
        try:
            while True:
                step = conversation.send(reply)
                path = getattr(step, "path", "")
                if path == "/contacts" and ended:
                    ended = False
                    importing.window("POST", "clock", {"advance_s": 90})
                    act_on_imported(importing)
                reply = yield step
                ended = ended or (path.startswith("/activities/") and step.method == "GET")
        except StopIteration as end:
            return end.value

    answer = importing.account.session.converse(late())
    apply(importing, answer.fallback)
    assert importing.sandbox.read_person(IMPORTED[0])["last_name"] == "Lee"
    assert "Trips" not in lists_of(read(importing), IMPORTED[0])


def test_who_came_before_an_import_is_told_so_when_it_is_settled(serve: Callable[..., Any]) -> None:
    served = serve(PEOPLE)
    before = read(served)
    acts = [Act(name, changes={"first_name": "N"}, add=["Trips"]) for name in IMPORTED]
    (operation,) = served.account.dialect.build(plan(served, acts, before), before)
    assert operation.route == JSON_IMPORT
    carry_out(served, [Act(IMPORTED[0], changes={"first_name": "N", "company_name": "Theirs"}, add=["Board"])])
    results, _ = settle(served, operation, send_and_be_killed(served, operation))
    assert (results.pop(IMPORTED[0]), set(results.values())) == ("conflict", {"done"})
