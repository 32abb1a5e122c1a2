"""Which contacts the `source` of a bulk activity means."""

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from .catalog import find_entries
from .consent import Change
from .records import find_contact

Source = Mapping[str, object]


def pick_contacts(change: Change, source: Source, excluded: Iterable[str] = ()) -> tuple[list[int], int]:
    """The contacts that a `source` object means, and how many it asked for."""
    db, seqs, asked = change.db, set[int](), 0
    if isinstance(ids := source.get("contact_ids"), list):
        asked = len(ids)
        found = (find_contact(db, contact_id) for contact_id in dict.fromkeys(ids))
        seqs = {contact.seq for contact in found if contact}
    for key, kind, table in (("list_ids", "list", "membership"), ("tag_ids", "tag", "tagging")):
        if isinstance(ids := source.get(key), list):
            entries = find_entries(db, "list" if kind == "list" else "tag", ids)
            for entry in entries:
                seqs.update(row[0] for row in db.execute(f"SELECT contact FROM {table} WHERE {kind} = ?", (entry.no,)))
    if source.get("all_active_contacts"):
        seqs.update(row[0] for row in db.execute("SELECT seq FROM contact WHERE state IN ('explicit', 'implicit')"))
    if source.get("new_subscriber"):
        seqs.update(_find_new_subscribers(db, change.stamp))
    seqs -= {contact.seq for contact in (find_contact(db, contact_id) for contact_id in excluded) if contact}
    return sorted(seqs), max(asked, len(seqs))


def _find_new_subscribers(db: sqlite3.Connection, stamp: str) -> list[int]:
    month_ago = (datetime.fromisoformat(stamp) - timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    sql = "SELECT seq FROM contact WHERE created_at >= ? AND state IN ('explicit', 'implicit')"
    return [row[0] for row in db.execute(sql, (month_ago,))]
