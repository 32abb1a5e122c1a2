"""Bulk activities over v1."""

from __future__ import annotations

import csv
import io
import re
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import canonicalize

import pytest
import requests

from tests.sandbox.calling import contact, unsubscribed
from tests.sandbox.v1.atom_calling import ATOM, BASE, CTCT, IDS, AtomCaller
from tests.sandbox.v1.conftest import Open

LISTS = ({"list": {"name": "News"}}, {"list": {"name": "Trips"}})
NEWS, TRIPS = f"{IDS}/lists/1", f"{IDS}/lists/2"
ADA = contact("ada@example.org", first_name="Ada", last_name="Byron", list_memberships=["Trips"])

SHAPE = """<entry xmlns="http://www.w3.org/2005/Atom">
  <link href="/ws/customers/sandbox/activities/ID" rel="edit" />
  <id>http://api.constantcontact.com/ws/customers/sandbox/activities/ID</id>
  <title type="text">Activity: ID</title>
  <updated>NOW</updated>
  <author><name>Constant Contact</name></author>
  <content type="application/vnd.ctct+xml">
    <Activity xmlns="http://ws.constantcontact.com/ns/1.0/"
              id="http://api.constantcontact.com/ws/customers/sandbox/activities/ID">
      <Type>ADD_CONTACT_DETAIL</Type>
      <Status>{status}</Status>
      <Errors>{errors}</Errors>
      <FileName></FileName>
      <TransactionCount>{count}</TransactionCount>
      {times}
      <InsertTime>NOW</InsertTime>
    </Activity>
  </content>
</entry>"""
RUN = "<RunStartTime>NOW</RunStartTime><RunFinishTime>NOW</RunFinishTime>"
ERROR = "<Error><LineNumber>3</LineNumber><EmailAddress>bad@</EmailAddress><Message>WHY</Message></Error>"


def ask(account: AtomCaller, kind: str, multipart: bool = False, **form: Any) -> requests.Response:
    fields = [("activityType", kind)]
    for name, value in form.items():
        fields += [(name, one) for one in (value if isinstance(value, list) else [value])]
    if multipart:
        return account.call("POST", "/activities", files=[(name, (None, value)) for name, value in fields])
    return account.call("POST", "/activities", data=fields)


def finish(account: AtomCaller, answer: requests.Response) -> dict[str, str]:
    """Let the job's time pass; the texts of its payload, errors as `line address message`."""
    assert answer.status_code == 201, answer.text
    account.v3.window("POST", "clock", {"advance_s": 60})
    return show(account, answer)


def show(account: AtomCaller, answer: requests.Response) -> dict[str, str]:
    own_id = ElementTree.fromstring(answer.content).findtext(f"{ATOM}id") or ""
    activity = next(account.get(own_id.removeprefix(IDS)).iter(f"{CTCT}Activity"))
    shown = {child.tag.removeprefix(CTCT): child.text or "" for child in activity}
    errors = [" ".join(part.text or "" for part in error) for error in activity.iter(f"{CTCT}Error")]
    return shown | {"Errors": "\n".join(errors)}


def add(account: AtomCaller, data: str, lists: list[str] | None = None) -> dict[str, str]:
    return finish(account, ask(account, "SV_ADD", data=data, lists=lists or [NEWS]))


def _bring_to_form(text: str) -> str:
    text = re.sub("a07e1[0-9a-z]+", "ID", re.sub(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "NOW", text))
    return canonicalize(re.sub("<Message>.+?</Message>", "<Message>WHY</Message>", text), strip_text=True)


def test_an_activity_has_the_documented_form_before_and_after_it_ran(open_v1: Open) -> None:
    account = open_v1(*LISTS, activity_seconds=30)
    data = "Email Address,First Name\na@example.org,Ann\nbad@,Bea\n"
    answer = ask(account, "SV_ADD", data=data, lists=NEWS)
    before = SHAPE.format(status="PENDING", errors="", count=0, times="")
    assert _bring_to_form(answer.text) == _bring_to_form(before)
    place = answer.headers["Location"].removeprefix(account.url)
    assert re.fullmatch("/activities/a07e1[0-9a-z]{32}", place)
    account.v3.window("POST", "clock", {"advance_s": 15})
    assert show(account, answer)["Status"] == "RUNNING"
    account.v3.window("POST", "clock", {"advance_s": 15})
    after = SHAPE.format(status="COMPLETE", errors=ERROR, count=1, times=RUN)
    assert _bring_to_form(account.call("GET", place).text) == _bring_to_form(after)


@pytest.mark.parametrize("multipart", [False, True])
@pytest.mark.parametrize("kind", ["SV_ADD", "ADD_CONTACTS", "ADD_CONTACT_DETAIL"])
def test_new_contacts_come_onto_all_the_lists(open_v1: Open, kind: str, multipart: bool) -> None:
    account = open_v1(*LISTS)
    data = 'EMAIL ADDRESS,LAST NAME,ADDRESS LINE 1,STATE,COUNTRY,CUSTOM FIELD 9\r\nA@example.org,"Doe, Jr.",1 Main St,'
    data += "ma,United States,nine\r\n"
    done = finish(account, ask(account, kind, multipart, data=data, lists=[NEWS, TRIPS]))
    assert (done["Type"], done["Status"], done["TransactionCount"]) == ("ADD_CONTACT_DETAIL", "COMPLETE", "1")
    fields = account.fields(1)
    names = ("EmailAddress", "LastName", "Addr1", "StateCode", "CountryCode", "CustomField9", "Status")
    assert [fields[name] for name in names] == ["a@example.org", "Doe, Jr.", "1 Main St", "MA", "us", "nine", "Active"]
    assert account.lists(1) == ["1", "2"]


def test_a_job_without_details_keeps_its_type(open_v1: Open) -> None:
    account = open_v1(*LISTS)
    assert finish(account, ask(account, "ADD_CONTACTS", data="EMAIL ADDRESS\na@example.org", lists=NEWS))["Type"] == (
        "ADD_CONTACTS"
    )


def test_of_two_rows_with_one_address_the_last_wins(open_v1: Open) -> None:
    account = open_v1(*LISTS)
    add(account, "EMAIL ADDRESS,FIRST NAME\na@example.org,Ann\nA@Example.org,Bea\n")
    assert account.fields(1)["FirstName"] == "Bea"
    assert account.addresses("/contacts") == ["a@example.org"]


@pytest.mark.parametrize(
    ("head", "cells", "word"),
    [
        ("FIRST NAME", "x" * 51, "FirstName"),
        ("STATE/PROVINCE (US/CANADA)", "Bavaria", "state"),
        ("COUNTRY", "Freedonia", "country"),
        ("FIRST NAME", "A,B", "more values"),
    ],
)
def test_a_wrong_row_is_told_by_its_line_and_the_others_go_on(open_v1: Open, head: str, cells: str, word: str) -> None:
    account = open_v1(*LISTS)
    done = add(account, f"EMAIL ADDRESS,{head}\na@example.org,\nb@example.org,{cells}\n")
    assert done["Status"] == "COMPLETE"
    assert re.fullmatch(f"3 b@example.org .*{re.escape(word)}.*", done["Errors"])
    assert account.addresses("/contacts") == ["a@example.org"]


@pytest.mark.parametrize(
    "form",
    [
        {"data": "EMAIL ADDRESS\na@example.org"},
        {"data": "EMAIL ADDRESS\na@example.org", "lists": f"{IDS}/lists/99"},
        {"data": "EMAIL ADDRESS\na@example.org", "lists": f"{IDS}/lists/active"},
        {"data": "EMAIL ADDRESS\na@example.org", "lists": [NEWS, "1"]},
        {"data": "EMAIL ADDRESS,SHOE SIZE\na@example.org,42", "lists": NEWS},
        {"data": "FIRST NAME\nAnn", "lists": NEWS},
        {"data": "EMAIL ADDRESS,FIRST NAME,First Name\na@example.org,A,B", "lists": NEWS},
        {"data": "a@example.org\n", "lists": NEWS},
        {"data": "EMAIL ADDRESS\n", "lists": NEWS},
        {"data": "", "lists": NEWS},
        {"lists": NEWS},
        {"data": "EMAIL ADDRESS\n" + "a@example.org\n" * 20_001, "lists": NEWS},
    ],
)
def test_an_activity_that_can_not_be_done_is_400(open_v1: Open, form: dict[str, Any]) -> None:
    account = open_v1(*LISTS)
    for kind in ("SV_ADD", "REMOVE_CONTACTS_FROM_LISTS"):
        answer = ask(account, kind, **form)
        assert answer.status_code == 400
        assert answer.text.startswith("Error 400: ")


def test_an_unknown_type_is_400_and_another_content_type_415(open_v1: Open) -> None:
    account = open_v1(*LISTS)
    assert ask(account, "OPT_OUT", lists=NEWS).status_code == 400
    headers = {"Content-Type": "application/atom+xml"}
    assert account.call("POST", "/activities", data="activityType=SV_ADD", headers=headers).status_code == 415


# What an import does to contacts that are there: open, so switches


def _import_ada(open_v1: Open, **switches: str) -> AtomCaller:
    account = open_v1(*LISTS, ADA, **switches)
    add(account, "EMAIL ADDRESS,FIRST NAME,JOB TITLE\nada@example.org,,Countess\n")
    return account


@pytest.mark.parametrize(("switch", "last"), [("cleared", ""), ("kept", "Byron")])
def test_columns_that_are_absent_are_cleared_or_kept(open_v1: Open, switch: str, last: str) -> None:
    fields = _import_ada(open_v1, v1_import_absent=switch).fields(1)
    assert (fields["LastName"], fields["JobTitle"]) == (last, "Countess")


@pytest.mark.parametrize(("switch", "first"), [("clear", ""), ("ignore", "Ada")])
def test_blanks_clear_or_are_ignored(open_v1: Open, switch: str, first: str) -> None:
    fields = _import_ada(open_v1, v1_import_blank=switch, v1_import_absent="kept").fields(1)
    assert fields["FirstName"] == first


@pytest.mark.parametrize(("switch", "lists"), [("left", ["1"]), ("kept", ["1", "2"])])
def test_other_lists_are_left_or_kept(open_v1: Open, switch: str, lists: list[str]) -> None:
    assert _import_ada(open_v1, v1_import_other_lists=switch).lists(1) == lists


@pytest.mark.parametrize(("switch", "errors"), [("silent", 0), ("error", 1)])
def test_who_opted_out_does_not_come_back_by_an_import(open_v1: Open, switch: str, errors: int) -> None:
    account = open_v1(*LISTS, unsubscribed("gone@example.org"), v1_import_do_not_mail=switch)
    done = add(account, "EMAIL ADDRESS,FIRST NAME\ngone@example.org,G\n")
    assert (len(done["Errors"].splitlines()), done["TransactionCount"]) == (errors, "0")
    assert (account.fields(1)["Status"], account.fields(1)["FirstName"], account.lists(1)) == ("Do Not Mail", "", [])


def test_a_removed_contact_is_active_after_an_import(open_v1: Open) -> None:
    account = open_v1(*LISTS, contact("a@example.org"), contact("b@example.org", deleted_at="2025-02-02"))
    add(account, "EMAIL ADDRESS\na@example.org\nb@example.org\n")
    assert account.status("a@example.org") == account.status("b@example.org") == "Active"


@pytest.mark.parametrize("welcomes", [True, False])
def test_new_contacts_of_an_import_may_be_welcomed(open_v1: Open, welcomes: bool) -> None:
    account = open_v1(*LISTS, ADA, v1_import_welcomes=welcomes)
    add(account, "EMAIL ADDRESS\nada@example.org\nnew@example.org\n")
    assert account.v3.mails() == ([("welcome", "new@example.org")] if welcomes else [])


# Removing and clearing


def test_contacts_are_taken_off_the_lists_that_are_named(open_v1: Open) -> None:
    account = open_v1(*LISTS, ADA, contact("bob@example.org", list_memberships=["News", "Trips"]))
    data = "EMAIL ADDRESS\nADA@example.org\nbob@example.org\nno@example.org\n"
    done = finish(account, ask(account, "REMOVE_CONTACTS_FROM_LISTS", data=data, lists=TRIPS))
    assert (done["Type"], done["TransactionCount"]) == ("REMOVE_CONTACTS_FROM_LISTS", "2")
    assert done["Errors"].startswith("4 no@example.org ")
    assert (account.status("ada@example.org"), account.lists(2)) == ("Removed", ["1"])


def test_a_list_is_cleared_and_stays(open_v1: Open) -> None:
    account = open_v1(*LISTS, ADA)
    done = finish(account, ask(account, "CLEAR_CONTACTS_FROM_LISTS", lists=[TRIPS]))
    assert (done["Status"], done["TransactionCount"]) == ("COMPLETE", "1")
    assert account.addresses("/lists/2/members") == []
    assert account.status("ada@example.org") == "Removed"


# Export


def _export(account: AtomCaller, **form: Any) -> list[list[str]]:
    done = finish(account, ask(account, "EXPORT_CONTACTS", **form))
    assert done["FileName"].startswith(f"{BASE}/activities/a07e1")
    answer = account.call("GET", done["FileName"].removeprefix(BASE))
    assert answer.status_code == 200
    separator = "\t" if done["FileName"].endswith(".txt") else ","
    rows = list(csv.reader(io.StringIO(answer.content.decode(), newline=""), delimiter=separator))
    assert done["TransactionCount"] == str(len(rows) - 1)
    return rows


def test_an_export_has_the_columns_that_were_asked_for(open_v1: Open) -> None:
    home = {"kind": "home", "street": "1, Main St", "state": "MA", "country": "US"}
    bob = contact("Bob@example.org", list_memberships=["Trips"], street_addresses=[home], v1={"Addr2": "Floor 2"})
    account = open_v1(*LISTS, ADA, bob, contact("eve@example.org"))
    columns = ["EMAIL ADDRESS", "First Name", "ADDRESS LINE 1", "ADDRESS LINE 2", "STATE", "COUNTRY"]
    rows = _export(account, listId=TRIPS, fileType="CSV", sortBy="EMAIL_ADDRESS", columns=columns)
    assert rows == [
        columns,
        ["ada@example.org", "Ada", "", "", "", ""],
        ["bob@example.org", "", "1, Main St", "Floor 2", "MA", "United States"],
    ]


def test_an_export_as_text_has_tabs_and_the_extras_that_were_asked_for(open_v1: Open) -> None:
    account = open_v1(*LISTS, ADA)
    flags = {"exportOptDate": "true", "exportOptSource": "true", "exportListName": "true"}
    rows = _export(account, listId=TRIPS, fileType="TXT", sortBy="DATE_DESC", columns="EMAIL ADDRESS", **flags)
    assert rows[1:] == [["ada@example.org", "2025-01-01T00:00:00Z", "ACTION_BY_CUSTOMER", "Trips"]]


@pytest.mark.parametrize(("word", "names"), [("active", ["ada"]), ("removed", ["eve"]), ("do-not-mail", ["gone"])])
def test_a_status_group_can_be_exported(open_v1: Open, word: str, names: list[str]) -> None:
    account = open_v1(*LISTS, ADA, contact("eve@example.org"), unsubscribed("gone@example.org"))
    rows = _export(account, listId=f"{IDS}/lists/{word}")
    assert rows == [["EMAIL ADDRESS"], *([f"{name}@example.org"] for name in names)]


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"listId": f"{IDS}/lists/99"},
        {"listId": TRIPS, "fileType": "XLS"},
        {"listId": TRIPS, "sortBy": "NAME"},
        {"listId": TRIPS, "columns": "SHOE SIZE"},
        {"listId": TRIPS, "exportOptDate": "maybe"},
    ],
)
def test_an_export_that_can_not_be_done_is_400(open_v1: Open, form: dict[str, str]) -> None:
    assert ask(open_v1(*LISTS, ADA), "EXPORT_CONTACTS", **form).status_code == 400


def test_activities_come_newest_first_and_each_dialect_shows_its_own(open_v1: Open) -> None:
    account = open_v1(*LISTS, ADA)
    for number in range(55):
        ask(account, "SV_ADD", data=f"EMAIL ADDRESS\na{number}@example.org", lists=NEWS)
    source = {
        "source": {"contact_ids": [account.v3.id_of("ada@example.org")]},
        "list_ids": [account.v3.list_id("News")],
    }
    theirs = account.v3.post("/activities/add_list_memberships", source)
    account.v3.window("POST", "clock", {"advance_s": 60})
    feed = account.get("/activities")
    assert len(feed.findall(f"{ATOM}entry")) == 50
    rels = [link.get("rel") for link in feed.findall(f"{ATOM}link")]
    assert rels == [None, "self", "next"]  # a client takes the third, if there is one, for that of the next page
    following = feed.findall(f"{ATOM}link")[2].attrib["href"].rpartition("/")[2]
    rest = account.get(f"/{following}")
    assert (len(rest.findall(f"{ATOM}entry")), len(rest.findall(f"{ATOM}link"))) == (5, 2)
    assert [job["activity_id"] for job in account.v3.get("/activities")["activities"]] == [theirs["activity_id"]]
    own_id = (feed.findtext(f"{ATOM}entry/{ATOM}id") or "").rpartition("a07e1")[2]
    answer = account.v3.call(
        "GET", f"/v3/activities/{own_id[:8]}-{own_id[8:12]}-{own_id[12:16]}-{own_id[16:20]}-{own_id[20:]}"
    )
    assert answer.status_code == 404


@pytest.mark.parametrize("name", ["a07e1", "a07e1zzz", "x", "a07e1" + "0" * 32, "a07e1.csv", "../x.csv"])
def test_an_unknown_activity_or_file_is_404(open_v1: Open, name: str) -> None:
    assert open_v1(*LISTS).call("GET", f"/activities/{name}").status_code == 404


def test_20000_contacts_fit_into_one_job(open_v1: Open) -> None:
    account = open_v1(*LISTS)
    rows = "".join(f"p{number}@example.org,{'x' * 50}\n" for number in range(20_000))
    done = add(account, f"EMAIL ADDRESS,FIRST NAME\n{rows}")
    assert (done["TransactionCount"], done["Errors"]) == ("20000", "")
