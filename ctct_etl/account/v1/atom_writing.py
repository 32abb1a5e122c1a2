"""Write the Atom documents of v1: a POST from nothing, a PUT as the entry that was read with changes laid over it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lxml import etree

from ctct_etl.account.v1.atom_reading import (
    ATOM,
    ATOM_NAMESPACE,
    CONTENT,
    CTCT,
    CTCT_NAMESPACE,
    ENTRY,
    LIST,
    Entry,
    Malformed,
    fault,
    parse,
    read_document,
    squeeze,
)

_LISTS, _OPT_IN_SOURCE = f"{CTCT}ContactLists", f"{CTCT}OptInSource"
# Required, and ignored by the service: it sets its own [D-CREATE].
_ANY_DATE, _NO_ID = "2008-01-01T00:00:00.000Z", "data:,none"


def new_contact(values: Mapping[str, str], list_ids: Sequence[str], opt_in_source: str) -> bytes:
    """The body of a POST. The service wants EmailAddress, OptInSource and a list at least [D-CREATE, F-LASTLIST].

    Raises ValueError, naming the element, for a character that XML can't carry; so do the two below.
    """
    entry, payload = _make_entry("Contact")
    _lay_over(payload, values, list_ids, opt_in_source)
    return _write(entry)


def new_list(name: str) -> bytes:
    """The body of a POST that makes a list [PHP, D-OLDLISTS]."""
    entry, payload = _make_entry("ContactList")
    for element, text in (("OptInDefault", "false"), ("Name", name), ("SortOrder", "1")):
        _set_text(etree.SubElement(payload, CTCT + element), text)
    return _write(entry)


def changed_contact(document: bytes, values: Mapping[str, str], list_ids: Sequence[str], opt_in_source: str) -> bytes:
    """The body of a PUT: the full entry `document` with `values` laid over and in exactly the lists `list_ids`.

    A PUT must hold everything that the GET gave [D-UPD, D-UPD2]: what is not set here stays as it stands, known or not.
    "" empties an element. A list that stays keeps its own OptInSource and OptInTime; a new one has its id alone [PHP,
    NET, D-ADDLIST]. The full view has no OptInSource of the contact, and a PUT needs it [D-UPD]: it is added.
    Raises Malformed for limited details: laid over those, a PUT would wipe what they don't show [D-COLL, D-UPD].
    """
    read = read_document(document)
    if not isinstance(read, Entry) or read.kind != "Contact":
        raise Malformed("only the entry of one contact can be changed, and this is none")
    if read.lists is None and "LastUpdateTime" not in read.values:
        raise Malformed("the entry shows limited details only: read the contact by its id before it is changed")
    root = parse(document, whole=True)
    _lay_over(root.find(f"{CONTENT}/{CTCT}Contact"), values, list_ids, opt_in_source)
    return _write(root)


def _lay_over(payload: Any, values: Mapping[str, str], list_ids: Iterable[str], opt_in_source: str) -> None:
    wanted = [squeeze(identifier) for identifier in list_ids]
    if not opt_in_source or not all(wanted) or not values.keys().isdisjoint(("ContactLists", "OptInSource")):
        raise ValueError("OptInSource and the ids of lists are given by their own arguments, and are never empty")
    elements = {child.tag: child for child in payload if isinstance(child.tag, str)}  # a comment's is a function
    lists = elements.get(_LISTS)
    if lists is None:
        lists = etree.SubElement(payload, _LISTS)
    for tag, text in {**{CTCT + name: text for name, text in values.items()}, _OPT_IN_SOURCE: opt_in_source}.items():
        element = elements.get(tag)
        if element is None:
            element = etree.SubElement(payload, tag)
            lists.addprevious(element)
        _set_text(element, text)
    _set_lists(lists, wanted)


def _set_lists(lists: Any, list_ids: Sequence[str]) -> None:
    missing = dict.fromkeys(list_ids)
    for held in lists.findall(LIST):
        identifier = squeeze(held.get("id"))
        if identifier in list_ids:
            held.set("id", identifier)
            missing.pop(identifier, None)
        else:
            lists.remove(held)
    for identifier in missing:
        _refuse_unfit("ContactList", etree.SubElement(lists, LIST).set, "id", identifier)


def _set_text(element: Any, text: str) -> None:
    for inner in element:
        if isinstance(inner.tag, str):
            raise fault("an element to be set holds elements", inner)
        inner.tail = None  # the text goes on behind a comment
    _refuse_unfit(etree.QName(element).localname, setattr, element, "text", text)


def _refuse_unfit(name: str, change: Any, *arguments: Any) -> None:
    try:
        change(*arguments)
    except ValueError:  # a control character, half of a surrogate pair
        raise ValueError(f"{name} holds a character that XML can't carry") from None


def _make_entry(kind: str) -> tuple[Any, Any]:
    """The envelope that a POST has to have, else it is a 400 [D-CREATE, F-ATOM400]."""
    entry = etree.Element(ENTRY, nsmap={None: ATOM_NAMESPACE})
    etree.SubElement(entry, f"{ATOM}title", type="text")
    for name, text in (("updated", _ANY_DATE), ("author", ""), ("id", _NO_ID)):
        etree.SubElement(entry, ATOM + name).text = text
    content = etree.SubElement(entry, CONTENT, type="application/vnd.ctct+xml")
    return entry, etree.SubElement(content, CTCT + kind, nsmap={None: CTCT_NAMESPACE})


def _write(root: Any) -> bytes:
    """With what stands before and after the root."""
    written: bytes = etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")
    return written
