"""The effects of the bulk activities other than the import."""

from collections.abc import Callable

from . import catalog, values
from .catalog import find_entries
from .consent import Change, delete, revive
from .documents import Document
from .fates import Work
from .importing import import_contacts
from .picking import pick_contacts
from .records import Contact, add_tags, add_to_lists, read_contact, read_lists, save_contact


def add_list_memberships(change: Change, payload: Document) -> Document:
    """Put contacts on lists. The unsubscribed are passed over in silence, the deleted come back."""
    lists = [entry.no for entry in find_entries(change.db, "list", payload["list_ids"])]
    errors: list[str] = []

    def add(contact: Contact) -> None:
        if contact.is_unsubscribed:
            return
        if len({*read_lists(change.db, contact.seq), *lists}) > values.LISTS:
            errors.append(f"contact {contact.contact_id} would be on more than {values.LISTS} lists")
            return
        add_to_lists(change.db, contact.seq, lists)
        if contact.is_deleted or change.switches.list_change_moves_updated_at:
            revive(contact)
            _touch(change, contact)

    return _for_each(change, payload, add, errors, list_count=len(lists))


def remove_list_memberships(change: Change, payload: Document) -> Document:
    lists = [entry.no for entry in find_entries(change.db, "list", payload["list_ids"])]

    def remove(contact: Contact) -> None:
        pairs = [(contact.seq, no) for no in lists]
        change.db.executemany("DELETE FROM membership WHERE contact = ? AND list = ?", pairs)
        if change.switches.list_change_moves_updated_at:
            _touch(change, contact)

    return _for_each(change, payload, remove, [], list_count=len(lists))


def add_taggings(change: Change, payload: Document) -> Document:
    tags = [entry.no for entry in find_entries(change.db, "tag", payload["tag_ids"])]
    errors: list[str] = []

    def add(contact: Contact) -> None:
        held = {row[0] for row in change.db.execute("SELECT tag FROM tagging WHERE contact = ?", (contact.seq,))}
        if len({*held, *tags}) > values.TAGS:
            errors.append(f"contact {contact.contact_id} would have more than {values.TAGS} tags")
            return
        add_tags(change.db, contact.seq, tags)
        if change.switches.tag_change_moves_updated_at:
            _touch(change, contact)

    return _for_each(change, payload, add, errors)


def remove_taggings(change: Change, payload: Document) -> Document:
    tags = [entry.no for entry in find_entries(change.db, "tag", payload["tag_ids"])]

    def remove(contact: Contact) -> None:
        pairs = [(contact.seq, no) for no in tags]
        change.db.executemany("DELETE FROM tagging WHERE contact = ? AND tag = ?", pairs)
        if change.switches.tag_change_moves_updated_at:
            _touch(change, contact)

    return _for_each(change, payload, remove, [])


def delete_contacts(change: Change, payload: Document) -> Document:
    def remove(contact: Contact) -> None:
        if not contact.is_deleted:
            delete(change, contact)
            save_contact(change.db, contact)

    return _for_each(change, {"source": payload}, remove, [])


def delete_lists(change: Change, payload: Document) -> Document:
    """Delete lists and their memberships; the contacts stay."""
    entries = find_entries(change.db, "list", payload["list_ids"])
    for entry in entries:
        change.db.execute("DELETE FROM membership WHERE list = ?", (entry.no,))
        entry.deleted = True
        entry.document["deleted_at"] = change.stamp
        catalog.save_entry(change.db, "list", entry)
    return {"status": {"list_count": len(entries)}}


def delete_tags(change: Change, payload: Document) -> Document:
    entries = find_entries(change.db, "tag", payload["tag_ids"])
    for entry in entries:
        change.db.execute("DELETE FROM tagging WHERE tag = ?", (entry.no,))
        catalog.remove_entry(change.db, "tag", entry)
    asked = len(payload["tag_ids"])
    return {"status": {"items_total_count": asked, "items_completed_count": len(entries)}}


def delete_custom_fields(change: Change, payload: Document) -> Document:
    for entry in find_entries(change.db, "custom_field", payload["custom_field_ids"]):
        delete_custom_field(change, entry)
    return {}


def delete_custom_field(change: Change, entry: catalog.Entry) -> None:
    """Delete a definition, and with it its values on all contacts."""
    sql = "SELECT seq FROM contact WHERE custom_fields LIKE ?"
    for (seq,) in change.db.execute(sql, (f'%"{entry.id}"%',)).fetchall():
        contact = read_contact(change.db, seq)
        if contact:
            kept = [part for part in contact.custom_fields if part["custom_field_id"] != entry.id]
            contact.custom_fields = kept
            save_contact(change.db, contact)
    catalog.remove_entry(change.db, "custom_field", entry)


WORK: dict[str, Work] = {
    "contacts_import": import_contacts,
    "add_list_memberships": add_list_memberships,
    "remove_list_memberships": remove_list_memberships,
    "contacts_taggings_add": add_taggings,
    "contacts_taggings_remove": remove_taggings,
    "contact_delete": delete_contacts,
    "list_delete": delete_lists,
    "contacts_tags_delete": delete_tags,
    "custom_fields_delete": delete_custom_fields,
}


def _for_each(
    change: Change, payload: Document, act: Callable[[Contact], None], errors: list[str], **counts: int
) -> Document:
    seqs, asked = pick_contacts(change, payload["source"], (payload.get("exclude") or {}).get("contact_ids", ()))
    for seq in seqs:
        contact = read_contact(change.db, seq)
        if contact:
            act(contact)
    status = {"items_total_count": asked, "items_completed_count": len(seqs), **counts}
    return {"status": status, "activity_errors": errors}


def _touch(change: Change, contact: Contact) -> None:
    contact.core.update(updated_at=change.stamp, update_source="Account")
    save_contact(change.db, contact)
