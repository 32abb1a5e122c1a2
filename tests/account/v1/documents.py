"""Documents of v1, composed as the service is known to have sent them; no real person, no real account."""

CTCT = "http://ws.constantcontact.com/ns/1.0/"
ROOT = "http://api.constantcontact.com/ws/customers/acme"
FULL_NAMES = (
    "Status", "EmailAddress", "EmailType", "Name", "FirstName", "MiddleName", "LastName", "JobTitle", "CompanyName",
    "HomePhone", "WorkPhone", "Addr1", "Addr2", "Addr3", "City", "StateCode", "StateName", "CountryCode", "CountryName",
    "PostalCode", "SubPostalCode", "Note", *(f"CustomField{n}" for n in range(1, 16)),
)  # fmt: skip

LIMITED = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <id>http://api.constantcontact.com/ws/customers/acme/contacts</id>
  <title type="text">Contacts for Customer: acme</title>
  <link href="contacts" />
  <link href="contacts" rel="self" />
  <author><name>acme</name></author>
  <updated>2013-05-01T10:20:30.111Z</updated>
  <link href="/ws/customers/acme/contacts?next=h3k9qz-tok" rel="next" />
  <link href="/ws/customers/acme/contacts" rel="first" />
  <link href="/ws/customers/acme/contacts" rel="current" />
  <entry>
    <link href="/ws/customers/acme/contacts/712" rel="edit" />
    <id>http://api.constantcontact.com/ws/customers/acme/contacts/712</id>
    <title type="text">Contact: ada@example.org</title>
    <updated>2013-05-01T10:20:30.120Z</updated>
    <author><name>Constant Contact</name></author>
    <content type="application/vnd.ctct+xml">
      <Contact xmlns="http://ws.constantcontact.com/ns/1.0/"
               id="http://api.constantcontact.com/ws/customers/acme/contacts/712">
        <Status>Active</Status>
        <EmailAddress>ada@example.org</EmailAddress>
        <EmailType>HTML</EmailType>
        <Name>Byron, Ada</Name>
        <OptInTime>2013-04-02T08:00:00.000Z</OptInTime>
        <OptInSource>ACTION_BY_CUSTOMER</OptInSource>
      </Contact>
    </content>
  </entry>
</feed>
"""

# The older form: empty links, a title without colon, no author, an id broken over two lines, the next link last.
LIMITED_2008 = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <id>http://api.constantcontact.com/ws/customers/acme/contacts</id>
  <title type="text">Contacts for Customer acme</title>
  <link href="" />
  <link href="" rel="self" />
  <updated>2008-04-16T12:00:00.000Z</updated>
  <entry>
    <link href="/ws/customers/acme/contacts/9" rel="edit" />
    <id>http://api.constantcontact.com/ws/customers/acme/contacts/9</id>
    <title type="text">Contact bob@example.org</title>
    <updated>2008-04-16T12:00:00.000Z</updated>
    <content type="application/vnd.ctct+xml">
      <Contact xmlns="http://ws.constantcontact.com/ns/1.0/" id="http://api.constantcontact.com/ws/customers/acme
        /contacts/9">
        <Status>Removed</Status>
        <EmailAddress>bob@example.org</EmailAddress>
        <EmailType></EmailType>
        <Name></Name>
      </Contact>
    </content>
  </entry>
  <link href="http://api.constantcontact.com/ws/customers/acme/contacts?next=a-9" rel="next" />
</feed>
"""

MEMBERS = """<feed xmlns="http://www.w3.org/2005/Atom">
  <link href="http://api.constantcontact.com/ws/customers/acme/lists/3/members" rel="self" />
  <entry>
    <link rel="edit" href="/ws/customers/acme/lists/3/members/712" />
    <id>http://api.constantcontact.com/ws/customers/acme/contacts/712</id>
    <updated>2013-05-01T10:20:30.120Z</updated>
    <content type="application/vnd.ctct+xml">
      <ContactListMember xmlns="http://ws.constantcontact.com/ns/1.0/"
                         id="http://api.constantcontact.com/ws/customers/acme/contacts/712">
        <EmailAddress>ada@example.org</EmailAddress>
        <Name>Byron, Ada</Name>
      </ContactListMember>
    </content>
  </entry>
</feed>
"""

# The answer to a POST: the edit link comes last.
MADE_LIST = """<?xml version='1.0' encoding='UTF-8'?>
<entry xmlns="http://www.w3.org/2005/Atom">
  <id>http://api.constantcontact.com/ws/customers/acme/lists/3</id>
  <title type="text">Newsletter</title>
  <updated>2013-05-01T10:20:30.120Z</updated>
  <author><name>Constant Contact</name></author>
  <content type="application/vnd.ctct+xml">
    <ContactList xmlns="http://ws.constantcontact.com/ns/1.0/"
                 id="http://api.constantcontact.com/ws/customers/acme/lists/3">
      <OptInDefault>false</OptInDefault>
      <Name>Newsletter</Name>
      <ShortName>Newsletter</ShortName>
      <DisplayOnSignup>No</DisplayOnSignup>
      <SortOrder>3</SortOrder>
      <Members id="http://api.constantcontact.com/ws/customers/acme/lists/3/members"></Members>
      <ContactCount>42</ContactCount>
    </ContactList>
  </content>
  <link href="" rel="self" />
  <link href="/ws/customers/acme/lists/3" rel="edit" />
</entry>
"""

ACTIVITY = """<?xml version='1.0' encoding='UTF-8'?>
<entry xmlns="http://www.w3.org/2005/Atom">
  <link href="/ws/customers/acme/activities/a07e1xyz9" rel="edit" />
  <id>http://api.constantcontact.com/ws/customers/acme/activities/a07e1xyz9</id>
  <updated>2013-05-01T10:20:33.000Z</updated>
  <content type="application/vnd.ctct+xml">
    <Activity xmlns="http://ws.constantcontact.com/ns/1.0/"
              id="http://api.constantcontact.com/ws/customers/acme/activities/a07e1xyz9">
      <Type>ADD_CONTACT_DETAIL</Type>
      <Status>COMPLETE</Status>
      <Errors>
        <Error><LineNumber>3</LineNumber><EmailAddress>b@example.org</EmailAddress><Message>bad state</Message></Error>
        <Error><LineNumber>5</LineNumber><EmailAddress></EmailAddress><Message>no address</Message></Error>
      </Errors>
      <FileName></FileName>
      <TransactionCount>2</TransactionCount>
      <InsertTime>2013-05-01T10:20:30.000Z</InsertTime>
    </Activity>
  </content>
</entry>
"""

SERVICE = """<service xmlns="http://www.w3.org/2007/app" xmlns:atom="http://www.w3.org/2005/Atom">
  <workspace><atom:title>acme</atom:title><collection href="/ws/customers/acme/lists" /></workspace>
</service>
"""

DOWNTIME = """<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">
<html xmlns="http://www.w3.org/1999/xhtml"><head><title>Planned maintenance</title></head><body></body></html>
"""


def held_list(number, extra=""):
    """A list of a contact, as the full view has it."""
    return (
        f'<ContactList id="{ROOT}/lists/{number}">'
        f'<link xmlns="http://www.w3.org/2005/Atom" href="/ws/customers/acme/lists/{number}" rel="self" />'
        f"<OptInSource>ACTION_BY_CONTACT</OptInSource><OptInTime>2013-04-02T08:00:0{number}.000Z</OptInTime>{extra}"
        "</ContactList>"
    )


def full_entry(values=None, lists=(3, 4), more="", number=712):
    """The full view of one contact: every element is there, even when empty; `more` is put in at the end."""
    texts = {"Status": "Active", "EmailAddress": "ada@example.org", "EmailType": "HTML", **(values or {})}
    leaves = "\n".join(f"        <{name}>{texts.get(name, '')}</{name}>" for name in FULL_NAMES)
    held = "".join(map(held_list, lists))
    return f"""<?xml version='1.0' encoding='UTF-8'?>
<entry xmlns="http://www.w3.org/2005/Atom">
  <link href="/ws/customers/acme/contacts/{number}" rel="edit" />
  <id>{ROOT}/contacts/{number}</id>
  <title type="text">Contact: {texts["EmailAddress"]}</title>
  <updated>2013-05-01T10:20:30.120Z</updated>
  <author><name>Constant Contact</name></author>
  <content type="application/vnd.ctct+xml">
      <Contact xmlns="{CTCT}" id="{ROOT}/contacts/{number}">
{leaves}
        <ContactLists>{held}</ContactLists>
        <Confirmed>false</Confirmed>
        <InsertTime>2013-04-02T08:00:00.000Z</InsertTime>
        <LastUpdateTime>2013-05-01T10:20:30.120Z</LastUpdateTime>{more}
      </Contact>
  </content>
  <source>
    <id>{ROOT}/contacts</id>
    <link href="/ws/customers/acme/contacts?next=of-the-feed" rel="next" />
    <updated>2013-05-01T10:20:30.111Z</updated>
  </source>
</entry>
"""
