"""The two calls that bring a person back: sign-up form and resubscribe. A batch loader must use neither."""

from flask import Blueprint, Response

from .. import consent, values
from ..catalog import Entry, find_entries
from ..consent import Change
from ..documents import Document
from ..mails import list_mail
from ..records import (
    CORE_PROPERTIES,
    Contact,
    add_to_lists,
    find_by_address,
    find_contact,
    insert_contact,
    read_lists,
    save_contact,
)
from ..service import this_service
from ..starting import start_contact
from .access import check_id, read_body, read_ids, require
from .bodies import check_custom_fields, check_streets, is_blank
from .errors import answer, conflict, invalid
from .writing import greet, set_arrays, set_core

routes = Blueprint("opt_in", __name__)

ADDRESS_LENGTH = 50
CUSTOM_FIELDS = 50


@routes.post("/contacts/sign_up_form")
def sign_up() -> Response:
    """Create or update by address, a person's own action: whoever it is becomes `explicit`."""
    body = read_body()
    with this_service().change() as change:
        lists = _check_form(change, body)
        contact = find_by_address(change.db, body["email_address"])
        is_new = contact is None
        if contact is None:
            permission = "pending_confirmation" if change.switches.confirmed_opt_in else "explicit"
            contact = start_contact(change, body["email_address"], permission, "Contact")
            set_core(contact, body)
            insert_contact(change.db, contact)
        else:
            _update(change, contact, body)
        _append(change, contact, body, lists)
        save_contact(change.db, contact)
        if is_new:
            greet(change, contact, "POST /contacts/sign_up_form")
    action = "created" if is_new else "updated"
    return answer({"contact_id": contact.contact_id, "action": action}, 201 if is_new else 200)


@routes.put("/contacts/resubscribe/<contact_id>")
def resubscribe(contact_id: str) -> Response:
    """Send the one mail that asks an unsubscribed person back; only their answer changes anything."""
    contact_id = check_id(contact_id, "contact_id")
    body = read_body()
    with this_service().change() as change:
        contact: Contact = require(find_contact(change.db, contact_id), "The contact")
        ids = read_ids(body, "list_ids", values.LISTS, least=1)
        if len(find_entries(change.db, "list", ids)) < len(set(ids)):
            raise invalid("list_ids has an id that does not exist")
        if contact.address is None or not contact.is_unsubscribed:
            raise conflict("The contact is not unsubscribed")
        asked = f"resubscribe {contact_id}"
        if change.db.execute("SELECT 1 FROM memory WHERE name = ?", (asked,)).fetchone():
            raise conflict("A resubscribe email was already sent to the contact")
        change.db.execute("INSERT INTO memory VALUES (?, ?)", (asked, ",".join(ids)))
        list_mail(change.db, change.stamp, "resubscribe", contact.address, "PUT /contacts/resubscribe")
    return answer({"contact_id": contact_id})


def _check_form(change: Change, body: Document) -> list[Entry]:
    violations = []
    address = body.get("email_address")
    if not isinstance(address, str) or not values.is_address(address):
        violations.append("email_address is not a valid email address")
    elif len(address) > ADDRESS_LENGTH:
        violations.append(f"email_address is longer than {ADDRESS_LENGTH} characters")
    for name, longest in {**values.TEXT_LENGTHS, "phone_number": 25}.items():
        value = body.get(name)
        if value is not None and (not isinstance(value, str) or len(value) > longest):
            violations.append(f"{name} must be a string of at most {longest} characters")
    if fault := values.find_birthday_fault(body.get("birthday_month"), body.get("birthday_day")):
        violations.append(fault)
    if not is_blank(body.get("anniversary")) and values.read_date(str(body["anniversary"])) is None:
        violations.append("anniversary is not a valid date")
    violations += check_custom_fields(change.db, body.get("custom_fields"), change.switches, CUSTOM_FIELDS)
    street = body.get("street_address")
    violations += check_streets(None if street is None else [street], change.switches)
    if violations:
        raise invalid(*violations)
    ids = read_ids(body, "list_memberships", values.LISTS, least=1)
    lists = find_entries(change.db, "list", ids)
    if len(lists) < len(set(ids)):
        raise invalid("list_memberships has an id that does not exist")
    return lists


def _update(change: Change, contact: Contact, body: Document) -> None:
    """Change what was sent, bring back who was gone, and take the form for consent."""
    consent.revive(contact)
    set_core(contact, {name: body[name] for name in CORE_PROPERTIES if name in body})
    consent.opt_in_again(change, contact, "explicit", "Contact")
    contact.core.update(update_source="Contact", updated_at=change.stamp)


def _append(change: Change, contact: Contact, body: Document, lists: list[Entry]) -> None:
    """Lists and custom fields are added to what there is; nothing is taken away."""
    joined = {*read_lists(change.db, contact.seq), *(entry.no for entry in lists)}
    if len(joined) > values.LISTS:
        raise invalid(f"list_memberships has more than {values.LISTS} items")
    add_to_lists(change.db, contact.seq, joined)
    arrays: Document = {}
    if body.get("custom_fields"):
        named = {item["custom_field_id"] for item in body["custom_fields"]}
        kept = [part for part in contact.custom_fields if part["custom_field_id"] not in named]
        arrays["custom_fields"] = kept + body["custom_fields"]
    if body.get("phone_number"):
        kept = [part for part in contact.phone_numbers if part["kind"] != "other"]
        arrays["phone_numbers"] = [*kept, {"kind": "other", "phone_number": body["phone_number"]}]
    if street := body.get("street_address"):
        kept = [part for part in contact.street_addresses if part["kind"] != street.get("kind")]
        arrays["street_addresses"] = [*kept, street]
    set_arrays(change, contact, arrays, "Contact")
