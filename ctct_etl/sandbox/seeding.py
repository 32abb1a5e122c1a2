"""Fill an account from a seed: JSON lines, one contact or definition a line, everything by name.

    {"account": {"organization_name": "Riverside Club"}}
    {"list": {"name": "Archive"}}
    {"tag": {"name": "vip"}}
    {"custom_field": {"label": "Member Level", "type": "single_select", "choices": ["Basic", "Gold"]}}
    {"email_address": {"address": "a@example.com", "permission_to_send": "implicit"}, "first_name": "Ann",
     "list_memberships": ["Newsletter"], "taggings": ["vip"], "custom_fields": {"Member Level": "Gold"},
     "phone_numbers": [{"kind": "mobile", "phone_number": "5085550100"}], "deleted_at": "2025-03-01",
     "v1": {"MiddleName": "B.", "CustomField7": "what only the v1 dialect can say"}}

A definition stands before its first use; a name that has none is made as it comes (custom fields as text).
A seed may break the service's limits on purpose: real accounts hold values longer than the API takes.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from .catalog import SELECT_TYPES, Entry, Kind, add_entry, find_by_name, name_field, number_choices, save_entry
from .clock import read_stamp
from .documents import Document, derive_id, drop_nulls, dump, load
from .records import COLUMNS, CORE_PROPERTIES, ONLY_V1, PLACES, Contact, next_seq, row_of
from .store import Store, build_indexes

EPOCH = "2025-01-01T00:00:00Z"
"""When everything undated in a seed was made: a constant, so that a seed gives the same account every day."""

_CHUNK = 20_000
_STREET_PARTS = ("street", "city", "state", "postal_code", "country")
_CONTACT_KEYS = {
    *("email_address", "create_source", "update_source", "created_at", "updated_at", "deleted_at", "contact_id"),
    *("list_memberships", "taggings", "custom_fields", "phone_numbers", "street_addresses", "notes", "sms_channel"),
    *(*CORE_PROPERTIES, "v1"),
}


def fill_from_seed(store: Store, seed: Path) -> int:
    """Load the seed into the store; the number of contacts. Raises ValueError naming file and line."""
    with seed.open(encoding="utf-8") as lines, store.loading() as db:
        count = _Seeder(db, seed).load(lines)
        try:
            build_indexes(db)
        except sqlite3.IntegrityError as problem:
            raise ValueError(f"{seed}: {_find_twin(db)} is there more than once") from problem
    return count


class _Seeder:
    """Keeps the names seen so far at hand, so that a line costs no query."""

    def __init__(self, db: sqlite3.Connection, seed: Path) -> None:
        self._db = db
        self._seed = seed
        self._seen: dict[Kind, dict[str, Entry]] = {"list": {}, "tag": {}, "custom_field": {}}
        self._choices: dict[tuple[str, str], str] = {}
        self._seq = next_seq(db)
        self._memberships: list[tuple[int, int]] = []
        self._taggings: list[tuple[int, int]] = []

    def load(self, lines: Iterable[str]) -> int:
        rows = self._read_rows(lines)
        count = 0
        while chunk := list(islice(rows, _CHUNK)):
            count += len(chunk)
            self._db.executemany(f"INSERT INTO contact(seq, {COLUMNS}, changed_at) VALUES (?, {PLACES}, ?)", chunk)
            self._db.executemany("INSERT OR IGNORE INTO membership(contact, list) VALUES (?, ?)", self._memberships)
            self._db.executemany("INSERT OR IGNORE INTO tagging(contact, tag) VALUES (?, ?)", self._taggings)
            self._memberships.clear()
            self._taggings.clear()
        return count

    def _read_rows(self, lines: Iterable[str]) -> Iterator[tuple[Any, ...]]:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                document = load(line)
                if not self._define(document):
                    contact = self._build_contact(document)
                    changed_at = max(contact.core["updated_at"], contact.email.get("opt_out_date", ""))
                    yield (self._seq, *row_of(contact), changed_at)
                    self._seq += 1
            except (ValueError, TypeError, KeyError, AttributeError) as problem:
                raise ValueError(f"{self._seed}:{number}: {problem}") from problem

    def _define(self, document: Document) -> bool:
        """Take a line that defines something; False when it is a contact."""
        if "email_address" in document:
            return False
        if "account" in document:
            self._db.execute("INSERT OR REPLACE INTO memory VALUES ('account', ?)", (dump(document["account"]),))
        elif "list" in document:
            self._name("list", document["list"].pop("name"), document["list"])
        elif "tag" in document:
            self._name("tag", document["tag"].pop("name"), document["tag"])
        elif "custom_field" in document:
            definition = document["custom_field"]
            if definition["label"] in self._seen["custom_field"]:
                raise ValueError(f"custom field {definition['label']!r} is defined after its first use")
            self._name("custom_field", definition.pop("label"), definition)
        else:
            return False
        return True

    def _name(self, kind: Kind, name: str, given: Document | None = None) -> Entry:
        """The entry of that name, made if there is none yet."""
        entry = self._seen[kind].get(name) or find_by_name(self._db, kind, name)
        if entry is None:
            entry = add_entry(self._db, kind, name, self._describe(kind, name, given or {}))
        elif given:
            entry.document.update(given)
            save_entry(self._db, kind, entry)
        self._seen[kind][name] = entry
        return entry

    def _describe(self, kind: Kind, name: str, given: Document) -> Document:
        dates = {"created_at": EPOCH, "updated_at": EPOCH}
        if kind == "list":
            return {"name": name, "favorite": False, **given, **dates}
        if kind == "tag":
            return {"name": name, "tag_source": "Contact", **given, **dates}
        choices = [{"choice_label": label} for label in given.pop("choices", ())]
        described: Document = {"label": name, "name": name_field(name, keep_case=False), "type": "string"}
        described |= given | dates
        if described["type"] in SELECT_TYPES:
            described["choices"] = number_choices(self._db, choices)
        return described

    def _build_contact(self, line: Document) -> Contact:
        unknown = line.keys() - _CONTACT_KEYS
        if unknown:
            raise ValueError(f"unknown keys {sorted(unknown)}")
        strange = line.get("v1", {}).keys() - set(ONLY_V1)
        if strange:
            raise ValueError(f"v1 has {', '.join(ONLY_V1)}, not {sorted(strange)}")
        created = read_stamp(line.get("created_at") or EPOCH)
        updated = read_stamp(line.get("updated_at") or created)
        email = line.get("email_address")
        contact_id = line.get("contact_id") or derive_id("contact", dump(line) if email is None else email["address"])
        core: Document = {"contact_id": contact_id}
        if email is not None:
            core["email_address"] = _describe_email(email, created, updated)
        for name in CORE_PROPERTIES:
            if line.get(name) is not None:
                core[name] = line[name]
        core["update_source"] = line.get("update_source", "Account")
        core["create_source"] = line.get("create_source", "Account")
        core["created_at"], core["updated_at"] = created, updated
        if line.get("deleted_at"):
            core["deleted_at"] = line["deleted_at"][:10]
        self._memberships += [(self._seq, self._name("list", name).no) for name in line.get("list_memberships", ())]
        self._taggings += [(self._seq, self._name("tag", name).no) for name in line.get("taggings", ())]
        return Contact(
            core,
            custom_fields=[self._fill_field(*pair) for pair in line.get("custom_fields", {}).items()],
            phone_numbers=[describe_phone(part, contact_id, created) for part in line.get("phone_numbers", ())],
            street_addresses=[describe_street(part, contact_id, created) for part in line.get("street_addresses", ())],
            notes=[describe_note(part, contact_id, number, created) for number, part in _count(line.get("notes", ()))],
            sms_channel=line.get("sms_channel"),
            v1={name: str(text) for name, text in line.get("v1", {}).items() if text},
        )

    def _fill_field(self, label: str, value: object) -> Document:
        entry = self._seen["custom_field"].get(label) or self._name("custom_field", label)
        if entry.document["type"] not in SELECT_TYPES:
            return {"custom_field_id": entry.id, "value": str(value)}
        chosen = value if isinstance(value, list) else [value]
        return {"custom_field_id": entry.id, "choice_ids": [self._find_choice(entry, choice) for choice in chosen]}

    def _find_choice(self, entry: Entry, choice: Any) -> str:
        found = self._choices.get((entry.id, choice))
        if found is None:
            known = {(entry.id, part["choice_label"]): str(part["choice_id"]) for part in entry.document["choices"]}
            self._choices.update(known)
            found = known.get((entry.id, choice))
        if found is None:
            raise ValueError(f"custom field {entry.name!r} has no choice {choice!r}")
        return found


def _find_twin(db: sqlite3.Connection) -> str:
    """What came twice; the index that found out does not say."""
    for column, name in (("address_key", "address"), ("contact_id", "contact")):
        sql = f"SELECT {column} FROM contact WHERE {column} IS NOT NULL GROUP BY 1 HAVING count(*) > 1 LIMIT 1"
        twin = db.execute(sql).fetchone()
        if twin:
            return f"the {name} {twin[0]}"
    return "a contact"


def _describe_email(given: Document, created: str, updated: str) -> Document:
    permission = given.get("permission_to_send", "implicit")
    email = {
        "address": given["address"],
        "permission_to_send": permission,
        "created_at": read_stamp(given.get("created_at") or created),
        "updated_at": read_stamp(given.get("updated_at") or updated),
        "opt_in_source": given.get("opt_in_source", "Account"),
        "opt_in_date": read_stamp(given.get("opt_in_date") or created),
        "confirm_status": given.get("confirm_status", "pending" if permission == "pending_confirmation" else "off"),
    }
    if permission == "unsubscribed":
        email["opt_out_source"] = given.get("opt_out_source", "Contact")
        email["opt_out_date"] = read_stamp(given.get("opt_out_date") or updated)
        if given.get("opt_out_reason"):
            email["opt_out_reason"] = given["opt_out_reason"]
    return email


def describe_phone(given: Document, contact_id: str, stamp: str, source: str = "Account") -> Document:
    """A telephone number as the service shows it."""
    kind, number = given.get("kind") or "other", given.get("phone_number")
    described = {
        "phone_number_id": derive_id("phone", contact_id, kind, number),
        "phone_number": number,
        "kind": kind,
        "created_at": stamp,
        "updated_at": stamp,
        "update_source": source,
        "create_source": source,
    }
    return described if number is not None else drop_nulls(described)


def describe_street(given: Document, contact_id: str, stamp: str) -> Document:
    """A postal address as the service shows it."""
    kind = given.get("kind") or "home"
    parts = {name: given[name] for name in _STREET_PARTS if given.get(name)}
    return {
        "street_address_id": derive_id("street", contact_id, kind, *parts.values()),
        "kind": kind,
        **parts,
        "created_at": stamp,
        "updated_at": stamp,
    }


def describe_note(given: Document, contact_id: str, number: int, stamp: str) -> Document:
    """A note as the service shows it; one that was read before keeps its id and date."""
    return {
        "note_id": given.get("note_id") or derive_id("note", contact_id, number, given.get("content")),
        "created_at": read_stamp(given.get("created_at") or stamp),
        "content": given.get("content", ""),
    }


def _count(parts: Iterable[Document]) -> Iterator[tuple[int, Document]]:
    return enumerate(parts, start=1)
