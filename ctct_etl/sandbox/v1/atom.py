"""Atom documents, written: feeds and entries whose payload stands in the vendor's namespace.

Both namespaces are defaults and never prefixes: the vendor's own wrapper reads nothing from prefixed elements [RUN].
Elements without a value are written as a pair of tags.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from flask import Response
from lxml import etree

from ..service import this_service
from .access import BASE, HOST, USER

ATOM = "http://www.w3.org/2005/Atom"
CTCT = "http://ws.constantcontact.com/ns/1.0/"
PAYLOAD_TYPE = "application/vnd.ctct+xml"
CONTENT_TYPE = "application/atom+xml"

Element = Any  # lxml gives no class for it that a type checker knows

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def show_stamp(stamp: str) -> str:
    """A moment of the store as the service writes it: with milliseconds [D-COLL]."""
    return stamp.replace("Z", ".000Z")


def show_reply_time() -> str:
    """When the reply is written. It is the `updated` of feeds and of entries with limited details [REC]."""
    return show_stamp(this_service().clock.stamp())


def make(name: str, namespace: str = ATOM, **attributes: str) -> Element:
    """An element without a parent; its namespace becomes the default inside it."""
    return etree.Element(f"{{{namespace}}}{name}", attributes, nsmap={None: namespace})


def add(parent: Element, name: str, text: str | None = None, **attributes: str) -> Element:
    """A child in the namespace of its parent."""
    child = etree.SubElement(parent, parent.tag[: parent.tag.index("}") + 1] + name, attributes)
    if text is not None:
        child.text = _NOT_XML.sub("", text)  # XML has no form for other characters
    return child


def add_link(parent: Element, href: str, rel: str | None = None) -> None:
    add(parent, "link", None, **({"href": href, "rel": rel} if rel else {"href": href}))


def add_all(parent: Element, values: Iterable[tuple[str, str]]) -> None:
    for name, text in values:
        add(parent, name, text)


def make_head(name: str, path: str, title: str, link: str) -> Element:
    """What a feed begins with, and what the `source` of an entry repeats: `path` is that below the account."""
    head = make(name)
    add(head, "id", f"{HOST}{BASE}/{path}")
    add(head, "title", title, type="text")
    add_link(head, link)
    add_link(head, link, "self")
    add(add(head, "author"), "name", USER)
    add(head, "updated", show_reply_time())
    return head


def make_entry(
    entry_id: str, href: str, title: str, updated: str, payload: Element, link_last: bool = False
) -> Element:
    """An entry with its payload. Its edit link comes first, which the vendor's wrapper takes blindly [PHP, REC]."""
    entry = make("entry")
    if not link_last:
        add_link(entry, href, "edit")
    add(entry, "id", entry_id)
    add(entry, "title", title, type="text")
    add(entry, "updated", updated)
    add(add(entry, "author"), "name", "Constant Contact")
    add(entry, "content", type=PAYLOAD_TYPE).append(payload)
    if link_last:
        add_link(entry, href, "edit")
    return entry


def answer(document: Element, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    text = etree.tostring(document, xml_declaration=True, encoding="UTF-8")
    return Response(text, status, headers, content_type=CONTENT_TYPE)


def name_contact(seq: int) -> str:
    return f"{HOST}{BASE}/contacts/{seq}"


def name_list(number: int | str) -> str:
    return f"{HOST}{BASE}/lists/{number}"
