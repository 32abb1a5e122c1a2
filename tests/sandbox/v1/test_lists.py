"""Lists over v1."""

from __future__ import annotations

import pytest

from tests.sandbox.calling import contact
from tests.sandbox.v1.atom_calling import CTCT, IDS, AtomCaller, wrap
from tests.sandbox.v1.conftest import Open

ADA = contact("ada@example.org", list_memberships=["News", "Trips"])
BOB = contact("bob@example.org", list_memberships=["Trips"])


def _write(number: str | None = None, **values: str) -> str:
    texts = "".join(f"<{name}>{text}</{name}>" for name, text in values.items())
    payload = f'<ContactList xmlns="http://ws.constantcontact.com/ns/1.0/">{texts}</ContactList>'
    return wrap(f"{IDS}/lists/{number}" if number else "data:,", payload, "2008-04-16")


def _show(account: AtomCaller, number: str) -> dict[str, str]:
    element = next(account.get(f"/lists/{number}").iter(f"{CTCT}ContactList"))
    return {child.tag.removeprefix(CTCT): child.text or "" for child in element}


def test_a_list_is_made_changed_and_seen_over_both_dialects(open_v1: Open) -> None:
    account = open_v1(ADA)
    answer = account.post("/lists", _write(Name="Walks", OptInDefault="true", SortOrder="7"))
    assert (answer.status_code, answer.headers["Location"]) == (201, account.url + "/lists/3")
    assert account.put("/lists/3", _write("3", Name="Hikes", ShortName="H", SortOrder="8")).status_code == 204
    shown = _show(account, "3")
    assert (shown["Name"], shown["SortOrder"], shown["OptInDefault"]) == ("Hikes", "8", "false")
    assert account.v3.list_id("Hikes")


@pytest.mark.parametrize("name", ["News", "news", "Do Not Mail", "ACTIVE"])
def test_a_name_in_use_is_409(open_v1: Open, name: str) -> None:
    account = open_v1(ADA)
    assert account.post("/lists", _write(Name=name)).status_code == 409
    assert account.put("/lists/2", _write("2", Name=name)).status_code == 409


@pytest.mark.parametrize(
    "values",
    [{}, {"Name": ""}, {"Name": "x" * 256}, {"Name": "A", "SortOrder": "x"}, {"Name": "A", "OptInDefault": "yes"}],
)
def test_a_list_that_the_service_does_not_take_is_400(open_v1: Open, values: dict[str, str]) -> None:
    assert open_v1(ADA).post("/lists", _write(**values)).status_code == 400


def test_a_deleted_list_is_gone_and_who_was_on_no_other_is_removed(open_v1: Open) -> None:
    account = open_v1(ADA, BOB)
    assert account.call("DELETE", "/lists/2").status_code == 204
    assert account.call("GET", "/lists/2").status_code == 404
    assert account.call("GET", "/lists/2/members").status_code == 404
    assert (account.status("ada@example.org"), account.status("bob@example.org")) == ("Active", "Removed")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_unknown_list_is_404(open_v1: Open, method: str) -> None:
    headers = {"Content-Type": "application/atom+xml"}
    assert open_v1(ADA).call(method, "/lists/99", data=_write("99", Name="A"), headers=headers).status_code == 404


@pytest.mark.parametrize("word", ["active", "do-not-mail", "removed"])
def test_a_system_list_can_be_read_and_not_changed(open_v1: Open, word: str) -> None:
    account = open_v1(ADA)
    assert set(_show(account, word)) == {"Name", "ShortName"}
    assert account.put(f"/lists/{word}", _write(word, Name="A")).status_code == 415
    assert account.call("DELETE", f"/lists/{word}").status_code == 415


def test_a_count_leaves_out_who_opted_out(open_v1: Open) -> None:
    account = open_v1(ADA, BOB, unsubscribe_clears_lists=False)
    account.v3.act("person", "unsubscribe", "bob@example.org")
    assert _show(account, "2")["ContactCount"] == "1"
    assert account.addresses("/lists/2/members") == ["ada@example.org"]


def test_a_list_is_changed_under_its_own_id_unless_the_id_is_ignored(open_v1: Open) -> None:
    for switch, status in (("checked", 400), ("ignored", 204)):
        account = open_v1(ADA, v1_put_id=switch)
        assert account.put("/lists/1", _write("2", Name="Walks")).status_code == status
        assert account.put("/lists/1", _write("1", Name="Hikes")).status_code == 204
