"""The calls of clients that others wrote, as far as their habits are known: each imitates one of them, line by line.

None of their code is here. What is imitated: links taken blindly, documents read without namespaces, headers where none
are needed, constant dates, addresses sent raw.
"""

from __future__ import annotations

import base64
import http.client
import re
import socket
from urllib.parse import urlsplit

import pytest

from tests.sandbox.calling import contact, unsubscribed
from tests.sandbox.v1.atom_calling import BASE, HOST, IDS, AtomCaller
from tests.sandbox.v1.conftest import Open

LOGIN = "Basic " + base64.b64encode(b"sandbox-key%sandbox:sandbox").decode()
WRAPPER = {"Authorization": LOGIN, "Content-Type": "application/atom+xml", "Accept": "application/atom+xml"}


def send(account: AtomCaller, method: str, path: str, headers: dict[str, str], body: str = "") -> tuple[int, str, str]:
    """One request with exactly these headers; status, Location, body."""
    url = urlsplit(account.url)
    connection = http.client.HTTPConnection(url.netloc, timeout=30)
    connection.putrequest(method, path, skip_accept_encoding=True)
    for name, value in {**headers, "Content-Length": str(len(body.encode()))}.items():
        connection.putheader(name, value)
    connection.endheaders(body.encode() or None)
    answer = connection.getresponse()
    got = answer.status, answer.headers.get("Location", ""), answer.read().decode()
    connection.close()
    return got


def first_link(entry: str) -> str:
    """What a client gets that takes the first link without looking at its rel."""
    found = re.search(r'<link[^>]* href="([^"]*)"', entry)
    assert found
    return found[1]


def test_the_php_wrapper_adds_searches_updates_and_opts_out(open_v1: Open) -> None:
    """It sends its headers with every call, the address raw, and takes the first link of an entry for the contact's."""
    account = open_v1({"list": {"name": "News"}}, {"list": {"name": "Trips"}})
    contact_xml = (
        '<?xml version="1.0"?>\n<entry xmlns="http://www.w3.org/2005/Atom"><id>data:,none</id>'
        '<title type="text"/><author/><updated>2008-04-16</updated><content type="application/vnd.ctct+xml">'
        '<Contact xmlns="http://ws.constantcontact.com/ns/1.0/"><EmailAddress>ada@example.org</EmailAddress>'
        "<EmailType/><FirstName>Ada</FirstName><MiddleName/><CustomField15/><Note/>"
        f"<ContactLists><ContactList id='{IDS}/lists/1'/></ContactLists>"
        "<OptInSource>ACTION_BY_CUSTOMER</OptInSource></Contact></content></entry>"
    )
    status, _, created = send(account, "POST", f"{BASE}/contacts", WRAPPER, contact_xml)
    assert (status, first_link(created)) == (201, f"{BASE}/contacts/1")

    status, _, found = send(account, "GET", f"{BASE}/contacts?email=ada@example.org", WRAPPER)
    entry = found.partition("<entry>")[2]
    assert (status, first_link(entry)) == (200, f"{BASE}/contacts/1")

    status, _, details = send(account, "GET", first_link(entry), WRAPPER)
    assert (status, "<FirstName>Ada</FirstName>" in details) == (200, True)

    update = contact_xml.replace("data:,none", f"{IDS}/contacts/1").replace("lists/1", "lists/2")
    assert send(account, "PUT", f"{BASE}/contacts/1", WRAPPER, update)[0] == 204
    assert account.lists(1) == ["2"]
    as_read = update.replace("<OptInSource>ACTION_BY_CUSTOMER</OptInSource>", "<OptInSource></OptInSource>")
    assert send(account, "PUT", f"{BASE}/contacts/1", WRAPPER, as_read)[0] == 204

    assert send(account, "DELETE", f"{BASE}/contacts/1", WRAPPER)[0] == 204
    assert send(account, "POST", f"{BASE}/contacts", WRAPPER, contact_xml)[0] == 409


def test_the_php_wrapper_pages_by_the_next_link_and_skips_system_lists_by_name(open_v1: Open) -> None:
    account = open_v1(*[contact(f"p{number}@example.org", list_memberships=["News"]) for number in range(60)])
    found, path = 0, f"{BASE}/contacts"
    while path:
        feed = send(account, "GET", path, WRAPPER)[2]
        found += feed.count("<entry>")
        following = re.search(r'<link href="([^"]*)" rel="next"', feed)
        path = following[1] if following else ""
    assert found == 60
    names = re.findall("<Name>(.*?)</Name>", send(account, "GET", f"{BASE}/lists", WRAPPER)[2])
    assert [name for name in names if name not in ("Active", "Do Not Mail", "Removed")] == ["News"]


def test_a_php_class_makes_a_list_with_a_date_alone_and_deletes_with_an_html_type(open_v1: Open) -> None:
    account = open_v1()
    post = (
        '<entry xmlns="http://www.w3.org/2005/Atom"><id>data:,</id><title/><author/><updated>2008-04-16</updated>'
        '<content type="application/vnd.ctct+xml"><ContactList xmlns="http://ws.constantcontact.com/ns/1.0/">'
        "<OptInDefault>false</OptInDefault><Name>News</Name><SortOrder>99</SortOrder></ContactList></content></entry>"
    )
    status, place, _ = send(account, "POST", f"{BASE}/lists", WRAPPER, post)
    assert (status, place.rpartition("/")[2]) == (201, "1")
    put = (
        post.replace("data:,", f"{IDS}/lists/1")
        .replace(">News<", ">Trips<")
        .replace("</content>", f'</content><link href="{BASE}/lists/1" rel="update" />')
    )
    assert send(account, "PUT", f"{BASE}/lists/1", WRAPPER, put)[0] == 204
    html = {"Authorization": LOGIN, "Content-Type": "text/html"}
    assert send(account, "DELETE", f"{BASE}/lists/1", html)[0] == 204


def test_the_perl_client_lower_cases_the_id_and_sends_a_bare_delete(open_v1: Open) -> None:
    """It makes the address of a call from the id of the document, http to https, all in lower case."""
    account = open_v1(contact("ada@example.org", list_memberships=["News"]))
    feed = send(account, "GET", f"{BASE}/contacts", {"Authorization": LOGIN})[2]
    own_id = re.findall("<id>(.*?)</id>", feed)[-1].lower()
    assert own_id.startswith(HOST)
    assert send(account, "GET", own_id.removeprefix(HOST), {"Authorization": LOGIN})[0] == 200
    headers = {"Authorization": LOGIN, "Content-Type": ""}
    assert send(account, "DELETE", own_id.removeprefix(HOST), headers)[0] == 204


def test_the_net_client_waits_for_a_challenge_and_sends_a_small_update(open_v1: Open) -> None:
    """It asks without credentials first; its small update holds the lists by id alone and a date of 2008."""
    account = open_v1(contact("ada@example.org", list_memberships=["News"]), {"list": {"name": "Trips"}})
    answer = account.call("GET", "/contacts/1", auth=None)
    assert (answer.status_code, answer.headers["WWW-Authenticate"][:5]) == (401, "Basic")
    update = (
        f'<entry xmlns="http://www.w3.org/2005/Atom"><id>{IDS}/contacts/1</id><title type="text">Contact</title>'
        "<updated>2008-07-23T14:21:06.407Z</updated><author><name>Constant Contact</name></author>"
        '<content type="application/vnd.ctct+xml"><Contact xmlns="http://ws.constantcontact.com/ns/1.0/" '
        f'id="{IDS}/contacts/1"><EmailAddress>ada@example.org</EmailAddress><FirstName>Ada</FirstName>'
        f'<OptInSource>ACTION_BY_CUSTOMER</OptInSource><ContactLists><ContactList id="{IDS}/lists/1">'
        f'</ContactList><ContactList id="{IDS}/lists/2"></ContactList></ContactLists></Contact></content></entry>'
    )
    headers = {"Authorization": LOGIN, "Content-Type": "application/atom+xml;type=entry"}
    assert send(account, "PUT", f"{BASE}/contacts/1", headers, update)[0] == 204
    assert account.lists(1) == ["1", "2"]


def test_the_python_client_writes_back_what_it_read_as_a_text(open_v1: Open) -> None:
    """It fetches the entry, changes it as text, and takes a contact off its lists by leaving the element out."""
    account = open_v1(contact("ada@example.org", first_name="Ada", list_memberships=["News"]))
    headers = {"Authorization": LOGIN, "Content-Type": "application/atom+xml"}
    read = send(account, "GET", f"{BASE}/contacts/1", headers)[2]
    signed = read.replace("<ContactLists>", "<OptInSource>ACTION_BY_CUSTOMER</OptInSource><ContactLists>")
    assert send(account, "PUT", f"{BASE}/contacts/1", headers, signed)[0] == 204
    assert account.lists(1) == ["1"]
    without = re.sub("<ContactLists>.*</ContactLists>", "", signed, flags=re.DOTALL)
    assert send(account, "PUT", f"{BASE}/contacts/1", headers, without)[0] == 204
    assert (account.status("ada@example.org"), account.fields(1)["FirstName"]) == ("Removed", "Ada")


def test_the_ruby_client_syncs_by_status_group_with_a_token_in_the_query(open_v1: Open) -> None:
    account = open_v1(contact("ada@example.org", list_memberships=["News"]), unsubscribed("gone@example.org"))
    since = "updatedsince=2013-05-01T10%3A20%3A30.000Z"
    for group, address in (("active", "ada"), ("do-not-mail", "gone")):
        path = f"{BASE}/contacts?{since}&listtype={group}&access_token=sandbox-token"
        feed = send(account, "GET", path, {})[2]
        assert re.findall("<EmailAddress>(.*?)</EmailAddress>", feed) == [f"{address}@example.org"]
        assert "sandbox-token" not in feed


def test_a_form_plug_in_posts_for_the_contact_with_the_token_in_the_query(open_v1: Open) -> None:
    account = open_v1({"list": {"name": "News"}}, v1_welcome="by_contact")
    body = (
        '\n\t<entry xmlns="http://www.w3.org/2005/Atom">\n<title type="text"> </title>\n'
        "<updated>2013-05-01T12:20:30+02:00</updated>\n<author></author>\n<id>data:,none</id>\n"
        '<summary type="text">Contact</summary>\n<content type="application/vnd.ctct+xml">\n'
        '<Contact xmlns="http://ws.constantcontact.com/ns/1.0/">Customer document'
        "\n<EmailAddress>ada@example.org</EmailAddress>\n<OptInSource>ACTION_BY_CONTACT</OptInSource>\n<ContactLists>\n"
        f'<ContactList id="{IDS}/lists/1" />\n</ContactLists>\n</Contact>\n</content>\n</entry>'
    )
    headers = {"Content-Type": "application/atom+xml"}
    assert send(account, "POST", f"{BASE}/contacts?access_token=sandbox-token", headers, body)[0] == 201
    assert account.v3.mails() == [("welcome", "ada@example.org")]


@pytest.mark.parametrize(
    ("updated", "opt_in_default"), [("11/26/2026", "False"), ("26.11.2026", "True"), ("2026-11-26T10:20:30:123Z", "")]
)
def test_clients_of_other_runtimes_make_a_list_with_their_own_dates_and_words(
    open_v1: Open, updated: str, opt_in_default: str
) -> None:
    """.NET writes the day as the country does, and False; ColdFusion parts the milliseconds by a colon."""
    account = open_v1()
    post = (
        f'<entry xmlns="http://www.w3.org/2005/Atom"><id>data:,</id><title/><author/><updated>{updated}</updated>'
        '<content type="application/vnd.ctct+xml"><ContactList xmlns="http://ws.constantcontact.com/ns/1.0/">'
        f"<OptInDefault>{opt_in_default}</OptInDefault><Name>News</Name><SortOrder>99</SortOrder></ContactList>"
        "</content></entry>"
    )
    status, _, shown = send(account, "POST", f"{BASE}/lists", WRAPPER, post)
    kept = "true" if opt_in_default == "True" else "false"
    assert (status, f"<OptInDefault>{kept}</OptInDefault>" in shown) == (201, True)


def test_the_perl_client_repeats_the_id_as_an_element_and_all_that_it_read(open_v1: Open) -> None:
    """What can't be written is passed over: the id, the status, times, the opt-out."""
    account = open_v1(contact("ada@example.org", first_name="Ada", list_memberships=["News"]))
    own_id = f"{IDS}/contacts/1"
    body = (
        f'<entry xmlns="http://www.w3.org/2005/Atom"><id>{own_id}</id><title type="text"></title><author></author>'
        '<updated>2013-05-01T10:20:30Z</updated><summary type="text">Contact</summary>'
        '<content type="application/vnd.ctct+xml">'
        f'<Contact xmlns="http://ws.constantcontact.com/ns/1.0/" id="{own_id}">'
        f"<OptInSource>ACTION_BY_CUSTOMER</OptInSource><id>{own_id}</id><Status>Removed</Status>"
        "<EmailAddress>ada@example.org</EmailAddress><FirstName>Ada</FirstName><LastName>Byron</LastName>"
        "<InsertTime>2013-05-01T10:20:30.000Z</InsertTime><OptOutReason>none</OptOutReason>"
        f'<ContactLists><ContactList id="{IDS}/lists/1"></ContactList></ContactLists></Contact></content></entry>'
    )
    headers = {"Authorization": LOGIN, "Content-Type": "application/atom+xml"}
    assert send(account, "PUT", f"{BASE}/contacts/1", headers, body)[0] == 204
    fields = account.fields(1)
    assert (fields["LastName"], fields["Status"]) == ("Byron", "Active")


@pytest.mark.parametrize("path", ["contacts", "lists", "lists/1/members"])
def test_clients_that_put_the_next_link_behind_the_host_turn_every_page(open_v1: Open, path: str) -> None:
    """So do the vendor's own wrappers for PHP and ColdFusion, and the Perl client, for all collections."""
    people = [contact(f"p{number}@example.org", list_memberships=["News"]) for number in range(60)]
    account = open_v1(*people, *[{"list": {"name": f"List {number}"}} for number in range(56)])
    found, address = 0, f"{BASE}/{path}"
    while address:
        feed = send(account, "GET", address.lower(), WRAPPER)[2]
        found += feed.count("<entry>")
        following = re.search(r'<link href="([^"]*)" rel="next"', feed)
        address = following[1] if following else ""
    assert found == 60


def test_a_client_that_waits_for_100_is_told_once_to_go_on(open_v1: Open) -> None:
    """As .NET does before every body."""
    url = urlsplit(open_v1({"list": {"name": "News"}}).url)
    head = (
        f"POST {BASE}/activities HTTP/1.1\r\nHost: {url.netloc}\r\nAuthorization: {LOGIN}\r\nConnection: close\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 31\r\nExpect: 100-continue\r\n\r\n"
    )
    with socket.create_connection((url.hostname, url.port), timeout=10) as connection:
        connection.sendall(head.encode())
        told = connection.recv(1024)
        connection.sendall(b"activityType=EXPORT_CONTACTS&x=")
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert (told.count(b"HTTP/1.1 100 "), answer.count(b"HTTP/1.1 100 ")) == (1, 0)
    assert answer.startswith(b"HTTP/1.1 400 ")
