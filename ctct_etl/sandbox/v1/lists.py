"""/lists: system lists and the owner's lists, their members, created, replaced, deleted."""

import sqlite3

from flask import Blueprint, Response, request

from ..bulk import delete_lists
from ..catalog import Entry, add_entry, find_by_name, read_entries, save_entry
from ..consent import Change
from ..documents import Document, dump, load
from ..service import this_service
from .access import BASE, HOST, USER
from .atom import (
    CTCT,
    Element,
    add,
    add_all,
    answer,
    make,
    make_entry,
    make_head,
    name_contact,
    name_list,
    show_reply_time,
)
from .errors import Refusal, invalid
from .numbered import require_list
from .paging import PAGE, Asked, describe_current, link_feed, make_token, read_asked
from .reading import read_entry, read_number, read_values
from .search import Found, find_group, find_members
from .showing import name_last_first, title_feed

routes = Blueprint("v1_lists", __name__)

SYSTEM = {"active": "Active", "do-not-mail": "Do Not Mail", "removed": "Removed"}
"""Status groups, no real lists; they come first in the feed [REC]."""

NAME_LENGTH = 255


@routes.get("/lists")
def read_all() -> Response:
    service, asked = this_service(), read_asked()
    start = asked.position or 0
    with service.store.reading() as db:
        entries: list[str | Entry] = [*SYSTEM, *read_entries(db, "list")]
        shown = [_show_any(db, entry) for entry in entries[start : start + PAGE]]
    token = make_token(Asked([]), start + PAGE) if start + PAGE < len(entries) else None
    feed = make_head("feed", "lists", f"Contact Lists for Customer: {USER}", f"{HOST}{BASE}/lists")
    link_feed(feed, service.switches, "lists", describe_current("lists"), token, "relative")
    feed.extend(shown)
    return answer(feed)


@routes.get("/lists/<number>")
def read_one(number: str) -> Response:
    with this_service().store.reading() as db:
        return answer(_show_any(db, number if number in SYSTEM else require_list(db, number)))


@routes.get("/lists/<number>/members")
def read_members(number: str) -> Response:
    service, asked = this_service(), read_asked()
    with service.store.reading() as db:
        if number in SYSTEM:
            found, token = find_group(db, asked, number, service.switches)
        else:
            found, token = find_members(db, asked, require_list(db, number))
    path = f"lists/{number}/members"
    feed = make_head("feed", path, title_feed(), f"{HOST}{BASE}/{path}")
    link_feed(feed, service.switches, path, describe_current(path), token, "root_relative")
    feed.extend(_show_members(found, number))
    return answer(feed)


@routes.post("/lists")
def create() -> Response:
    _, payload = read_entry("ContactList")
    with this_service().change() as change:
        given = _read_given(change, payload)
        properties = {"name": given.pop("Name"), "favorite": False}
        dates = {"created_at": change.stamp, "updated_at": change.stamp}
        entry = add_entry(change.db, "list", str(properties["name"]), properties | dates)
        _keep_own(change, entry, given)
        shown = _show(change.db, entry, link_last=True)  # as in the documented reply [REC]
    return answer(shown, 201, {"Location": f"{request.host_url.rstrip('/')}{BASE}/lists/{entry.no}"})


@routes.put("/lists/<number>")
def replace(number: str) -> Response:
    """The id of the entry must be that of the list [D-UPDLIST]."""
    _refuse_system(number)
    with this_service().change() as change:
        entry = require_list(change.db, number)
        entry_id, payload = read_entry("ContactList")
        if change.switches.v1_put_id == "checked" and read_number(entry_id, "lists") != number:
            raise invalid(f"there are errors in the common Atom sections: id is not {name_list(number)}")
        given = _read_given(change, payload, entry)
        entry.document.update(name=given.pop("Name"), updated_at=change.stamp)
        save_entry(change.db, "list", entry)
        _keep_own(change, entry, given)
    return Response(status=204)


@routes.delete("/lists/<number>")
def remove(number: str) -> Response:
    """At once; who was on no other list is Removed then [F-BULKDEL, said of a later version]."""
    _refuse_system(number)
    with this_service().change() as change:
        delete_lists(change, {"list_ids": [require_list(change.db, number).id]})
    return Response(status=204)


def _read_given(change: Change, payload: Element, entry: Entry | None = None) -> Document:
    """Name, OptInDefault and SortOrder; a name that another list has is 409 [D-ERR]."""
    texts = {name: text.strip() for name, text in read_values(payload).items()}
    name = texts.get("Name", "")
    if not 1 <= len(name) <= NAME_LENGTH:
        raise invalid(f"Name must have 1 to {NAME_LENGTH} characters")
    opt_in_default = texts.get("OptInDefault", "").lower()  # .NET writes False [NET]
    if opt_in_default not in ("true", "false", ""):
        raise invalid("OptInDefault must be true or false")
    order = texts.get("SortOrder", "") or "0"
    if not order.removeprefix("-").isdecimal() or len(order) > 9:
        raise invalid("SortOrder must be a whole number")
    twin = find_by_name(change.db, "list", name)
    is_system = name.casefold() in {system.casefold() for system in SYSTEM.values()}
    if is_system or (twin and (entry is None or twin.no != entry.no)):
        raise Refusal(409, "there is a list with this Name")
    return {"Name": name, "OptInDefault": opt_in_default or "false", "SortOrder": str(int(order))}


def _keep_own(change: Change, entry: Entry, own: Document) -> None:
    """Keep what a v3 list has no place for."""
    change.db.execute("INSERT OR REPLACE INTO memory VALUES (?, ?)", (f"v1 list {entry.no}", dump(own)))


def _refuse_system(number: str) -> None:
    if number in SYSTEM:
        raise Refusal(415, "a system list can not be changed")


def _show_any(db: sqlite3.Connection, which: str | Entry) -> Element:
    if isinstance(which, Entry):
        return _show(db, which)
    payload = make("ContactList", CTCT, id=name_list(which))
    add_all(payload, (("Name", SYSTEM[which]), ("ShortName", SYSTEM[which])))  # and nothing else [REC]
    return make_entry(name_list(which), f"{BASE}/lists/{which}", SYSTEM[which], show_reply_time(), payload)


def _show(db: sqlite3.Connection, entry: Entry, link_last: bool = False) -> Element:
    row = db.execute("SELECT value FROM memory WHERE name = ?", (f"v1 list {entry.no}",)).fetchone()
    own = {"OptInDefault": "false", "SortOrder": str(entry.no)} | (load(row[0]) if row else {})
    url = name_list(entry.no)
    payload = make("ContactList", CTCT, id=url)
    add(payload, "OptInDefault", own["OptInDefault"])
    add_all(payload, (("Name", entry.name), ("ShortName", entry.name), ("DisplayOnSignup", "No")))
    add(payload, "SortOrder", own["SortOrder"])
    add(payload, "Members", "", id=f"{url}/members")
    add(payload, "ContactCount", str(_count_members(db, entry)))
    return make_entry(url, f"{BASE}/lists/{entry.no}", entry.name, show_reply_time(), payload, link_last)


def _count_members(db: sqlite3.Connection, entry: Entry) -> int:
    """All memberships less those of people whom v1 does not show there, who are few: no join over a whole list."""
    hidden = "SELECT count(*) FROM contact c CROSS JOIN membership m ON m.contact = c.seq AND m.list = :no WHERE "
    sql = "SELECT (SELECT count(*) FROM membership WHERE list = :no)"
    sql += f" - ({hidden} c.opted_out_at IS NOT NULL) - ({hidden} c.state = 'no_address')"
    return int(db.execute(sql, {"no": entry.no}).fetchone()[0])


def _show_members(found: Found, number: str) -> list[Element]:
    """Their edit links lead nowhere, as the service's do [CFM]; the id is the contact's."""
    entries = []
    for contact, _ in found:
        address, own_id = str(contact.address).lower(), name_contact(contact.seq)
        payload = make("ContactListMember", CTCT, id=own_id)
        add_all(payload, (("EmailAddress", address), ("Name", name_last_first(contact))))
        href = f"{BASE}/lists/{number}/members/{contact.seq}"
        entries.append(make_entry(own_id, href, f"Contact: {address}", show_reply_time(), payload))
    return entries
