"""Log in to an account once, by a person, and find the tokens of that login again, every night after."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ctct_etl.account.login import (
    AnotherLogin,
    Authorization,
    begin,
    begin_device,
    finish,
    poll_device,
    read_pasted,
    read_redirect,
)
from ctct_etl.account.loopback import listen, redirect_uri
from ctct_etl.account.opening import open_account
from ctct_etl.account.repeating import USUAL
from ctct_etl.account.token_host import Granted, TokenHost
from ctct_etl.account.tokens import Held, LoginTokens, Tokens, hold
from ctct_etl.config.accounts import ServiceAccount, V1Account
from ctct_etl.config.loading import load_account
from ctct_etl.errors import Busy, CtctError, UsageError
from ctct_etl.run.state import StateDirectory
from ctct_etl.run.token_file import TokenFile
from ctct_etl.workflow.context import Context

Way = Callable[[TokenHost, Callable[[Granted], Held]], Held]


@dataclass(frozen=True)
class LoggedIn:
    """account: encoded_account_id and organization_name · kept: the file of the tokens · lasts: renewed by itself?"""

    account: Mapping[str, str]
    kept: Path
    lasts: bool


def log_in(context: Context, name: str, way: Way) -> LoggedIn:
    """Let a person log in to the account `name` by one of the ways below, keep the tokens, and see whose it is.

    Raises UsageError for an account that no login is for, ConfigError, Denied, Busy, StateError.
    """
    account = load_account(name, context.accounts, context.environment)
    if isinstance(account, V1Account):
        raise UsageError(f'the account "{name}" is of dialect v1, and needs no login — accounts.yaml has its password')
    if not isinstance(account, ServiceAccount):
        raise UsageError(f'the account "{name}" is the bundled sandbox: it needs no login')
    if account.access_token.get_secret_value():
        raise UsageError(f'the account "{name}" has an access_token, which is used instead of a login — remove it')
    state = StateDirectory(context.state)
    store = TokenFile(state.tokens(name), account.client_id)

    def keep(granted: Granted) -> Held:
        held = hold(granted, context.now().timestamp())
        with store.lock():
            store.write(held)
        return held

    held = way(open_token_host(context, account), keep)
    tokens = find_tokens(context, name, account, state)
    with closing(open_account(account, name, state.path, tokens=tokens, sleep=context.sleep)) as opened:
        names = opened.session.converse(opened.dialect.fetch_names())
    return LoggedIn(names.account, store.path, bool(held.refresh_token))


def by_browser(port: int, seconds: float, show: Callable[[str], None]) -> Way:
    """Wait for the browser on this machine. `show` brings the address before the person."""

    def way(host: TokenHost, keep: Callable[[Granted], Held]) -> Held:
        with listen(port) as listener:
            authorization = begin(host, redirect_uri(port))
            show(authorization.address)
            end, ignored = time.monotonic() + seconds, ""
            while visit := listener.wait(end - time.monotonic()):
                try:
                    held = finish(host, authorization, read_redirect(authorization, visit.query), keep)
                except AnotherLogin as another:  # an old tab, or somebody who meddles: ours may still come
                    visit.answer("Not this login", f"{another}.")
                    ignored = f"; {another}"
                except CtctError as fault:
                    visit.answer("The login failed", f"{fault}.")
                    raise
                else:
                    visit.answer("You are logged in", "You can close this window: ctct-etl goes on by itself.")
                    return held
        raise Busy(_say_nobody_came(port, seconds, ignored))

    return way


def by_pasting(port: int, ask: Callable[[Authorization], str]) -> Way:
    """Let the person bring the address to which the browser was sent back, or the code in it."""

    def way(host: TokenHost, keep: Callable[[Granted], Held]) -> Held:
        authorization = begin(host, redirect_uri(port))
        return finish(host, authorization, read_pasted(authorization, ask(authorization)), keep)

    return way


def by_device(context: Context, show: Callable[[str, str], None]) -> Way:
    """Let the person enter a code in a browser anywhere. `show` brings address and code before them."""

    def way(host: TokenHost, keep: Callable[[Granted], Held]) -> Held:
        device = begin_device(host)
        show(device.address, device.user_code)
        return poll_device(host, device, keep, context.sleep, time.monotonic)

    return way


def find_tokens(
    context: Context, name: str, account: ServiceAccount, state: StateDirectory, accounts: Path | None = None
) -> Tokens | None:
    """The tokens of the account's login; None where the accounts file itself holds one.

    Raises Denied if nobody has logged in yet, before anything is read or fetched; StateError.
    """
    if account.access_token.get_secret_value():
        return None
    command = say_login(context, name, accounts or context.accounts)
    store = TokenFile(state.tokens(name), account.client_id)
    tokens = LoginTokens(store, open_token_host(context, account), name, command, context.now)
    tokens.check_login()
    return tokens


def open_token_host(context: Context, account: ServiceAccount) -> TokenHost:
    secret = account.client_secret.get_secret_value()
    return TokenHost(account.auth_url, account.client_id, secret, USUAL, context.sleep)


def say_login(context: Context, name: str, accounts: Path | None) -> str:
    """The command to run, wherever: with the state and the accounts file of this very run."""
    words = ["ctct-etl", "account", "login", name, "--state-dir", str(context.state)]
    if accounts is not None:
        words += ["--accounts", str(accounts.absolute())]
    return shlex.join(words)


def _say_nobody_came(port: int, seconds: float, ignored: str) -> str:
    return (
        f"nobody came back from the browser in {seconds:.0f} s{ignored} — if it showed an error, look at client_id in "
        f"accounts.yaml, and whether {redirect_uri(port)} is a redirect URI of the application"
    )
