"""All people of an account at once, whole and by names, as tests want to see them."""

from collections.abc import Iterator
from typing import Any

from .catalog import read_entries
from .documents import Document, dump, load
from .records import address_key
from .store import Store

_PARTS = ("custom_fields", "phone_numbers", "street_addresses", "notes", "sms_channel")


def write_people(store: Store, address: str | None = None) -> Iterator[str]:
    """A JSON array in pieces: contacts of every state, with the names of lists, tags and fields in `by_name`.

    address: of the one contact that is wanted, in any letter case; None for all.
    """
    with store.reading() as db:
        lists = {entry.no: entry for entry in read_entries(db, "list", include_deleted=True)}
        tags = {entry.no: entry for entry in read_entries(db, "tag")}
        fields = {entry.id: entry for entry in read_entries(db, "custom_field")}
        joint = "["
        where, values = ("true", ()) if address is None else ("address_key = ?", (address_key(address),))
        query = f"SELECT seq, core, v1, {', '.join(_PARTS)} FROM contact WHERE {where} ORDER BY seq"
        for seq, core, only_v1, *texts in db.execute(query, values):
            contact: Document = load(core)
            parts = zip(_PARTS, texts, strict=True)
            contact.update((name, load(text)) for name, text in parts if text is not None)
            joined = [lists[row[0]] for row in db.execute("SELECT list FROM membership WHERE contact = ?", (seq,))]
            tagged = [tags[row[0]] for row in db.execute("SELECT tag FROM tagging WHERE contact = ?", (seq,))]
            contact["list_memberships"] = [entry.id for entry in joined]
            contact["taggings"] = [entry.id for entry in tagged]
            if own := {name: text for name, text in load(only_v1).items() if not name.startswith("@")}:
                contact["v1"] = own
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
