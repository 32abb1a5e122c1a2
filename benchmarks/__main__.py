"""All of `make bench`: from files to a plan, and a night against the sandbox, ours beside its rivals in one run.

This process imports nothing heavy, and has data made and results hashed by others: see `measuring.py`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import night_race, plan_race, tables
from benchmarks.measuring import ROOT, describe_machine
from benchmarks.picture import draw

SIZES = (10_000, 100_000, 1_000_000)
NIGHTS = (20_000, 100_000)
SEARCHED_MOST = 20_000  # contacts of a night in which programs that ask for each row take part


def main(arguments: Sequence[str]) -> int:
    options = _parse(arguments)
    machine = describe_machine()
    tables.print_machine(machine)
    tables.print_absent(options.programs, plan_race.PROGRAMS)
    tables.print_absent(options.nightly, night_race.PROGRAMS)
    results: dict[str, Any] = {"machine": machine, "plans": _race_plans(options), "nights": _race_nights(options)}
    if options.json is not None:
        options.json.write_text(json.dumps(results, indent=2) + "\n", "utf-8")
    if options.picture is not None:
        options.picture.write_text(draw(results), "utf-8")
    races = [*results["plans"], *results["nights"]]
    return 0 if all(figures["right"] for race in races for figures in race["programs"].values()) else 1


def _race_plans(options: argparse.Namespace) -> list[dict[str, Any]]:
    results = []
    for size in sorted(options.sizes or SIZES) if options.programs else ():
        results.append(plan_race.race(size, options.programs, options.repeats, options.data))
        tables.print_plans(results[-1])
    tables.print_growth(results)
    return results


def _race_nights(options: argparse.Namespace) -> list[dict[str, Any]]:
    results = []
    for contacts in sorted(options.nights):
        names = [
            name
            for name in options.nightly
            if contacts <= options.searched_most or name not in night_race.A_REQUEST_A_ROW
        ]
        results.append(night_race.race(contacts, names))
        tables.print_night(results[-1])
    if results:
        tables.print_bound(results[-1]["bound"])
    return results


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Ours beside its rivals, in one run")
    parser.add_argument("sizes", nargs="*", type=int, help=f"rows, and contacts of the account; default: {SIZES}")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each program from files to plan; medians count")
    parser.add_argument(
        "--programs",
        nargs="*",
        choices=plan_race.PROGRAMS,
        default=list(plan_race.PROGRAMS),
        help="from files to plan; none: only nights",
    )
    parser.add_argument("--nights", nargs="*", type=int, default=NIGHTS, help="contacts of the account; none: no night")
    parser.add_argument("--nightly", nargs="+", choices=night_race.PROGRAMS, default=list(night_race.PROGRAMS))
    parser.add_argument(
        "--searched-most", type=int, default=SEARCHED_MOST, help="the largest night of who asks for each row"
    )
    parser.add_argument("--json", type=Path, help="a file for the results")
    parser.add_argument("--picture", type=Path, help="a file for a picture of them, as SVG")
    parser.add_argument("--data", type=Path, default=ROOT / ".bench", help="where generated data is kept")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
