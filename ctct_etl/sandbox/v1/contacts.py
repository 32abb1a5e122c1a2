"""/contacts: the collection, one by one, created, replaced, opted out."""

from flask import Blueprint, Response, request

from ..service import this_service
from .access import BASE
from .atom import answer
from .numbered import require_contact
from .paging import describe_current, link_feed, read_asked
from .reading import read_entry
from .search import find_contacts
from .showing import make_feed_head, show_full, show_limited
from .writing import create_contact, opt_out, read_given, replace_contact

routes = Blueprint("v1_contacts", __name__)


@routes.get("/contacts")
def read_all() -> Response:
    service, asked = this_service(), read_asked()
    with service.store.reading() as db:
        found, token = find_contacts(db, asked, service.switches)
    feed = make_feed_head()
    link_feed(feed, service.switches, "contacts", describe_current("contacts"), token, "root_relative")
    is_search = bool(asked.get_all("email"))
    for contact, is_on_list in found:
        feed.append(show_limited(contact, is_on_list, with_dates=is_search))
    return answer(feed)


@routes.get("/contacts/<number>")
def read_one(number: str) -> Response:
    with this_service().store.reading() as db:
        return answer(show_full(db, require_contact(db, number)))


@routes.post("/contacts")
def create() -> Response:
    _, payload = read_entry("Contact")
    with this_service().change() as change:
        contact = create_contact(change, read_given(change, payload))
        is_full = change.switches.v1_created_entry == "full"
        entry = show_full(change.db, contact) if is_full else show_limited(contact, True)
    return answer(entry, 201, {"Location": f"{request.host_url.rstrip('/')}{BASE}/contacts/{contact.seq}"})


@routes.put("/contacts/<number>")
def replace(number: str) -> Response:
    with this_service().change() as change:
        contact = require_contact(change.db, number)
        entry_id, payload = read_entry("Contact")
        replace_contact(change, contact, entry_id, read_given(change, payload))
    return Response(status=204)


@routes.delete("/contacts/<number>")
def remove(number: str) -> Response:
    with this_service().change() as change:
        opt_out(change, require_contact(change.db, number))
    return Response(status=204)
