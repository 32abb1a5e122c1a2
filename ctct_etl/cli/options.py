"""Options that several commands share, and the world that they describe."""

from __future__ import annotations

import os
import secrets
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ctct_etl.errors import CtctError, Interrupted

if TYPE_CHECKING:
    from ctct_etl.config.values import Limit
    from ctct_etl.report.masking import Mask
    from ctct_etl.workflow.context import Context

F = TypeVar("F", bound=Callable[..., Any])

SIGNALS = "ctct_etl.signals"  # where a running command that heeds signals itself keeps which came
INTERRUPTED, FAILURE = 130, 1  # exit codes

pipeline_argument = click.argument("pipeline", type=click.Path(path_type=Path))
accounts_option = click.option(
    "--accounts", type=click.Path(path_type=Path), help="The accounts file; default: found by walking up."
)
state_option = click.option(
    "--state-dir",
    type=click.Path(path_type=Path),
    envvar="CTCT_ETL_STATE",
    help="Where runs, journals and budgets are kept; default: the platform's place, or CTCT_ETL_STATE.",
)
format_option = click.option(
    "--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How the result is printed."
)
report_format_option = click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    help="How the result is printed; markdown: to be pasted into a chat or a pull request.",
)
wait_option = click.option("--wait", metavar="TIME", help="Wait so long (30m) for another run of the account to end.")
accept_option = click.option(
    "--accept",
    "accepts",
    multiple=True,
    metavar="GUARD=LIMIT",
    help="Say yes to one guard up to this number; recorded in the run. May be repeated.",
)
route_option = click.option(
    "--route",
    type=click.Choice(["cheapest", "single"]),
    default="cheapest",
    help="single: a request for every contact, no bulk import.",
)
retry_option = click.option(
    "--retry-refused", is_flag=True, help="Send again what the service refused in the last 7 days."
)
full_option = click.option(
    "--full", is_flag=True, help="Read the whole account, not only what changed in it since the last time."
)
export_option = click.option(
    "--allow-export",
    is_flag=True,
    help="Let a plan or dry run ask an account of dialect v1 for an export, which is a POST; a run may anyway.",
)
redact_option = click.option(
    "--redact",
    is_flag=True,
    help="Mask addresses and values in all that is told to people; who is the same person can still be seen.",
)
MASK = "ctct_etl.mask"  # where the running command keeps its mask: what ends it is told through it too
engine_option = click.option(
    "--engine",
    metavar="ENGINE",
    default="one",
    help="Who makes the plan: one process (one), a process for each core (dask), or a cluster (dask://HOST:PORT).",
)
detailed_option = click.option(
    "--detailed-exitcode", is_flag=True, help="End with 10 when there are changes and nothing else went wrong."
)


def find_state(state_dir: Path | None) -> Path:
    """The state directory: as it was given, else the platform's place."""
    from platformdirs import user_state_path

    return (state_dir or user_state_path("ctct-etl")).absolute()


def make_context(
    state_dir: Path | None,
    accounts: Path | None,
    wait: str | None = None,
    *,
    full: bool = False,
    allow_export: bool = False,
    redact: bool = False,
    engine: str = "one",
) -> Context:
    """Describe the world that a command runs in."""
    from ctct_etl.cli.progress import show_progress
    from ctct_etl.engine.cluster import choose_engine
    from ctct_etl.workflow.context import Context

    return Context(
        environment=dict(os.environ),
        state=find_state(state_dir),
        accounts=accounts,
        wait=parse_time(wait, "--wait") if wait is not None else None,
        full=True if full else None,
        allow_export=allow_export,
        mask=make_mask() if redact else None,
        engine=choose_engine(engine),
        progress=show_progress(sys.stderr),
    )


def make_mask() -> Mask:
    """A mask by chance of its own, for whatever the running command tells."""
    from ctct_etl.report.masking import Mask

    mask: Mask = click.get_current_context().meta.setdefault(MASK, Mask(secrets.token_bytes(32)))
    return mask


def parse_time(text: str, option: str) -> timedelta:
    """Read a time such as 30m; another text is wrong usage of `option`."""
    from ctct_etl.config.values import parse_duration

    try:
        return parse_duration(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint=option) from error


def parse_accepts(accepts: tuple[str, ...]) -> dict[str, Limit]:
    """Turn `--accept GUARD=LIMIT` into limits by guard; a guard that does not exist is wrong usage."""
    from difflib import get_close_matches

    from ctct_etl.config.pipeline import YES_OR_NO, Guards
    from ctct_etl.config.values import parse_limit

    guards = [*Guards.model_fields, *YES_OR_NO]
    limits = {}
    for accept in accepts:
        guard, _, limit = accept.partition("=")
        if guard not in guards:
            near = get_close_matches(guard, guards, 1)
            hint = f' Did you mean "{near[0]}"?' if near else f" The guards are: {', '.join(guards)}."
            raise click.BadParameter(f'there is no guard "{guard}".{hint}', param_hint="--accept")
        try:
            limits[guard] = parse_limit(limit)
        except ValueError as error:
            raise click.BadParameter(f"{guard}: {error}", param_hint="--accept") from error
    return limits


def end_on_signals(context: Context) -> Callable[[], int | None]:
    """Let SIGINT and SIGTERM end the run after the requests in flight; return a function that tells the exit code.

    Where nothing is being sent it ends at once, as any exception would end it.
    """
    seen: list[int] = []
    click.get_current_context().meta[SIGNALS] = seen

    def note(number: int, frame: object) -> None:
        if seen:  # the second one means it; the journal is made for an end at any instant
            os._exit(128 + number)
        seen.append(number)
        context.stop.set()
        if not context.sending.is_set():
            sys.exit(128 + number)
        click.echo("ctct-etl: stopping after the requests in flight; once more to stop at once", err=True)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, note)
    return lambda: 128 + seen[0] if seen else None


def code_of(fault: BaseException) -> int:
    """The exit code of what ends a command before it has a result."""
    if isinstance(fault, Interrupted):
        return next((128 + number for number in click.get_current_context().meta.get(SIGNALS, ())), fault.exit_code)
    if isinstance(fault, CtctError):
        return fault.exit_code
    if isinstance(fault, SystemExit):
        return fault.code if isinstance(fault.code, int) else FAILURE
    return INTERRUPTED if isinstance(fault, KeyboardInterrupt) else FAILURE
