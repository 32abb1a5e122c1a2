"""The command `ctct-etl` and its exit codes.

0 done, nothing to do, or only rejected rows · 1 failed · 2 wrong usage or config · 3 a guard tripped · 4 done in part ·
5 quota used up, resume later · 6 another run holds the account · 10 there are changes (--detailed-exitcode) ·
130, 143 interrupted, resumable.
"""

from __future__ import annotations

import atexit
import contextlib
import errno
import logging
import os
import signal
import sys
import traceback
from types import FrameType
from typing import Any, NoReturn

import click

from ctct_etl.cli.accounts import account
from ctct_etl.cli.explaining import explain
from ctct_etl.cli.history import history
from ctct_etl.cli.nightly import apply, plan, run, show
from ctct_etl.cli.options import FAILURE, MASK, code_of
from ctct_etl.cli.previewing import check, preview, schema
from ctct_etl.cli.sandboxes import sandbox
from ctct_etl.cli.undoing import rehearse, revert
from ctct_etl.errors import CtctError, SourceError


class Commands(click.Group):
    """Turns every error into one message on stderr and the exit code of its kind."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CtctError as error:
            words = _mask_source(error, ctx)
            click.echo(f"ctct-etl: {words}" if error.exit_code != 2 else words, err=True)
            ctx.exit(code_of(error))
        except KeyboardInterrupt as end:
            ctx.exit(code_of(end))
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):  # click's own to handle
            raise
        except Exception as fault:
            click.echo(_describe_fault(fault), err=True)
            ctx.exit(code_of(fault))


def _mask_source(error: CtctError, ctx: click.Context) -> str:
    """The error's words; what is wrong with a source quotes it, and is masked where the command was told to."""
    mask = ctx.meta.get(MASK)
    if mask is None or not isinstance(error, SourceError):
        return str(error)
    return "\n".join(mask.words(line) for line in str(error).splitlines())


def _describe_fault(fault: Exception) -> str:
    """Where the program itself is wrong. The words of such an exception may hold an address or a secret: left out."""
    if isinstance(fault, OSError) and fault.errno == errno.ENOSPC and fault.filename is None:
        return "ctct-etl: there is no room for what it prints — make some, or send it elsewhere"
    where = "".join(traceback.format_tb(fault.__traceback__))
    kind = type(fault).__name__
    return f"{where}ctct-etl: a fault of the program itself ({kind}) — please report it, with the lines above"


def _end_on_sigterm(number: int, frame: FrameType | None) -> NoReturn:
    """End as any exception would: what was half written is taken away."""
    sys.exit(128 + number)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--verbose", "-v", is_flag=True, help="Log every request (never addresses, values or secrets) to stderr.")
@click.version_option(package_name="ctct-etl")
def main(verbose: bool) -> None:
    """Load spreadsheets of people into a Constant Contact account: plan, look, apply."""
    signal.signal(signal.SIGTERM, _end_on_sigterm)
    level = logging.DEBUG if verbose else logging.WARNING
    logging.basicConfig(stream=sys.stderr, level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for noisy in ("urllib3", "werkzeug"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


for command in (check, preview, run, plan, show, apply, rehearse, revert, explain, history, account, sandbox, schema):
    main.add_command(command)


def start() -> NoReturn:
    """The program `ctct-etl`: does as its arguments say, and ends with the exit code.

    It leaves at once: to take apart all that was imported is a sixth of the time of `check`. What is registered for the
    end of a program is done before.
    """
    try:
        main(prog_name="ctct-etl")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else FAILURE if end.code else 0
    atexit._run_exitfuncs()
    for stream in filter(None, (sys.stdout, sys.stderr)):  # one that was closed before we began is None
        with contextlib.suppress(OSError, ValueError):  # what is printed is flushed there, and told if it can't be
            stream.flush()
    os._exit(code)
