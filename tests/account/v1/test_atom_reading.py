import pytest

from ctct_etl.account.v1.atom_reading import Entry, Feed, Malformed, is_html, parse, read_document, resolve
from tests.account.v1.documents import (
    ACTIVITY,
    DOWNTIME,
    FULL_NAMES,
    LIMITED,
    LIMITED_2008,
    MADE_LIST,
    MEMBERS,
    ROOT,
    SERVICE,
    full_entry,
)


def read_entry(text):
    read = read_document(text.encode())
    assert isinstance(read, Entry)
    return read


def read_feed(text):
    read = read_document(text.encode())
    assert isinstance(read, Feed)
    return read


def test_a_feed_gives_its_entries_and_its_next_link():
    feed = read_feed(LIMITED)
    assert feed.next == "/ws/customers/acme/contacts?next=h3k9qz-tok"
    assert feed.entries == (
        Entry(
            edit="/ws/customers/acme/contacts/712",
            id=f"{ROOT}/contacts/712",
            kind="Contact",
            values={
                "Status": "Active",
                "EmailAddress": "ada@example.org",
                "EmailType": "HTML",
                "Name": "Byron, Ada",
                "OptInTime": "2013-04-02T08:00:00.000Z",
                "OptInSource": "ACTION_BY_CUSTOMER",
            },
            lists=None,
            updated="2013-05-01T10:20:30.120Z",
        ),
    )


def test_the_feed_of_2008_reads_like_the_later_one():
    feed = read_feed(LIMITED_2008)
    assert feed.next == "http://api.constantcontact.com/ws/customers/acme/contacts?next=a-9"
    assert [(entry.id, entry.values["Name"]) for entry in feed.entries] == [(f"{ROOT}/contacts/9", "")]


def test_an_id_broken_over_two_lines_is_whole_again():
    assert read_feed(LIMITED_2008).entries[0].id == f"{ROOT}/contacts/9"


def test_an_empty_feed_has_no_entries_and_no_next_page():
    assert read_feed('<feed xmlns="http://www.w3.org/2005/Atom"><id>x</id></feed>') == Feed((), "")


def test_the_full_view_has_every_element_in_its_order_and_the_lists():
    text = full_entry({"FirstName": "Ada", "Note": "  two\n lines "})
    entry = read_entry(text)
    assert list(entry.values) == [*FULL_NAMES, "Confirmed", "InsertTime", "LastUpdateTime"]
    assert (entry.values["FirstName"], entry.values["Note"], entry.values["City"]) == ("Ada", "  two\n lines ", "")
    assert entry.lists == (f"{ROOT}/lists/3", f"{ROOT}/lists/4")
    assert entry.document == text.encode()


def test_the_next_link_of_the_source_is_not_taken_for_an_edit_link():
    assert read_entry(full_entry()).edit == "/ws/customers/acme/contacts/712"


def test_a_contact_in_no_list_is_told_from_a_view_without_lists():
    assert read_entry(full_entry(lists=())).lists == ()
    assert read_entry(full_entry(lists=()).replace("<ContactLists></ContactLists>", "")).lists is None


def test_a_list_that_a_contact_holds_twice_counts_once():
    assert read_entry(full_entry(lists=(4, 3, 4))).lists == (f"{ROOT}/lists/4", f"{ROOT}/lists/3")


def test_the_edit_link_is_found_wherever_it_stands():
    made = read_entry(MADE_LIST)
    assert (made.edit, made.kind, made.values["Name"]) == ("/ws/customers/acme/lists/3", "ContactList", "Newsletter")
    assert made.values["Members"] == ""


def test_a_member_is_known_by_the_id_of_its_contact():
    (member,) = read_feed(MEMBERS).entries
    assert (member.kind, member.id) == ("ContactListMember", f"{ROOT}/contacts/712")


def test_an_activity_tells_its_errors():
    activity = read_entry(ACTIVITY)
    assert (activity.kind, activity.values["Status"]) == ("Activity", "COMPLETE")
    assert activity.errors == (("3", "b@example.org", "bad state"), ("5", "", "no address"))


def test_an_entry_without_content_has_no_kind():
    text = '<entry xmlns="http://www.w3.org/2005/Atom"><id> urn:x </id></entry>'
    assert read_entry(text) == Entry("", "urn:x", "", {}, None, document=text.encode())


def test_prefixes_do_not_matter_and_namespaces_do():
    prefixed = LIMITED.replace("<feed xmlns=", "<a:feed xmlns:a=").replace("</feed>", "</a:feed>")
    for name in ("id", "title", "link", "author", "name", "updated", "entry", "content"):
        prefixed = prefixed.replace(f"<{name}>", f"<a:{name}>").replace(f"<{name} ", f"<a:{name} ")
        prefixed = prefixed.replace(f"</{name}>", f"</a:{name}>")
    assert read_feed(prefixed) == read_feed(LIMITED)


def test_text_around_comments_and_in_cdata_is_one_text():
    entry = read_entry(full_entry({"FirstName": "A<!-- x -->d<?p y?>a<![CDATA[ & Co]]>"}))
    assert entry.values["FirstName"] == "Ada & Co"


def test_what_is_in_another_namespace_is_not_the_services():
    more = '<FirstName xmlns="urn:other">Eve</FirstName>'
    assert read_entry(full_entry({"FirstName": "Ada"}, more=more)).values["FirstName"] == "Ada"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_the_encoding_that_a_document_declares_is_obeyed(encoding):
    name = encoding.removesuffix("-sig")
    content = full_entry({"FirstName": "Zoë"}).replace("UTF-8", name).encode(encoding)
    assert read_document(content).values["FirstName"] == "Zoë"


CONTACT = f'<Contact xmlns="http://ws.constantcontact.com/ns/1.0/" id="{ROOT}/contacts/712">'


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "not well-formed XML: document empty, at 1:1"),
        (full_entry()[:900], "not well-formed XML"),
        (full_entry().replace("</City>", "</Town>"), "tag name mismatch, at 24:"),
        (full_entry({"City": "&secret;"}), "undeclared entity"),
        (full_entry({"City": "\x01"}), "invalid char, at 24:"),
        (SERVICE, "not a feed or an entry, at line 1"),
        (LIMITED.replace("2005/Atom", "2005/atom"), "not a feed or an entry"),
        (DOWNTIME, "DOCTYPE"),
        ("<!DOCTYPE entry>" + full_entry().partition("?>")[2], "DOCTYPE"),
        (full_entry().replace("constantcontact.com/ns/1.0/", "constantcontact.com/ns/2.0/"), "service's namespace"),
        (full_entry(more="<City>Bath</City>"), "stands twice, at line 50"),
        (full_entry(more="<ContactLists/>"), "stands twice"),
        (full_entry({"City": "Bath"}).replace("<City>Bath</City>", "Bath"), "text stands between elements"),
        (full_entry({"City": "Ba<b/>th"}), "text stands between elements"),
        (full_entry().replace("</Contact>", "</Contact><Contact/>"), "not one element"),
        (full_entry().replace("</Contact>", f"</Contact>{CONTACT}</Contact>"), "not one element"),
        (full_entry().replace(f'<ContactList id="{ROOT}/lists/3">', "<ContactList>"), "ContactList with an id"),
        (full_entry().replace("<ContactList ", "<List ").replace("</ContactList>", "</List>"), "ContactList with an"),
        (full_entry().replace("<source>", "<id>x</id><source>"), "element of the entry stands twice"),
        (LIMITED.replace("</feed>", '<link rel="next" href="x"/></feed>'), "two different next links"),
        (LIMITED.replace("<entry>", '<entry xmlns="urn:x">'), "not Atom's"),
        ("<a>" * 300 + "</a>" * 300, "resource limit"),
    ],
)
def test_what_would_lose_something_is_refused_with_its_place(text, what):
    with pytest.raises(Malformed, match=what):
        read_document(text.encode())


def test_what_is_refused_is_told_without_a_value_or_a_name_of_it():
    for text in (full_entry({"City": "<Bath></City></Bath>"}), full_entry({"City": "&Bath;"}), "<Bath/>"):
        with pytest.raises(Malformed) as caught:
            read_document(text.encode())
        assert "Bath" not in str(caught.value) and caught.value.__cause__ is None


def test_a_document_that_is_too_large_is_not_read():
    with pytest.raises(Malformed, match="more than 16 MB"):
        read_document(b" " * (16 * 1024 * 1024 + 1))


def test_entities_are_not_expanded():
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    text = full_entry({"City": "&e11;"}).replace("<entry ", f'<!DOCTYPE entry [<!ENTITY e0 "x">{bomb}]><entry ', 1)
    with pytest.raises(Malformed):
        read_document(text.encode())


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("place", ["http://127.0.0.1:9/x.dtd", "file:///nowhere/x.dtd", "x.dtd"])
def test_no_external_dtd_is_looked_for(place, whole):
    """Looked for, it would be another fault: that it can't be read."""
    for declared in (f'SYSTEM "{place}"', f'PUBLIC "-//x" "{place}"', f'[<!ENTITY % x SYSTEM "{place}"> %x;]'):
        with pytest.raises(Malformed, match="DOCTYPE"):
            parse(f"<!DOCTYPE entry {declared}><entry/>".encode(), whole=whole)


@pytest.mark.parametrize(
    "page", [DOWNTIME, "\ufeff\n<HTML>", "<?xml version='1.0'?>\n<!-- a --><!-- b -->\n<html>", "<!doctype HTML><p>"]
)
def test_a_web_page_is_known(page):
    assert is_html(page.encode())


@pytest.mark.parametrize("text", ["", "Error 400: no", LIMITED, full_entry(), SERVICE, "<htmlx/>", "<!-- " * 900])
def test_nothing_else_is_taken_for_a_web_page(text):
    assert not is_html(text.encode())


@pytest.mark.parametrize(
    ("href", "resolved"),
    [
        ("/ws/customers/acme/contacts?next=h3-k", "/ws/customers/acme/contacts?next=h3-k"),
        ("http://api.constantcontact.com/ws/customers/acme/contacts?next=a", "/ws/customers/acme/contacts?next=a"),
        ("https://api.constantcontact.com:443/ws/customers/acme/lists/3", "/ws/customers/acme/lists/3"),
        ("lists?next=6", "/ws/customers/acme/lists?next=6"),
        ("?next=6", "/ws/customers/acme/lists?next=6"),
        ("/ws/customers/acme/contacts\n    ?next=a%40b", "/ws/customers/acme/contacts?next=a%40b"),
        ("lists/3#top", "/ws/customers/acme/lists/3"),
    ],
)
def test_every_form_of_link_becomes_a_path_from_the_hosts_root(href, resolved):
    assert resolve(href, "/ws/customers/acme/lists") == resolved
    assert resolve(href, "https://api.constantcontact.com/ws/customers/acme/lists?next=3") == resolved


@pytest.mark.parametrize(
    "href",
    [
        "",
        " ",
        "https://elsewhere.example/ws/customers/acme/lists",
        "//elsewhere.example/x",
        "ftp://api.constantcontact.com/x",
        "http://api.constantcontact.com//elsewhere.example/x",
        "http://[::1",
        "javascript:alert(1)",
        "http:",
        "https://api.constantcontact.com@elsewhere.example/x",
    ],
)
def test_a_link_to_another_place_is_refused(href):
    with pytest.raises(Malformed, match="link"):
        resolve(href, "/ws/customers/acme/lists")


def test_a_link_to_the_host_that_gave_the_document_is_its_own():
    own = "http://127.0.0.1:8080/ws/customers/acme/lists"
    assert resolve("http://127.0.0.1:8080/ws/customers/acme/lists?next=6", own) == "/ws/customers/acme/lists?next=6"
