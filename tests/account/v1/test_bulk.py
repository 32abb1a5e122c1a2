"""Bulk activities against the sandbox: whom they carry, what becomes of each row, and how a lost one is settled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from ctct_etl.account.entries import Entry
from ctct_etl.account.v1.bulk import write_rows
from ctct_etl.account.v1.wire import custom_fields_of
from ctct_etl.columns import CONFLICT, DONE, FAILED, REMOVE, UPDATE
from ctct_etl.plan.tables import ADD_CONTACTS, POST_CONTACT, PUT_WHOLE, REMOVE_FROM_LISTS
from tests.account.conformance import PEOPLE, person
from tests.account.conftest import Served
from tests.account.driving import apply, carry_out, lists_of, plan, read, values
from tests.account.plans import Act

Old = Callable[..., Served]
LISTS = "http://api.constantcontact.com/ws/customers/sandbox/lists"
ASKED = {"asked": True}  # what is kept right before a job is sent, and all that is there when its answer is lost
LIVES = [line for line in PEOPLE if "custom_field" not in line]


def newcomers(count: int, **changes: str) -> list[Act]:
    return [Act(f"n{n:02}@x.org", changes={"first_name": "N", **changes}, add=["News"]) for n in range(count)]


def test_rows_are_written_as_the_service_reads_them() -> None:
    entries = [
        Entry("a@x.org", after={"first_name": "Ann, M.", "custom.Level": "Gold"}),
        Entry("b@x.org", after={"address.home.postal_code": "01970"}),
    ]
    assert write_rows(entries, custom_fields_of({"Level": 3})) == (
        'EMAIL ADDRESS,POSTAL CODE,CUSTOM FIELD 3,FIRST NAME\na@x.org,,Gold,"Ann, M."\nb@x.org,01970,,'
    )


def test_who_is_not_there_after_a_job_goes_single_and_gets_the_services_own_words(old: Old) -> None:
    served = old(LIVES)
    served.window("POST", "faults", {"kind": "activity_rows_lost", "match": {"method": "POST", "path": "*"}})
    applied, _, after = carry_out(served, newcomers(30))
    assert {said[-1] for said in applied.results.values()} == {DONE}
    assert len({address for address in after.contacts["email"] if address.startswith("n")}) == 30


def test_who_came_by_another_hand_right_before_a_job_is_a_conflict_unless_as_they_were_to_be(old: Old) -> None:
    served = old(LIVES)
    before = read(served)
    dialect, session = served.account.dialect, served.account.session
    (job,) = dialect.build(plan(served, newcomers(30), before), before)
    theirs = {"n00@x.org": {"first_name": "Theirs"}, "n01@x.org": {"first_name": "N"},
              "n02@x.org": {"first_name": "N", "last_name": "Theirs"}}  # fmt: skip
    carry_out(served, [Act(address, changes=changes, add=["News"]) for address, changes in theirs.items()])
    act(served, "unsubscribe", "n01@x.org")
    judged = session.converse(dialect.settle(job, {"activity_id": "a07e1forgotten"}))
    results = {one.address: one.result for one in judged.results}
    assert results == {"n00@x.org": CONFLICT, "n01@x.org": CONFLICT, "n02@x.org": DONE}
    assert {one.route for one in judged.fallback} == {"post_contact"}
    assert len(judged.fallback) == 27


def test_newcomers_who_show_as_they_were_sent_are_judged_by_the_search_alone(old: Old) -> None:
    served = old(LIVES)
    before = read(served)
    names = {"first_name": "Ann  Marie", "last_name": "O'Hara, Jr.", "middle_name": "Q."}
    (job,) = served.account.dialect.build(plan(served, newcomers(30, **names), before), before)
    served.window("DELETE", "requests")
    answer = served.account.session.converse(served.account.dialect.send(job))
    assert {one.result for one in answer.results} == {DONE}
    assert [one["path"].rpartition("/")[2] for one in served.requests()][-1] == "contacts"
    assert not [one for one in served.requests() if one["path"].rpartition("/")[2].isdecimal()]


def act(served: Served, do: str, address: str) -> None:
    served.window("POST", "act", {"who": "person", "do": do, "address": address})


def test_a_job_that_is_refused_is_halved_and_ends_single(old: Old) -> None:
    served = old(LIVES)
    before = read(served)
    ready = served.account.dialect.build(plan(served, newcomers(26), before), before)
    (job,) = ready
    take_for(served, "999", "999")  # as if it had been there a moment ago
    applied = apply(served, [replace(job, payload={**job.payload, "lists": ["999"]})])
    assert {one.route for one in applied.sent} == {"add_contacts", "post_contact"}
    assert {said[-1] for said in applied.results.values()} == {DONE}


def take_for(served: Served, number: str, other: str) -> None:
    """Let the dialect take one list for another when it names it."""
    dialect: Any = served.account.dialect
    dialect._side.memory.learn_lists({number: f"{LISTS}/{other}"})


@pytest.mark.parametrize("route", [ADD_CONTACTS, POST_CONTACT, PUT_WHOLE, REMOVE_FROM_LISTS])
def test_a_list_that_the_account_does_not_have_is_never_made_up_and_a_conflict(old: Old, route: str) -> None:
    served = old([*LIVES, *(person(f"p{n:02}@x.org") for n in range(25))])
    acts = {
        ADD_CONTACTS: newcomers(30),
        POST_CONTACT: newcomers(1),
        PUT_WHOLE: [Act("cyd@x.org", UPDATE, add=["News"])],
        REMOVE_FROM_LISTS: [Act(f"p{n:02}@x.org", REMOVE, remove=["Board"]) for n in range(25)],
    }
    before = read(served)
    (job,) = served.account.dialect.build(plan(served, acts[route], before), before)
    assert job.route == route
    contacts = [
        {**one, **{part: ["999"] for part in ("lists", "ours") if one[part]}} for one in job.payload["contacts"]
    ]
    lists = ["999"] if job.payload["lists"] else []
    applied = apply(served, [replace(job, payload={**job.payload, "lists": lists, "contacts": contacts})])
    assert {said[-1] for said in applied.results.values()} == {CONFLICT}
    assert set(applied.words.values()) == {"the account does not have list 999 any more: plan again"}
    assert [one for one in served.requests() if one["method"] != "GET"] == []


def test_twenty_five_and_more_are_taken_off_by_one_activity_and_keep_their_other_lists(old: Old) -> None:
    people = [person(f"p{n:02}@x.org") for n in range(25)]
    served = old([*LIVES, *people])
    applied, _, after = carry_out(served, [Act(f"p{n:02}@x.org", REMOVE, remove=["Board"]) for n in range(25)])
    assert [one.route for one in applied.sent] == ["remove_contacts_from_lists"]
    assert {said[-1] for said in applied.results.values()} == {DONE}
    assert all(lists_of(after, f"p{n:02}@x.org") == {"News"} for n in range(25))
    assert lists_of(after, "ann@x.org") == {"News", "Board"}
    assert values(after, "p00@x.org")["job_title"] == "Owner"


def test_who_is_on_a_list_still_after_a_removal_is_taken_off_singly(old: Old) -> None:
    served = old([*LIVES, *(person(f"p{n:02}@x.org") for n in range(25))])
    served.window("POST", "faults", {"kind": "activity_rows_lost", "match": {"method": "POST", "path": "*"}})
    applied, _, after = carry_out(served, [Act(f"p{n:02}@x.org", REMOVE, remove=["Board"]) for n in range(25)])
    assert {one.route for one in applied.sent} == {"remove_contacts_from_lists", "put_whole_contact"}
    assert {said[-1] for said in applied.results.values()} == {DONE}
    assert all(lists_of(after, f"p{n:02}@x.org") == {"News"} for n in range(25))


def test_a_removal_that_is_refused_is_halved_and_ends_single(old: Old) -> None:
    served = old([*LIVES, *(person(f"p{n:02}@x.org") for n in range(25))])
    before = read(served)
    acts = [Act(f"p{n:02}@x.org", REMOVE, remove=["Board"]) for n in range(25)]
    ready = served.account.dialect.build(plan(served, acts, before), before)
    take_for(served, before.lists["Board"], "999")  # which is refused
    applied, after = apply(served, ready), read(served)
    assert {one.route for one in applied.sent} == {REMOVE_FROM_LISTS, PUT_WHOLE}
    assert {said[-1] for said in applied.results.values()} == {DONE}
    assert all(lists_of(after, f"p{n:02}@x.org") == {"News"} for n in range(25))


def test_a_job_without_a_known_id_is_settled_by_reading_whom_it_made(old: Old) -> None:
    served = old(LIVES)
    before = read(served)
    dialect, session = served.account.dialect, served.account.session
    (job,) = dialect.build(plan(served, newcomers(30), before), before)
    never_came = session.converse(dialect.settle(job, {}))
    assert (never_came.results, [one.addresses for one in never_came.fallback]) == ((), [job.addresses])
    session.converse(dialect.send(job))
    carry_out(served, [])
    came = session.converse(dialect.settle(job, {}))
    assert {one.result for one in came.results} == {DONE}
    assert came.fallback == ()


def test_who_is_there_and_not_as_promised_is_a_conflict_when_a_job_is_settled(old: Old) -> None:
    served = old(LIVES)
    before = read(served)
    dialect, session = served.account.dialect, served.account.session
    (job,) = dialect.build(plan(served, newcomers(30), before), before)
    carry_out(served, [Act("n00@x.org", changes={"first_name": "Theirs"}, add=["Trips"])])
    settled = session.converse(dialect.settle(job, {}))
    assert {(one.address, one.result) for one in settled.results} == {("n00@x.org", CONFLICT)}
    assert [len(one.addresses) for one in settled.fallback] == [29]


def test_a_removal_without_a_known_id_goes_again_for_those_who_are_on_the_list_still(old: Old) -> None:
    served = old([*LIVES, *(person(f"p{n:02}@x.org") for n in range(25))])
    job = removals(served)
    dialect, session = served.account.dialect, served.account.session
    served.window("POST", "act", {"who": "person", "do": "leave_list", "address": "p00@x.org", "list": "Board"})
    settled = session.converse(dialect.settle(job, ASKED))
    assert [(one.address, one.result) for one in settled.results] == [("p00@x.org", DONE)]
    assert [len(one.addresses) for one in settled.fallback] == [24]


@pytest.mark.parametrize("detail", [ASKED, {"activity_id": "a07e1forgotten"}])
def test_who_was_on_a_list_that_was_removed_since_is_off_it_when_a_removal_is_settled(
    old: Old, detail: dict[str, Any]
) -> None:
    served = old([*LIVES, *(person(f"p{n:02}@x.org") for n in range(25))])
    job = removals(served)
    remove_list(served, "Board")
    settled = served.account.session.converse(served.account.dialect.settle(job, detail))
    assert ({one.result for one in settled.results}, settled.fallback) == ({DONE}, ())
    assert {one.address for one in settled.results} == set(job.addresses)


def remove_list(served: Served, name: str) -> None:
    number = read(served).lists[name]
    requests.delete(
        f"{served.sandbox.url}/ws/customers/sandbox/lists/{number}",
        headers={"Authorization": "Bearer sandbox-token"},
        timeout=10,
    ).raise_for_status()


def removals(served: Served, people: int = 25) -> Any:
    """A job that takes people off Board, planned long after all of them came."""
    later(served)
    before = replace(read(served), fetched_at=later(served))
    acts = [Act(f"p{n:02}@x.org", REMOVE, remove=["Board"]) for n in range(people)]
    (job,) = served.account.dialect.build(plan(served, acts, before), before)
    later(served)
    return job


def later(served: Served) -> str:
    served.window("POST", "clock", {"advance_s": 60})
    moment = datetime.fromtimestamp(served.window("GET", "clock")["now"], UTC)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def test_who_joined_again_after_a_removal_whose_answer_was_lost_is_not_taken_off_again(old: Old) -> None:
    served = old([*LIVES, *(person(f"p{n:02}@x.org") for n in range(25))])
    job = removals(served)
    dialect, session = served.account.dialect, served.account.session
    session.converse(dialect.send(job))
    served.window("POST", "act", {"who": "person", "do": "join_list", "address": "p00@x.org", "list": "Board"})
    for settled in (
        session.converse(dialect.settle(job, detail)) for detail in (ASKED, {"activity_id": "a07e1forgotten"})
    ):
        results = {one.address: one.result for one in settled.results}
        assert (results.pop("p00@x.org"), set(results.values()), settled.fallback) == (CONFLICT, {DONE}, ())
    assert "Board" in lists_of(read(served), "p00@x.org")


def test_where_all_of_many_are_on_the_list_no_removal_came_and_all_go_again_whatever_changed(old: Old) -> None:
    served = old([*LIVES, *(person(f"p{n:02}@x.org") for n in range(25))])
    job = removals(served)
    served.window("POST", "act", {"who": "owner", "do": "edit", "address": "p00@x.org", "fields": {"last_name": "New"}})
    settled = served.account.session.converse(served.account.dialect.settle(job, ASKED))
    assert (settled.results, [one.addresses for one in settled.fallback]) == ((), [job.addresses])


def _rows(applied: Any, result: str) -> set[str]:
    return {address for address, said in applied.results.items() if said[-1] == result}


def test_a_row_that_the_job_names_fails_in_its_words(old: Old) -> None:
    served = old(LIVES)
    served.window("POST", "faults", {"kind": "activity_row_errors", "match": {"method": "POST", "path": "*"}})
    applied, _, _ = carry_out(served, newcomers(30))
    failed = _rows(applied, FAILED)
    assert failed and _rows(applied, DONE)
    assert all(applied.words[address] for address in failed)


def test_of_a_removal_that_was_never_sent_nobody_is_done(old: Old) -> None:
    served = old([*LIVES, *(person(f"p{n:02}@x.org") for n in range(25))])
    job = removals(served)
    served.window("POST", "act", {"who": "person", "do": "leave_list", "address": "p00@x.org", "list": "Board"})
    settled = served.account.session.converse(served.account.dialect.settle(job, {}))
    assert (settled.results, settled.fallback) == ((), (job,))


def test_who_was_left_out_of_an_addition_is_told_so_when_it_is_settled(old: Old) -> None:
    served = old(LIVES)
    before = read(served)
    dialect, session = served.account.dialect, served.account.session
    (job,) = dialect.build(plan(served, newcomers(30, job_title="Member"), before), before)
    carry_out(served, [Act("n00@x.org", changes={"first_name": "N", "job_title": "Theirs"}, add=["Board"])])
    kept: dict[str, Any] = {}
    session.converse(dialect.send(job), lambda point: kept.update(point.detail))
    settled = session.converse(dialect.settle(job, kept))
    results = {one.address: one.result for one in settled.results}
    assert (results.pop("n00@x.org"), set(results.values())) == (CONFLICT, {DONE})
