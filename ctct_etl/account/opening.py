"""Open an account of `accounts.yaml`: its dialect, and the session that talks to it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from ctct_etl.account.budget import Budget
from ctct_etl.account.pace import Pace
from ctct_etl.account.repeating import USUAL, Patience
from ctct_etl.account.session import Session
from ctct_etl.account.tokens import FixedToken, Tokens
from ctct_etl.account.v3.adapter import V3
from ctct_etl.account.v3.wire import describe_v3
from ctct_etl.config.accounts import Account, ServiceAccount
from ctct_etl.errors import Denied
from ctct_etl.plan.snapshot import Capabilities

# What a sandbox knows from the start (docs/sandbox.md); its limits are the service's own.
_SANDBOX_CLIENT = "sandbox-key"
_SANDBOX_TOKEN = "sandbox-token"
_PER_SECOND = 4.0
_PER_DAY = 10_000
BUDGET_FILE = "requests.sqlite"


@dataclass(frozen=True)
class OpenAccount:
    """name: as in accounts.yaml · budget: the day's requests, for showing them."""

    name: str
    dialect: V3
    session: Session
    budget: Budget

    def close(self) -> None:
        self.session.close()


def open_account(
    account: Account,
    name: str,
    state_dir: Path,
    base_url: str | None = None,
    tokens: Tokens | None = None,
    patience: Patience = USUAL,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    sleep: Callable[[float], None] = time.sleep,
) -> OpenAccount:
    """Open `account`; nothing is sent yet.

    base_url: where it is served, for a sandbox that was started for the run (without /v3's trailing slash).
    tokens: of a login; None for the token that stands in the accounts file, or is the sandbox's own.
    Raises Denied for an address that would send the token in clear text over a network.
    """
    if isinstance(account, ServiceAccount):
        url, token = base_url or account.base_url, account.access_token.get_secret_value()
        client_id = account.client_id
        per_second: float | None = account.requests_per_second
        per_day: int | None = account.requests_per_day
    else:
        if base_url is None:
            raise ValueError("a sandbox account is opened at the address at which it was started")
        url, token, client_id = base_url, _SANDBOX_TOKEN, f"{_SANDBOX_CLIENT} {name}"
        limited = account.limits == "on"
        per_second, per_day = (_PER_SECOND, _PER_DAY) if limited else (None, None)
    _refuse_clear_text(url, name)
    budget = Budget(state_dir / BUDGET_FILE, client_id, per_day, now)
    pace = Pace(per_second, sleep=sleep, table=budget.table)
    session = Session(url, tokens or FixedToken(token), pace, budget, patience, now, sleep)
    dialect = V3(import_list=account.import_list, per_second=per_second, now=now)
    return OpenAccount(name, dialect, session, budget)


def describe_dialect(account: Account) -> Capabilities:
    """What the account's dialect can hold; nothing is opened."""
    assert account.dialect == "v3"
    return describe_v3()


def _refuse_clear_text(url: str, name: str) -> None:
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname or "")):
        return
    raise Denied(f'account "{name}": base_url must be https (http only to this machine) — mend it in accounts.yaml')


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
