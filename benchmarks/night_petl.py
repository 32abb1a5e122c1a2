"""The night with petl and a live diff by hand: `python -m benchmarks.night_petl URL SHEET [--single]`.

Reads the whole account, joins it to the sheet by address with a hash, and sends only what is new or differs: by
imports, or by a request each with `--single`, as does who won't have an import put people back on a list they left.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import petl

from benchmarks.night_client import Account, Known, in_parallel


def main(url: str, sheet: Path, single: bool) -> None:
    account = Account(url)
    list_id = account.find_list("Newsletter")
    known = petl.wrap([Known._fields, *account.read_all()])
    rows = petl.fromcsv(str(sheet), encoding="utf-8").rename({"E-mail": "email"})
    rows = rows.convert("email", str.lower).convertall(str.strip)
    both = petl.wrap([tuple(row) for row in petl.hashleftjoin(rows, known, key="email")])  # list() would walk it twice
    new, there = petl.biselect(both, lambda row: row.contact_id is None)
    changed = there.select(lambda row: not know(tuple(row)).is_like(row.First, row.Last, list_id))
    if single:
        in_parallel(lambda row: account.create(*row[:3], list_id), new.data())
        in_parallel(lambda row: account.update(know(row), *row[1:3], list_id), changed.data())
    else:
        account.import_people([row[:3] for row in petl.cat(new, changed).data()], list_id)


def know(joined: tuple[Any, ...]) -> Known:
    """The account's side of a joined row: its address is the key, which the join has once."""
    return Known(*joined[:1], *joined[3:])


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), "--single" in sys.argv)
