"""How long `ctct-etl explain` takes, and how much memory it asks for, beside the plan that it costs as much as.

    python -m benchmarks.explain_time [N]         an account and a source of N people, 1,000,000 unless
                                                  said otherwise; 3 % have another last name in the source

The account is read whole by a first plan, as the night before did; after that each command finds it in the cache. Every
command is a process of its own, as a person starts it. Of what explain takes, the part that is its own is what it takes
longer than the plan: that part must not grow with what one address is about.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.apply_memory import run
from benchmarks.night_requests import FILES, row, served, write_seed
from ctct_etl.sandbox import reset_state


def main(size: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        state = place / "account.sqlite"
        reset_state(state, write_seed(place / "seed.jsonl", size))
        with served(state) as url:
            for name, text in FILES.items():
                (place / name).write_text(text % url if "%s" in text else text, "utf-8")
            people = (row(number, "Married" if number % 33 == 0 else "") for number in range(size))
            lines = "".join(f"{','.join(each)}\n" for each in people)
            (place / "members.csv").write_text(f"E-mail,First,Last\n{lines}", "utf-8")
            tell("plan, account read whole", *plan(place, "first"))
            for turn in range(3):
                tell(f"plan {turn + 1}", *plan(place, f"plan-{turn}"))
                address = f"person{size // 2 + turn}@example.com"
                tell(f"explain {turn + 1}", *run(place, "explain", place / "pipeline.yaml", address))


def plan(place: Path, name: str) -> tuple[float, int]:
    return run(place, "plan", place / "pipeline.yaml", "--out", place / name)


def tell(what: str, seconds: float, peak: int) -> None:
    print(f"{what:26} {seconds:8.1f} s {peak / 1e6:8,.0f} MB", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1].replace(",", "")) if len(sys.argv) > 1 else 1_000_000)
