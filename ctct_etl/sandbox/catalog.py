"""Lists, tags and custom-field definitions of the account, found by id or by name.

Names are unique in any letter case. An entry is an id, a number that memberships and taggings point to,
and the document that the service shows.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from .documents import Document, derive_id, dump, load

Kind = Literal["list", "tag", "custom_field"]

SELECT_TYPES = ("single_select", "multi_select")
FIELD_TYPES = ("string", "date", "datetime", "number", "currency", "boolean", "text_area", *SELECT_TYPES)


@dataclass
class Entry:
    no: int
    id: str
    document: Document
    deleted: bool = False

    @property
    def name(self) -> str:
        """What a person calls it: the label of a custom field, the name of a list or tag."""
        return str(self.document.get("label", self.document["name"]))


def name_key(name: str) -> str:
    return name.strip().casefold()


def add_entry(db: sqlite3.Connection, kind: Kind, name: str, document: Document) -> Entry:
    """Put a new list, tag or field into the catalog; its id goes into the document as `<kind>_id`."""
    no = int(db.execute(f"SELECT coalesce(max(no), 0) + 1 FROM {kind}").fetchone()[0])
    known = db.execute(f"SELECT 1 FROM {kind} WHERE id = ?", (derive_id(kind, name),)).fetchone()
    entry_id = derive_id(kind, name, no) if known else derive_id(kind, name)
    document = {f"{kind}_id": entry_id, **document}
    db.execute(
        f"INSERT INTO {kind}(no, id, key, document) VALUES (?, ?, ?, ?)", (no, entry_id, name_key(name), dump(document))
    )
    return Entry(no, entry_id, document)


def save_entry(db: sqlite3.Connection, kind: Kind, entry: Entry) -> None:
    key = None if entry.deleted else name_key(entry.name)
    db.execute(
        f"UPDATE {kind} SET key = ?, document = ?, deleted = ? WHERE no = ?",
        (key, dump(entry.document), int(entry.deleted), entry.no),
    )


def remove_entry(db: sqlite3.Connection, kind: Kind, entry: Entry) -> None:
    db.execute(f"DELETE FROM {kind} WHERE no = ?", (entry.no,))


def find_entry(db: sqlite3.Connection, kind: Kind, entry_id: str) -> Entry | None:
    """The entry with this id, unless it is deleted."""
    found = find_entries(db, kind, [entry_id])
    return found[0] if found else None


def find_entries(db: sqlite3.Connection, kind: Kind, entry_ids: Iterable[str]) -> list[Entry]:
    """Those of the ids that exist, in the order asked, each once."""
    entries = []
    for entry_id in dict.fromkeys(entry_ids):
        sql = f"SELECT no, id, document FROM {kind} WHERE id = ? AND NOT deleted"
        row = db.execute(sql, (entry_id,)).fetchone()
        if row:
            entries.append(Entry(row[0], row[1], load(row[2])))
    return entries


def find_by_name(db: sqlite3.Connection, kind: Kind, name: str) -> Entry | None:
    row = db.execute(f"SELECT no, id, document FROM {kind} WHERE key = ?", (name_key(name),)).fetchone()
    return Entry(row[0], row[1], load(row[2])) if row else None


def read_entries(db: sqlite3.Connection, kind: Kind, include_deleted: bool = False) -> list[Entry]:
    """All entries in the order they were made."""
    which = "" if include_deleted else " WHERE NOT deleted"
    rows = db.execute(f"SELECT no, id, document, deleted FROM {kind}{which} ORDER BY no")
    return [Entry(no, entry_id, load(text), bool(deleted)) for no, entry_id, text, deleted in rows]


def number_choices(db: sqlite3.Connection, choices: list[Document]) -> list[Document]:
    """Give ids to the choices that have none: whole numbers, never used twice in the account."""
    row = db.execute("SELECT value FROM memory WHERE name = 'choices'").fetchone()
    last = int(row[0]) if row else 0
    numbered = []
    for order, choice in enumerate(choices, start=1):
        number = choice.get("choice_id")
        if number is None:
            last = number = last + 1
        numbered.append({"display_order": order, **choice, "choice_id": number})
    db.execute("INSERT OR REPLACE INTO memory VALUES ('choices', ?)", (str(last),))
    return numbered


def name_field(label: str, keep_case: bool) -> str:
    """The name that the service makes from a label: blanks become underscores."""
    name = label.strip().replace(" ", "_")
    return name if keep_case else name.lower()
