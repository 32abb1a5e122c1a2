"""Check a pipeline against its account as well: has it the lists, tags and custom fields that the configs name?"""

from __future__ import annotations

from pathlib import Path

from ctct_etl.config.loading import load_pipeline
from ctct_etl.errors import ConfigError, ConfigProblem
from ctct_etl.run.state import StateDirectory
from ctct_etl.workflow.account_checks import find_unknown_names
from ctct_etl.workflow.checking import check_pipeline
from ctct_etl.workflow.context import Context
from ctct_etl.workflow.opening import opened_account


def check_pipeline_online(context: Context, path: Path) -> tuple[ConfigProblem, ...]:
    """Return every problem of one pipeline; the account is not asked while its configs are not sound."""
    problems = check_pipeline(context, path)
    try:
        config = load_pipeline(path, context.accounts, context.environment)
    except ConfigError:
        return problems
    state = StateDirectory(context.state)
    with opened_account(context, config.account_name, config.account, state, config.accounts_path) as account:
        names = account.session.converse(account.dialect.fetch_names())
    return (*problems, *find_unknown_names(config, names))
