"""POST, PUT and DELETE of contacts over v1."""

from __future__ import annotations

import pytest

from tests.sandbox.calling import Json, contact, unsubscribed
from tests.sandbox.v1.atom_calling import ENTRY, IDS, OWNER, PERSON, AtomCaller, wrap, write_contact
from tests.sandbox.v1.conftest import Open

LISTS: tuple[Json, ...] = ({"list": {"name": "News"}}, {"list": {"name": "Trips"}})
ADA = contact("ada@example.org", first_name="Ada", list_memberships=["News"])


# POST


def test_a_new_contact_is_created_whole_and_told_with_its_place(open_v1: Open) -> None:
    account = open_v1(*LISTS)
    answer = account.add("New@Example.org", ["News", "Trips"], FirstName="Ada", MiddleName="B.", CustomField3="x")
    assert answer.status_code == 201
    assert answer.headers["Location"] == account.url + "/contacts/1"
    assert "<CustomField3>x</CustomField3>" in answer.text
    fields = account.fields(1)
    shown = {name: fields[name] for name in ("Status", "EmailAddress", "FirstName", "MiddleName", "CustomField3")}
    assert shown == {
        "Status": "Active",
        "EmailAddress": "new@example.org",
        "FirstName": "Ada",
        "MiddleName": "B.",
        "CustomField3": "x",
    }
    assert account.lists(1) == ["1", "2"]


def test_a_created_entry_may_be_limited(open_v1: Open) -> None:
    answer = open_v1(*LISTS, v1_created_entry="limited").add("new@example.org", FirstName="Ada")
    assert "<Name>Ada</Name>" in answer.text
    assert "FirstName" not in answer.text


@pytest.mark.parametrize(
    ("inner", "word"),
    [
        ("<OptInSource>ACTION_BY_CUSTOMER</OptInSource>{list}", "EmailAddress"),
        ("<EmailAddress>no address</EmailAddress><OptInSource>ACTION_BY_CUSTOMER</OptInSource>{list}", "EmailAddress"),
        ("<EmailAddress>a@example.org</EmailAddress>{list}", "OptInSource"),
        ("<EmailAddress>a@example.org</EmailAddress><OptInSource>ME</OptInSource>{list}", "OptInSource"),
        ("<EmailAddress>a@example.org</EmailAddress><OptInSource>ACTION_BY_CUSTOMER</OptInSource>", "ContactList"),
        ("{good}<ContactLists><ContactList id='IDS/lists/99'/></ContactLists>", "ContactList"),
        ("{good}<ContactLists><ContactList id='IDS/lists/active'/></ContactLists>", "ContactList"),
        ("{good}<ContactLists><ContactList id='IDS/lists/do-not-mail'/></ContactLists>", "ContactList"),
        ("{good}<ContactLists><ContactList id='1'/></ContactLists>", "ContactList"),
        ("{good}<ContactLists><ContactList id='https://api.constantcontact.com/x/lists/1'/></ContactLists>", "List"),
        ("{good}{list}<FirstName>" + "x" * 51 + "</FirstName>", "FirstName"),
        ("{good}{list}<CustomField15>" + "x" * 51 + "</CustomField15>", "CustomField15"),
        ("{good}{list}<PostalCode>" + "1" * 26 + "</PostalCode>", "PostalCode"),
        ("{good}{list}<StateCode>ZZ</StateCode>", "StateCode"),
        ("{good}{list}<StateCode>MA</StateCode><CountryCode>de</CountryCode>", "StateCode"),
        ("{good}{list}<CountryCode>xx</CountryCode>", "CountryCode"),
        ("{good}{list}<EmailType>Rich</EmailType>", "EmailType"),
        ("{good}{list}<firstName>Ada</firstName>", "firstName"),
    ],
)
def test_a_contact_that_the_service_does_not_take_is_400_in_one_line(open_v1: Open, inner: str, word: str) -> None:
    account = open_v1(*LISTS)
    good = "<EmailAddress>a@example.org</EmailAddress><OptInSource>ACTION_BY_CUSTOMER</OptInSource>"
    held = f"<ContactLists><ContactList id='{IDS}/lists/1'/></ContactLists>"
    text = inner.replace("{good}", good).replace("{list}", held).replace("IDS", IDS)
    answer = account.post("/contacts", wrap("data:,none", write_contact(text)))
    assert (answer.status_code, answer.text.count("\n")) == (400, 0)
    assert answer.text.startswith("Error 400: ") and word in answer.text
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert account.addresses("/contacts") == []


@pytest.mark.parametrize("gone", ["title", "updated", "author", "id"])
def test_an_entry_without_its_atom_elements_is_400(open_v1: Open, gone: str) -> None:
    account = open_v1(*LISTS)
    document = wrap("data:,none", account.write("a@example.org", ["News"])).replace(f"<{gone}", "<other", 1)
    answer = account.post("/contacts", document.replace(f"</{gone}>", "</other>", 1))
    assert answer.status_code == 400
    assert "common Atom sections" in answer.text and gone in answer.text


@pytest.mark.parametrize(
    "updated",
    [
        *("2008-04-16", "2013-05-01T10:20:30Z", "2013-05-01T10:20:30+02:00", "2013-05-01T10:20:30:123Z"),
        *("5/1/2013", "01.05.2013", "2013/5/1"),
    ],
)
def test_updated_may_be_any_date(open_v1: Open, updated: str) -> None:
    account = open_v1(*LISTS)
    document = wrap("data:,", account.write("a@example.org", ["News"]), updated)
    assert account.post("/contacts", document).status_code == 201


@pytest.mark.parametrize("status", ["ada", "removed", "gone", "deleted"])
def test_an_address_known_in_any_status_is_409(open_v1: Open, status: str) -> None:
    people = (ADA, contact("removed@example.org"), unsubscribed("gone@example.org"))
    account = open_v1(*LISTS, *people, contact("deleted@example.org", deleted_at="2025-02-02"))
    assert account.add(f"{status.upper()}@example.org").status_code == 409


def test_a_new_contact_with_the_address_of_one_who_opted_out_may_be_403(open_v1: Open) -> None:
    account = open_v1(*LISTS, unsubscribed("gone@example.org"), v1_do_not_mail_post=403)
    assert account.add("gone@example.org").status_code == 403


def test_unknown_elements_do_no_harm_when_empty_or_ignored(open_v1: Open) -> None:
    assert open_v1(*LISTS).add("a@example.org", Fax="").status_code == 201
    assert open_v1(*LISTS, v1_unknown_elements="ignored").add("a@example.org", Fax="5").status_code == 201


def test_read_only_elements_are_not_used(open_v1: Open) -> None:
    account = open_v1(*LISTS)
    account.add("a@example.org", Status="Removed", Name="Someone Else", Confirmed="true", InsertTime="2001-01-01")
    fields = account.fields(1)
    assert (fields["Status"], fields["Name"], fields["Confirmed"]) == ("Active", "", "false")


def test_a_phone_of_26_characters_is_too_long_unless_50_are_allowed(open_v1: Open) -> None:
    phone = "5" * 26
    assert open_v1(*LISTS).add("a@example.org", HomePhone=phone).status_code == 400
    assert open_v1(*LISTS, v1_phone_length=50).add("a@example.org", HomePhone=phone).status_code == 201


@pytest.mark.parametrize(
    ("source", "confirmed_opt_in", "status"),
    [(OWNER, True, "Active"), (PERSON, False, "Active"), (PERSON, True, "Unconfirmed")],
)
def test_who_signs_up_is_unconfirmed_where_the_account_wants_it(
    open_v1: Open, source: str, confirmed_opt_in: bool, status: str
) -> None:
    account = open_v1(*LISTS, confirmed_opt_in=confirmed_opt_in)
    account.add("a@example.org", source=source)
    assert account.status("a@example.org") == status


# PUT


def test_a_put_replaces_the_whole_contact(open_v1: Open) -> None:
    account = open_v1(*LISTS)
    account.add("a@example.org", FirstName="Ada", HomePhone="5", Addr1="S", Addr2="T", CustomField1="x", Note="n")
    assert account.replace(1, "a@example.org", ["Trips"], LastName="Byron").status_code == 204
    filled = {name: text for name, text in account.fields(1).items() if text and "Time" not in name}
    assert filled == {
        "Status": "Active",
        "EmailAddress": "a@example.org",
        "EmailType": "HTML",
        "Name": "Byron",
        "LastName": "Byron",
        "Confirmed": "false",
    }
    assert account.lists(1) == ["2"]


def test_what_a_put_leaves_out_may_be_kept_but_not_the_lists(open_v1: Open) -> None:
    account = open_v1(*LISTS, v1_put_omitted="keep")
    account.add("a@example.org", FirstName="Ada", CustomField9="x")
    document = wrap(f"{IDS}/contacts/1", account.write("a@example.org", [], LastName="Byron", CustomField9=""))
    account.put("/contacts/1", document.replace("<ContactLists></ContactLists>", ""))
    fields = account.fields(1)
    assert (fields["FirstName"], fields["LastName"], fields["CustomField9"]) == ("Ada", "Byron", "")
    assert (fields["Status"], account.lists(1)) == ("Removed", [])


def test_a_contact_put_on_no_list_is_removed_and_the_owner_can_put_it_back(open_v1: Open) -> None:
    account = open_v1(*LISTS, ADA)
    assert account.replace(1, "ada@example.org", []).status_code == 204
    assert account.status("ada@example.org") == "Removed"
    assert account.replace(1, "ada@example.org", ["News"]).status_code == 204
    assert account.status("ada@example.org") == "Active"


@pytest.mark.parametrize("sent", ["<OptInSource></OptInSource>", ""])
def test_a_put_without_an_opt_in_source_is_the_owners_or_refused(open_v1: Open, sent: str) -> None:
    for switch, status in (("customer", 204), ("refused", 400)):
        account = open_v1(*LISTS, ADA, v1_put_without_source=switch)
        document = wrap(f"{IDS}/contacts/1", account.write("ada@example.org", ["News"]))
        document = document.replace(f"<OptInSource>{OWNER}</OptInSource>", sent)
        assert account.put("/contacts/1", document).status_code == status


def test_a_put_without_an_opt_in_source_does_not_bring_back_who_opted_out(open_v1: Open) -> None:
    account = open_v1(*LISTS, unsubscribed("gone@example.org"))
    document = wrap(f"{IDS}/contacts/1", account.write("gone@example.org", ["News"]))
    answer = account.put("/contacts/1", document.replace(f"<OptInSource>{OWNER}</OptInSource>", ""))
    assert (answer.status_code, account.status("gone@example.org")) == (400, "Do Not Mail")


def test_the_id_of_the_entry_is_that_of_the_contact_unless_it_is_ignored(open_v1: Open) -> None:
    for switch, status in (("checked", 400), ("ignored", 204)):
        account = open_v1(*LISTS, ADA, v1_put_id=switch)
        document = wrap("data:,none", account.write("ada@example.org", ["News"]))
        assert account.put("/contacts/1", document).status_code == status


def test_an_id_broken_over_lines_is_read(open_v1: Open) -> None:
    account = open_v1(*LISTS, ADA)
    document = wrap(f"{IDS}\n   /contacts/1", account.write("ada@example.org", ["Trips"]))
    assert account.put("/contacts/1", document.replace("/lists/2", "\n /lists/2")).status_code == 204
    assert account.lists(1) == ["2"]


@pytest.mark.parametrize(("switch", "status"), [("refused", 400), ("accepted", 204)])
def test_an_id_of_https_is_refused_or_accepted(open_v1: Open, switch: str, status: int) -> None:
    account = open_v1(*LISTS, ADA, v1_https_ids=switch)
    document = wrap(f"{IDS}/contacts/1", account.write("ada@example.org", ["Trips"]))
    assert account.put("/contacts/1", document.replace("http://api", "https://api")).status_code == status


@pytest.mark.parametrize("place", ["ftp://api.constantcontact.com", "http://example.org", "", "http://[x"])
def test_an_id_of_another_place_is_refused(open_v1: Open, place: str) -> None:
    account = open_v1(*LISTS, ADA)
    document = wrap(f"{IDS}/contacts/1", account.write("ada@example.org", ["Trips"]))
    changed = document.replace('<ContactList id="http://api.constantcontact.com', f'<ContactList id="{place}')
    assert account.put("/contacts/1", changed).status_code == 400


def test_an_unconfirmed_contact_stays_so_when_the_owner_changes_it(open_v1: Open) -> None:
    account = open_v1(*LISTS, contact("ada@example.org", email={"permission_to_send": "pending_confirmation"}))
    assert account.replace(1, "ada@example.org", ["News"], FirstName="Ada").status_code == 204
    assert account.status("ada@example.org") == "Unconfirmed"


def test_another_address_keeps_the_id(open_v1: Open) -> None:
    account = open_v1(*LISTS, ADA)
    assert account.replace(1, "Countess@example.org", ["News"]).status_code == 204
    assert account.fields(1)["EmailAddress"] == "countess@example.org"


@pytest.mark.parametrize("status", [409, 400])
def test_the_address_of_another_contact_is_refused(open_v1: Open, status: int) -> None:
    account = open_v1(*LISTS, ADA, contact("bob@example.org"), v1_address_taken=status)
    assert account.replace(1, "bob@example.org", ["News"]).status_code == status


@pytest.mark.parametrize("status", [400, 403])
@pytest.mark.parametrize("lists", [[], ["News"]])
def test_the_owner_can_not_put_one_who_opted_out(open_v1: Open, status: int, lists: list[str]) -> None:
    account = open_v1(*LISTS, unsubscribed("gone@example.org", first_name="G"), v1_do_not_mail_put=status)
    answer = account.replace(1, "gone@example.org", lists, FirstName="H")
    assert answer.status_code == status
    assert status == 403 or ("transition" in answer.text and answer.text.startswith("Error 400: "))
    assert (account.fields(1)["Status"], account.fields(1)["FirstName"]) == ("Do Not Mail", "G")


def test_who_opted_out_comes_back_by_their_own_act_onto_a_list(open_v1: Open) -> None:
    account = open_v1(*LISTS, unsubscribed("gone@example.org"))
    assert account.replace(1, "gone@example.org", [], PERSON).status_code == 400
    assert account.replace(1, "gone@example.org", ["News"], PERSON).status_code == 204
    assert (account.status("gone@example.org"), account.lists(1)) == ("Active", ["1"])


@pytest.mark.parametrize("status", [400, 204])
def test_a_contact_may_not_take_itself_off_a_list_by_a_put(open_v1: Open, status: int) -> None:
    account = open_v1(*LISTS, ADA, v1_contact_leaves_list=status)
    assert account.replace(1, "ada@example.org", ["Trips"], PERSON).status_code == status
    kept = account.replace(1, "ada@example.org", ["News", "Trips"], PERSON).status_code
    assert kept == 204


@pytest.mark.parametrize(("switch", "moment"), [("renewed", "2026"), ("kept", "2025")])
def test_the_time_of_an_opt_in_is_renewed_or_kept_where_the_list_stays(open_v1: Open, switch: str, moment: str) -> None:
    account = open_v1(*LISTS, ADA, v1_put_opt_in_time=switch)
    account.v3.window("POST", "clock", {"advance_s": 1})
    account.replace(1, "ada@example.org", ["News"])
    stamp = account.call("GET", "/contacts/1").text.partition("<OptInTime>")[2]
    assert (stamp[:4] == "2025") == (moment == "2025")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("number", ["99", "0", "x", "-1", "9" * 30, "1.5"])
def test_an_unknown_contact_is_404(open_v1: Open, method: str, number: str) -> None:
    account = open_v1(*LISTS, ADA)
    document = wrap(f"{IDS}/contacts/1", account.write("ada@example.org", ["News"]))
    data = document if method == "PUT" else None
    assert account.call(method, f"/contacts/{number}", data=data, headers=ENTRY).status_code == 404


# DELETE


def test_a_delete_opts_out_and_takes_off_all_lists(open_v1: Open) -> None:
    account = open_v1(*LISTS, ADA, unsubscribe_clears_lists=False)
    assert account.call("DELETE", "/contacts/1").status_code == 204
    assert account.call("DELETE", "/contacts/1").status_code == 204
    assert (account.fields(1)["Status"], account.fields(1)["FirstName"], account.lists(1)) == ("Do Not Mail", "Ada", [])
    assert account.v3.person("ada@example.org")["list_memberships"] == []
    assert account.addresses("/lists/1/members") == []


# Mails


def _mails_of(account: AtomCaller, source: str, lists: list[str]) -> list[str]:
    account.add("new@example.org", lists, source)
    return [kind for kind, _ in account.v3.mails()]


@pytest.mark.parametrize(
    ("rule", "owner", "person"),
    [
        ("every_create", ["welcome"], ["welcome"]),
        ("by_contact", [], ["welcome"]),
        ("sign_up_lists", [], []),
        ("never", [], []),
    ],
)
def test_who_is_welcomed_is_a_switch(open_v1: Open, rule: str, owner: list[str], person: list[str]) -> None:
    assert _mails_of(open_v1(*LISTS, v1_welcome=rule), OWNER, ["News"]) == owner
    assert _mails_of(open_v1(*LISTS, v1_welcome=rule), PERSON, ["News"]) == person
    offered = open_v1(*LISTS, v1_welcome=rule, welcome_lists=["News"])
    assert _mails_of(offered, PERSON, ["News"]) == ([] if rule == "never" else ["welcome"])


def test_who_must_confirm_gets_that_mail_and_no_welcome(open_v1: Open) -> None:
    assert _mails_of(open_v1(*LISTS, confirmed_opt_in=True), PERSON, ["News"]) == ["confirmation"]


def test_an_update_is_told_to_the_contact_who_made_it_alone(open_v1: Open) -> None:
    people = (ADA, unsubscribed("gone@example.org"))
    account = open_v1(*LISTS, *people)
    account.replace(1, "ada@example.org", ["News"])
    assert account.v3.mails() == []
    account.replace(1, "ada@example.org", ["News"], PERSON)
    account.replace(2, "gone@example.org", ["News"], PERSON)
    assert account.v3.mails() == [("update_notice", "ada@example.org"), ("update_notice", "gone@example.org")]
    silent = open_v1(*LISTS, *people, v1_update_notice=False)
    silent.replace(1, "ada@example.org", ["News"], PERSON)
    assert silent.v3.mails() == []
