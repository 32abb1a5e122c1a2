"""Check a pipeline without planning it: its configs, and the columns of its source.

Nothing here loads what reads whole tables or talks to an account: an editor may ask at every save.
"""

from __future__ import annotations

from pathlib import Path

from ctct_etl.config.loading import load_pipeline
from ctct_etl.errors import ConfigError, ConfigProblem, SourceError
from ctct_etl.sources.heading import read_header
from ctct_etl.workflow.column_checks import find_missing_columns
from ctct_etl.workflow.context import Context


def check_pipeline(context: Context, path: Path) -> tuple[ConfigProblem, ...]:
    """Return every problem of one pipeline; a source that can't be read is one, at the place that names it."""
    try:
        config = load_pipeline(path, context.accounts, context.environment)
    except ConfigError as error:
        return error.problems
    try:
        problems = list(find_missing_columns(config, read_header(config.pipeline.source, context.now())))
    except SourceError as error:
        what, _, cure = str(error).partition(" — ")
        problems = [config.places.problem(("source", "path"), what, cure or "mend the file", file="pipeline")]
    return tuple(problems)
