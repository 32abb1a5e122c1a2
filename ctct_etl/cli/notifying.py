"""Let people know how a run ended; what could not be told goes to stderr, and the exit code stays what it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ctct_etl.cli.options import code_of

if TYPE_CHECKING:
    from ctct_etl.workflow.context import Context
    from ctct_etl.workflow.endings import Ended


def tell_how_it_ended(context: Context, pipeline: Path, ended: Ended, code: int) -> None:
    from ctct_etl.workflow.notifying import tell_end

    _warn(tell_end(context, pipeline, ended, code))


@contextmanager
def told_of_faults(context: Context, pipeline: Path) -> Iterator[None]:
    """Tell of whatever ends the block before there is a report, and let it pass."""
    try:
        yield
    except BaseException as fault:
        from ctct_etl.workflow.notifying import tell_fault

        _warn(tell_fault(context, pipeline, fault, code_of(fault)))
        raise


def _warn(warnings: list[str]) -> None:
    for warning in warnings:
        click.echo(f"ctct-etl: {warning}", err=True)
