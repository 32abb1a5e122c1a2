"""From files to a plan: each program does the work of `task.py` on the same data, and must make the same plan.

The programs take turns, so that a busy minute of the machine meets all of them. What they write is hashed outside of
the timed part; a program whose plan is another one than the product's gets no time.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measuring import ROOT, Program, Timing, run_module, time_process

OURS, CHECKED, POLARS, DUCKDB, LOOP = "ours", "ours, default checks", "polars", "duckdb", "loop"
PROGRAMS = {
    OURS: Program("benchmarks.ours"),
    CHECKED: Program("benchmarks.ours", ("--checks",)),
    POLARS: Program("benchmarks.rival_polars", needs="polars"),
    DUCKDB: Program("benchmarks.rival_duckdb", needs="duckdb"),
    LOOP: Program("benchmarks.rival_loop"),
}
LOOP_MOST = 1_000_000  # rows: a loop holds some 5 GB for each million of them


def race(size: int, names: Sequence[str], repeats: int, data: Path) -> dict[str, Any]:
    """Medians of each program, in bytes and seconds, and whether its plan is ours."""
    place = make_once(size, data)
    names = [name for name in names if PROGRAMS[name].is_there() and not (name == LOOP and size > LOOP_MOST)]
    timings: dict[str, list[Timing]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as folder:
        outs = {name: Path(folder, str(at)) for at, name in enumerate(names)}
        for turn in range(repeats):
            for name, out in outs.items():
                if name == LOOP and turn and size > 100_000:
                    continue  # minutes, and beyond all doubt
                out.mkdir(exist_ok=True)
                timings[name].append(time_process(PROGRAMS[name].command(place, out), out / "log"))
        hashes = {name: run_module("benchmarks.comparing", out) for name, out in outs.items()}
    figures = {}
    for name, runs in timings.items():
        middle = Timing(*map(median, zip(*runs, strict=True)))
        right = hashes[name] == hashes[names[0]]
        figures[name] = middle._asdict() | {"bytes_a_row": middle.peak / size, "hash": hashes[name], "right": right}
    return {"rows": size, "programs": figures}


def make_once(size: int, data: Path) -> Path:
    """Generated data is kept by its size and by what made it."""
    made_by = hashlib.sha256(b"".join((ROOT / "benchmarks" / name).read_bytes() for name in ("making.py", "task.py")))
    place = data / f"{size}-{made_by.hexdigest()[:12]}"
    if not place.is_dir():
        part = place.with_suffix(".part")
        part.mkdir(parents=True, exist_ok=True)
        run_module("benchmarks.making", size, part)
        part.rename(place)
    return place
