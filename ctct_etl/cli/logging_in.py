"""`ctct-etl account login`: let a person in, in a browser, once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ctct_etl.cli.options import accounts_option, make_context, parse_time, state_option

if TYPE_CHECKING:
    from ctct_etl.account.login import Authorization
    from ctct_etl.workflow.context import Context
    from ctct_etl.workflow.logging_in import Way

PORT = 8756


@click.command()
@click.argument("name")
@click.option(
    "--port",
    type=click.IntRange(1024, 65535),
    default=PORT,
    show_default=True,
    help="Of this machine, to which the browser comes back; http://localhost:PORT/ctct-etl is registered.",
)
@click.option("--no-browser", is_flag=True, help="Print the address instead of opening it.")
@click.option("--paste", is_flag=True, help="Paste the address that the browser ends at: for a machine without one.")
@click.option("--device", is_flag=True, help="Enter a code in a browser anywhere, if the application may do that.")
@click.option("--timeout", default="5m", show_default=True, metavar="TIME", help="How long the browser is waited for.")
@accounts_option
@state_option
def login(
    name: str,
    port: int,
    no_browser: bool,
    paste: bool,
    device: bool,
    timeout: str,
    accounts: Path | None,
    state_dir: Path | None,
) -> None:
    """Log in to an account: its tokens are kept in the state directory, and renewed from then on."""
    from ctct_etl.workflow.logging_in import log_in

    if paste and device:
        raise click.UsageError("--paste and --device are two ways: choose one")
    context = make_context(state_dir, accounts)
    logged_in = log_in(context, name, _choose_way(context, port, no_browser, paste, device, timeout))
    account = logged_in.account
    click.echo(f"{name}: logged in to {account['organization_name']} ({account['encoded_account_id']})")
    click.echo(f"the tokens are kept in {logged_in.kept}")
    if not logged_in.lasts:
        click.echo("no refresh token came: the login ends with its access token, within a day", err=True)


def _choose_way(context: Context, port: int, no_browser: bool, paste: bool, device: bool, timeout: str) -> Way:
    from ctct_etl.workflow.logging_in import by_browser, by_device, by_pasting

    if device:
        return by_device(context, _show_device)
    if paste:
        return by_pasting(port, _ask_for_address)
    return by_browser(port, parse_time(timeout, "--timeout").total_seconds(), _show if no_browser else _open)


def _show(address: str) -> None:
    click.echo(f"open this address in a browser of this machine:\n\n{address}\n", err=True)


def _open(address: str) -> None:
    import webbrowser

    if webbrowser.open(address):
        click.echo(f"a browser opens; if none does, open this address:\n\n{address}\n", err=True)
    else:
        _show(address)


def _show_device(address: str, code: str) -> None:
    click.echo(f"open this address in any browser, and confirm the code {code}:\n\n{address}\n", err=True)


def _ask_for_address(authorization: Authorization) -> str:
    click.echo(
        f"open this address in any browser and log in:\n\n{authorization.address}\n\nThe browser ends at an address "
        f"that begins with {authorization.redirect_uri} and may say that it can't be reached: that is right.",
        err=True,
    )
    answer: str = click.prompt("Paste that whole address here", err=True)
    return answer
