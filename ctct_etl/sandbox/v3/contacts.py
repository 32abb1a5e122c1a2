"""/contacts: search, read, create, replace, delete, count."""

import sqlite3
from datetime import datetime, timedelta

from flask import Blueprint, Response

from ..consent import delete
from ..documents import dump
from ..records import Contact, find_contact, save_contact
from ..service import this_service
from .access import check_id, read_body, require
from .errors import answer, answer_text, not_found
from .paging import link_next, read_choices, read_flag, read_limit, read_position, read_query
from .search import PARAMETERS, plan_search, read_include, select_columns, show_nulls, write_contact
from .writing import create_contact, replace_contact

routes = Blueprint("contacts", __name__)

PAGE = 500


@routes.get("/contacts")
def search_contacts() -> Response:
    service = this_service()
    query = read_query(PARAMETERS)
    limit, include = read_limit(query, PAGE), read_include(query)
    with service.store.reading() as db:
        search = plan_search(db, query, service.switches)
        texts, position = search.read_page(db, include, limit, read_position(query))
        count = search.count(db) if read_flag(query, "include_count") else None
    if service.switches.null_properties:
        texts = [show_nulls(text) for text in texts]
    parts = [f'"contacts":[{",".join(texts)}]']
    if count is not None:
        parts.append(f'"contacts_count":{count}')
    if position is not None:
        parts.append(f'"_links":{dump(link_next(query, position))}')
    return answer_text("{" + ",".join(parts) + "}")


@routes.get("/contacts/<contact_id>")
def read_one(contact_id: str) -> Response:
    contact_id = check_id(contact_id, "contact_id")
    include = read_include(read_query(("include",)))
    with this_service().store.reading() as db:
        return _answer_contact(db, contact_id, include)


@routes.post("/contacts")
def create() -> Response:
    include = read_include(read_query(("include",)))
    body = read_body()
    with this_service().change() as change:
        contact = create_contact(change, body)
        return _answer_contact(change.db, contact.contact_id, include, 201)


@routes.put("/contacts/<contact_id>")
def replace(contact_id: str) -> Response:
    contact_id = check_id(contact_id, "contact_id")
    include = read_include(read_query(("include",)))
    body = read_body()
    with this_service().change() as change:
        contact: Contact = require(find_contact(change.db, contact_id), "The contact")
        replace_contact(change, contact, body)
        return _answer_contact(change.db, contact_id, include)


@routes.delete("/contacts/<contact_id>")
def remove(contact_id: str) -> Response:
    contact_id = check_id(contact_id, "contact_id")
    with this_service().change() as change:
        contact: Contact = require(find_contact(change.db, contact_id), "The contact")
        if not contact.is_deleted:
            delete(change, contact)
            save_contact(change.db, contact)
    return Response(status=204)


@routes.get("/contacts/counts")
def count() -> Response:
    service = this_service()
    include = read_choices(read_query(("include",)), "include", ("new_subscriber",))
    with service.store.reading() as db:
        states = dict(db.execute("SELECT state, count(*) FROM contact GROUP BY state"))
        counts = {
            "total": sum(number for state, number in states.items() if state != "deleted"),
            "explicit": states.get("explicit", 0),
            "implicit": states.get("implicit", 0),
            "pending": states.get("pending_confirmation", 0),
            "unsubscribed": states.get("unsubscribed", 0),
        }
        if include:
            month_ago = datetime.fromisoformat(service.clock.stamp()) - timedelta(days=30)
            sql = "SELECT count(*) FROM contact WHERE created_at >= ? AND +state IN ('explicit', 'implicit')"
            counts["new_subscriber"] = db.execute(sql, (month_ago.strftime("%Y-%m-%dT%H:%M:%SZ"),)).fetchone()[0]
    return answer(counts)


def _answer_contact(db: sqlite3.Connection, contact_id: str, include: list[str], status: int = 200) -> Response:
    sql = f"SELECT {select_columns(include)} FROM contact c WHERE c.contact_id = ?"
    row = db.execute(sql, (contact_id,)).fetchone()
    if row is None:
        raise not_found("The contact")
    text = write_contact(row, include)
    return answer_text(show_nulls(text) if this_service().switches.null_properties else text, status)
