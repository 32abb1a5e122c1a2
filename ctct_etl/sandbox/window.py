"""/_sandbox/: a test's window into the account, and its hand on the people in it. None of it is the service's."""

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, request

from .acting import act
from .catalog import read_entries
from .documents import Document, dump, load
from .mails import read_mails
from .service import Service, this_service

routes = Blueprint("window", __name__)

MOST_S = 10 * 366 * 86_400
"""Ten years at once: far beyond every span that the service knows."""

_PARTS = ("custom_fields", "phone_numbers", "street_addresses", "notes", "sms_channel")


@routes.errorhandler(ValueError)
@routes.errorhandler(TypeError)
@routes.errorhandler(AttributeError)
def answer_wrong_wish(problem: Exception) -> Response:
    """A wish of wrong values, or with parts of a wrong kind."""
    return _answer({"error": str(problem)}, 400)


@routes.get("/requests")
def read_requests() -> Response:
    return _answer(this_service().recording.show())


@routes.delete("/requests")
def forget_requests() -> Response:
    this_service().recording.clear()
    return Response(status=204)


@routes.get("/mails")
def read_listed_mails() -> Response:
    service = this_service()
    service.jobs.complete_due()
    with service.store.reading() as db:
        return _answer(read_mails(db))


@routes.get("/contacts")
def read_contacts() -> Response:
    """All contacts whatever their state, whole; lists, tags and custom fields by name beside the service's ids."""
    service = this_service()
    service.jobs.complete_due()
    return Response(_write_contacts(service), content_type="application/json")


@routes.get("/faults")
def read_faults() -> Response:
    return _answer(this_service().faults.show())


@routes.post("/faults")
def add_fault() -> Response:
    this_service().faults.add(_read_wish())
    return _answer(this_service().faults.show(), 201)


@routes.delete("/faults")
def clear_faults() -> Response:
    this_service().faults.clear()
    return Response(status=204)


@routes.get("/clock")
def read_clock() -> Response:
    clock = this_service().clock
    return _answer({"now": clock.now(), "time": clock.stamp(), "advanced_s": clock.advanced_s})


@routes.post("/clock")
def advance_clock() -> Response:
    service = this_service()
    seconds = _read_wish().get("advance_s")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= MOST_S:
        raise ValueError(f"advance_s is a number of seconds from 0 to {MOST_S}")
    service.clock.advance(float(seconds))
    service.store.remember("advanced_s", str(service.clock.advanced_s))
    service.jobs.complete_due()
    return read_clock()


@routes.post("/act")
def act_for_someone() -> Response:
    service = this_service()
    service.jobs.complete_due()
    with service.change() as change:
        act(change, _read_wish())
    return _answer({"done": True})


def _read_wish() -> Document:
    wish = load(request.get_data())
    if not isinstance(wish, dict):
        raise ValueError("the body must be a JSON object")
    return wish


def _write_contacts(service: Service) -> Iterator[str]:
    with service.store.reading() as db:
        lists = {entry.no: entry for entry in read_entries(db, "list", include_deleted=True)}
        tags = {entry.no: entry for entry in read_entries(db, "tag")}
        fields = {entry.id: entry for entry in read_entries(db, "custom_field")}
        joint = "["
        for seq, core, *texts in db.execute(f"SELECT seq, core, {', '.join(_PARTS)} FROM contact ORDER BY seq"):
            contact: Document = load(core)
            parts = zip(_PARTS, texts, strict=True)
            contact.update((name, load(text)) for name, text in parts if text is not None)
            joined = [lists[row[0]] for row in db.execute("SELECT list FROM membership WHERE contact = ?", (seq,))]
            tagged = [tags[row[0]] for row in db.execute("SELECT tag FROM tagging WHERE contact = ?", (seq,))]
            contact["list_memberships"] = [entry.id for entry in joined]
            contact["taggings"] = [entry.id for entry in tagged]
            contact["by_name"] = {
                "lists": sorted(entry.name for entry in joined),
                "tags": sorted(entry.name for entry in tagged),
                "custom_fields": {
                    fields[part["custom_field_id"]].name: _say(part, fields[part["custom_field_id"]].document)
                    for part in contact["custom_fields"]
                },
            }
            yield joint + dump(contact)
            joint = ",\n"
        yield "]" if joint != "[" else "[]"


def _say(part: Document, definition: Document) -> Any:
    """A custom field's value, choices by their labels."""
    if "choice_ids" not in part:
        return part.get("value")
    labels = {str(choice["choice_id"]): choice["choice_label"] for choice in definition.get("choices") or ()}
    return [labels.get(choice) for choice in part["choice_ids"]]


def _answer(document: object, status: int = 200) -> Response:
    return Response(dump(document), status, content_type="application/json")
