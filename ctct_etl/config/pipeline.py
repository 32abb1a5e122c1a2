"""The nightly load, `pipelines/*.yaml`: source, mapping, account, policies, guards."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from ctct_etl.config.mapping import Names
from ctct_etl.config.values import Count, Duration, Limit, LimitValue, Model, Switch


class Source(Model):
    """Where the rows come from. `path` is absolute once loaded (a relative one is relative to the config's file)."""

    path: str  # a file, a glob, or an https:// address
    sheet: Names = ()  # names or numbers (1 is the first) of sheets; default the first
    header_row: Count | None = None  # the row number that a person sees; default: found
    encoding: str | None = None  # default: found, and said
    delimiter: str | None = None  # default: found
    pick: Literal["all", "newest"] = "all"
    fresh_within: Duration | None = None


class IfIn(Model):
    if_in: tuple[str, ...]


class IfNotIn(Model):
    if_not_in: tuple[str, ...]


class Existing(Model):
    """What may happen to contacts that the account already has."""

    update: Literal["always", "never", "if_in_no_list"] | IfIn | IfNotIn = "always"
    deleted: Literal["skip"] = "skip"


class New(Model):
    create: Switch = True


class Absent(Model):
    action: Literal["keep"] = "keep"


class Evidence(Model):
    """Source columns that prove a consent: when, and where it was given."""

    date: str
    source: str
    format: Names = ()  # strptime formats of the date, tried in turn; default %Y-%m-%d


class Consent(Model):
    """For creates only: every update is the account's own act."""

    opt_in_source: Literal["account", "contact"] = "account"
    permission: Literal["implicit", "explicit"] = "implicit"
    evidence: Evidence | None = None


class Guards(Model):
    """Limits on what a plan may do before a person has to say yes (design of each: docs/guards.md)."""

    max_updates: LimitValue = Limit(share=0.30)
    max_creates: LimitValue = Limit(share=0.50)
    max_rejected: LimitValue = Limit(share=0.10)
    max_clears: LimitValue = Limit(share=0.05)
    max_field_change: LimitValue = Limit(share=0.50)
    min_rows: Count = 1
    budget: LimitValue = Limit(share=1.0)


def _not_null(value: object) -> object:
    return () if value is None else value


class Pipeline(Model):
    """One pipeline file. Paths are absolute once loaded."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
    account: str
    source: Source
    mapping: Path
    existing: Existing = Existing()
    new: New = New()
    absent: Absent = Absent()
    managed_lists: tuple[str, ...] = Field((), max_length=0)
    create_missing: tuple[Literal["lists", "custom_fields", "tags"], ...] = ()
    consent: Consent = Consent()
    suppress: Annotated[tuple[Path, ...], BeforeValidator(_not_null)] = ()
    guards: Guards = Guards()
    notify: tuple[str, ...] = Field((), max_length=0)
