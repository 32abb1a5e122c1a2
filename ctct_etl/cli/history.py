"""`ctct-etl history [RUN]` and `history prune`: past runs, and how to part with old ones."""

from __future__ import annotations

from pathlib import Path

import click

from ctct_etl.cli.options import find_state, state_option

pipeline_option = click.option("--pipeline", metavar="NAME", help="Only runs of the pipeline of this name.")
account_option = click.option("--account", metavar="NAME", help="Only runs of this account, as accounts.yaml calls it.")


@click.command()
@click.argument("run", metavar="[RUN]", required=False)
@pipeline_option
@account_option
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only the newest N runs.")
@state_option
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    help="How the result is printed.",
)
def history(
    run: str | None, pipeline: str | None, account: str | None, limit: int | None, state_dir: Path | None, format_: str
) -> None:
    """List past runs, the newest first: when, how each ended, what it did, and where its report is.

    With RUN (an id, the beginning of one, or `last`) that run is told whole.
    """
    from ctct_etl.report.history import render_run, render_runs
    from ctct_etl.run.state import StateDirectory
    from ctct_etl.workflow.history import describe_run, find_run, list_runs

    state = StateDirectory(find_state(state_dir), makes=False)
    if run is not None:
        click.echo(
            render_run(describe_run(find_run(state, run, pipeline=pipeline, account=account)), format_), nl=False
        )
        return
    runs = list_runs(state, pipeline=pipeline, account=account, limit=limit)
    click.echo(render_runs([describe_run(each) for each in runs], format_), nl=False)
