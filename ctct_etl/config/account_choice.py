"""Which account a pipeline uses. All accounts are checked for keys and types; only the used one must be ready:
its environment variables set, its dialect built, its token given."""

from __future__ import annotations

from pathlib import Path

from ctct_etl.config.accounts import Account, Accounts, LaterAccount, SandboxAccount
from ctct_etl.config.marked_yaml import Document, KeyPath
from ctct_etl.config.not_built import ACCOUNT_DIALECT, ACCOUNT_KEYS, find_not_built
from ctct_etl.config.paths import beside
from ctct_etl.config.suggesting import suggest
from ctct_etl.config.validating import explain_unset, validate
from ctct_etl.errors import ConfigProblem


def choose_account(
    document: Document, name: str | None, pipeline: Document, path: Path
) -> tuple[Account | None, list[ConfigProblem]]:
    """Return the account `name` of the accounts file, and every problem of the file.

    name: None if the pipeline names none that could be looked for. path: the accounts file, for relative paths.
    """
    accounts, problems = _check_all(document)
    names = document.data.get("accounts")
    if name is None or not isinstance(names, dict):
        return None, problems
    if name not in names:
        what = f'{document.file} has no account "{pipeline.find(("account",)).written}"'
        return None, [*problems, pipeline.problem(("account",), what, suggest(name, names))]
    problems += explain_unset(document, ("accounts", name))
    problems += find_not_built(document, ACCOUNT_DIALECT, ("accounts", name)).values()
    account = accounts.accounts.get(name) if accounts is not None else None
    if account is None or isinstance(account, LaterAccount):
        return None, problems
    account, problem = _make_ready(account, document, name, path)
    return account, [*problems, *problem]


def _check_all(document: Document) -> tuple[Accounts | None, list[ConfigProblem]]:
    later: dict[KeyPath, ConfigProblem] = {}
    names = document.data.get("accounts")
    for name, account in names.items() if isinstance(names, dict) else ():
        if isinstance(account, dict) and account.get("dialect") != "v1":
            later |= find_not_built(document, ACCOUNT_KEYS, ("accounts", name))
    accounts, problems = validate(Accounts, document, {*later, *document.unset})
    return accounts, [*later.values(), *problems]


def _make_ready(account: Account, document: Document, name: str, path: Path) -> tuple[Account, list[ConfigProblem]]:
    place = ("accounts", name)
    if isinstance(account, SandboxAccount):
        seed = beside(path, account.sandbox)
        account = account.model_copy(update={"sandbox": seed})
        if seed.is_file():
            return account, []
        cure = "mend the path of the seed: it is relative to this file"
        written = document.find((*place, "sandbox")).written
        return account, [document.problem((*place, "sandbox"), f"there is no file {written}", cure)]
    if account.access_token.get_secret_value() or (*place, "access_token") in document.unset:
        return account, []
    what = f'the account "{name}" has no access_token'
    return account, [document.problem((*place, "access_token"), what, "give one: logging in comes later", key=True)]
