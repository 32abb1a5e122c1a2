"""Nights after one that was interrupted, or whose jobs ended badly: nobody is put back, nor what was taken back."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from ctct_etl.account.dialect import Operation
from ctct_etl.errors import AccountError
from ctct_etl.run.journal import Journal
from ctct_etl.workflow import applying
from tests.promises.every_route import GUARDS, known, person
from tests.promises.nights import Night, night_of
from tests.promises.test_undoing import known as state_of
from tests.promises.worlds import LEAVING, RICH, World
from tests.sampling import in_proof
from tests.workflow.test_remembering import add_row

NAMES = [f"p{n}@example.com" for n in range(4)]
FIELDS = {"email": "E-mail", "first_name": "First Name", "last_name": "Last Name"}
CLUB = World(
    rows=[person(name) for name in NAMES],
    account=[*(known(name, lists=("Board",)) for name in NAMES), known("s@example.com")],
    mapping={"fields": FIELDS, "lists": ["Newsletter"]},
    pipeline={"guards": GUARDS},
    suppressed=[],
)


class Killed(BaseException):
    """The process was killed: nothing runs after it."""


def die(*args: object, **more: object) -> None:
    raise Killed


def on_newsletter(night: Night) -> list[str]:
    contacts = night.contacts()
    return [name for name in NAMES if "Newsletter" in contacts[name]["by_name"]["lists"]]


def test_who_leaves_after_a_job_that_refused_another_is_not_put_back_the_next_night() -> None:
    match = {"method": "POST", "path": "/v3/activities/add_list_memberships"}
    deed = {"who": "person", "do": "leave_list", "address": NAMES[0], "list": "Newsletter"}
    with night_of(CLUB) as night:
        night.sandbox.faults.add({"kind": "activity_row_errors", "done": 0.75, "match": match})
        watch = {"method": "GET", "path": "/v3/activities/*"}
        night.sandbox.faults.add({"kind": "act", "act": deed, "when": "after", "match": watch})
        night.run()
        assert len(on_newsletter(night)) == 2  # of four one was refused, and one left
        night.sandbox.faults.clear()
        night.run()
        assert NAMES[0] not in on_newsletter(night)


@pytest.mark.parametrize("is_killed", [False, True])
def test_what_a_revert_took_back_is_not_loaded_again_though_the_revert_was_killed_at_its_end(
    monkeypatch: pytest.MonkeyPatch, is_killed: bool
) -> None:
    with night_of(CLUB) as night:
        reverted = night.revert(night.run())
        if is_killed:
            with monkeypatch.context() as patch, pytest.raises(Killed):
                patch.setattr(applying, "read_back", die)
                night.apply(reverted)
        else:
            night.apply(reverted)
        nightly = night.run()
        assert [guard["guard"] for guard in nightly.plan.manifest["guards"] if guard["tripped"]] == ["reverted"]
        assert on_newsletter(night) == []


@pytest.mark.parametrize("step", ["answer", *in_proof("sent")])
def test_a_revert_that_is_killed_and_resumed_ends_as_an_unbroken_one(
    monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    ends = []
    for is_killed in (False, True):
        with night_of(RICH) as night:
            reverted = night.revert(night.run(), delete_created=True)
            if is_killed:
                with monkeypatch.context() as patch, pytest.raises(Killed):
                    patch.setattr(Journal, step, die)
                    night.apply(reverted)
                night.resume(reverted)
            else:
                night.apply(reverted)
            ends.append(
                {address: (fields, lists, bool(own[1]) if own else None)
                 for address, (fields, lists, own) in state_of(night).items()}
            )  # fmt: skip
    assert ends[0] == ends[1]


def leaves(night: Night, address: str, name: str) -> None:
    night.act(do="leave_list", address=address, list=name)


def lists_of(night: Night, address: str) -> list[str]:
    return list(night.contacts()[address]["by_name"]["lists"])


def dies_at(patch: pytest.MonkeyPatch, route: str, fault: BaseException) -> None:
    sent = Journal.sent

    def dying(self: Journal, operation: Operation) -> None:
        if operation.route == route:
            raise fault
        sent(self, operation)

    patch.setattr(Journal, "sent", dying)


@pytest.mark.parametrize(
    ("address", "name"), [("joins@example.com", "Travel Club"), ("new3@example.com", "Newsletter")]
)
@pytest.mark.parametrize("fault", [Killed(), *in_proof(AccountError("no more of them"))])
def test_who_was_put_on_a_list_by_a_run_that_ended_before_it_tagged_them_and_left_is_not_put_back(
    monkeypatch: pytest.MonkeyPatch, address: str, name: str, fault: BaseException
) -> None:
    with night_of(RICH) as night:
        with monkeypatch.context() as patch, suppress(Killed):
            dies_at(patch, "contacts_taggings_add", fault)
            night.run()
        assert name in lists_of(night, address)
        leaves(night, address, name)
        night.run()
        assert name not in lists_of(night, address)


@pytest.mark.parametrize("seen", [False, True])
def test_who_left_before_a_killed_removal_was_settled_has_left_by_themselves(
    monkeypatch: pytest.MonkeyPatch, seen: bool
) -> None:
    """Taken off, back again, seen there (or not), gone: the run that is closed later does not say that it was us."""
    who = "absent@example.com"
    with night_of(LEAVING) as night:
        with monkeypatch.context() as patch, pytest.raises(Killed):
            kept = Journal.checkpoint

            def dying(self: Journal, operation: Operation, detail: Mapping[str, Any]) -> None:
                kept(self, operation, detail)
                if operation.route == "remove_list_memberships" and "activity_id" in detail:
                    raise Killed

            patch.setattr(Journal, "checkpoint", dying)
            night.run()
        night.act(do="join_list", address=who, list="Newsletter")
        if seen:
            night.dry_run()
        leaves(night, who, "Newsletter")
        add_row(night, who)
        night.run()
        assert "Newsletter" not in lists_of(night, who)


def test_what_the_look_between_canary_and_rest_showed_is_known_to_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    who, name = "joins@example.com", "Travel Club"
    real, looks = applying.read_back, list[int]()

    def looking(*args: Any) -> Any:
        looks.append(1)
        if len(looks) > 1:
            return real(*args)
        night.act(do="join_list", address=who, list=name)
        found = real(*args)
        leaves(night, who, name)
        return found

    with night_of(replace(RICH, mapping={**RICH.mapping, "tags": []})) as night:
        planned = night.plan()
        monkeypatch.setattr(applying, "read_back", looking)
        applying.apply_directory(night.context(), planned.directory, wish=applying.Wish(canary=1), accepted={})
        assert name not in lists_of(night, who)


def strike(night: Night, kind: str, method: str, path: str, **how: Any) -> None:
    night.sandbox.faults.add({"kind": kind, "match": {"method": method, "path": path}, **how})


@pytest.mark.parametrize(("dialect", "method"), [("v3", "POST"), ("v1", "POST"), ("v1", "PUT")])
def test_who_leaves_a_list_after_a_write_whose_answer_was_lost_is_not_put_back_the_next_night(
    dialect: str, method: str
) -> None:
    who, name = ("new0@example.com", "Newsletter") if method == "POST" else ("joins@example.com", "Travel Club")
    row = RICH.rows[0] if method == "POST" else {
        **RICH.rows[0], "E-mail": who, "Interests": "Trips", "First Name": "Zoe"
    }  # fmt: skip
    account = [
        each for each in RICH.account if each.get("email_address", {}).get("address") in (who, "same@example.com")
    ]
    small = World([row], RICH.account if dialect == "v3" else account, {**RICH.mapping, "tags": []}, RICH.pipeline, [])
    path = "*/contacts" if method == "POST" else "*"
    with night_of(small, dialect=dialect) as night:
        strike(night, "drop_after", method, path)
        deed = {"who": "person", "do": "leave_list", "address": who, "list": name}
        strike(night, "act", method, path, act=deed, when="after")
        night.run()
        assert name not in lists_of(night, who)
        night.run()
        assert name not in lists_of(night, who)
