"""What the directory of one run says of one address, read without the rest of it.

The plan's digests are not checked: whoever applies it does so, and to look at a hundred runs must not take an hour.
"""

from __future__ import annotations

import json
import mmap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from ctct_etl.columns import CREATE, DONE, EMAIL, ORIGIN_COLUMNS, OUTCOME, REASON, UPDATE, WRITING_ACTIONS
from ctct_etl.run.run_cards import RunCard
from ctct_etl.run.run_files import ACTION_LINES, NOT_DONE_LINES, ROWS

_UNTOLD = "not told"


@dataclass(frozen=True)
class Mention:
    """action: the address's line of actions.jsonl, {} for none. rows: (file, sheet, row, outcome, reason) of its rows.

    result: what became of a writing action, "" where nothing was sent. words: the service's own, or what moved.
    """

    action: dict[str, Any]
    rows: tuple[tuple[str, str, int, str, str], ...]
    result: str = ""
    words: str = ""


def find_mention(card: RunCard, address: str) -> Mention | None:
    """Return what the run planned and did with `address` (canonical), None where it had nothing to do with it.

    Raises OSError, ValueError, KeyError or TypeError for files that this program did not write, or that are torn.
    """
    action = find_line(card.directory / ACTION_LINES, address) or {}
    rows = _find_rows(card.directory / ROWS, address)
    if not action and not rows:
        return None
    if not action and any(outcome in (CREATE, UPDATE) for *_, outcome, _ in rows):
        raise ValueError(f"a row of it was to be written, and {ACTION_LINES} does not say so")
    if card.applied is None or action.get("action") not in WRITING_ACTIONS:
        return Mention(action, rows)
    if not card.applied.ended_at or not (card.directory / NOT_DONE_LINES).exists():
        return Mention(action, rows, _UNTOLD, "the run was ended before it could say")
    undone = find_line(card.directory / NOT_DONE_LINES, address)
    return Mention(action, rows, *((DONE, "") if undone is None else (undone["result"], undone["words"])))


def find_line(path: Path, address: str) -> dict[str, Any] | None:
    """Return the line of a file of JSON lines whose `address` this is. Raises ValueError for a file that is torn."""
    # Inside a value its quotes would be escaped: so this is the key, and nothing else.
    wanted = f'"address":{json.dumps(address, ensure_ascii=False)}'.encode()
    with path.open("rb") as file:
        if not path.stat().st_size:
            return None
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as lines:
            if lines[-1:] != b"\n":
                raise ValueError("the last line is torn")
            at = lines.find(wanted)
            if at < 0:
                return None
            line: dict[str, Any] = json.loads(lines[lines.rfind(b"\n", 0, at) + 1 : lines.find(b"\n", at)])
            return line


def _find_rows(path: Path, address: str) -> tuple[tuple[str, str, int, str, str], ...]:
    columns = [*ORIGIN_COLUMNS, OUTCOME, REASON]
    table = pq.read_table(path, columns=[*columns, EMAIL], filters=[(EMAIL, "==", address)])
    return tuple(
        (str(file), str(sheet), int(row), str(outcome), str(reason))
        for file, sheet, row, outcome, reason in zip(*(table[name].to_pylist() for name in columns), strict=True)
    )
