"""Read the Atom documents of v1: what the service is known to have sent, and nothing that would lose something.

Refused are an element that stands twice, text between elements, a list without an id, an entry of another namespace:
what is overlooked in reading is lost in the next PUT.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import etree

from ctct_etl.errors import AccountError

# Both are written as default namespaces [D-COLL, REC]; what is read goes by the name, never by a prefix.
ATOM_NAMESPACE, CTCT_NAMESPACE = "http://www.w3.org/2005/Atom", "http://ws.constantcontact.com/ns/1.0/"
ATOM, CTCT = f"{{{ATOM_NAMESPACE}}}", f"{{{CTCT_NAMESPACE}}}"
_CUT = len(CTCT)
_FEED, ENTRY, _LINK, CONTENT = f"{ATOM}feed", f"{ATOM}entry", f"{ATOM}link", f"{ATOM}content"
_ID, _UPDATED = f"{ATOM}id", f"{ATOM}updated"
LIST = f"{CTCT}ContactList"
_STRUCTURES = frozenset(("ContactLists", "Errors"))  # may be empty, and are no text even then
_ERROR_PARTS = (f"{CTCT}LineNumber", f"{CTCT}EmailAddress", f"{CTCT}Message")

HOST = "api.constantcontact.com"  # every id and every absolute link names it, with http [D-COLL, D-MEMB]
LARGEST = 16 * 1024 * 1024  # bytes; a page of 50 full contacts has some 150 kB

_HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?(?>\s+|<!--.*?-->|<\?xml[^>]*>)*+<(?:!doctype\s+html|html|head|body)\b",
    re.DOTALL | re.IGNORECASE,
)


class Malformed(AccountError):
    """A document that can't be understood: says what and where, never a value or a name out of it."""


@dataclass(frozen=True)
class Entry:
    """values: the payload's elements of the service's namespace that hold no others, in the document's order, by local
    name; their text as it stands, "" for an empty one. lists: None where the view has none (limited details)."""

    edit: str  # as given; not always the first link [REC], and dead for a member [CFM]
    id: str  # of the payload, else of the entry; without white space, since some were broken over lines [D-COLL]
    kind: str  # local name of the payload; "" without one
    values: Mapping[str, str]
    lists: tuple[str, ...] | None
    errors: tuple[tuple[str, str, str], ...] = ()  # of an Activity: line number, address, message
    updated: str = ""  # of a limited entry it is the reply's own time [REC]
    document: bytes = b""  # of a document with one entry alone: as received


@dataclass(frozen=True)
class Feed:
    entries: tuple[Entry, ...]
    next: str  # as given; "" on the last page


def is_html(content: bytes) -> bool:
    """Whether it is a web page: planned downtime answers 200 with one, to every method [B-DOWNTIME]."""
    return _HTML.match(content[:4096]) is not None


def read_document(content: bytes) -> Entry | Feed:
    """Read a feed or an entry; raise Malformed for anything else."""
    root = parse(content)
    if root.tag == _FEED:
        return _read_feed(root)
    if root.tag == ENTRY:
        return _read_entry(root, content)
    raise fault("not a feed or an entry", root)


def parse(content: bytes, whole: bool = False) -> Any:
    """The root. `whole` keeps comments and instructions; without them a text is never in pieces.

    A parser of its own for each document: it costs little, and threads share none.
    """
    if len(content) > LARGEST:
        raise Malformed(f"the document has more than {LARGEST // 1024 // 1024} MB")
    # No collect_ids=False, though it is faster: it makes lxml load the external DTD that a document names.
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=False,
        remove_comments=not whole,
        remove_pis=not whole,
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        # The parser's message may quote the document; its kind and place don't. Hence also no cause.
        last, (line, column) = parser.error_log.last_error, error.position
        kind = last.type_name.removeprefix("ERR_").replace("_", " ").lower() if last is not None else "unknown"
        raise Malformed(f"the document is not well-formed XML: {kind}, at {line}:{column}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise Malformed("the document declares a DOCTYPE, which no Atom document of the service has")
    return root


def fault(what: str, element: Any) -> Malformed:
    return Malformed(f"the document can't be understood: {what}, at line {element.sourceline}")


def _read_feed(feed: Any) -> Feed:
    """The place of the next link varies [D-COLL, CF7, PHP]; the links of entries are not the feed's."""
    entries, following = [], ""
    for child in feed:
        tag = child.tag
        if tag == ENTRY:
            entries.append(_read_entry(child))
        elif tag == _LINK and (href := _get_link(child, "next")):
            if following not in ("", href):
                raise fault("two different next links", child)
            following = href
        elif etree.QName(tag).localname == "entry":
            raise fault("an entry that is not Atom's", child)
    return Feed(tuple(entries), following)


def _read_entry(entry: Any, document: bytes = b"") -> Entry:
    edit, once = "", {}
    for child in entry:
        tag = child.tag
        if tag == _LINK:
            edit = edit or _get_link(child, "edit")
        elif tag in (_ID, _UPDATED, CONTENT):
            if tag in once:
                raise fault("an element of the entry stands twice", child)
            once[tag] = child
    atom_id, updated = ((once[tag].text or "") if tag in once else "" for tag in (_ID, _UPDATED))
    payload = _get_payload(once.get(CONTENT))
    if payload is None:
        return Entry(edit, squeeze(atom_id), "", {}, None, (), updated, document)
    values, structures = _read_payload(payload)
    lists, errors = structures.get("ContactLists"), structures.get("Errors", ())
    return Entry(
        edit=edit,
        id=squeeze(payload.get("id", "")) or squeeze(atom_id),
        kind=payload.tag[_CUT:],
        values=values,
        lists=None if lists is None else tuple(dict.fromkeys(_get_list_id(held) for held in lists)),
        errors=tuple(tuple(error.findtext(part, "") for part in _ERROR_PARTS) for error in errors),
        updated=updated,
        document=document,
    )


def _get_link(link: Any, rel: str) -> str:
    return link.get("href", "") if link.get("rel", "").strip() == rel else ""


def _get_payload(content: Any) -> Any:
    if content is None or not len(content):
        return None
    if len(content) > 1 or not content[0].tag.startswith(CTCT):
        raise fault("the content is not one element of the service's namespace", content)
    return content[0]


def _read_payload(payload: Any) -> tuple[dict[str, str], dict[str, Any]]:
    """The leaves' texts, and the elements that hold elements. What is in other namespaces is not the service's.

    Most of the time of reading goes by in this loop.
    """
    values: dict[str, str] = {}
    structures: dict[str, Any] = {}
    met = 0
    for child in payload:
        tag, tail = child.tag, child.tail
        if tail is not None and not tail.isspace():
            raise fault("text stands between elements", child)
        if tag[:_CUT] != CTCT:
            continue
        met += 1
        name = tag[_CUT:]
        if name in _STRUCTURES or len(child):
            structures[name] = child
        else:
            values[name] = child.text or ""
    if len(values) + len(structures) < met or not structures.keys().isdisjoint(values):
        raise fault("an element of the payload stands twice", _find_repeated(payload))
    for text in (payload.text, *(piece for holder in structures.values() for piece in _between(holder))):
        if text is not None and not text.isspace():
            raise fault("text stands between elements", payload)
    return values, structures


def _find_repeated(payload: Any) -> Any:
    tags = [child.tag for child in payload]
    return next(child for place, child in enumerate(payload) if child.tag in tags[:place])


def _between(holder: Any) -> Iterator[str | None]:
    yield holder.text
    for child in holder:
        yield child.tail


def _get_list_id(held: Any) -> str:
    """A list that is overlooked would be left out of the next PUT, and so be lost [D-ADDLIST, F-MULTILIST]."""
    identifier = squeeze(held.get("id", ""))
    if held.tag != LIST or not identifier:
        raise fault("ContactLists holds something else than a ContactList with an id", held)
    return identifier


def squeeze(text: str) -> str:
    return "".join(text.split())


def resolve(href: str, against: str) -> str:
    """The path and query, from the host's root, of a link found in the document of `against` (a path, or a URL).

    Links are absolute with http though the service answers on https only, root-relative, or without any path
    [D-COLL, D-BASIC, D-LISTCOLL]. Scheme and host are dropped, so that no link leads the credentials elsewhere.
    """
    try:
        own = urlsplit(urljoin(f"https://{HOST}/", squeeze(against)))
        link = urlsplit(urljoin(own.geturl(), squeeze(href)))
        elsewhere = link.scheme not in ("http", "https") or link.hostname not in (own.hostname, HOST)
    except ValueError:
        raise Malformed("a link of the document is no URL") from None
    if elsewhere or not link.path.startswith("/") or link.path.startswith("//") or not href.strip():
        raise Malformed("a link of the document is empty or leads to another place")
    return f"{link.path}?{link.query}" if link.query else link.path
