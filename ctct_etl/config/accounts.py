"""The engineer's file, `configs/accounts.yaml`: accounts by name, and where their credentials come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import Discriminator, Field, SecretStr, Tag

from ctct_etl.config.formats import BaseUrl
from ctct_etl.config.values import Count, FieldNumber, FilePath, Model, Rate, Secret, Text

V3_BASE_URL = "https://api.cc.email/v3"
V1_BASE_URL = "https://api.constantcontact.com/ws"
V3_AUTH_URL = "https://authz.constantcontact.com/oauth2/default/v1"


class SandboxAccount(Model):
    """The bundled emulator, started for the run on a free port and kept in the state directory."""

    dialect: Literal["v3"]
    """how the account is spoken to"""
    sandbox: FilePath
    """the seed that fills it the first time, JSON lines, relative to this file"""
    limits: Literal["on", "off"] = "on"
    """the service's limits of pace and budget; off for demos"""
    import_list: Text | None = None
    """a list nobody mails: lets updates ride the bulk import"""


class ServiceAccount(Model):
    """A real account, or a sandbox that somebody serves."""

    dialect: Literal["v3"]
    """how the account is spoken to"""
    client_id: Text
    """the API key of the application; the daily budget is counted for it"""
    client_secret: Secret = SecretStr("")
    """of an application that has one; without it the login is that of a public client (PKCE, device)"""
    access_token: Secret = SecretStr("")
    """a bearer token, instead of a login, for a test: nothing renews it"""
    import_list: Text | None = None
    """a list nobody mails, made by hand: lets updates ride the bulk import"""
    base_url: BaseUrl = V3_BASE_URL
    """where the service is; http only to this machine"""
    auth_url: BaseUrl = V3_AUTH_URL
    """where its tokens are made; http only to this machine"""
    requests_per_second: Rate = 4.0
    """the pace of requests"""
    requests_per_day: Count = 10_000
    """the budget of requests of one day, UTC"""


class V1SandboxAccount(Model):
    """The bundled emulator, spoken to by dialect v1."""

    dialect: Literal["v1"]
    """how the account is spoken to"""
    sandbox: FilePath
    """the seed that fills it the first time, JSON lines, relative to this file"""
    limits: Literal["on", "off"] = "on"
    """the service's limits of pace and budget; off for demos"""
    custom_fields: dict[Text, FieldNumber] = Field(default_factory=dict)
    """of dialect v1, which numbers its custom fields: the name that mappings use → its number"""

    import_list: ClassVar[None] = None


class V1Account(Model):
    """A real account of the older API, or a sandbox that somebody serves."""

    dialect: Literal["v1"]
    """how the account is spoken to"""
    username: Text
    """the account's user name, which is in every address"""
    api_key: Text
    """the key of the application; the daily budget is counted for it"""
    password: Secret = SecretStr("")
    """of that user; not beside an access_token"""
    access_token: Secret = SecretStr("")
    """a bearer token (OAuth 2) instead of the password: nothing renews it"""
    custom_fields: dict[Text, FieldNumber] = Field(default_factory=dict)
    """of dialect v1, which numbers its custom fields: the name that mappings use → its number"""
    base_url: BaseUrl = V1_BASE_URL
    """where the service is; http only to this machine"""
    requests_per_second: Rate = 4.0
    """the pace of requests"""
    requests_per_day: Count = 10_000
    """the budget of requests of one day, UTC"""

    import_list: ClassVar[None] = None


def _form(value: Any) -> str | None:
    if isinstance(value, Mapping):
        kind = "SandboxAccount" if "sandbox" in value else "Account"
        if value.get("dialect") == "v1":
            return f"V1{kind}"
        return kind if "sandbox" in value else "ServiceAccount"
    return type(value).__name__ if isinstance(value, Model) else None


OfV1: TypeAlias = V1SandboxAccount | V1Account
AnySandbox: TypeAlias = SandboxAccount | V1SandboxAccount
Account: TypeAlias = SandboxAccount | ServiceAccount | V1SandboxAccount | V1Account
AnyAccount: TypeAlias = Annotated[
    Annotated[SandboxAccount, Tag("SandboxAccount")]
    | Annotated[ServiceAccount, Tag("ServiceAccount")]
    | Annotated[V1SandboxAccount, Tag("V1SandboxAccount")]
    | Annotated[V1Account, Tag("V1Account")],
    Discriminator(_form, custom_error_type="keys_and_values", custom_error_message="expected keys and values"),
]


class Accounts(Model):
    """The accounts that pipelines name."""

    accounts: dict[str, AnyAccount]
    """the accounts, by the names that pipelines use"""
