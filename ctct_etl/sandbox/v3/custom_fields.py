"""/contact_custom_fields"""

from typing import Any

from flask import Blueprint, Response

from ..bulk import delete_custom_field
from ..catalog import (
    FIELD_TYPES,
    SELECT_TYPES,
    Entry,
    add_entry,
    find_by_name,
    find_entry,
    name_field,
    number_choices,
    read_entries,
    save_entry,
)
from ..consent import Change
from ..documents import Document, drop_nulls
from ..service import this_service
from .access import check_id, read_body, require
from .errors import answer, conflict, invalid
from .paging import cut_page, read_query

routes = Blueprint("custom_fields", __name__)

PAGE = 100
MOST = 100
LABEL_LENGTH = 50
CHOICE_LENGTH = 255
METADATA = {
    "display_type": str,
    "allow_negative": bool,
    "decimal_places": int,
    "currency_code": str,
    "integer": bool,
    "display_format": str,
}
CHOICES = {"dropdown": 100, "radio": 20, "checkbox": 20}


@routes.get("/contact_custom_fields")
def read_fields() -> Response:
    query = read_query(("limit",))
    with this_service().store.reading() as db:
        page, links = cut_page(read_entries(db, "custom_field"), query, PAGE)
    return answer({"custom_fields": [entry.document for entry in page]} | ({"_links": links} if links else {}))


@routes.get("/contact_custom_fields/<custom_field_id>")
def read_one(custom_field_id: str) -> Response:
    custom_field_id = check_id(custom_field_id, "custom_field_id")
    with this_service().store.reading() as db:
        entry: Entry = require(find_entry(db, "custom_field", custom_field_id), "The custom field")
    return answer(entry.document)


@routes.post("/contact_custom_fields")
def create() -> Response:
    body = read_body()
    with this_service().change() as change:
        label, kind = _read_label(body), body.get("type")
        if kind not in FIELD_TYPES:
            raise invalid("type is missing" if not kind else "type does not have a valid value")
        keep_case = change.switches.custom_field_name == "keep"
        name = name_field(label, keep_case)
        if find_by_name(change.db, "custom_field", label) or _has_name(change, name):
            raise conflict(f"Custom field label {label} already exists")
        if len(read_entries(change.db, "custom_field")) >= MOST:
            raise invalid(f"an account can have no more than {MOST} custom fields")
        document = {"label": label, "name": name, "type": kind, **_describe(change, body, kind)}
        dates = {"created_at": change.stamp, "updated_at": change.stamp}
        entry = add_entry(change.db, "custom_field", label, drop_nulls(document) | dates)
    return answer(entry.document, 201)


@routes.put("/contact_custom_fields/<custom_field_id>")
def replace(custom_field_id: str) -> Response:
    """Label and choices; choices left out are gone, as everything that a PUT leaves out."""
    custom_field_id = check_id(custom_field_id, "custom_field_id")
    body = read_body()
    with this_service().change() as change:
        entry: Entry = require(find_entry(change.db, "custom_field", custom_field_id), "The custom field")
        label = _read_label(body)
        twin = find_by_name(change.db, "custom_field", label)
        if twin and twin.no != entry.no:
            # The contract knows no 409 for this call, only for POST.
            raise invalid(f"Custom field label {label} already exists")
        entry.document.update(label=label, updated_at=change.stamp)
        if entry.document["type"] in SELECT_TYPES:
            choices = _read_choices(body, entry.document.get("metadata") or {})
            entry.document["choices"] = number_choices(change.db, choices)
        save_entry(change.db, "custom_field", entry)
    return answer(entry.document)


@routes.delete("/contact_custom_fields/<custom_field_id>")
def remove(custom_field_id: str) -> Response:
    custom_field_id = check_id(custom_field_id, "custom_field_id")
    with this_service().change() as change:
        delete_custom_field(change, require(find_entry(change.db, "custom_field", custom_field_id), "The custom field"))
    return Response(status=204)


def _has_name(change: Change, name: str) -> bool:
    return any(entry.document["name"] == name for entry in read_entries(change.db, "custom_field"))


def _read_label(body: Document) -> str:
    label = body.get("label")
    if not isinstance(label, str) or not 1 <= len(label.strip()) <= LABEL_LENGTH:
        raise invalid(f"label must have 1 to {LABEL_LENGTH} characters")
    return label


def _describe(change: Change, body: Document, kind: str) -> Document:
    """What belongs to the type: metadata, choices, version."""
    metadata = _read_metadata(body)
    described: Document = {"metadata": metadata}
    if kind in SELECT_TYPES:
        choices = [drop_nulls({**choice, "choice_id": None}) for choice in _read_choices(body, metadata or {})]
        described["choices"] = number_choices(change.db, choices)
    if kind in ("date", "datetime"):
        described["version"] = 2 if body.get("version") == 2 else 1
    return described


def _read_metadata(body: Document) -> Document | None:
    """The properties of `metadata` that the service knows, each of its type."""
    metadata = body.get("metadata")
    if metadata is None:
        return None
    if not isinstance(metadata, dict):
        raise invalid("metadata must be an object")
    known = {name: metadata[name] for name in METADATA if metadata.get(name) is not None}
    for name, value in known.items():
        if type(value) is not METADATA[name]:
            raise invalid(f"metadata.{name} does not have a valid value")
    if known.get("integer") is False and known.get("decimal_places", 1) not in (1, 2, 3, 4):
        raise invalid("metadata.decimal_places must be between 1 and 4")
    return known


def _read_choices(body: Document, metadata: Document) -> list[Document]:
    choices: Any = body.get("choices") or []
    most = CHOICES.get(metadata.get("display_type", "dropdown"), 100)
    if not isinstance(choices, list) or not all(isinstance(choice, dict) for choice in choices):
        raise invalid("choices must be an array of objects")
    if len(choices) > most:
        raise invalid(f"choices has more than {most} items")
    for choice in choices:
        label = choice.get("choice_label")
        if not isinstance(label, str) or not 1 <= len(label) <= CHOICE_LENGTH:
            raise invalid(f"choices.choice_label must have 1 to {CHOICE_LENGTH} characters")
        if not all(type(choice.get(name, 1)) is int for name in ("choice_id", "display_order")):
            raise invalid("choices.choice_id and choices.display_order must be integers")
    return [
        {
            name: choice.get(name)
            for name in ("choice_id", "choice_label", "display_order")
            if choice.get(name) is not None
        }
        for choice in choices
    ]
