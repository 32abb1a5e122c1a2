"""What POST and PUT of a contact do, once the body is known to be valid."""

from typing import Any

from .. import consent, values
from ..catalog import find_entries, find_entry, read_entries
from ..consent import Change
from ..documents import Document, derive_id
from ..mails import list_mail
from ..records import (
    CORE_PROPERTIES,
    Contact,
    address_key,
    find_by_address,
    insert_contact,
    read_lists,
    replace_lists,
    replace_tags,
    save_contact,
)
from ..seeding import describe_note, describe_phone, describe_street
from ..starting import start_contact
from .bodies import IDENTITY, find_violations, is_blank
from .errors import CONFLICT, INVALID, Refusal, conflict, invalid, refuse

ARRAYS = ("custom_fields", "phone_numbers", "street_addresses", "notes", "list_memberships", "taggings")


def create_contact(change: Change, body: Document) -> Contact:
    """POST /contacts."""
    violations = find_violations(change.db, body, "create_source", change.switches)
    if all(is_blank(body.get(name)) for name in IDENTITY):
        violations.append(f"at least one of {', '.join(IDENTITY)} is required")
    if violations:
        raise invalid(*violations)
    given: Document = body.get("email_address") or {}
    twin = find_by_address(change.db, given["address"]) if given else None
    if twin:
        raise refuse_twin(change, twin)
    source = body["create_source"]
    contact = start_contact(change, given.get("address"), _choose_permission(change, given, source), source)
    set_core(contact, body)
    insert_contact(change.db, contact)
    set_arrays(change, contact, body, source)
    if contact.is_unsubscribed:
        consent.unsubscribe(change, contact, source)
    save_contact(change.db, contact)
    if source == "Contact":
        greet(change, contact, "POST /contacts")
    return contact


def replace_contact(change: Change, contact: Contact, body: Document) -> None:
    """PUT /contacts/{id}: core properties replaced, sub-resources replaced where sent."""
    violations = find_violations(change.db, body, "update_source", change.switches)
    if contact.is_deleted:
        violations += _find_revival_faults(change, body)
    if violations:
        raise invalid(*violations)
    given: Document = body.get("email_address") or {}
    twin = find_by_address(change.db, given["address"]) if given else None
    if twin and twin.seq != contact.seq:
        raise refuse_twin(change, twin)
    source = body["update_source"]
    _set_permission(change, contact, given, source)
    _refuse_lists_for_unsubscribed(change, contact, body)
    consent.revive(contact)
    _set_address(change, contact, given)
    for name in CORE_PROPERTIES:
        contact.core.pop(name, None)
    set_core(contact, body)
    contact.core.update(update_source=source, updated_at=change.stamp)
    if change.switches.put_omitted_arrays == "cleared":
        body = {name: [] for name in ARRAYS} | body
    set_arrays(change, contact, body, source)
    if given.get("permission_to_send") == "unsubscribed" and not contact.email.get("opt_out_date"):
        consent.unsubscribe(change, contact, source, given.get("opt_out_reason"))
    save_contact(change.db, contact)


def refuse_twin(change: Change, twin: Contact) -> Refusal:
    """409 for an address that is in the account, in whatever letter case and state."""
    wording = change.switches.conflict_body
    if wording == "no_id":
        return conflict("EmailAddress is not unique")
    prefix = "Validation failed: " if wording == "prefixed" else ""
    return conflict(f"{prefix}Email already exists for contact {twin.contact_id}")


def greet(change: Change, contact: Contact, cause: str) -> None:
    """The mail that a contact's own sign-up brings: to confirm, or to be welcomed."""
    if contact.address is None:
        return
    if contact.email["permission_to_send"] == "pending_confirmation":
        list_mail(change.db, change.stamp, "confirmation", contact.address, cause)
        return
    numbers = set(read_lists(change.db, contact.seq))
    lists = [entry for entry in read_entries(change.db, "list") if entry.no in numbers]
    consent.welcome(change, contact.address, lists, cause)


def set_core(contact: Contact, body: Document) -> None:
    for name in CORE_PROPERTIES:
        value: Any = body.get(name)
        if not is_blank(value):
            contact.core[name] = values.read_date(value) if name == "anniversary" else value


def set_arrays(change: Change, contact: Contact, body: Document, source: str) -> None:
    """Replace each sub-resource that the body names."""
    contact_id, stamp = contact.contact_id, change.stamp
    if (fields := body.get("custom_fields")) is not None:
        contact.custom_fields = [part for item in fields if (part := _describe_field(change, item))]
    if (phones := body.get("phone_numbers")) is not None:
        known = {part["phone_number_id"]: part for part in contact.phone_numbers}
        described = [describe_phone(item, contact_id, stamp, source) for item in phones if item.get("phone_number")]
        contact.phone_numbers = [known.get(part["phone_number_id"], part) for part in described]
    if (streets := body.get("street_addresses")) is not None:
        known = {part["street_address_id"]: part for part in contact.street_addresses}
        described = [describe_street(item, contact_id, stamp) for item in streets]
        contact.street_addresses = [known.get(part["street_address_id"], part) for part in described]
    if (notes := body.get("notes")) is not None:
        known = {part["note_id"]: part for part in contact.notes}
        contact.notes = [
            describe_note(
                {**known.get(str(item.get("note_id")), {}), "content": item.get("content") or ""},
                contact_id,
                number,
                stamp,
            )
            for number, item in enumerate(notes)
        ]
    if (list_ids := body.get("list_memberships")) is not None:
        replace_lists(change.db, contact.seq, (entry.no for entry in find_entries(change.db, "list", list_ids)))
    if (tag_ids := body.get("taggings")) is not None:
        replace_tags(change.db, contact.seq, (entry.no for entry in find_entries(change.db, "tag", tag_ids)))
    if (channel := body.get("sms_channel")) is not None:
        contact.sms_channel = _describe_sms(channel, contact_id, source)


def _choose_permission(change: Change, given: Document, source: str) -> str:
    if source == "Contact" and change.switches.confirmed_opt_in:
        return "pending_confirmation"
    chosen: str | None = given.get("permission_to_send")
    return chosen or ("explicit" if source == "Contact" else "implicit")


def _find_revival_faults(change: Change, body: Document) -> list[str]:
    faults = []
    if body.get("update_source") != "Account":
        faults.append("update_source must be Account to restore a deleted contact")
    if change.switches.revival_needs_list and not body.get("list_memberships"):
        faults.append("list_memberships is missing")
    return faults


def _set_permission(change: Change, contact: Contact, given: Document, source: str) -> None:
    """What becomes of consent. Left out, it is kept or reset; unsubscribed is left only by saying so."""
    if not given or not contact.email:
        return
    wanted: str | None = given.get("permission_to_send")
    if contact.is_unsubscribed:
        may_return = change.switches.put_echo_resubscribes and not contact.is_deleted
        if may_return and wanted not in (None, "", "unsubscribed"):
            consent.opt_in_again(change, contact, wanted, source)
        return
    if not wanted and change.switches.put_omitted_permission == "reset":
        wanted = "implicit"
    if wanted and wanted != "unsubscribed":
        contact.core["email_address"]["permission_to_send"] = wanted


def _refuse_lists_for_unsubscribed(change: Change, contact: Contact, body: Document) -> None:
    """Whoever opted out is put on no list; whom the account took off, the account may add."""
    if not contact.is_unsubscribed or contact.email.get("opt_out_source") == "Account":
        return
    wanted = {entry.no for entry in find_entries(change.db, "list", body.get("list_memberships") or ())}
    if wanted - set(read_lists(change.db, contact.seq)):
        status = change.switches.unsubscribed_put_status
        message = "Contact is unsubscribed and can not be added to lists"
        raise refuse(status, INVALID if status == 400 else CONFLICT, message)


def _set_address(change: Change, contact: Contact, given: Document) -> None:
    """A new address for the same contact; by a bug that the service knows of, it may be welcomed."""
    if not given:
        return
    address = given["address"].lower() if change.switches.stored_case == "lower" else given["address"]
    if not contact.email:
        permission = given.get("permission_to_send") or "implicit"
        contact.core["email_address"] = consent.start_email(change, address, permission, "Account")
        return
    before = contact.core["email_address"]["address"]
    contact.core["email_address"].update(address=address, updated_at=change.stamp)
    if address_key(before) != address_key(address) and change.switches.address_change_sends_welcome:
        greet(change, contact, "PUT /contacts with another address")


def _describe_field(change: Change, item: Document) -> Document | None:
    """The custom field as the contact has it; None when it says nothing."""
    field_id = item["custom_field_id"]
    entry = find_entry(change.db, "custom_field", field_id)
    assert entry is not None, "checked by find_violations"
    name = "choice_ids" if values.takes_choices(entry.document) else "value"
    value: Any = item.get(name)
    return {"custom_field_id": field_id, name: value} if value not in (None, "", []) else None


def _describe_sms(channel: Document, contact_id: str, source: str) -> Document:
    """The read form. Only dial code 1 is known here: the provider's bulk import takes no other either."""
    digits = "".join(character for character in channel["full_sms_address"] if character.isdigit())
    return {
        "sms_channel_id": derive_id("sms", contact_id),
        "sms_address": digits.removeprefix("1") if len(digits) == 11 else digits,
        "dial_code": "1",
        "country_code": "US",
        "update_source": source,
        "create_source": source,
        "sms_channel_consents": channel["sms_channel_consents"],
    }
