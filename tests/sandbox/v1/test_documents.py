"""The documents of v1, each against one written out by hand after the recorded ones."""

from __future__ import annotations

import re
from xml.etree.ElementTree import canonicalize

import pytest

from tests.sandbox.calling import Json, contact, unsubscribed
from tests.sandbox.v1.conftest import Open

ADA: Json = contact(
    "Ada@Example.org",
    email={"opt_in_date": "2013-04-02T08:00:00Z"},
    first_name="Ada",
    last_name="Byron",
    created_at="2013-04-02T08:00:00Z",
    updated_at="2013-05-01T10:20:30Z",
    list_memberships=["Newsletter"],
    custom_fields={"Level": "Gold"},
    phone_numbers=[{"kind": "work", "phone_number": "5085550100"}],
    street_addresses=[{"kind": "home", "street": "1 Main St", "city": "Waltham", "state": "MA", "country": "US"}],
    v1={"MiddleName": "A.", "Addr2": "Floor 2", "CustomField7": "seven", "EmailType": "Text"},
)

HEAD = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <id>http://api.constantcontact.com/ws/customers/sandbox/{path}</id>
  <title type="text">{title}</title>
  <link href="{link}" />
  <link href="{link}" rel="self" />
  <author><name>sandbox</name></author>
  <updated>NOW</updated>
  <link href="/ws/customers/sandbox/{path}" rel="first" />
  <link href="/ws/customers/sandbox/{path}{query}" rel="current" />"""

LIMITED = """
  <entry>
    <link href="/ws/customers/sandbox/contacts/1" rel="edit" />
    <id>http://api.constantcontact.com/ws/customers/sandbox/contacts/1</id>
    <title type="text">Contact: ada@example.org</title>
    <updated>NOW</updated>
    <author><name>Constant Contact</name></author>
    <content type="application/vnd.ctct+xml">
      <Contact xmlns="http://ws.constantcontact.com/ns/1.0/"
               id="http://api.constantcontact.com/ws/customers/sandbox/contacts/1">
        <Status>Active</Status>
        <EmailAddress>ada@example.org</EmailAddress>
        <EmailType>Text</EmailType>
        <Name>Byron, Ada</Name>
        <OptInTime>2013-04-02T08:00:00.000Z</OptInTime>
        <OptInSource>ACTION_BY_CUSTOMER</OptInSource>{more}
      </Contact>
    </content>
  </entry>"""

FULL = """<?xml version='1.0' encoding='UTF-8'?>
<entry xmlns="http://www.w3.org/2005/Atom">
  <link href="/ws/customers/sandbox/contacts/1" rel="edit" />
  <id>http://api.constantcontact.com/ws/customers/sandbox/contacts/1</id>
  <title type="text">Contact: ada@example.org</title>
  <updated>2013-05-01T10:20:30.000Z</updated>
  <author><name>Constant Contact</name></author>
  <content type="application/vnd.ctct+xml">
    <Contact xmlns="http://ws.constantcontact.com/ns/1.0/"
             id="http://api.constantcontact.com/ws/customers/sandbox/contacts/1">
      <Status>Active</Status>
      <EmailAddress>ada@example.org</EmailAddress>
      <EmailType>Text</EmailType>
      <Name>Ada Byron</Name>
      <FirstName>Ada</FirstName>
      <MiddleName>A.</MiddleName>
      <LastName>Byron</LastName>
      <JobTitle></JobTitle>
      <CompanyName></CompanyName>
      <HomePhone></HomePhone>
      <WorkPhone>5085550100</WorkPhone>
      <Addr1>1 Main St</Addr1>
      <Addr2>Floor 2</Addr2>
      <Addr3></Addr3>
      <City>Waltham</City>
      <StateCode>MA</StateCode>
      <StateName>Massachusetts</StateName>
      <CountryCode>us</CountryCode>
      <CountryName>United States</CountryName>
      <PostalCode></PostalCode>
      <SubPostalCode></SubPostalCode>
      <Note></Note>
      <CustomField1>Gold</CustomField1><CustomField2></CustomField2><CustomField3></CustomField3>
      <CustomField4></CustomField4><CustomField5></CustomField5><CustomField6></CustomField6>
      <CustomField7>seven</CustomField7><CustomField8></CustomField8><CustomField9></CustomField9>
      <CustomField10></CustomField10><CustomField11></CustomField11><CustomField12></CustomField12>
      <CustomField13></CustomField13><CustomField14></CustomField14><CustomField15></CustomField15>
      <ContactLists>
        <ContactList id="http://api.constantcontact.com/ws/customers/sandbox/lists/1">
          <link xmlns="http://www.w3.org/2005/Atom" href="/ws/customers/sandbox/lists/1" rel="self" />
          <OptInSource>ACTION_BY_CUSTOMER</OptInSource>
          <OptInTime>2013-04-02T08:00:00.000Z</OptInTime>
        </ContactList>
      </ContactLists>
      <Confirmed>false</Confirmed>
      <InsertTime>2013-04-02T08:00:00.000Z</InsertTime>
      <LastUpdateTime>2013-05-01T10:20:30.000Z</LastUpdateTime>
    </Contact>
  </content>
  <source>
    <id>http://api.constantcontact.com/ws/customers/sandbox/contacts</id>
    <title type="text">Contacts for Customer: sandbox</title>
    <link href="contacts" />
    <link href="contacts" rel="self" />
    <author><name>sandbox</name></author>
    <updated>NOW</updated>
  </source>
</entry>"""


def _system(word: str, name: str) -> str:
    return f"""
  <entry>
    <link href="/ws/customers/sandbox/lists/{word}" rel="edit" />
    <id>http://api.constantcontact.com/ws/customers/sandbox/lists/{word}</id>
    <title type="text">{name}</title>
    <updated>NOW</updated>
    <author><name>Constant Contact</name></author>
    <content type="application/vnd.ctct+xml">
      <ContactList xmlns="http://ws.constantcontact.com/ns/1.0/"
                   id="http://api.constantcontact.com/ws/customers/sandbox/lists/{word}">
        <Name>{name}</Name>
        <ShortName>{name}</ShortName>
      </ContactList>
    </content>
  </entry>"""


LIST_LINK = """
    <link href="/ws/customers/sandbox/lists/1" rel="edit" />"""
LIST = """
  <entry{xmlns}>{first}
    <id>http://api.constantcontact.com/ws/customers/sandbox/lists/1</id>
    <title type="text">Newsletter</title>
    <updated>NOW</updated>
    <author><name>Constant Contact</name></author>
    <content type="application/vnd.ctct+xml">
      <ContactList xmlns="http://ws.constantcontact.com/ns/1.0/"
                   id="http://api.constantcontact.com/ws/customers/sandbox/lists/1">
        <OptInDefault>false</OptInDefault>
        <Name>Newsletter</Name>
        <ShortName>Newsletter</ShortName>
        <DisplayOnSignup>No</DisplayOnSignup>
        <SortOrder>{order}</SortOrder>
        <Members id="http://api.constantcontact.com/ws/customers/sandbox/lists/1/members"></Members>
        <ContactCount>{count}</ContactCount>
      </ContactList>
    </content>{last}
  </entry>"""

MEMBER = """
  <entry>
    <link href="/ws/customers/sandbox/lists/1/members/1" rel="edit" />
    <id>http://api.constantcontact.com/ws/customers/sandbox/contacts/1</id>
    <title type="text">Contact: ada@example.org</title>
    <updated>NOW</updated>
    <author><name>Constant Contact</name></author>
    <content type="application/vnd.ctct+xml">
      <ContactListMember xmlns="http://ws.constantcontact.com/ns/1.0/"
                         id="http://api.constantcontact.com/ws/customers/sandbox/contacts/1">
        <EmailAddress>ada@example.org</EmailAddress>
        <Name>Byron, Ada</Name>
      </ContactListMember>
    </content>
  </entry>"""

SERVICE = """<?xml version='1.0' encoding='UTF-8'?>
<service xmlns="http://www.w3.org/2007/app" xmlns:atom="http://www.w3.org/2005/Atom">
  <workspace>
    <atom:title type="text">Constant Contact Web Services Customer Workspace</atom:title>
    <collection href="/ws/customers/sandbox/lists">
      <atom:title type="text">Contact Lists</atom:title>
      <accept>application/atom+xml; type=entry</accept>
    </collection>
    <collection href="/ws/customers/sandbox/activities">
      <atom:title type="text">Bulk Activity</atom:title>
      <accept>application/x-www-form-urlencoded</accept>
      <accept>multipart/form-data</accept>
    </collection>
  </workspace>
</service>"""

CONTACTS = {"path": "contacts", "title": "Contacts for Customer: sandbox", "link": "contacts"}
HOST = "http://api.constantcontact.com"
LISTS_LINK = f"{HOST}/ws/customers/sandbox/lists"
MEMBERS_LINK = f"{LISTS_LINK}/1/members"
MEMBERS = {"path": "lists/1/members", "title": CONTACTS["title"], "link": MEMBERS_LINK}
LISTS = {"path": "lists", "title": "Contact Lists for Customer: sandbox", "link": LISTS_LINK}
DATES = "<Confirmed>false</Confirmed><InsertTime>2013-04-02T08:00:00.000Z</InsertTime>"
NOW = re.compile(r"20[2-9]\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")

DOCUMENTS = {
    "/": SERVICE,
    "/contacts": HEAD.format(**CONTACTS, query="") + LIMITED.format(more="") + "</feed>",
    "/contacts?email=ada@example.org": HEAD.format(**CONTACTS, query="?email=ada%40example.org")
    + LIMITED.format(more=DATES)
    + "</feed>",
    "/contacts?email=nobody%40example.org": HEAD.format(**CONTACTS, query="?email=nobody%40example.org") + "</feed>",
    "/contacts/1": FULL,
    "/lists": HEAD.format(**LISTS, query="")
    + _system("active", "Active")
    + _system("do-not-mail", "Do Not Mail")
    + _system("removed", "Removed")
    + LIST.format(xmlns="", first=LIST_LINK, order=1, count=1, last="")
    + "</feed>",
    "/lists/1": LIST.format(
        xmlns=' xmlns="http://www.w3.org/2005/Atom"', first=LIST_LINK, order=1, count=1, last=""
    ).strip(),
    "/lists/1/members": HEAD.format(**MEMBERS, query="") + MEMBER + "</feed>",
}


@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_document_has_the_recorded_form(open_v1: Open, path: str) -> None:
    text = open_v1(ADA).call("GET", path).text
    assert _bring_to_form(text) == _bring_to_form(DOCUMENTS[path])


@pytest.mark.parametrize("path", [path for path in DOCUMENTS if path != "/"])
def test_namespaces_are_defaults_and_empty_elements_are_pairs_of_tags(open_v1: Open, path: str) -> None:
    text = open_v1(ADA).call("GET", path).text
    assert text.startswith("<?xml version='1.0' encoding='UTF-8'?>\n<")
    assert not re.search(r"</?\w+:|xmlns:", text)
    assert set(re.findall(r"<(\w+)[^>]*/>", text)) <= {"link"}


def test_a_list_just_made_has_its_edit_link_last(open_v1: Open) -> None:
    account = open_v1()
    payload = '<ContactList xmlns="http://ws.constantcontact.com/ns/1.0/"><OptInDefault>false</OptInDefault>'
    payload += "<Name>Newsletter</Name><SortOrder>99</SortOrder></ContactList>"
    document = (
        '<entry xmlns="http://www.w3.org/2005/Atom"><id>data:,</id><title/><author/><updated>2008-04-16</updated>'
    )
    document += f'<content type="application/vnd.ctct+xml">{payload}</content></entry>'
    answer = account.post("/lists", document)
    assert answer.status_code == 201
    xmlns = ' xmlns="http://www.w3.org/2005/Atom"'
    expected = LIST.format(xmlns=xmlns, first="", order=99, count=0, last=LIST_LINK).strip()
    assert _bring_to_form(answer.text) == _bring_to_form(expected)


def test_who_opted_out_shows_when_and_by_whom_at_the_end(open_v1: Open) -> None:
    gone = unsubscribed("gone@example.org")
    gone["email_address"] |= {"opt_out_date": "2013-06-01T00:00:00Z", "opt_out_reason": "moved"}
    text = open_v1(gone).call("GET", "/contacts/1").text
    assert "<ContactLists></ContactLists>" in text
    end = "<OptOutSource>ACTION_BY_CONTACT</OptOutSource>"
    end += "<OptOutTime>2013-06-01T00:00:00.000Z</OptOutTime><OptOutReason>moved</OptOutReason></Contact>"
    assert end in text


def test_characters_that_xml_has_no_form_for_are_left_out(open_v1: Open) -> None:
    odd = contact("odd@example.org", first_name="A\u0001<&>\ufffeé", last_name="\U0001f600")
    assert open_v1(odd).fields(1)["FirstName"] == "A<&>é"


def _bring_to_form(text: str) -> str:
    """Canonical, with blanks between elements gone and the time of the reply by a word."""
    return NOW.sub("NOW", canonicalize(text, strip_text=True))
