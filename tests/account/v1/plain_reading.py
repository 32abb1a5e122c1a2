"""Documents as the standard library's parser sees them, read naively: what nothing may be lost against."""

import codecs
import re
import xml.etree.ElementTree as Tree

ATOM, CTCT = "{http://www.w3.org/2005/Atom}", "{http://ws.constantcontact.com/ns/1.0/}"


def picture(content):
    """For each entry: kind, leaves of the payload, list ids. None where that parser can't read the document."""
    try:
        root = parse(content)
    except (Tree.ParseError, ValueError, LookupError):
        return None
    entries = root.findall(f"{ATOM}entry") if root.tag == f"{ATOM}feed" else [root]
    return [_picture_payload(payload) for entry in entries for payload in entry.iterfind(f"{ATOM}content/*")]


def parse(content):
    """That parser would believe a declared encoding even behind the mark of another."""
    marked = content.startswith(codecs.BOM_UTF8)
    return Tree.fromstring(content, Tree.XMLParser(encoding="utf-8") if marked else None)


def _picture_payload(payload):
    own = [child for child in payload if child.tag.startswith(CTCT)]
    texts = [
        (child.tag.removeprefix(CTCT), child.text or "")
        for child in own
        if not len(child) and child.tag not in (f"{CTCT}ContactLists", f"{CTCT}Errors")
    ]
    held = [re.sub(r"\s", "", held.get("id", "")) for held in payload.iterfind(f"{CTCT}ContactLists/*")]
    return payload.tag.removeprefix(CTCT), texts, list(dict.fromkeys(held))


def rest(content, changed=()):
    """The document without what a change may touch: canonical; that parser drops comments."""
    touched = {f"{CTCT}{name}" for name in (*changed, "ContactLists", "OptInSource")}
    root = parse(content)
    for parent in list(root.iter()):
        for child in [child for child in parent if child.tag in touched and parent.tag == f"{CTCT}Contact"]:
            parent.remove(child)
    return Tree.canonicalize(Tree.tostring(root, "unicode"))


def held_lists(content):
    """Each list of a contact, with all that it holds, by its id."""
    held = parse(content).iterfind(f"{ATOM}content/*/{CTCT}ContactLists/*")
    return {_squeeze_id(element): _canonical(element) for element in held}


def _squeeze_id(element):
    element.set("id", re.sub(r"\s", "", element.get("id", "")))
    return element.get("id")


def _canonical(element):
    element.tail = None
    return Tree.canonicalize(Tree.tostring(element, "unicode"))
