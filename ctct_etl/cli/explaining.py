"""`ctct-etl explain`: one address through every stage."""

from __future__ import annotations

from pathlib import Path

import click

from ctct_etl.cli.options import (
    accounts_option,
    full_option,
    make_context,
    make_mask,
    pipeline_argument,
    redact_option,
    report_format_option,
    retry_option,
    route_option,
    state_option,
)


@click.command()
@pipeline_argument
@click.argument("email")
@click.option(
    "--runs", type=click.IntRange(min=1), default=10, show_default=True, help="How many of its past runs are told."
)
@route_option
@retry_option
@full_option
@accounts_option
@state_option
@redact_option
@report_format_option
def explain(
    pipeline: Path,
    email: str,
    runs: int,
    route: str,
    retry_refused: bool,
    full: bool,
    accounts: Path | None,
    state_dir: Path | None,
    redact: bool,
    format_: str,
) -> None:
    """Say what a run would do now with one address, and why: its rows, what each stage made of them, the account's
    contact, the rule that decided, the requests that would be sent, and its past runs. Nothing is written.
    """
    from ctct_etl.report.explaining import render_explained
    from ctct_etl.workflow.explaining import explain_address

    told = explain_address(
        make_context(state_dir, accounts, full=full), pipeline, email, single=route == "single",
        retry_refused=retry_refused, past_runs=runs,
    )  # fmt: skip
    if redact:
        from ctct_etl.report.masking_told import mask_explained

        told = mask_explained(told, make_mask())
    click.echo(render_explained(told, format_), nl=False)
