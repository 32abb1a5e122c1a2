"""Check a pipeline without planning it: configs, source columns and, online, what the account has."""

from __future__ import annotations

from pathlib import Path

from ctct_etl.config.loading import load_pipeline
from ctct_etl.errors import ConfigError, ConfigProblem, SourceError
from ctct_etl.run.state import StateDirectory
from ctct_etl.sources.reading import read_header
from ctct_etl.workflow.account_checks import find_unknown_names
from ctct_etl.workflow.column_checks import find_missing_columns
from ctct_etl.workflow.context import Context
from ctct_etl.workflow.opening import opened_account


def check_pipeline(context: Context, path: Path, *, online: bool) -> tuple[ConfigProblem, ...]:
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
    if online:
        state = StateDirectory(context.state)
        with opened_account(context, config.account_name, config.account, state, config.accounts_path) as account:
            names = account.session.converse(account.dialect.fetch_names())
        problems += find_unknown_names(config, names)
    return tuple(problems)
