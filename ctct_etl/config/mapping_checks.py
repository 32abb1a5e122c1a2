"""What a mapping says that makes no sense, though each of its keys is well formed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Literal

from ctct_etl import columns
from ctct_etl.config.formats import missing_parts
from ctct_etl.config.mapping import FieldRule, Mapping, Newest, Oldest
from ctct_etl.config.marked_yaml import Document
from ctct_etl.config.suggesting import closest, suggest
from ctct_etl.errors import ConfigProblem

Kind = Literal["email", "text", "date", "phone", "custom"]

# Keys of a rule that the kind of field gives no meaning to, and why.
_TEXT_ONLY = {"format": "only a date has a format", "region": "only a phone has a region"}
_EMAIL_ONLY = {"many": "only email can say which of several addresses counts"}
_MEANINGLESS: dict[Kind, dict[str, str]] = {
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
    yield from _check_names(document, writable)
    if mapping is None:
        return
    for field, rule in mapping.fields.items():
        yield from _check_rule(field, rule, document)
    prefer = mapping.dedupe.prefer
    if isinstance(prefer, Newest | Oldest):
        yield from _check_formats(prefer.format, document, ("dedupe", "prefer", "format"), year=True, month=False)


def _check_names(document: Document, writable: Collection[str]) -> Iterator[ConfigProblem]:
    fields = document.data.get("fields")
    if not isinstance(fields, dict):
        return
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
    cure = f'did you mean "{near}"?' if near else f"write custom.{field} if the account has such a custom field"
    return f'unknown contact field "{field}"', cure if near else cure + "; " + suggest("", writable)


def _check_rule(field: str, rule: FieldRule, document: Document) -> Iterator[ConfigProblem]:
    kind = kind_of(field)
    place = ("fields", field)
    meaningless = dict(_MEANINGLESS[kind])
    if kind == "custom" and rule.type != "phone":
        meaningless["region"] = "only a phone has a region: add `type: phone`"
    if kind == "custom" and rule.type in ("phone", "text"):
        meaningless["format"] = f"only a date has a format, and this is {rule.type}"
    for key, why in meaningless.items():
        if (*place, key) in document.entries:
            yield document.problem((*place, key), f'"{key}" makes no sense on "{field}"', f"remove it: {why}", key=True)
    if kind == "email" and (*place, "invalid") in document.entries and rule.invalid != "reject":
        cure = "remove it: a row without a valid address is always rejected"
        yield document.problem((*place, "invalid"), '"email" can\'t be ignored or stop a run', cure)
    if kind not in ("custom", "email") and rule.type not in (None, kind):
        yield document.problem((*place, "type"), f'"{field}" is {_a(kind)}, not {_a(rule.type)}', "remove `type`")
    if kind in ("date", "custom"):
        yield from _check_formats(rule.format, document, (*place, "format"), year=field != columns.BIRTHDAY)


def _check_formats(
    formats: tuple[str, ...], document: Document, place: tuple[str, ...], *, year: bool, month: bool = True
) -> Iterator[ConfigProblem]:
    missing = [part for part in missing_parts(formats, year=year) if month or part == "year"]
    if missing:
        parts = " and no ".join(missing)
        yield document.problem(place, f"the date format has no {parts}", "write directives such as %d, %m and %Y")


def _a(kind: Any) -> str:
    return {"text": "text", "date": "a date", "phone": "a phone"}[str(kind)]
