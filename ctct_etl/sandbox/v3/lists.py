"""/contact_lists"""

import sqlite3

from flask import Blueprint, Response

from ..catalog import Entry, add_entry, find_by_name, find_entry, read_entries, save_entry
from ..documents import Document, drop_nulls
from ..service import this_service
from .access import check_id, queue_job, read_body, require
from .errors import answer, conflict, invalid
from .paging import cut_page, read_choices, read_flag, read_query
from .search import ACTIVE

routes = Blueprint("lists", __name__)

PAGE = 500
MOST = 1_000
NAME_LENGTH = 255
_PARAMETERS = ("limit", "include_count", "include_membership_count", "name", "status", "channel_type")
_COUNTED = ("all", "active")


@routes.get("/contact_lists")
def read_lists() -> Response:
    query = read_query(_PARAMETERS)
    statuses = read_choices(query, "status", ("all", "active", "deleted")) or ["active"]
    counted = read_choices(query, "include_membership_count", _COUNTED)
    wants_sms = "sms" in read_choices(query, "channel_type", ("email", "sms"))
    with this_service().store.reading() as db:
        entries = [entry for entry in read_entries(db, "list", include_deleted=True) if _is_wanted(entry, statuses)]
        if "name" in query:
            entries = [entry for entry in entries if entry.name == query["name"]]
        if wants_sms:
            entries = []
        page, links = cut_page(entries, query, PAGE)
        counts = _count_members(db, counted[0]) if counted else None
    document: Document = {"lists": [_show(entry, counts) for entry in page]}
    if read_flag(query, "include_count"):
        document["lists_count"] = len(entries)
    return answer(document | ({"_links": links} if links else {}))


@routes.get("/contact_lists/<list_id>")
def read_one(list_id: str) -> Response:
    list_id = check_id(list_id, "list_id")
    counted = read_choices(read_query(("include_membership_count",)), "include_membership_count", _COUNTED)
    with this_service().store.reading() as db:
        entry: Entry = require(find_entry(db, "list", list_id), "The list")
        counts = _count_members(db, counted[0]) if counted else None
    return answer(_show(entry, counts))


@routes.post("/contact_lists")
def create() -> Response:
    body = read_body()
    with this_service().change() as change:
        properties = _check_body(body)
        if find_by_name(change.db, "list", properties["name"]):
            raise conflict(f"List name {properties['name']} already exists")
        if len(read_entries(change.db, "list")) >= MOST:
            raise invalid(f"an account can have no more than {MOST} lists")
        dates = {"created_at": change.stamp, "updated_at": change.stamp}
        entry = add_entry(change.db, "list", properties["name"], properties | dates)
    return answer(entry.document, 201)


@routes.put("/contact_lists/<list_id>")
def replace(list_id: str) -> Response:
    list_id = check_id(list_id, "list_id")
    body = read_body()
    with this_service().change() as change:
        entry: Entry = require(find_entry(change.db, "list", list_id), "The list")
        properties = _check_body(body)
        twin = find_by_name(change.db, "list", properties["name"])
        if twin and twin.no != entry.no:
            # The contract knows no 409 for this call, only for POST.
            raise invalid(f"List name {properties['name']} already exists")
        kept = {name: entry.document[name] for name in ("list_id", "created_at")}
        entry.document = kept | properties | {"updated_at": change.stamp}
        save_entry(change.db, "list", entry)
    return answer(entry.document)


@routes.delete("/contact_lists/<list_id>")
def remove(list_id: str) -> Response:
    """202: a job deletes the list, and its memberships with it."""
    list_id = check_id(list_id, "list_id")
    with this_service().change() as change:
        require(find_entry(change.db, "list", list_id), "The list")
        job = queue_job(change, "list_delete", {"list_ids": [list_id]})
    return answer(job, 202, {"Location": job["_links"]["self"]["href"]})


def _check_body(body: Document) -> Document:
    name, description, favorite = body.get("name"), body.get("description"), body.get("favorite", False)
    if not isinstance(name, str) or not 1 <= len(name.strip()) <= NAME_LENGTH:
        raise invalid(f"name must have 1 to {NAME_LENGTH} characters")
    if description is not None and not isinstance(description, str):
        raise invalid("description must be a string")
    if not isinstance(favorite, bool):
        raise invalid("favorite must be a boolean")
    return drop_nulls({"name": name, "description": description, "favorite": favorite})


def _is_wanted(entry: Entry, statuses: list[str]) -> bool:
    return "all" in statuses or ("deleted" if entry.deleted else "active") in statuses


def _count_members(db: sqlite3.Connection, which: str) -> dict[int, int]:
    sql = "SELECT list, count(*) FROM membership GROUP BY list"
    if which == "active":
        states = ", ".join(f"'{state}'" for state in ACTIVE)
        sql = "SELECT m.list, count(*) FROM membership m JOIN contact c ON c.seq = m.contact "
        sql += f"WHERE +c.state IN ({states}) GROUP BY m.list"
    return dict(db.execute(sql))


def _show(entry: Entry, counts: dict[int, int] | None) -> Document:
    return entry.document if counts is None else entry.document | {"membership_count": counts.get(entry.no, 0)}
