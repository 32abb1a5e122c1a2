"""/activities: bulk jobs are queued here, and watched."""

from collections.abc import Callable

from flask import Blueprint, Response, request

from .. import values
from ..catalog import Kind, find_entries
from ..consent import Change
from ..documents import Document, dump, load
from ..service import this_service
from .access import check_id, queue_job, read_body, read_ids, require
from .errors import INVALID, answer, invalid, not_found, refuse
from .paging import cut_page, read_choices, read_query
from .payloads import read_csv_rows, read_json_rows

routes = Blueprint("activities", __name__)

PAGE = 500
STATES = ("processing", "completed", "cancelled", "failed", "timed_out")
MANY_CONTACTS = 500

_SOURCES = {"contact_ids": MANY_CONTACTS, "list_ids": 50, "tag_ids": 50}
_ADD_FLAGS = ("all_active_contacts", "segment_id", "engagement_level")
_REMOVE_FLAGS = ("all_active_contacts", "engagement_level")
_TAG_FLAGS = ("all_active_contacts", "new_subscriber")


@routes.get("/activities")
def read_activities() -> Response:
    query = read_query(("limit", "state"))
    states = read_choices(query, "state", STATES)
    service = this_service()
    with service.store.reading() as db:
        found = service.jobs.read_all(db)
    page, links = cut_page([job for job in found if not states or job["state"] in states], query, PAGE)
    return answer({"activities": page} | ({"_links": links} if links else {}))


@routes.get("/activities/<activity_id>")
def read_one(activity_id: str) -> Response:
    activity_id = check_id(activity_id, "activity_id")
    service = this_service()
    with service.store.reading() as db:
        return answer(require(service.jobs.find(db, activity_id), "The activity"))


@routes.post("/activities/contacts_json_import")
def import_json() -> Response:
    body = read_body()
    rows = body.get("import_data")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise invalid("import_data must be an array of objects")
    kept = read_json_rows(request.get_data(), rows)
    return _queue("contacts_import", lambda change: _check_import(change, body, kept, []), source_file_name="")


@routes.post("/activities/contacts_file_import")
def import_file() -> Response:
    """Multipart; the file must be .csv."""
    upload = request.files.get("file")
    if upload is None or not (upload.filename or "").lower().endswith(".csv"):
        raise refuse(415, INVALID, "file must be a .csv")
    name = upload.filename or ""
    header, rows = read_csv_rows(upload.read())
    ids = [part.strip() for part in request.form.get("list_ids", "").split(",") if part.strip()]
    body: Document = {"list_ids": ids}
    return _queue("contacts_import", lambda change: _check_import(change, body, rows, header), source_file_name=name)


@routes.post("/activities/add_list_memberships")
def add_list_memberships() -> Response:
    return _queue_memberships("add_list_memberships", _ADD_FLAGS)


@routes.post("/activities/remove_list_memberships")
def remove_list_memberships() -> Response:
    return _queue_memberships("remove_list_memberships", _REMOVE_FLAGS)


@routes.post("/activities/contacts_taggings_add")
def add_taggings() -> Response:
    return _queue_taggings("contacts_taggings_add")


@routes.post("/activities/contacts_taggings_remove")
def remove_taggings() -> Response:
    return _queue_taggings("contacts_taggings_remove")


@routes.post("/activities/contact_delete")
def delete_contacts() -> Response:
    body = read_body()

    def check(change: Change) -> Document:
        given = [key for key in ("contact_ids", "list_ids") if key in body]
        if len(given) != 1:
            raise invalid("exactly one of contact_ids, list_ids is required")
        return {given[0]: read_ids(body, given[0], _SOURCES[given[0]], least=1)}

    return _queue("contact_delete", check)


@routes.post("/activities/list_delete")
def delete_lists() -> Response:
    body = read_body()
    return _queue("list_delete", lambda change: {"list_ids": read_ids(body, "list_ids", 100, least=1)})


@routes.post("/activities/contacts_tags_delete")
def delete_tags() -> Response:
    body = read_body()
    return _queue("contacts_tags_delete", lambda change: {"tag_ids": read_ids(body, "tag_ids", 500, least=1)})


@routes.post("/activities/custom_fields_delete")
def delete_custom_fields() -> Response:
    body = read_body()
    key = "custom_field_ids"
    return _queue("custom_fields_delete", lambda change: {key: read_ids(body, key, 100, least=1)})


def _queue(kind: str, check: Callable[[Change], Document], **shown: str) -> Response:
    """201: the checked payload is a job now."""
    shown = {name: value for name, value in shown.items() if value}
    with this_service().change() as change:
        return answer(queue_job(change, kind, check(change), **shown), 201)


def _check_import(change: Change, body: Document, rows: list[Document], header: list[Document]) -> Document:
    list_ids = _check_existing(change, body, "list_ids", "list", values.LISTS)
    return {"rows": rows, "list_ids": list_ids, "extra_rows": header}


def _queue_memberships(kind: str, flags: tuple[str, ...]) -> Response:
    body = read_body()

    def check(change: Change) -> Document:
        list_ids = _check_existing(change, body, "list_ids", "list", values.LISTS)
        return {"list_ids": list_ids, **_check_source(body, flags)}

    return _queue(kind, check)


def _queue_taggings(kind: str) -> Response:
    body = read_body()

    def check(change: Change) -> Document:
        tag_ids = _check_existing(change, body, "tag_ids", "tag", values.TAGS)
        return {"tag_ids": tag_ids, **_check_source(body, _TAG_FLAGS)}

    return _queue(kind, check)


def _check_existing(change: Change, body: Document, key: str, kind: Kind, most: int) -> list[str]:
    ids = read_ids(body, key, most, least=1)
    if len(find_entries(change.db, kind, ids)) < len(set(ids)):
        raise invalid(f"{key} has an id that does not exist")
    return ids


def _check_source(body: Document, flags: tuple[str, ...]) -> Document:
    """`source` says whom exactly one way; `exclude` goes with two of the ways only."""
    source, exclude = body.get("source"), body.get("exclude") or {}
    if not isinstance(source, dict) or not isinstance(exclude, dict):
        raise invalid("source must be an object")
    given = [key for key in (*_SOURCES, *flags) if source.get(key) not in (None, False, [])]
    if len(given) != 1 or source.keys() - {*_SOURCES, *flags}:
        raise invalid("source must have exactly one property")
    key = given[0]
    if key in _SOURCES:
        read_ids(source, key, _SOURCES[key], least=1)
    if key in ("segment_id", "engagement_level"):
        raise not_found(key)  # the sandbox has no segments and measures no engagement
    if exclude and key not in ("all_active_contacts", "list_ids"):
        raise invalid("exclude can only be used with all_active_contacts or list_ids")
    return {
        "source": load(dump({key: source[key]})),
        "exclude": {"contact_ids": read_ids(exclude, "contact_ids", 500)},
    }
