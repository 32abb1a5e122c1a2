"""`ctct-etl account login | lists | fields | pull | quota`: the account's side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from ctct_etl.cli.logging_in import login
from ctct_etl.cli.options import accounts_option, format_option, full_option, make_context, state_option

name_argument = click.argument("name")


@click.group()
def account() -> None:
    """Log in to an account of the accounts file, and look at it. Nothing here writes to it."""


account.add_command(login)


def _print(rows: list[dict[str, Any]], format_: str) -> None:
    if format_ == "json":
        click.echo(json.dumps(rows, indent=2, sort_keys=True, ensure_ascii=False))
        return
    if not rows:
        click.echo("none")
        return
    widths = {key: max(len(key), *(len(str(row[key])) for row in rows)) for key in rows[0]}
    click.echo("  ".join(key.ljust(width) for key, width in widths.items()).rstrip())
    for row in rows:
        click.echo("  ".join(str(row[key]).ljust(width) for key, width in widths.items()).rstrip())


@account.command()
@name_argument
@accounts_option
@state_option
@format_option
def lists(name: str, accounts: Path | None, state_dir: Path | None, format_: str) -> None:
    """The account's lists and how many contacts each has."""
    from ctct_etl.workflow.accounts import list_lists

    _print(list_lists(make_context(state_dir, accounts), name), format_)


@account.command()
@name_argument
@accounts_option
@state_option
@format_option
def fields(name: str, accounts: Path | None, state_dir: Path | None, format_: str) -> None:
    """The fields that a mapping can name, with their longest value; custom fields with their type and choices."""
    from ctct_etl.workflow.accounts import list_fields

    _print(list_fields(make_context(state_dir, accounts), name), format_)


@account.command()
@name_argument
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="A .parquet or .csv file.")
@full_option
@accounts_option
@state_option
def pull(name: str, out: Path, full: bool, accounts: Path | None, state_dir: Path | None) -> None:
    """Write every contact of the account into a file of mode 0600."""
    from ctct_etl.workflow.accounts import pull_contacts

    count = pull_contacts(make_context(state_dir, accounts, full=full), name, out)
    click.echo(f"{out}: {count:,} contacts")


@account.command()
@name_argument
@accounts_option
@state_option
@format_option
def quota(name: str, accounts: Path | None, state_dir: Path | None, format_: str) -> None:
    """How many requests of today (UTC) are used and left, as this machine has counted them."""
    from ctct_etl.workflow.accounts import tell_quota

    _print([tell_quota(make_context(state_dir, accounts), name)], format_)
