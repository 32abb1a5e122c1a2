"""What a mapping says that makes no sense, though each of its keys is well formed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Literal

from ctct_etl import columns
from ctct_etl.config.formats import missing_parts
from ctct_etl.config.mapping import Mapping, Newest, Oldest
from ctct_etl.config.marked_yaml import Document
from ctct_etl.config.suggesting import closest
from ctct_etl.errors import ConfigProblem

Kind = Literal["email", "text", "date", "phone", "custom"]

# Keys of a rule that the kind of field gives no meaning to, and why.
_TEXT_ONLY = {"format": "only a date has a format", "region": "only a phone has a region"}
_EMAIL_ONLY = {"many": "only email can say which of several addresses counts"}
MEANINGLESS: dict[Kind, dict[str, str]] = {
    "email": _TEXT_ONLY
    | {
        "on_update": "an address is what tells contacts apart, and never changes",
        "blank": "a row without an address is rejected",
        "default": "one address can't stand for every row without one",
        "type": "email is always an e-mail address",
    },
    "text": _TEXT_ONLY | _EMAIL_ONLY,
    "date": _EMAIL_ONLY | {"region": "only a phone has a region"},
    "phone": _EMAIL_ONLY | {"format": "only a date has a format"},
    "custom": _EMAIL_ONLY,
}

_A = {"text": "text", "date": "a date", "phone": "a phone"}


def kind_of(field: str) -> Kind:
    if field == columns.EMAIL:
        return "email"
    if field in columns.DATE_FIELDS:
        return "date"
    if field in columns.PHONE_FIELDS:
        return "phone"
    return "custom" if columns.is_custom(field) else "text"


def check_mapping(mapping: Mapping | None, document: Document, writable: Collection[str]) -> Iterator[ConfigProblem]:
    """Check field names against what the account's dialect can write, and each rule against its field.

    `mapping` is what is sound of the document; `writable` are canonical fields, without the family `custom.<label>`.
    """
    if mapping is None or document.is_broken:
        return
    fields = document.data.get("fields")
    if isinstance(fields, dict):
        yield from _check_names(fields, document, writable)
        for field, rule in fields.items():
            if isinstance(rule, dict):
                yield from _check_keys(field, rule, document)
    for field, sound in mapping.fields.items():
        if kind_of(field) in ("date", "custom"):
            place = ("fields", field, "format")
            yield from _check_formats(sound.format, document, place, year=field != columns.BIRTHDAY)
    prefer = mapping.dedupe.prefer
    if isinstance(prefer, Newest | Oldest):
        yield from _check_formats(prefer.format, document, ("dedupe", "prefer", "format"), year=True, month=False)


def _check_names(fields: dict[str, Any], document: Document, writable: Collection[str]) -> Iterator[ConfigProblem]:
    for field in fields:
        if field in writable or (columns.is_custom(field) and columns.is_contact_field(field)):
            continue
        yield document.problem(("fields", field), *_explain_name(field, writable), key=True)
    misspelt = {closest(field, writable) for field in fields if field not in writable}
    if columns.EMAIL not in fields and columns.EMAIL not in misspelt:
        cure = "write `email: COLUMN`: the address is what tells contacts apart"
        yield document.problem(("fields",), 'the field "email" is missing', cure, key=True)


def _explain_name(field: str, writable: Collection[str]) -> tuple[str, str]:
    if field in columns.CONTACT_FIELDS:
        return f'the account\'s dialect has no field "{field}"', "remove it, or use a custom field (custom.<label>)"
    if field in columns.READ_ONLY_FIELDS:
        return f'"{field}" is read-only', "remove it: the service alone sets it"
    if field in ("lists", "tags"):
        return f'"{field}" is no field', f"move it to the top level: `{field}:` beside `fields:`"
    if field == columns.CUSTOM_PREFIX:
        return '"custom." names no custom field', "write custom. and the account's label: custom.Member Level"
    near = closest(field, writable)
    if near:
        return f'unknown contact field "{field}"', f'did you mean "{near}"?'
    cure = f"write custom.{field} if the account has such a custom field; docs/config.md has the list of fields"
    return f'unknown contact field "{field}"', cure


def _check_keys(field: str, rule: dict[str, Any], document: Document) -> Iterator[ConfigProblem]:
    """Look at the keys as written: a rule with other faults is checked too."""
    kind, type_ = kind_of(field), rule.get("type")
    place = ("fields", field)
    meaningless = dict(MEANINGLESS[kind])
    if kind == "custom" and type_ != "phone":
        meaningless["region"] = "only a phone has a region: add `type: phone`"
    if kind == "custom" and type_ in ("phone", "text"):
        meaningless["format"] = f"only a date has a format, and this is {_A[type_]}"
    for key in rule.keys() & meaningless.keys():
        cure = f"remove it: {meaningless[key]}"
        yield document.problem((*place, key), f'"{key}" makes no sense on "{field}"', cure, key=True)
    if kind == "email" and rule.get("invalid") in ("ignore", "stop"):
        cure = "remove it: a row without a valid address is always rejected"
        yield document.problem((*place, "invalid"), '"email" can\'t be ignored or stop a run', cure)
    if kind not in ("custom", "email") and isinstance(type_, str) and type_ in _A and type_ != kind:
        yield document.problem((*place, "type"), f'"{field}" is {_A[kind]}, not {_A[type_]}', "remove `type`")


def _check_formats(
    formats: tuple[str, ...], document: Document, place: tuple[str, ...], *, year: bool, month: bool = True
) -> Iterator[ConfigProblem]:
    missing = [part for part in missing_parts(formats, year=year) if month or part == "year"]
    if missing:
        parts = " and no ".join(missing)
        yield document.problem(place, f"the date format has no {parts}", "write directives such as %d, %m and %Y")
