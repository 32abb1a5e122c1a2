"""Time the product against its rivals on the same data in the same run: `python -m benchmarks --help`.

Each program is a process of its own, timed as a whole, imports included; the programs take turns, so that a busy
minute of the machine meets all of them. What they write is hashed outside of the timed part: a program whose plan is
not equal to the product's gets no time printed.

This process imports nothing heavy, and has data made and plans hashed by others: what it holds itself would count as
the peak of every process that it starts.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

OURS, POLARS, LOOP = "ours", "polars", "loop"
PROGRAMS = {OURS: "benchmarks.ours", POLARS: "benchmarks.rival_polars", LOOP: "benchmarks.rival_loop"}
SIZES = (100_000, 1_000_000)
LIBRARIES = ("pandas", "pyarrow", "numpy", "polars")
ROOT = Path(__file__).parent.parent


class Timing(NamedTuple):
    wall: float  # seconds
    cpu: float  # seconds, user and system, of all threads
    peak: int  # bytes of resident memory


def main(arguments: Sequence[str]) -> int:
    options = _parse(arguments)
    libraries = {name: version(name) for name in LIBRARIES} | {"python": platform.python_version()}
    print(", ".join(f"{name} {number}" for name, number in libraries.items()), f"· {os.cpu_count()} processors")
    results = [_measure(size, options) for size in sorted(options.sizes)]
    if options.json is not None:
        options.json.write_text(json.dumps({"libraries": libraries, "results": results}, indent=2) + "\n", "utf-8")
    _tell_growth(results)
    return 0 if all(result["equal"] for result in results) else 1


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="The stages against their rivals")
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, help="rows, and contacts of the account")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each program; the median counts")
    parser.add_argument("--programs", nargs="+", choices=PROGRAMS, default=list(PROGRAMS), help="which take part")
    parser.add_argument("--json", type=Path, help="a file for the results")
    parser.add_argument("--data", type=Path, default=ROOT / ".bench", help="where generated data is kept")
    return parser.parse_args(arguments)


def _measure(size: int, options: argparse.Namespace) -> dict[str, Any]:
    place = _make_once(size, options.data)
    timings: dict[str, list[Timing]] = {name: [] for name in options.programs}
    with tempfile.TemporaryDirectory() as out:
        for turn in range(options.repeats):
            for name in options.programs:
                if name == LOOP and turn:
                    continue  # a minute each, and beyond all doubt
                Path(out, name).mkdir(exist_ok=True)
                timings[name].append(_time(PROGRAMS[name], place, Path(out, name)))
        hashes = {name: _run("benchmarks.comparing", Path(out, name)).strip() for name in options.programs}
    medians = {name: Timing(*map(median, zip(*runs, strict=True))) for name, runs in timings.items()}
    equal = len(set(hashes.values())) == 1
    _print_table(size, medians, hashes)
    figures = {
        name: timing._asdict() | {"bytes_a_row": timing.peak / size, "hash": hashes[name]}
        for name, timing in medians.items()
    }
    return {"rows": size, "equal": equal, "programs": figures}


def _make_once(size: int, data: Path) -> Path:
    """Generated data is kept by its size and by what made it."""
    made_by = hashlib.sha256(b"".join((ROOT / "benchmarks" / name).read_bytes() for name in ("making.py", "task.py")))
    place = data / f"{size}-{made_by.hexdigest()[:12]}"
    if not place.is_dir():
        part = place.with_suffix(".part")
        part.mkdir(parents=True, exist_ok=True)
        _run("benchmarks.making", size, part)
        part.rename(place)
    return place


def _run(module: str, *arguments: object) -> str:
    command = [sys.executable, "-m", module, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def _time(module: str, place: Path, out: Path) -> Timing:
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", module, str(place), str(out)], cwd=ROOT)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    if status:
        raise SystemExit(f"{module} failed: see above")
    return Timing(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def _print_table(size: int, medians: Mapping[str, Timing], hashes: Mapping[str, str]) -> None:
    print(f"\n{size:,} rows, an account of {size:,} contacts")
    print(f"{'program':8} {'wall s':>8} {'CPU s':>8} {'peak MB':>8} {'bytes/row':>10} {'wall':>8} {'CPU':>8}   plan")
    base = medians.get(POLARS)
    for name, timing in medians.items():
        if hashes[name] != hashes[next(iter(medians))]:
            print(f"{name:8} {'another plan: no time':>55}   {hashes[name][:12]}")
            continue
        ratios = (timing.wall / base.wall, timing.cpu / base.cpu) if base else (1.0, 1.0)
        figures = f"{timing.wall:8.2f} {timing.cpu:8.2f} {timing.peak / 1e6:8,.0f} {timing.peak / size:10,.0f}"
        print(f"{name:8} {figures} {ratios[0]:7.2f}x {ratios[1]:7.2f}x   {hashes[name][:12]}")


def _tell_growth(results: Sequence[dict[str, Any]]) -> None:
    """Wall time and memory a row at the largest size, as a share of those at the smallest: 1 or less is linear."""
    if len(results) < 2:
        return
    first, last = results[0], results[-1]
    more = last["rows"] / first["rows"]
    print(f"\nFrom {first['rows']:,} to {last['rows']:,} rows, {more:g} times as many:")
    for name in first["programs"]:
        small, large = first["programs"][name], last["programs"][name]
        print(
            f"{name:8} {large['wall'] / small['wall']:6.1f}x the time, {large['peak'] / small['peak']:5.1f}x the memory"
        )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
