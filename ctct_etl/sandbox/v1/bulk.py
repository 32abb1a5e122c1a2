"""The effects of v1's bulk activities, by their kinds."""

from ..catalog import find_entries
from ..consent import Change
from ..documents import Document
from ..fates import Work
from ..records import find_by_address
from .exporting import export_contacts
from .importing import add_contacts, tell_rows


def remove_contacts(change: Change, payload: Document) -> Document:
    """Take the addresses of the rows off the lists. Whoever was on no other is Removed then."""
    lists = [entry.no for entry in find_entries(change.db, "list", payload["list_ids"])]
    errors: list[Document] = []
    count = 0
    for row in {str(row["address"]).lower(): row for row in payload["rows"]}.values():
        contact = find_by_address(change.db, row["address"])
        if contact is None:
            errors.append({**row, "message": "there is no contact with this e-mail address"})
            continue
        pairs = [(contact.seq, no) for no in lists]
        change.db.executemany("DELETE FROM membership WHERE contact = ? AND list = ?", pairs)
        count += 1
    return tell_rows(payload, count, errors)


def clear_lists(change: Change, payload: Document) -> Document:
    """Take everybody off the lists, which stay."""
    lists = [entry.no for entry in find_entries(change.db, "list", payload["list_ids"])]
    count = sum(change.db.execute("DELETE FROM membership WHERE list = ?", (no,)).rowcount for no in lists)
    return {"status": {"person_count": count}}


WORK: dict[str, Work] = {
    "v1_add": add_contacts,
    "v1_remove": remove_contacts,
    "v1_clear": clear_lists,
    "v1_export": export_contacts,
}
