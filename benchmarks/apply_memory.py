"""How much memory an apply asks for: N creates onto an empty account, then N updates of the same people.

    python -m benchmarks.apply_memory [N …]         100,000 and 1,000,000 unless said otherwise

Each `ctct-etl plan` and `ctct-etl apply` is a process of its own, as cron starts it, against a sandbox in a third. What
is told is the peak of resident memory of each. Every apply must end with all actions done, else it tells no figure.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SERVE = (
    "import sys; from pathlib import Path; from ctct_etl.sandbox import serve; "
    "serve(0, Path(sys.argv[1]), seed=Path(sys.argv[2]), limits=False, ready=lambda url: print(url, flush=True))"
)
PROGRAM = Path(sys.executable).with_name("ctct-etl")
ANY = [f"--accept={guard}=100%" for guard in ("max_updates", "max_field_change")]
FILES = {
    "pipeline.yaml": "name: members\naccount: club\nsource: {path: members.csv}\nmapping: mapping.yaml\n",
    "mapping.yaml": "fields: {email: E-mail, first_name: First, last_name: Last, job_title: Job, company_name: Firm}\n"
    "lists: [Newsletter]\n",
    "accounts.yaml": "accounts:\n  club: {dialect: v3, client_id: sandbox-key, access_token: sandbox-token,\n"
    '    base_url: "%s", requests_per_second: 100000, requests_per_day: 1000000, import_list: Loads}\n',
}


def main(sizes: list[int]) -> None:
    print(f"{'actions':>10} {'':8} {'plan s':>8} {'plan MB':>8} {'apply s':>8} {'apply MB':>8}")
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            measure(size, Path(folder))


def measure(size: int, place: Path) -> None:
    seed = place / "seed.jsonl"
    seed.write_text("".join(json.dumps({"list": {"name": name}}) + "\n" for name in ("Newsletter", "Loads")), "utf-8")
    command = [sys.executable, "-c", SERVE, str(place / "account.sqlite"), str(seed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        url = served.stdout.readline().strip()
        for name, text in FILES.items():
            (place / name).write_text(text % f"{url}/v3" if "%s" in text else text, "utf-8")
        for turn, action in enumerate(("create", "update")):
            write_source(place / "members.csv", size, turn)
            plan = place / f"plan-{action}"
            planned = run(place, "plan", place / "pipeline.yaml", "--out", plan, *ANY)
            applied = run(place, "apply", plan)
            check(plan, action, size)
            figures = " ".join(f"{seconds:8.1f} {peak / 1e6:8,.0f}" for seconds, peak in (planned, applied))
            print(f"{size:10,} {action + 's':8} {figures}", flush=True)
        served.terminate()


def write_source(path: Path, size: int, turn: int) -> None:
    with path.open("w", encoding="utf-8") as lines:
        lines.write("E-mail,First,Last,Job,Firm\n")
        for number in range(size):
            lines.write(
                f"person{number}@example.com,First{number % 997},Last{number % 9973}-{turn},Clerk,Firm {number}\n"
            )


def run(place: Path, command: str, *words: object) -> tuple[float, int]:
    """Seconds and peak bytes of one command, which must end well."""
    began = time.perf_counter()
    line = [str(PROGRAM), command, *map(str, words), "--state-dir", str(place / "state")]
    with (place / f"{command}.log").open("wb") as log:
        process = subprocess.Popen([*line, "--accounts", str(place / "accounts.yaml")], stdout=log, stderr=log)
        _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command} failed:\n{(place / f'{command}.log').read_text('utf-8')[-2000:]}")
    return time.perf_counter() - began, used.ru_maxrss * 1024


def check(plan: Path, action: str, size: int) -> None:
    outcome = json.loads((plan / "outcome.json").read_bytes())
    done = outcome["results"][action]["done"]
    if outcome["ended"] != "done" or done != size:
        raise SystemExit(f"{done:,} of {size:,} {action}s were done: no figure")


if __name__ == "__main__":
    main([int(text.replace(",", "")) for text in sys.argv[1:]] or [100_000, 1_000_000])
