"""What was measured, as text for a console."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks import night_race, plan_race

WRONG = "another result: no time"


def print_machine(machine: Mapping[str, Any]) -> None:
    print(", ".join(f"{name} {number}" for name, number in machine["libraries"].items()))
    memory = f"{machine['memory'] / 2**30:.0f} GiB"
    print(f"{machine['processors']} processors, {memory}, load {machine['load']} before the first program")


def print_plans(result: Mapping[str, Any]) -> None:
    rows, programs = result["rows"], result["programs"]
    print(f"\nFrom files to a plan: {rows:,} rows, an account of {rows:,} contacts")
    print(f"{'':36} {'wall s':>8} {'CPU s':>8} {'peak MB':>8} {'bytes/row':>10} {'wall':>8} {'CPU':>8}  right")
    base = programs.get(plan_race.POLARS)
    for name, figures in programs.items():
        if not figures["right"]:
            print(f"{name:36} {WRONG:>56}  no")
            continue
        ratios = "".join(
            f"{figures[key] / base[key]:7.2f}x " if base and base["right"] else f"{'':9}" for key in ("wall", "cpu")
        )
        print(f"{name:36} {_costs(figures)} {figures['bytes_a_row']:10,.0f} {ratios} yes")
    if base:
        print("wall and CPU: as multiples of polars")


def print_night(result: Mapping[str, Any]) -> None:
    print(
        f"\nA night: an account of {result['contacts']:,}, a sheet of {result['rows']:,} rows,"
        f" {result['new']:,} of them new and {result['changed']:,} changed"
    )
    print(f"{'':36} {'wall s':>8} {'CPU s':>8} {'peak MB':>8} {'requests':>10} {'of bound':>9} {'minutes':>8}  right")
    least = sum(result["bound"].values())
    for name, figures in result["programs"].items():
        if not figures["right"]:
            print(f"{name:36} {'the account ends otherwise: no time, no count':>56}  no")
            continue
        counts = f"{figures['requests']:10,} {figures['requests'] / least:8.2f}x {figures['minutes']:8.1f}"
        print(f"{name:36} {_costs(figures)} {counts}  yes")
    print(f"{'the lower bound':36} {'':26} {least:10,} {1:8.2f}x {least / night_race.A_MINUTE:8.1f}")
    print("wall: the sandbox's pace limits off. minutes: what the requests take at the service's 4 a second")
    print("of bound: below 1 is who does not look whether somebody left meanwhile, nor whether all arrived")


def print_bound(bound: Mapping[str, int]) -> None:
    print("\nThe lower bound of the last night, of any client that keeps the promises:")
    for what, count in bound.items():
        print(f"{count:8,}   {what}")


def print_growth(results: Sequence[Mapping[str, Any]]) -> None:
    """What the largest size costs, as multiples of the smallest that a program was run at."""
    if len(results) < 2:
        return
    print(f"\nGrowth from {results[0]['rows']:,} rows on: wall time, and bytes a row")
    print(f"{'':36} " + " ".join(f"{result['rows']:>20,}" for result in results))
    for name in results[0]["programs"]:
        cells = [_grown(result["programs"].get(name), results[0]["programs"][name]) for result in results]
        print(f"{name:36} " + " ".join(f"{cell:>20}" for cell in cells))


def print_absent(names: Sequence[str], programs: Mapping[str, Any]) -> None:
    for name in names:
        if not programs[name].is_there():
            print(f"{name}: left out, {programs[name].needs} is not installed (make bench installs it)")


def _costs(figures: Mapping[str, Any]) -> str:
    return f"{figures['wall']:8.2f} {figures['cpu']:8.2f} {figures['peak'] / 1e6:8,.0f}"


def _grown(figures: Mapping[str, Any] | None, first: Mapping[str, Any]) -> str:
    if figures is None or not (figures["right"] and first["right"]):
        return "-"
    return f"{figures['wall'] / first['wall']:.1f}x · {figures['bytes_a_row']:,.0f} B"
