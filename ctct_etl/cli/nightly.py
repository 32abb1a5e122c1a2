"""`ctct-etl run | plan | show | apply`: the nightly job, whole or in its steps."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ctct_etl.cli.notifying import tell_how_it_ended, told_of_faults
from ctct_etl.cli.options import (
    accept_option,
    accounts_option,
    detailed_option,
    end_on_signals,
    engine_option,
    export_option,
    full_option,
    make_context,
    make_mask,
    parse_accepts,
    pipeline_argument,
    redact_option,
    report_format_option,
    retry_option,
    route_option,
    state_option,
    wait_option,
)
from ctct_etl.columns import WRITING_ACTIONS

if TYPE_CHECKING:
    from ctct_etl.workflow.endings import Ended

EXAMPLES = 5  # of each kind that are listed; `show --all` lists the rest
plan_argument = click.argument("plan_directory", metavar="PLAN", type=click.Path(path_type=Path, file_okay=False))


def finish(
    ended: Ended, format_: str, detailed: bool, signalled: int | None = None, *, examples: int | None = EXAMPLES
) -> None:
    """Print the result, the page's path last, and end with the exit code of what happened."""
    from ctct_etl.report.console import render_console
    from ctct_etl.report.machine import render_json
    from ctct_etl.report.markdown import render_markdown

    if format_ == "json":
        place = str(ended.directory)
        click.echo(render_json(ended.report, directory=place, page=ended.page, advice=list(ended.advice)), nl=False)
    elif format_ == "markdown":
        click.echo(render_markdown(ended.report, advice=ended.advice, examples=examples), nl=False)
    else:
        width, color = _terminal(sys.stdout.isatty())
        click.echo(render_console(ended.report, width=width, color=color, examples=examples), nl=False)
        if ended.rejects:
            click.echo(f"to be mended: {ended.rejects}")
        for line in ended.advice:
            click.echo(line)
        if ended.page:
            click.echo(ended.page)
    click.get_current_context().exit(signalled or ended.exit_code(detailed=detailed))


def _terminal(is_terminal: bool) -> tuple[int, bool]:
    """Its width, and whether it has colours: no-color.org, and what calls itself dumb."""
    color = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return (shutil.get_terminal_size().columns, color) if is_terminal else (100, False)


@click.command()
@pipeline_argument
@click.option("--dry-run", is_flag=True, help="Stop before any write: the account gets nothing but reads.")
@accept_option
@route_option
@retry_option
@full_option
@export_option
@engine_option
@wait_option
@accounts_option
@state_option
@redact_option
@report_format_option
@detailed_option
def run(
    pipeline: Path,
    dry_run: bool,
    accepts: tuple[str, ...],
    route: str,
    retry_refused: bool,
    full: bool,
    allow_export: bool,
    engine: str,
    wait: str | None,
    accounts: Path | None,
    state_dir: Path | None,
    redact: bool,
    format_: str,
    detailed_exitcode: bool,
) -> None:
    """The nightly job: plan, guard, apply, report."""
    from ctct_etl.workflow.running import run_pipeline

    context = make_context(
        state_dir, accounts, wait, full=full, allow_export=allow_export, redact=redact, engine=engine
    )
    accepted = parse_accepts(accepts)
    signalled = end_on_signals(context)
    with nullcontext() if dry_run else told_of_faults(context, pipeline):
        ended = run_pipeline(
            context, pipeline, dry_run=dry_run, accepted=accepted, single=route == "single",
            retry_refused=retry_refused,
        )  # fmt: skip
    if not dry_run:
        tell_how_it_ended(context, pipeline, ended, signalled() or ended.exit_code())
    finish(ended, format_, detailed_exitcode, signalled())


@click.command()
@pipeline_argument
@click.option("--out", type=click.Path(path_type=Path), help="Write the plan here; default: a new run in the state.")
@accept_option
@route_option
@retry_option
@full_option
@export_option
@engine_option
@accounts_option
@state_option
@redact_option
@report_format_option
@detailed_option
def plan(
    pipeline: Path,
    out: Path | None,
    accepts: tuple[str, ...],
    route: str,
    retry_refused: bool,
    full: bool,
    allow_export: bool,
    engine: str,
    accounts: Path | None,
    state_dir: Path | None,
    redact: bool,
    format_: str,
    detailed_exitcode: bool,
) -> None:
    """Write what would happen as a plan that can be read, kept and applied."""
    from ctct_etl.workflow.running import plan_pipeline

    context = make_context(state_dir, accounts, full=full, allow_export=allow_export, redact=redact, engine=engine)
    accepted = parse_accepts(accepts)
    ended = plan_pipeline(
        context, pipeline, out=out, accepted=accepted, single=route == "single", retry_refused=retry_refused
    )
    finish(ended, format_, detailed_exitcode)


@click.command()
@plan_argument
@click.option("--all", "everything", is_flag=True, help="List every change and every row, not only the first of each.")
@click.option(
    "--page",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the page there too; with --redact one that may be forwarded.",
)
@redact_option
@report_format_option
def show(plan_directory: Path, everything: bool, page: Path | None, redact: bool, format_: str) -> None:
    """Show a plan again, and what became of it."""
    from ctct_etl.workflow.running import show_plan

    ended = show_plan(plan_directory, make_mask() if redact else None, page)
    finish(ended, format_, detailed=False, examples=None if everything else EXAMPLES)


@click.command()
@plan_argument
@click.option("--resume", is_flag=True, help="Go on with a plan whose apply was interrupted, or did a part of it.")
@click.option(
    "--only",
    type=click.Choice(WRITING_ACTIONS),
    multiple=True,
    help="Carry out these actions alone; the rest stays pending. May be repeated.",
)
@click.option(
    "--canary",
    type=click.IntRange(min=1),
    metavar="N",
    help="Send the first N actions, read them back, and go on only if all is as the plan promised.",
)
@accept_option
@full_option
@wait_option
@accounts_option
@state_option
@redact_option
@report_format_option
def apply(
    plan_directory: Path,
    resume: bool,
    only: tuple[str, ...],
    canary: int | None,
    accepts: tuple[str, ...],
    full: bool,
    wait: str | None,
    accounts: Path | None,
    state_dir: Path | None,
    redact: bool,
    format_: str,
) -> None:
    """Do what a plan says, to the letter, or stop."""
    from ctct_etl.run.intending import Scope
    from ctct_etl.workflow.applying import Wish, apply_directory

    context = make_context(state_dir, accounts, wait, full=full, redact=redact)
    signalled = end_on_signals(context)
    wish = Wish(resume, Scope(frozenset(only or WRITING_ACTIONS)), canary)
    ended = apply_directory(context, plan_directory, wish=wish, accepted=parse_accepts(accepts))
    finish(ended, format_, False, signalled())
