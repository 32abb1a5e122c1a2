"""The engineer's file, `configs/accounts.yaml`: accounts by name, and where their credentials come from."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr

from ctct_etl.config.values import Count, Model

V3_BASE_URL = "https://api.cc.email/v3"


class SandboxAccount(Model):
    """The bundled emulator, started for the run, filled from `sandbox` the first time, kept in the state directory."""

    dialect: Literal["v3"]
    sandbox: Path
    limits: Literal["on", "off"] = "on"
    import_list: str | None = None


class ServiceAccount(Model):
    """A real account, or a sandbox that somebody serves. Limits and address are the service's own by default."""

    dialect: Literal["v3"]
    client_id: str
    client_secret: SecretStr | None = None
    access_token: SecretStr
    import_list: str | None = None
    base_url: str = V3_BASE_URL
    requests_per_second: float = Field(4.0, gt=0)
    requests_per_day: Count = 10_000


Account = SandboxAccount | ServiceAccount


class Accounts(Model):
    accounts: dict[str, Account]
