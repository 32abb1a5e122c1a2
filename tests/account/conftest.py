"""A sandbox account to talk to, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from ctct_etl.account.opening import OpenAccount, open_account
from ctct_etl.account.repeating import Patience
from ctct_etl.config.accounts import Account, SandboxAccount, V1SandboxAccount
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.sandbox import Sandbox, start_sandbox

NO_WAITS = Patience(attempts=4, first_wait_s=0.0, longest_wait_s=0.0, jitter_s=0.0)


@dataclass
class Served:
    """A sandbox with an account opened on it."""

    sandbox: Sandbox
    account: OpenAccount

    def window(self, method: str, name: str, body: Any = None) -> Any:
        answer = requests.request(method, f"{self.sandbox.url}/_sandbox/{name}", json=body, timeout=10)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def requests(self) -> list[dict[str, Any]]:
        return list(self.window("GET", "requests"))

    def snapshot(self) -> Snapshot:
        return self.account.session.converse(self.account.dialect.fetch())


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """serve(contacts, **switches): a sandbox filled with `contacts` (seed lines), limits off, jobs done at once.

    numbers: of custom fields, for an account of dialect v1; None for one of v3.
    """
    opened: list[Served] = []

    def start(
        lines: Sequence[Mapping[str, Any]] = (),
        limits: bool = False,
        numbers: Mapping[str, int] | None = None,
        **switches: Any,
    ) -> Served:
        seed = tmp_path / f"seed{len(opened)}.jsonl"
        seed.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        sandbox = start_sandbox(seed=seed, limits=limits, switches={"activity_seconds": 0.0, **switches})
        model: Account = SandboxAccount(dialect="v3", sandbox=seed, limits="off")
        if numbers is not None:
            model = V1SandboxAccount(dialect="v1", sandbox=seed, limits="off", custom_fields=dict(numbers))
        account = open_account(model, "sandbox", tmp_path, sandbox.url, patience=NO_WAITS, sleep=lambda seconds: None)
        opened.append(Served(sandbox, account))
        return opened[-1]

    yield start
    for served in opened:
        served.account.close()
        served.sandbox.close()
