"""Faults on demand over v1: as over v3, in v1's forms."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
import requests

from tests.sandbox.calling import contact
from tests.sandbox.v1.atom_calling import IDS, AtomCaller
from tests.sandbox.v1.conftest import Open
from tests.sandbox.v1.test_activities import ask, finish, show

ADA = contact("ada@example.org", list_memberships=["News"])
NEWS = f"{IDS}/lists/1"
DATA = "EMAIL ADDRESS\n" + "".join(f"p{number}@example.org\n" for number in range(4))


def _strike(account: AtomCaller, kind: str, **more: Any) -> None:
    account.v3.window("POST", "faults", {"kind": kind, "match": {"path": "/ws/*"}, **more})


@pytest.mark.parametrize(
    ("kind", "status", "begin"),
    [
        ("500", 500, "Error 500: "),
        ("503", 503, "Error 503: "),
        ("throttled", 403, '[{"error_key": "mashery'),
        ("quota_exceeded", 403, "[{"),
        ("html_200", 200, "<!DOCTYPE html>"),
    ],
)
def test_an_answer_in_the_services_stead_has_the_form_of_v1(open_v1: Open, kind: str, status: int, begin: str) -> None:
    account = open_v1(ADA)
    _strike(account, kind)
    answer = account.call("DELETE", "/contacts/1")
    assert answer.status_code == status
    assert answer.text.startswith(begin)
    assert account.status("ada@example.org") == "Active"


@pytest.mark.parametrize(("kind", "status"), [("reset_before", "Active"), ("drop_after", "Do Not Mail")])
def test_a_connection_is_lost_before_or_after_the_effect(open_v1: Open, kind: str, status: str) -> None:
    account = open_v1(ADA)
    _strike(account, kind)
    with pytest.raises(requests.ConnectionError):
        account.call("DELETE", "/contacts/1")
    assert account.status("ada@example.org") == status


def test_an_answer_that_is_no_xml_or_half_of_it(open_v1: Open) -> None:
    account = open_v1(ADA)
    _strike(account, "non_json")
    with pytest.raises(ElementTree.ParseError):
        ElementTree.fromstring(account.call("GET", "/contacts").content)
    _strike(account, "truncated")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        account.call("GET", "/contacts")


def test_an_expired_token_is_401_also_in_the_query(open_v1: Open) -> None:
    for way in ({"headers": {"Authorization": "Bearer sandbox-token"}}, {"params": {"access_token": "sandbox-token"}}):
        account = open_v1(ADA)
        _strike(account, "token_expired")
        statuses = [requests.get(account.url + "/contacts", timeout=30, **way).status_code for _ in range(2)]
        assert statuses == [401, 401]
        assert account.call("GET", "/contacts").status_code == 200


def test_a_password_does_not_expire_but_its_key_can_be_switched_off(open_v1: Open) -> None:
    account = open_v1(ADA)
    _strike(account, "token_expired")
    assert account.call("GET", "/contacts").status_code == 200
    assert account.v3.window("GET", "faults")[0]["misses"] == 1
    _strike(account, "token_revoked")
    assert [account.call("GET", "/contacts").status_code for _ in range(2)] == [401, 401]


@pytest.mark.parametrize(
    ("wish", "status", "done", "errors"),
    [
        ({"kind": "activity_failed", "done": 0.5}, "ERROR", 2, 0),
        ({"kind": "activity_row_errors", "done": 0.5}, "COMPLETE", 2, 2),
        ({"kind": "activity_rows_lost", "done": 0.25}, "COMPLETE", 1, 0),
        ({"kind": "activity_row_errors", "done": 0.5, "counter": "cannot_add_to_list_count"}, "COMPLETE", 2, 0),
    ],
)
def test_an_activity_fails_or_loses_rows(
    open_v1: Open, wish: dict[str, Any], status: str, done: int, errors: int
) -> None:
    account = open_v1(ADA)
    _strike(account, **wish)
    ended = finish(account, ask(account, "SV_ADD", data=DATA, lists=NEWS))
    assert (ended["Status"], len(ended["Errors"].splitlines())) == (status, errors)
    assert len(account.addresses("/lists/1/members")) == 1 + done
    if errors:
        assert ended["Errors"].splitlines()[0] == "4 p2@example.org refused on purpose"


@pytest.mark.parametrize("kind", ["REMOVE_CONTACTS_FROM_LISTS", "CLEAR_CONTACTS_FROM_LISTS", "EXPORT_CONTACTS"])
@pytest.mark.parametrize("fault", ["activity_failed", "activity_row_errors", "activity_rows_lost"])
def test_every_kind_of_activity_can_go_wrong(open_v1: Open, kind: str, fault: str) -> None:
    account = open_v1(ADA)
    _strike(account, fault, done=0)
    ended = finish(account, ask(account, kind, data="EMAIL ADDRESS\nada@example.org", lists=NEWS, listId=NEWS))
    assert ended["Status"] == ("ERROR" if fault == "activity_failed" else "COMPLETE")
    assert account.status("ada@example.org") == "Active"


def test_a_stalled_activity_runs_until_the_faults_are_taken_back(open_v1: Open) -> None:
    account = open_v1(ADA)
    _strike(account, "activity_stalled")
    answer = ask(account, "SV_ADD", data=DATA, lists=NEWS)
    assert finish(account, answer)["Status"] == "RUNNING"
    account.v3.window("DELETE", "faults")
    assert show(account, answer)["Status"] == "COMPLETE"


def test_someone_acts_between_read_and_write(open_v1: Open) -> None:
    account = open_v1(ADA)
    deed = {"who": "person", "do": "unsubscribe", "address": "ada@example.org"}
    account.v3.window("POST", "faults", {"kind": "act", "act": deed, "match": {"method": "PUT", "path": "/ws/*"}})
    assert account.replace(1, "ada@example.org", ["News"]).status_code == 400
    assert account.status("ada@example.org") == "Do Not Mail"
