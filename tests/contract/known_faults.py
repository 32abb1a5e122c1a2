# ruff: noqa: E501 — one line a fault, so that the table can be read down its columns
"""Where the provider's OpenAPI document is wrong, one line a fault: where, what it says, what is true, and why.

`+` at the end of a place appends to an array, `*` stands for every key. ABSENT is "is not there".
The table is tested against the document: a fault that has been mended must leave it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

ABSENT = object()


@dataclass(frozen=True)
class Fault:
    place: tuple[str, ...]
    says: Any
    truth: Any
    reason: str


def _query(name: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "type": kind, "required": False, **more}


_REFUSED = {"description": "patched in"}
_REMOVE = ("definitions", "ListActivityRemoveContacts", "properties")
_INCLUDES = ["custom_fields", "list_memberships", "phone_numbers", "street_addresses", "taggings", "notes"]
_INCLUDE = _query("include", format="csv", enum=[*_INCLUDES, "sms_channel"])
_PAGED = ("/contacts", "/contact_lists", "/contact_tags", "/contact_custom_fields", "/activities")
_BODIES_WITHOUT_415 = (
    ("/contacts/{contact_id}", "put"),
    ("/contacts/sign_up_form", "post"),
    ("/contacts/resubscribe/{contact_id}", "put"),
    ("/contact_lists", "post"),
    ("/contact_lists/{list_id}", "put"),
    ("/contact_tags", "post"),
    ("/contact_tags/{tag_id}", "put"),
    ("/contact_custom_fields/{custom_field_id}", "put"),
    ("/activities/contacts_json_import", "post"),
    ("/activities/add_list_memberships", "post"),
    ("/activities/remove_list_memberships", "post"),
    ("/activities/contacts_taggings_add", "post"),
    ("/activities/contacts_taggings_remove", "post"),
    ("/activities/contact_delete", "post"),
    ("/activities/list_delete", "post"),
    ("/activities/contacts_tags_delete", "post"),
    ("/activities/custom_fields_delete", "post"),
    ("/activities/contact_exports", "post"),
)

# fmt: off
KNOWN_FAULTS: tuple[Fault, ...] = (
    Fault(("paths", "*", "*", "responses", "429"), ABSENT, _REFUSED, "only bulk and e-mail calls declare it, the guide says all requests are limited"),
    *(Fault(("paths", path, method, "responses", "415"), ABSENT, _REFUSED, "the guide refuses any body that is not JSON, the document says so of a few calls") for path, method in _BODIES_WITHOUT_415),
    *(Fault(("paths", path, "get", "parameters", "+"), ABSENT, _query("cursor"), "`_links.next.href` carries a cursor, no call declares it") for path in _PAGED),
    Fault(("paths", "/contacts", "post", "parameters", "+"), ABSENT, _INCLUDE, "the guide shows `include` on POST to see sub-resources in the reply"),
    Fault(("paths", "/contacts/{contact_id}", "put", "parameters", "+"), ABSENT, _INCLUDE, "the same on PUT"),
    Fault(("paths", "/contacts", "get", "parameters", "11", "enum", "+"), ABSENT, "sms_channel", "the guide has it among the sub-resources"),
    Fault(("paths", "/contacts/{contact_id}", "get", "parameters", "1", "enum", "+"), ABSENT, "sms_channel", "the guide has it among the sub-resources"),
    Fault(("paths", "/contact_lists", "get", "parameters", "0", "maximum"), 1000, 500, "the text beside it says 1 - 500"),
    Fault(("paths", "/contact_tags", "get", "parameters", "0", "maximum"), ABSENT, 500, "written as `maxLength` on an integer"),
    Fault(("paths", "/contact_lists/{list_id}", "get", "responses", "400"), ABSENT, _REFUSED, "a bad parameter is a bad request here too"),
    Fault((*_REMOVE, "list_ids", "maxItems"), 0, 50, "0 is printed where the text says up to 50"),
    Fault((*_REMOVE, "source", "properties", "list_ids", "maxItems"), 0, 50, "0 is printed where the text says up to 50"),
    Fault((*_REMOVE, "source", "properties", "contact_ids", "maxItems"), 0, 500, "0 is printed where the text says up to 500"),
    Fault((*_REMOVE, "source", "properties", "tag_ids", "maxItems"), 0, 50, "0 is printed, the release notes of 2024-06 say up to 50"),
    Fault(("definitions", "ListActivityAddContacts", "properties", "source", "properties", "tag_ids", "maxItems"), 0, 50, "0 is printed, the release notes of 2024-06 say up to 50"),
    Fault(("definitions", "CustomFieldId100", "properties", "custom_field_ids", "maxItems"), 0, 100, "0 is printed where the name says 100"),
    Fault(("definitions", "JsonImportContact", "patternProperties"), ABSENT, {"^cf:": {"type": "string", "maxLength": 255}}, "`cf:custom_field_name` stands for any key that begins with cf:"),
)
# fmt: on
