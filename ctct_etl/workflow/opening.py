"""Open the account that a pipeline names: the service, or the bundled sandbox started for the run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ctct_etl.account.opening import OpenAccount, open_account
from ctct_etl.config.accounts import Account, AnySandbox, SandboxAccount, ServiceAccount, V1SandboxAccount
from ctct_etl.errors import SourceError, StateError
from ctct_etl.run.state import StateDirectory
from ctct_etl.sandbox import Sandbox, StoreFault, start_sandbox
from ctct_etl.workflow.context import Context
from ctct_etl.workflow.logging_in import find_tokens


@contextmanager
def opened_account(
    context: Context, name: str, account: Account, state: StateDirectory, accounts: Path | None = None
) -> Iterator[OpenAccount]:
    """Open `account` for the length of the block. A sandbox is filled from its seed the first time and then kept.

    accounts: the accounts file, for the command that a person is told to log in with; None as the context has it.
    """
    if not isinstance(account, SandboxAccount | V1SandboxAccount):
        tokens = None
        if isinstance(account, ServiceAccount):
            tokens = find_tokens(context, name, account, state, accounts)
        with closing(open_account(account, name, state.path, tokens=tokens, sleep=context.sleep)) as opened:
            yield opened
        return
    context.progress(f"starting the sandbox {name}", 0, None)
    with (
        _explained(),
        _start(account, state.sandbox(name) / "account.sqlite") as sandbox,
        closing(open_account(account, name, state.path, sandbox.url, sleep=context.sleep)) as opened,
    ):
        yield opened


@contextmanager
def _explained() -> Iterator[None]:
    """Opening and closing the sandbox: its file lies in the state directory."""
    try:
        yield
    except StoreFault as fault:
        raise StateError(str(fault)) from fault


def _start(account: AnySandbox, kept: Path) -> Sandbox:
    try:
        return start_sandbox(state=kept, seed=account.sandbox, limits=account.limits == "on")
    except ValueError as fault:  # FILE:LINE: what is wrong
        raise SourceError(f"{fault} — mend the sandbox's seed") from fault
