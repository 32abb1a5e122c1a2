from __future__ import annotations

import io
import json
from dataclasses import fields
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctct_etl import columns as c
from ctct_etl.plan.tables import ACTION, PERMISSION, ROUTE, ROUTE_REASON, PlanTables
from ctct_etl.run import action_lines
from ctct_etl.run.action_lines import read_action_lines, read_windows, write_action_lines
from tests.run.fakes import make_plan

TEXT = st.text(max_size=8) | st.sampled_from(['a "b"', "c\\d", "\n\x00", "\u2028", "Zoë", ""])
CONSENT = ("evidence_date", "evidence_source", "opt_in_source", "permission")
NAMES = st.sets(TEXT.filter(bool), max_size=3)
ENTRY = st.fixed_dictionaries(
    {
        "action": st.sampled_from(c.ACTIONS),
        "values": st.dictionaries(TEXT.filter(bool), st.tuples(TEXT, TEXT), max_size=3),
        "consent": st.just({}) | st.fixed_dictionaries(
            dict.fromkeys(CONSENT, TEXT)
        ),
        "add": NAMES, "remove": NAMES, "tags": NAMES, "wanted_lists": NAMES, "wanted_tags": NAMES,
        "origins": st.lists(st.tuples(TEXT, TEXT, st.integers(1, 2**40)), max_size=3),
        "texts": st.tuples(*[TEXT] * 6),
    }
)  # fmt: skip
ENTRIES = st.dictionaries(TEXT, ENTRY, max_size=7)


def tables_of(entries: dict[str, Any], order: Any = list) -> PlanTables:
    """Tables of drawn entries; `order` shuffles what has no order within a contact."""
    actions, changes, members, origins, wanted = [], [], [], [], []
    for n, (address, entry) in enumerate(sorted(entries.items())):
        consent = [
            entry["consent"].get(k, "") for k in ("evidence_date", "evidence_source", "opt_in_source", "permission")
        ]
        actions.append((address, entry["action"], *entry["texts"], *consent))
        changes += [(n, field, *pair) for field, pair in order(entry["values"].items())]
        members += [(n, c.LIST, name, c.ADD) for name in order(entry["add"])]
        members += [(n, c.LIST, name, c.REMOVE_FROM) for name in order(entry["remove"] - entry["add"])]
        members += [(n, c.TAG, name, c.ADD) for name in order(entry["tags"])]
        origins += [(n, *origin) for origin in entry["origins"]]
        wanted += [(n, c.LIST, name) for name in order(entry["wanted_lists"])]
        wanted += [(n, c.TAG, name) for name in order(entry["wanted_tags"])]
    texts = (c.REASON, c.CONTACT_ID, c.UPDATED_AT, c.STATUS, ROUTE, ROUTE_REASON)
    consent_columns = (c.EVIDENCE_DATE, c.EVIDENCE_SOURCE, c.OPT_IN_SOURCE, PERMISSION)
    return PlanTables(
        frame(actions, c.EMAIL, ACTION, *texts, *consent_columns),
        frame(changes, c.CONTACT, c.FIELD, c.BEFORE, c.AFTER),
        frame(members, c.CONTACT, c.KIND, c.NAME, c.CHANGE),
        frame(origins, c.CONTACT, c.ORIGIN_FILE, c.ORIGIN_SHEET, c.ORIGIN_ROW),
        frame(wanted, c.CONTACT, c.KIND, c.NAME),
    )


CATEGORIES = (ACTION, c.FIELD, c.KIND, c.NAME, c.CHANGE, c.ORIGIN_FILE, c.ORIGIN_SHEET)


def frame(rows: list[Any], *names: str) -> pd.DataFrame:
    columns = {name: pd.Series([row[i] for row in rows], dtype="int64" if name in (c.CONTACT, c.ORIGIN_ROW) else "str")
               for i, name in enumerate(names)}  # fmt: skip
    return pd.DataFrame(columns).astype({name: "category" for name in names if name in CATEGORIES})


def line_of(address: str, entry: dict[str, Any]) -> str:
    """The line as the json module writes it."""
    reason, contact_id, updated_at, status, route, route_reason = entry["texts"]
    said = any(entry["consent"].values())
    action = {
        "action": entry["action"], "address": address, "reason": reason, "contact_id": contact_id,
        "updated_at": updated_at, "status": status, "route": route, "route_reason": route_reason,
        "before": {field: before for field, (before, _) in entry["values"].items()},
        "after": {field: after for field, (_, after) in entry["values"].items()},
        "consent": entry["consent"] if said else {},
        "lists": {"add": sorted(entry["add"]), "remove": sorted(entry["remove"] - entry["add"])},
        "tags": {"add": sorted(entry["tags"])},
        "origins": [{"file": file, "sheet": sheet, "row": row} for file, sheet, row in entry["origins"]],
        "wanted": {"lists": sorted(entry["wanted_lists"]), "tags": sorted(entry["wanted_tags"])},
    }  # fmt: skip
    return json.dumps(action, sort_keys=True, ensure_ascii=False, separators=(",", ":")) + "\n"


@given(ENTRIES, st.sampled_from([1, 2, 100]))
def test_lines_are_what_the_json_module_writes(entries: dict[str, Any], chunk: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(action_lines, "_CHUNK", chunk)
        written = b"".join(write_action_lines(tables_of(entries)))
    assert written.decode() == "".join(line_of(address, entry) for address, entry in sorted(entries.items()))


@given(ENTRIES)
def test_reading_is_the_inverse_of_writing(entries: dict[str, Any]) -> None:
    tables = tables_of(entries)
    written = b"".join(write_action_lines(tables))
    back = read_action_lines(io.BytesIO(written))
    assert b"".join(write_action_lines(back)) == written
    for part in fields(PlanTables):
        ours, theirs = getattr(tables, part.name), getattr(back, part.name)
        order = [name for name in ours if name != c.ORIGIN_ROW] if part.name not in ("actions", "origins") else []
        assert sort(theirs[list(ours)], order) == sort(ours, order)


@given(ENTRIES, st.sampled_from([1, 2]), st.sampled_from([1, 3, 100]))
def test_windows_read_in_pieces_are_those_read_at_once(entries: dict[str, Any], piece: int, size: int) -> None:
    lines = b"".join(write_action_lines(tables_of(entries))).splitlines()
    whole = list(read_windows(lines, size))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(action_lines, "_PIECE", piece)
        in_pieces = list(read_windows(lines, size))
    assert len(in_pieces) == len(whole) == max(1, -(-len(lines) // size))
    for ours, theirs in zip(in_pieces, whole, strict=True):
        for part in fields(PlanTables):
            pd.testing.assert_frame_equal(getattr(ours, part.name), getattr(theirs, part.name))


def sort(table: pd.DataFrame, order: list[str]) -> Any:
    plain = table.astype({name: "object" for name in table})
    return (plain.sort_values(order, kind="stable") if order else plain).to_numpy().tolist()


@given(ENTRIES)
def test_the_order_of_rows_within_a_contact_does_not_matter(entries: dict[str, Any]) -> None:
    def backwards(items: Any) -> list[Any]:
        return list(reversed(list(items)))

    assert list(write_action_lines(tables_of(entries))) == list(write_action_lines(tables_of(entries, backwards)))


def test_the_dtypes_that_come_back_are_those_of_the_plan() -> None:
    tables = make_plan(creates={"a@x.org": "Ann"}, added={"b@x.org": ["News"]}).tables
    back = read_action_lines(b"".join(write_action_lines(tables)).splitlines())
    for part in fields(PlanTables):
        ours, theirs = getattr(tables, part.name), getattr(back, part.name)
        assert dict(theirs.dtypes.astype("str")) == dict(ours.dtypes.astype("str"))


def test_a_missing_value_is_refused_not_written() -> None:
    tables = make_plan(creates={"a@x.org": "Ann"}).tables
    tables.changes[c.AFTER] = pd.Series([None], dtype="str")
    with pytest.raises(ValueError, match="missing"):
        list(write_action_lines(tables))


def test_a_tag_to_be_taken_off_is_refused_not_lost() -> None:
    tables = tables_of({})
    off = frame([(0, c.TAG, "x", c.REMOVE_FROM)], c.CONTACT, c.KIND, c.NAME, c.CHANGE)
    with pytest.raises(ValueError, match="takes no tags off"):
        list(write_action_lines(PlanTables(tables.actions, tables.changes, off, tables.origins, tables.wanted)))
