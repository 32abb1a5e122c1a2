"""`ctct-etl check | preview | schema`: what can be said before any account is asked."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import click

from ctct_etl.cli.options import (
    accounts_option,
    format_option,
    make_context,
    pipeline_argument,
    redact_option,
    state_option,
)


@click.command()
@click.argument("pipelines", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--online", is_flag=True, help="Also look whether the account has the lists, tags and custom fields.")
@accounts_option
@state_option
@format_option
def check(
    pipelines: tuple[Path, ...], online: bool, accounts: Path | None, state_dir: Path | None, format_: str
) -> None:
    """Check configs and source columns: every problem at once, each with its place and its cure."""
    if online:
        from ctct_etl.workflow.checking_online import check_pipeline_online as check_one
    else:
        from ctct_etl.workflow.checking import check_pipeline as check_one

    context = make_context(state_dir, accounts)
    problems = sorted({problem for path in pipelines for problem in check_one(context, path)})
    if format_ == "json":
        click.echo(json.dumps([vars(problem) for problem in problems], indent=2, sort_keys=True, ensure_ascii=False))
    else:
        for problem in problems:
            click.echo(str(problem))
        if not problems:
            click.echo(f"{len(pipelines)} pipeline{'s' * (len(pipelines) > 1)} checked, no problem found")
    click.get_current_context().exit(2 if problems else 0)


@click.command()
@pipeline_argument
@click.option(
    "--rows", type=click.IntRange(min=1), default=10, show_default=True, help="How many contacts, and how many rejects."
)
@accounts_option
@state_option
@redact_option
@format_option
def preview(
    pipeline: Path, rows: int, accounts: Path | None, state_dir: Path | None, redact: bool, format_: str
) -> None:
    """Show the first mapped and cleaned contacts, and the rejects; no account is needed."""
    from ctct_etl.report.preview import render_preview, render_preview_json
    from ctct_etl.workflow.previewing import preview_pipeline

    previewed = preview_pipeline(make_context(state_dir, accounts, redact=redact), pipeline, most=rows)
    if format_ == "json":
        click.echo(render_preview_json(previewed))
        return
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 140
    click.echo(render_preview(previewed, width=width), nl=False)


@click.command()
@click.argument("name", required=False, type=click.Choice(["pipeline", "mapping", "suite", "accounts"]))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Write one file each into this folder.")
def schema(name: str | None, out: Path | None) -> None:
    """Print the JSON Schemas of the config files, for editors."""
    from ctct_etl.config.schema import json_schemas

    schemas = json_schemas()
    if out:
        out.mkdir(parents=True, exist_ok=True)
        for each, document in schemas.items():
            (out / f"{each}.json").write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")
            click.echo(out / f"{each}.json")
        return
    click.echo(json.dumps(schemas[name] if name else schemas, indent=2, ensure_ascii=False))
