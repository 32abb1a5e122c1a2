"""The night as one writes it first: `python -m benchmarks.night_loop URL SHEET` searches for each row, then writes."""

from __future__ import annotations

import csv
import sys
from functools import partial
from pathlib import Path

from benchmarks.night_client import Account, in_parallel, search_then_write


def main(url: str, sheet: Path) -> None:
    account = Account(url)
    list_id = account.find_list("Newsletter")
    with sheet.open(encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream)
        next(rows)
        people = [(email.strip().lower(), first.strip(), last.strip()) for email, first, last in rows]
    in_parallel(partial(search_then_write, account, list_id), people)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
