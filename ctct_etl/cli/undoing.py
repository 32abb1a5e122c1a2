"""`ctct-etl revert | rehearse`: take a run back; try a plan where it does no harm."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ctct_etl.cli.nightly import finish, plan_argument
from ctct_etl.cli.options import (
    accept_option,
    accounts_option,
    detailed_option,
    end_on_signals,
    format_option,
    make_context,
    make_mask,
    parse_accepts,
    redact_option,
    report_format_option,
    route_option,
    state_option,
)


@click.command()
@click.argument("run", metavar="RUN")
@click.option("--delete-created", is_flag=True, help="Delete whom the run created and nobody touched since.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the plan here; default: a new run in the state.")
@accept_option
@route_option
@accounts_option
@state_option
@redact_option
@report_format_option
@detailed_option
def revert(
    run: str,
    delete_created: bool,
    out: Path | None,
    accepts: tuple[str, ...],
    route: str,
    accounts: Path | None,
    state_dir: Path | None,
    redact: bool,
    format_: str,
    detailed_exitcode: bool,
) -> None:
    """Write the plan that takes a run back; `apply` carries it out. RUN is an id, or a plan's directory."""
    from ctct_etl.workflow.reverting import revert_run

    context = make_context(state_dir, accounts, redact=redact)
    single, accepted = route == "single", parse_accepts(accepts)
    ended = revert_run(context, run, out=out, accepted=accepted, delete_created=delete_created, single=single)
    finish(ended, format_, detailed_exitcode)


@click.command()
@plan_argument
@accept_option
@accounts_option
@state_option
@redact_option
@format_option
def rehearse(
    plan_directory: Path,
    accepts: tuple[str, ...],
    accounts: Path | None,
    state_dir: Path | None,
    redact: bool,
    format_: str,
) -> None:
    """Apply a plan to a private copy of the account, and say what would come of it; the account is only read."""
    from ctct_etl.report.rehearsal import write_rehearsal
    from ctct_etl.workflow.rehearsing import rehearse_plan

    context = make_context(state_dir, accounts)
    signalled = end_on_signals(context)
    rehearsed = rehearse_plan(context, plan_directory, accepted=parse_accepts(accepts))
    told = rehearsed.told
    if redact:
        from ctct_etl.report.masking import mask_rehearsal

        told = mask_rehearsal(told, make_mask())
    click.echo(json.dumps(told, indent=2, sort_keys=True) if format_ == "json" else write_rehearsal(told))
    click.get_current_context().exit(signalled() or rehearsed.exit_code)
