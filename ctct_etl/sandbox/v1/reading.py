"""Atom entries, read: the envelope that every POST and PUT must have, and the payload in it."""

import re
from urllib.parse import unquote, urlsplit

from flask import request
from lxml import etree

from ..service import this_service
from .access import BASE, HOST
from .atom import ATOM, CONTENT_TYPE, CTCT, Element
from .errors import Refusal, invalid

MOST_BYTES = 1_000_000
"""Ours: far more than an entry of the longest values."""

_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d([.:]\d+)?)?(Z|[+-]\d\d:?\d\d)?)?"
    r"|\d{1,2}[/.-]\d{1,2}[/.-]\d{4}|\d{4}[/.]\d{1,2}[/.]\d{1,2}"
)
"""Any date will do [D-CREATE]: clients write the day as their country does [NET, CSH], or 10:20:30:123 [CFM]."""

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S*")


def read_entry(payload: str) -> tuple[str, Element]:
    """The id of the entry that was sent, and its payload element. Raises 415 or 400 for what is none."""
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != CONTENT_TYPE:
        raise Refusal(415, f"the Content-Type must be {CONTENT_TYPE}")
    entry = _parse(request.get_data())
    entry_id = _check_envelope(entry)
    found = entry.find(f"{{{ATOM}}}content/{{{CTCT}}}{payload}")
    if found is None:
        raise invalid(f"the entry has no content with a {payload}")
    return entry_id, found


def read_values(payload: Element) -> dict[str, str]:
    """The texts of the payload's elements that have no elements of their own."""
    return {
        etree.QName(child).localname: "".join(child.itertext())
        for child in payload
        if etree.QName(child).namespace == CTCT and not len(child)
    }


def read_number(text: str, area: str) -> str | None:
    """What follows `area` in the id of something of this account; None when the text is no such id.

    Ids begin with http; whether the service takes https is not known. Line breaks inside are those of the vendor's
    samples. The sandbox's own host stands for the service's.
    """
    try:
        parts = urlsplit("".join(text.split()))
    except ValueError:  # brackets that are no address
        return None
    hosts = (urlsplit(HOST).netloc, request.host)
    before, _, number = unquote(parts.path).rpartition("/")
    schemes = ("http", "https") if this_service().switches.v1_https_ids == "accepted" else ("http",)
    is_ours = parts.scheme in schemes and parts.netloc.lower() in hosts and before.lower() == f"{BASE}/{area}"
    return number if is_ours else None


def _parse(data: bytes) -> Element:
    if len(data) > MOST_BYTES:
        raise invalid("the document is too long")
    # No DTD is loaded, no entity resolved, nothing fetched.
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        entry = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        raise invalid("the document is not well-formed XML") from None
    if entry.getroottree().docinfo.doctype:
        raise invalid("the document must not have a DOCTYPE")
    return entry


def _check_envelope(entry: Element) -> str:
    """Title, author, updated and id must be there, though their values are the server's [D-CREATE, F-ATOM400]."""
    if entry.tag != f"{{{ATOM}}}entry":
        raise _blame_envelope("the document is not an entry")
    for name in ("title", "author", "updated", "id"):
        if entry.find(f"{{{ATOM}}}{name}") is None:
            raise _blame_envelope(f"{name} is missing")
    if not _MOMENT.fullmatch(_read_text(entry, "updated")):
        raise _blame_envelope("updated is not a date")
    entry_id = _read_text(entry, "id")
    if not _URI.fullmatch(entry_id):
        raise _blame_envelope("id is not a URI")
    return entry_id


def _read_text(entry: Element, name: str) -> str:
    """A text without the blanks of a document that was broken into lines."""
    return "".join("".join(entry.find(f"{{{ATOM}}}{name}").itertext()).split())


def _blame_envelope(why: str) -> Refusal:
    return invalid(f"there are errors in the common Atom sections: {why}")
