"""A night against the sandbox: the sheet of `night_account.py` into its account, by ours and by what others are.

Each program starts from the same account and is a process of its own, timed as a whole. The sandbox, which is another
process, counts the requests; its limits are off, since at the service's 4 requests a second the wall time would be the
number of requests over again. A time and a count stand only where the account ends as the sheet says.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from typing import Any

from benchmarks.measuring import ROOT, Program, Timing, run_module, time_process
from benchmarks.night_account import BEFORE, LOADS, NEWSLETTER, SEEDED, SHEET, Night

OURS, PETL, PETL_SINGLE = "ours", "petl, live diff, imports", "petl, live diff, single writes"
DLT, DLT_SEARCH, LOOP = "dlt destination, live diff, imports", "dlt destination, search, write", "loop: search, write"
PROGRAMS = {
    OURS: Program("ctct_etl.cli"),
    PETL: Program("benchmarks.night_petl", needs="petl"),
    PETL_SINGLE: Program("benchmarks.night_petl", ("--single",), needs="petl"),
    DLT: Program("benchmarks.night_dlt", needs="dlt"),
    DLT_SEARCH: Program("benchmarks.night_dlt", ("--search",), needs="dlt"),
    LOOP: Program("benchmarks.night_loop"),
}
A_REQUEST_A_ROW = (DLT_SEARCH, LOOP)
PAGE = 500
A_MINUTE = 4 * 60  # requests that the service allows
SERVE = (
    "import sys; from pathlib import Path; from ctct_etl.sandbox import serve; "
    "serve(0, Path(sys.argv[1]), limits=False, ready=lambda url: print(url, flush=True))"
)
CTCT_ETL = str(Path(sys.executable).with_name("ctct-etl"))
FILES = {
    "pipeline.yaml": "name: members\naccount: club\nsource: {path: sheet.csv}\nmapping: mapping.yaml\n",
    "mapping.yaml": f"fields: {{email: E-mail, first_name: First, last_name: Last}}\nlists: [{NEWSLETTER}]\n",
    "accounts.yaml": "accounts:\n  club: {dialect: v3, client_id: sandbox-key, access_token: sandbox-token,\n"
    f'    base_url: "%s/v3", requests_per_second: 100000, requests_per_day: 1000000, import_list: {LOADS}}}\n',
}


def race(contacts: int, names: Sequence[str]) -> dict[str, Any]:
    """Each program's cost and requests, and whether the account ends as it should."""
    night = Night(contacts)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        run_module("benchmarks.night_account", "make", place, contacts)
        expected = run_module("benchmarks.night_account", "expect", contacts)
        figures = {name: run_night(place, name, expected) for name in names if PROGRAMS[name].is_there()}
    bound = derive_bound(night.new, night.changed)
    sizes = {"contacts": contacts, "rows": night.rows, "new": night.new, "changed": night.changed}
    return sizes | {"bound": bound, "programs": figures}


def run_night(place: Path, name: str, expected: str) -> dict[str, Any]:
    state = place / "account.sqlite"
    shutil.copy(place / SEEDED, state)
    with served(state) as url:
        timing = time_ours(place, url) if name == OURS else time_rival(place, url, PROGRAMS[name])
        methods = json.loads(run_module("benchmarks.night_account", "count", url))
        right = run_module("benchmarks.night_account", "hash", url) == expected
    state.unlink()
    requests = sum(methods.values())
    reads = methods.get("GET", 0)
    counts = {"requests": requests, "reads": reads, "writes": requests - reads, "minutes": requests / A_MINUTE}
    return timing._asdict() | counts | {"right": right}


def time_rival(place: Path, url: str, program: Program) -> Timing:
    return time_process(program.command(url, place / SHEET), place / "log")


def time_ours(place: Path, url: str) -> Timing:
    """The night before reads the account and finds nothing to do; the night itself is timed and counted."""
    for name, text in FILES.items():
        (place / name).write_text(text % url if "%s" in text else text, "utf-8")
    command = [CTCT_ETL, "run", str(place / "pipeline.yaml"), "--state-dir", str(place / "state")]
    for sheet in (BEFORE, SHEET):
        forget_requests(url)
        shutil.copy(place / sheet, place / "sheet.csv")
        timing = time_process(command, place / "log")
    return timing


def forget_requests(url: str) -> None:
    with urllib.request.urlopen(urllib.request.Request(f"{url}/_sandbox/requests", method="DELETE"), timeout=60):
        pass


@contextmanager
def served(state: Path) -> Iterator[str]:
    command = [sys.executable, "-c", SERVE, str(state)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def derive_bound(new: int, changed: int) -> dict[str, int]:
    """The least requests by what they are for: what any client must send that keeps the promises."""
    return {
        "what the account is: summary, lists, custom fields, tags": 4,
        "who changed or opted out since, and the numbers that bear it out": 4,
        "who left or came since the snapshot, before each of two imports": 3 + 4,
        "an import of who is new, one of who changed": 2,
        "one look at each job's end": 2,
        "each job's contacts read back, since it answers no row by row": ceil(new / PAGE) + ceil(changed / PAGE),
        "the account held against the plan: as the first two, with all that was written": 7
        + ceil((new + changed) / PAGE),
    }
