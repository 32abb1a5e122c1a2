"""Open an account of `accounts.yaml`: its dialect, and the session that talks to it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import quote, urlsplit

from ctct_etl.account.budget import Budget
from ctct_etl.account.dialect import Dialect
from ctct_etl.account.pace import Pace
from ctct_etl.account.repeating import USUAL, Patience
from ctct_etl.account.session import Session
from ctct_etl.account.tokens import BasicCredentials, FixedToken, Tokens
from ctct_etl.account.v1.adapter import V1
from ctct_etl.account.v1.atom_wire import AtomWire
from ctct_etl.account.v1.wire import describe_v1
from ctct_etl.account.v3.adapter import V3
from ctct_etl.account.v3.wire import describe_v3
from ctct_etl.account.wire import JsonWire, Wire
from ctct_etl.config.accounts import Account, AnySandbox, ServiceAccount, V1Account, V1SandboxAccount
from ctct_etl.errors import Denied
from ctct_etl.plan.snapshot import Capabilities

# What a sandbox knows from the start (docs/sandbox.md); its limits are the service's own.
_SANDBOX_CLIENT = "sandbox-key"
_SANDBOX_TOKEN = "sandbox-token"
_SANDBOX_USER = "sandbox"
_SANDBOX_PASSWORD = "sandbox"
_PER_SECOND = 4.0
_PER_DAY = 10_000
BUDGET_FILE = "requests.sqlite"


@dataclass(frozen=True)
class OpenAccount:
    """name: as in accounts.yaml · budget: the day's requests, for showing them."""

    name: str
    dialect: Dialect
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

    base_url: where it is served, for a sandbox that was started for the run: the host's root.
    tokens: of a login; None for what stands in the accounts file, or is the sandbox's own.
    Raises Denied for an address that would send the token in clear text over a network.
    """
    side = _find_side(account, name, base_url)
    _refuse_clear_text(side.url, name)
    budget = Budget(state_dir / BUDGET_FILE, side.client_id, side.per_day, now)
    pace = Pace(side.per_second, sleep=sleep, table=budget.table)
    dialect, wire = _find_dialect(account, side, now)
    session = Session(side.url, tokens or side.tokens, pace, budget, patience, now, sleep, wire)
    return OpenAccount(name, dialect, session, budget)


def describe_dialect(account: Account) -> Capabilities:
    """What the account's dialect can hold; nothing is opened."""
    return describe_v1(account.custom_fields) if isinstance(account, V1Account | V1SandboxAccount) else describe_v3()


@dataclass(frozen=True)
class _Side:
    """Where an account is served, as whom it is asked, and how much."""

    url: str
    tokens: Tokens
    client_id: str
    per_second: float | None
    per_day: int | None


def _find_side(account: Account, name: str, base_url: str | None) -> _Side:
    if isinstance(account, ServiceAccount):
        url, client_id = account.base_url, account.client_id
        tokens: Tokens = FixedToken(account.access_token.get_secret_value())
    elif isinstance(account, V1Account):
        # In lower case, as clients write it [RB, PERL].
        url, client_id = _customer(account.base_url, account.username), account.api_key
        if token := account.access_token.get_secret_value():
            tokens = FixedToken(token)
        else:
            tokens = BasicCredentials(account.api_key, account.username, account.password.get_secret_value())
    else:
        return _find_sandbox(account, name, base_url)
    return _Side(base_url or url, tokens, client_id, account.requests_per_second, account.requests_per_day)


def _find_sandbox(account: AnySandbox, name: str, base_url: str | None) -> _Side:
    if base_url is None:
        raise ValueError("a sandbox account is opened at the address at which it was started")
    per_second, per_day = (_PER_SECOND, _PER_DAY) if account.limits == "on" else (None, None)
    client_id = f"{_SANDBOX_CLIENT} {name}"
    if isinstance(account, V1SandboxAccount):
        tokens: Tokens = BasicCredentials(_SANDBOX_CLIENT, _SANDBOX_USER, _SANDBOX_PASSWORD)
        return _Side(_customer(f"{base_url}/ws", _SANDBOX_USER), tokens, client_id, per_second, per_day)
    return _Side(f"{base_url}/v3", FixedToken(_SANDBOX_TOKEN), client_id, per_second, per_day)


def _customer(base_url: str, username: str) -> str:
    return f"{base_url.rstrip('/')}/customers/{quote(username.lower(), safe='')}"


def _find_dialect(account: Account, side: _Side, now: Callable[[], datetime]) -> tuple[Dialect, Wire]:
    if isinstance(account, V1Account | V1SandboxAccount):
        username = account.username.lower() if isinstance(account, V1Account) else _SANDBOX_USER
        return V1(username, account.custom_fields, side.per_second, now), AtomWire()
    return V3(account.import_list, side.per_second, now), JsonWire()


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
