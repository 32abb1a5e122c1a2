"""The account as it is now: read before every plan, and again before a plan that was kept is applied."""

from __future__ import annotations

from ctct_etl.account.opening import OpenAccount
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.run.state import StateDirectory
from ctct_etl.workflow.context import Context


def take_snapshot(context: Context, state: StateDirectory, account: OpenAccount) -> Snapshot:
    """Read the account; nothing but GETs is sent. Raises what the session raises."""
    context.progress("reading the account", 0, None)
    return account.session.converse(account.dialect.fetch(None))
