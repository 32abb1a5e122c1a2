"""A contact of the sandbox as field → value, read by the tests themselves and not by the adapter under test."""

from __future__ import annotations

from typing import Any

CORE = ("first_name", "last_name", "job_title", "company_name", "anniversary")
PARTS = ("street", "city", "state", "postal_code", "country")


def fields_of(contact: dict[str, Any]) -> dict[str, str]:
    """Every field with a value, under its canonical name."""
    found = {name: contact[name] for name in CORE if contact.get(name)}
    if contact.get("birthday_month"):
        found["birthday"] = f"{int(contact['birthday_month']):02}-{int(contact['birthday_day']):02}"
    for phone in contact.get("phone_numbers") or ():
        found[f"phone.{phone['kind']}"] = phone["phone_number"]
    for place in contact.get("street_addresses") or ():
        found |= {f"address.{place['kind']}.{part}": place[part] for part in PARTS if place.get(part)}
    for label, value in contact["by_name"]["custom_fields"].items():
        text = ";".join(value) if isinstance(value, list) else value
        if text:
            found[f"custom.{label}"] = text
    return found


def memberships_of(contact: dict[str, Any]) -> set[tuple[str, str]]:
    named = contact["by_name"]
    return {("list", name) for name in named["lists"]} | {("tag", name) for name in named["tags"]}


def consent_of(contact: dict[str, Any]) -> tuple[str, str]:
    """What decides whether this person gets mail: permission, and whether the contact is deleted."""
    return contact["email_address"]["permission_to_send"], contact.get("deleted_at") or ""
