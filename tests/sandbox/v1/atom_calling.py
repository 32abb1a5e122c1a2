"""A v1 client for tests, with nothing clever in it: documents are text, answers are parsed by the standard library."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import requests

from tests.sandbox.calling import Caller

ATOM = "{http://www.w3.org/2005/Atom}"
CTCT = "{http://ws.constantcontact.com/ns/1.0/}"
HOST = "http://api.constantcontact.com"
BASE = "/ws/customers/sandbox"
IDS = HOST + BASE
LOGIN = ("sandbox-key%sandbox", "sandbox")
ENTRY = {"Content-Type": "application/atom+xml"}
OWNER, PERSON = "ACTION_BY_CUSTOMER", "ACTION_BY_CONTACT"


class AtomCaller:
    """Speaks v1; `v3` is the same sandbox as the other dialect shows it."""

    def __init__(self, v3: Caller) -> None:
        self.v3 = v3
        self.url = v3.sandbox.url + BASE

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        return requests.request(method, self.url + path, auth=more.pop("auth", LOGIN), timeout=30, **more)

    def get(self, path: str) -> ElementTree.Element:
        """The document of a GET that must succeed."""
        answer = self.call("GET", path)
        assert answer.status_code == 200, f"{answer.status_code}: {answer.text[:300]}"
        return ElementTree.fromstring(answer.content)

    def post(self, path: str, document: str) -> requests.Response:
        return self.call("POST", path, data=document.encode(), headers=ENTRY)

    def put(self, path: str, document: str) -> requests.Response:
        return self.call("PUT", path, data=document.encode(), headers=ENTRY)

    def add(
        self, address: str, lists: list[str] | None = None, source: str = OWNER, **fields: str
    ) -> requests.Response:
        """POST a contact; the lists are named, News if none is."""
        return self.post("/contacts", wrap("data:,none", self.write(address, lists or ["News"], source, **fields)))

    def replace(
        self, number: int, address: str, lists: list[str], source: str = OWNER, **fields: str
    ) -> requests.Response:
        """PUT a contact with these fields and no others."""
        document = wrap(f"{IDS}/contacts/{number}", self.write(address, lists, source, **fields))
        return self.put(f"/contacts/{number}", document)

    def write(self, address: str, lists: list[str], source: str = OWNER, **fields: str) -> str:
        """A Contact element."""
        values = {"EmailAddress": address, **fields, "OptInSource": source}
        texts = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in values.items())
        held = "".join(f'<ContactList id="{IDS}/lists/{self.list_number(name)}" />' for name in lists)
        return write_contact(f"{texts}<ContactLists>{held}</ContactLists>")

    def list_number(self, name: str) -> str:
        """The number of a list by its name."""
        for entry in self.get("/lists").iter(f"{CTCT}ContactList"):
            if entry.findtext(f"{CTCT}Name") == name:
                return entry.attrib["id"].rpartition("/")[2]
        raise AssertionError(f"there is no list {name}")

    def number(self, address: str) -> int:
        """The number of the contact with this address."""
        found = self.get(f"/contacts?email={requests.utils.quote(address)}").findall(f"{ATOM}entry/{ATOM}id")
        return int((found[0].text or "").rpartition("/")[2])

    def fields(self, number: int) -> dict[str, str]:
        """Full details by element, without those that hold elements."""
        contact = next(self.get(f"/contacts/{number}").iter(f"{CTCT}Contact"))
        return {child.tag.removeprefix(CTCT): child.text or "" for child in contact if not len(child)}

    def lists(self, number: int) -> list[str]:
        """The numbers of the contact's lists."""
        found = self.get(f"/contacts/{number}").iter(f"{CTCT}ContactList")
        return [entry.attrib["id"].rpartition("/")[2] for entry in found]

    def status(self, address: str) -> str:
        return self.fields(self.number(address))["Status"]

    def addresses(self, path: str) -> list[str]:
        """The addresses of a collection over all its pages, followed by rel."""
        found: list[str] = []
        while path:
            feed = self.get(path)
            found += [element.text or "" for element in feed.iter(f"{CTCT}EmailAddress")]
            links = [link.attrib["href"] for link in feed.findall(f"{ATOM}link") if link.get("rel") == "next"]
            assert len(links) < 2
            path = links[0].rpartition(BASE)[2] if links else ""
            path = f"/{path}" if path and not path.startswith("/") else path
        return found


def wrap(entry_id: str, payload: str, updated: str = "2013-05-01T10:20:30.000Z") -> str:
    """The envelope as most clients write it."""
    return (
        f'<entry xmlns="http://www.w3.org/2005/Atom"><title type="text"> </title><updated>{updated}</updated>'
        f'<author></author><id>{entry_id}</id><summary type="text">Contact</summary>'
        f'<content type="application/vnd.ctct+xml">{payload}</content></entry>'
    )


def write_contact(inner: str) -> str:
    return f'<Contact xmlns="http://ws.constantcontact.com/ns/1.0/">{inner}</Contact>'
