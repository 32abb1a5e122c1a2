"""How much of the allowed pace is used, and what the service refuses: `python -m benchmarks.pacing --help`.

Processes that share one key and one state directory send reads to a sandbox whose limits are on. An answer takes a
random time up to --latency seconds, after its request was counted, as an answer of a service far away does; on its way
there a request is late by a random time up to --jitter milliseconds. Printed is the rate between the first and the last
arrival, as a share of 4 a second. This process serves; the clients are processes of their own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from ctct_etl.account.dialect import Request
from ctct_etl.account.opening import OpenAccount, open_account
from ctct_etl.config.accounts import ServiceAccount
from ctct_etl.sandbox import start_sandbox

ALLOWED = 4.0  # requests a second
ROOT = Path(__file__).parent.parent


class Paced(NamedTuple):
    """seconds: between the first and the last arrival. counted: by the clients' budget. share: of the allowed rate."""

    requests: int
    refused: int
    seconds: float
    counted: int
    by_process: list[int]

    @property
    def share(self) -> float:
        return (self.requests - 1) / self.seconds / ALLOWED


def main(arguments: Sequence[str]) -> int:
    options = _parse(arguments)
    if options.client:
        print(send_reads(options.client, Path(options.state), options.seconds, options.pace, options.at_once))
        return 0
    print(f"{'processes':>9} {'requests':>9} {'seconds':>8} {'429s':>5} {'of the rate':>12}")
    for processes in options.processes:
        paced = measure(
            processes, options.seconds, options.latency, options.jitter / 1000, options.pace, options.at_once
        )
        print(f"{processes:9} {paced.requests:9,} {paced.seconds:8.1f} {paced.refused:5} {paced.share:12.2%}")
    return 0


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pacing", description="The pace, held to its limit")
    parser.add_argument("processes", nargs="*", type=int, default=(1, 2), help="how many share the key")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long they send")
    parser.add_argument("--latency", type=float, default=2.0, help="the longest time of an answer, in seconds")
    parser.add_argument("--jitter", type=float, default=5.0, help="how late a request may arrive, in milliseconds")
    parser.add_argument("--pace", type=float, default=ALLOWED, help="what the clients are told is allowed a second")
    parser.add_argument("--at-once", type=int, default=0, help="requests under way together; default: as advised")
    parser.add_argument("--client", help=argparse.SUPPRESS)
    parser.add_argument("--state", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def measure(
    processes: int,
    seconds: float,
    latency_s: float,
    jitter_s: float,
    per_second: float = ALLOWED,
    at_once: int = 0,
) -> Paced:
    """Let `processes` send for `seconds`, and take what the sandbox saw of it."""
    with tempfile.TemporaryDirectory() as state, start_sandbox(wrap=_far_away(latency_s, jitter_s)) as sandbox:
        words = ("--client", f"{sandbox.url}/v3", "--state", state, "--seconds", seconds, "--pace", per_second)
        command = [sys.executable, "-m", "benchmarks.pacing", *map(str, words), "--at-once", str(at_once)]
        clients = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(processes)]
        by_process = [int(client.communicate()[0]) for client in clients]
        with urllib.request.urlopen(f"{sandbox.url}/_sandbox/requests", timeout=60) as answer:
            seen = json.load(answer)
        with closing(_open(f"{sandbox.url}/v3", Path(state), per_second)) as account:
            counted = account.budget.used()
    times = [datetime.fromisoformat(entry["time"]) for entry in seen]
    statuses = Counter(entry["status"] for entry in seen)
    return Paced(len(seen), statuses[429], (max(times) - min(times)).total_seconds(), counted, by_process)


def send_reads(url: str, state: Path, seconds: float, per_second: float, at_once: int) -> int:
    """Send reads for `seconds`, `at_once` together (0: as the session advises); return how many were sent."""
    account = _open(url, state, per_second)
    at_once = at_once or account.session.at_once
    until = time.monotonic() + seconds

    def read_on(_: int) -> None:
        while time.monotonic() < until:
            account.session.converse(_read_one())

    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(read_on, range(at_once)))
    sent = account.session.requests_sent
    account.close()
    return sent


def _open(url: str, state: Path, per_second: float) -> OpenAccount:
    words = {"client_id": "sandbox-key", "access_token": "sandbox-token", "base_url": url}
    model = ServiceAccount.model_validate({"dialect": "v3", **words, "requests_per_second": per_second})
    return open_account(model, "main", state)


def _read_one() -> Any:
    yield Request("GET", "/contact_lists", {"limit": "1"})


def _far_away(latency_s: float, jitter_s: float) -> Callable[[Any], Any]:
    """Middleware that is late before the service counts the request, and slow after it."""
    random = Random(7)

    def wrap(app: Any) -> Any:
        def answer(environ: Any, start: Any) -> Iterable[bytes]:
            if environ["PATH_INFO"].startswith("/_sandbox/"):
                return app(environ, start)
            time.sleep(random.uniform(0, jitter_s))
            content = app(environ, start)
            time.sleep(random.uniform(0, latency_s))
            return content

        return answer

    return wrap


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
