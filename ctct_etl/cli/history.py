"""`ctct-etl history [RUN]` and `history prune`: past runs, and how to part with old ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ctct_etl.cli.options import find_state, format_option, make_mask, redact_option, report_format_option, state_option

pipeline_option = click.option("--pipeline", metavar="NAME", help="Only runs of the pipeline of this name.")
account_option = click.option("--account", metavar="NAME", help="Only runs of this account, as accounts.yaml calls it.")


class _History(click.Command):
    """`history prune` is a command of its own; what else follows is a run."""

    @property
    def beside(self) -> tuple[click.Command, ...]:
        return (prune,)

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        for command in self.beside:
            if args[:1] == [command.name]:
                return command.make_context(f"{info_name} {command.name}", args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)


@click.command(cls=_History)
@click.argument("run", metavar="[RUN]", required=False)
@pipeline_option
@account_option
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only the newest N runs.")
@state_option
@redact_option
@report_format_option
def history(
    run: str | None,
    pipeline: str | None,
    account: str | None,
    limit: int | None,
    state_dir: Path | None,
    redact: bool,
    format_: str,
) -> None:
    """List past runs, the newest first: when, how each ended, what it did, and where its report is.

    With RUN (an id, the beginning of one, or `last`) that run is told whole. `history prune` removes old ones.
    """
    from ctct_etl.report.history import render_run, render_runs
    from ctct_etl.run.state import StateDirectory
    from ctct_etl.workflow.history import describe_run, find_run, list_runs

    state = StateDirectory(find_state(state_dir), makes=False)
    if run is not None:
        told = [describe_run(find_run(state, run, pipeline=pipeline, account=account))]
    else:
        told = [describe_run(each) for each in list_runs(state, pipeline=pipeline, account=account, limit=limit)]
    if redact:
        from ctct_etl.report.masking_told import mask_run

        told = [mask_run(each, make_mask()) for each in told]
    click.echo(render_runs(told, format_) if run is None else render_run(told[0], format_), nl=False)


@click.command()
@click.option("--keep", metavar="DAYS", default="90d", show_default=True, help="Keep runs that are younger.")
@click.option("--dry-run", is_flag=True, help="Say what would go and what stays; remove nothing.")
@pipeline_option
@account_option
@state_option
@format_option
def prune(
    keep: str, dry_run: bool, pipeline: str | None, account: str | None, state_dir: Path | None, format_: str
) -> None:
    """Remove old runs: plan, journal and report.

    What is at work or can be resumed stays, and so does the last good run of every pipeline, the last that changed its
    account, and whatever has files that are not of this program.
    """
    from dataclasses import asdict
    from datetime import UTC, datetime

    from ctct_etl.config.values import parse_days
    from ctct_etl.report.history import render_pruned
    from ctct_etl.run.state import StateDirectory
    from ctct_etl.workflow.pruning import Wanted, prune_runs

    try:
        wanted = Wanted(datetime.now(UTC), parse_days(keep), pipeline, account)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--keep") from error
    pruned = prune_runs(StateDirectory(find_state(state_dir)), wanted, dry_run=dry_run)
    click.echo(render_pruned(asdict(pruned), keep, format_, dry_run=dry_run), nl=False)
