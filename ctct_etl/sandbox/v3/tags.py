"""/contact_tags"""

import sqlite3

from flask import Blueprint, Response

from ..catalog import Entry, add_entry, find_by_name, find_entry, read_entries, save_entry
from ..documents import Document
from ..service import this_service
from .access import check_id, queue_job, read_body, require
from .errors import answer, conflict, invalid
from .paging import cut_page, read_flag, read_query

routes = Blueprint("tags", __name__)

PAGE = 500
MOST = 500
NAME_LENGTH = 255


@routes.get("/contact_tags")
def read_tags() -> Response:
    query = read_query(("limit", "include_count"))
    with this_service().store.reading() as db:
        page, links = cut_page(read_entries(db, "tag"), query, PAGE)
        counts = _count_tagged(db) if read_flag(query, "include_count") else None
    return answer({"tags": [_show(entry, counts) for entry in page]} | ({"_links": links} if links else {}))


@routes.get("/contact_tags/<tag_id>")
def read_one(tag_id: str) -> Response:
    tag_id = check_id(tag_id, "tag_id")
    with this_service().store.reading() as db:
        entry: Entry = require(find_entry(db, "tag", tag_id), "The tag")
        counts = _count_tagged(db) if read_flag(read_query(("include_count",)), "include_count") else None
    return answer(_show(entry, counts))


@routes.post("/contact_tags")
def create() -> Response:
    body = read_body()
    with this_service().change() as change:
        name = _read_name(change.db, body)
        if len(read_entries(change.db, "tag")) >= MOST:
            raise invalid(f"an account can have no more than {MOST} tags")
        source = body.get("tag_source") or "Contact"
        dates = {"created_at": change.stamp, "updated_at": change.stamp}
        entry = add_entry(change.db, "tag", name, {"name": name, "tag_source": str(source), **dates})
    return answer(entry.document, 201)


@routes.put("/contact_tags/<tag_id>")
def rename(tag_id: str) -> Response:
    tag_id = check_id(tag_id, "tag_id")
    body = read_body()
    with this_service().change() as change:
        entry: Entry = require(find_entry(change.db, "tag", tag_id), "The tag")
        entry.document.update(name=_read_name(change.db, body, own=entry), updated_at=change.stamp)
        save_entry(change.db, "tag", entry)
    return answer(entry.document)


@routes.delete("/contact_tags/<tag_id>")
def remove(tag_id: str) -> Response:
    """202: a job takes the tag off all contacts and deletes it."""
    tag_id = check_id(tag_id, "tag_id")
    with this_service().change() as change:
        require(find_entry(change.db, "tag", tag_id), "The tag")
        return answer(queue_job(change, "contacts_tags_delete", {"tag_ids": [tag_id]}), 202)


def _read_name(db: sqlite3.Connection, body: Document, own: Entry | None = None) -> str:
    name = body.get("name")
    if not isinstance(name, str) or not 1 <= len(name.strip()) <= NAME_LENGTH:
        raise invalid(f"name must have 1 to {NAME_LENGTH} characters")
    twin = find_by_name(db, "tag", name)
    if twin and (own is None or twin.no != own.no):
        raise conflict(f"Tag name {name} already exists")
    return name


def _count_tagged(db: sqlite3.Connection) -> dict[int, int]:
    return dict(db.execute("SELECT tag, count(*) FROM tagging GROUP BY tag"))


def _show(entry: Entry, counts: dict[int, int] | None) -> Document:
    return entry.document if counts is None else entry.document | {"contacts_count": counts.get(entry.no, 0)}
