"""What becomes of a bulk activity when a fault has its hand on it: its work, all of it or a part, and how it ends.

A fate travels with the payload of the job, so that it holds after a restart too. Rows are those of an import, or
the contacts, lists, tags and fields that the other activities mean.
"""

from collections.abc import Callable, Mapping
from typing import Any

from .consent import Change
from .documents import Document
from .faults import draw
from .picking import pick_contacts
from .records import read_contact

KEY = "@fate"
ROW_ERRORS = "row_errors"
"""Where activities of v1 tell what was wrong with which row: its own keys, `line` among them, and `message`."""

FAILED = {"activity_failed": "failed", "activity_cancelled": "cancelled", "activity_timed_out": "timed_out"}

Work = Callable[[Change, Any], Document]
"""Does a job's effect; gives its counters under `status` and its `activity_errors`."""


def take_fate(environ: Mapping[str, Any]) -> Document | None:
    """The fate that waits for the job which this request queues. It is there once."""
    waiting: list[Document] = environ.get(KEY, [])
    return waiting.pop() if waiting else None


def work_fatefully(work: Work, kind: str, change: Change, payload: Document) -> tuple[str, Document]:
    """Do what the fate lets be done; the state in which the job ends, and what it tells."""
    fate: Document | None = payload.get(KEY)
    if fate is None or fate["kind"] == "activity_stalled":
        return "completed", work(change, payload)
    payload, path = _spell_out(change, kind, payload)
    done, left = _split(payload, path, fate)
    told = work(change, done)
    if fate["kind"] in FAILED:
        return FAILED[fate["kind"]], {"percent_done": round(100 * fate["done"])}
    if fate["kind"] == "activity_row_errors":
        _add_errors(told, work, change, _put(payload, path, left), left, fate)
    return "completed", told  # of rows lost it knows nothing: it counts what it did


def _spell_out(change: Change, kind: str, payload: Document) -> tuple[Document, tuple[str, ...]]:
    """The payload with its rows in an array, and where that array stands."""
    if "rows" in payload:
        return payload, ("rows",)
    if "source" in payload or kind == "contact_delete":
        return _spell_out_contacts(change, payload)
    return payload, next((key,) for key, value in payload.items() if isinstance(value, list))


def _spell_out_contacts(change: Change, payload: Document) -> tuple[Document, tuple[str, ...]]:
    path = ("source", "contact_ids") if "source" in payload else ("contact_ids",)
    source = payload.get("source", payload)
    if "contact_ids" in source:
        return payload, path
    seqs, _ = pick_contacts(change, source, (payload.get("exclude") or {}).get("contact_ids", ()))
    contacts = [contact.contact_id for contact in (read_contact(change.db, seq) for seq in seqs) if contact]
    if "source" in payload:
        return payload | {"source": {"contact_ids": contacts}, "exclude": {}}, path
    return {KEY: payload[KEY], "contact_ids": contacts}, path


def _split(payload: Document, path: tuple[str, ...], fate: Document) -> tuple[Document, dict[int, Any]]:
    """The payload with the rows that are done, and the others by their place."""
    rows: Any = payload
    for key in path:
        rows = rows[key]
    places = list(range(len(rows)))
    if fate["seed"] is not None:
        places.sort(key=lambda place: draw(fate["seed"], place))
    kept = round(fate["done"] * len(rows))
    done = {place: rows[place] for place in sorted(places[:kept])}
    return _put(payload, path, done), {place: rows[place] for place in sorted(places[kept:])}


def _put(payload: Document, path: tuple[str, ...], rows: Mapping[int, Any]) -> Document:
    key, *rest = path
    inner = _put(payload[key], tuple(rest), rows) if rest else list(rows.values())
    return payload | {key: inner}


def _add_errors(
    told: Document, work: Work, change: Change, left: Document, rows: Mapping[int, Any], fate: Document
) -> None:
    """Errors for the rows left over, counted as the fault says. Only an import has the three counters."""
    status, errors = told.setdefault("status", {}), told.setdefault("activity_errors", [])
    if fate["counter"] == "cannot_add_to_list_count" and "rows" in left:
        others = work(change, left | {"list_ids": [], "extra_rows": []})  # imported, and put on no list
        for name, count in others["status"].items():
            status[name] += count
        status[fate["counter"]] += len(rows)
        errors += others["activity_errors"]
        if ROW_ERRORS in told:
            told[ROW_ERRORS] += others[ROW_ERRORS]
        return
    if "items_total_count" in status:
        status["items_total_count"] += len(rows)
    if "rows" in left:
        status[fate["counter"]] += len(rows)
    errors += [f"row {place + 1}: refused on purpose" for place in rows]
    if ROW_ERRORS in told:
        told[ROW_ERRORS] += [{**row, "message": "refused on purpose"} for row in rows.values() if isinstance(row, dict)]
