"""Which account a pipeline uses. All accounts are checked for keys and types; only the used one must be ready:
its environment variables set, its dialect built, a token to be had."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ctct_etl.config.accounts import V3_BASE_URL, Account, Accounts, LaterAccount, SandboxAccount, ServiceAccount
from ctct_etl.config.marked_yaml import Document, KeyPath
from ctct_etl.config.not_built import ACCOUNT_DIALECT, ACCOUNT_KEYS, find_not_built
from ctct_etl.config.paths import beside
from ctct_etl.config.validating import explain_unset, validate
from ctct_etl.errors import ConfigProblem


def account_names(document: Document) -> tuple[str, ...]:
    """Return the names of the file's accounts, sound or not."""
    accounts = document.data.get("accounts")
    return tuple(accounts) if isinstance(accounts, dict) else ()


def choose_account(document: Document, name: str | None, path: Path) -> tuple[Account | None, list[ConfigProblem]]:
    """Return the account `name` of the accounts file at `path`, if it has it, and every problem of the file.

    `name` is None if nothing names an account; then the file is checked alone.
    """
    accounts, problems = _check_all(document)
    problems += explain_unset(
        document, unless=lambda path: path[:1] == ("accounts",) and path[1:2] not in ((), (name,))
    )
    if name is None or name not in account_names(document):
        return None, problems
    problems += find_not_built(document, ACCOUNT_DIALECT, ("accounts", name)).values()
    account = accounts.accounts.get(name) if accounts is not None else None
    if account is None or isinstance(account, LaterAccount):
        return None, problems
    account, problem = _make_ready(account, document, name, path)
    return account, [*problems, *problem]


def _check_all(document: Document) -> tuple[Accounts | None, list[ConfigProblem]]:
    later: dict[KeyPath, ConfigProblem] = {}
    for name in account_names(document):
        account = document.data["accounts"][name]
        place = ("accounts", name, "dialect")
        if isinstance(account, dict) and account.get("dialect") != "v1" and place not in document.unset:
            later |= find_not_built(document, ACCOUNT_KEYS, ("accounts", name))
    # What the keys of an account mean depends on its dialect: nobody can say while that is a variable not set.
    unknown = {path[:-1] for path in document.unset if len(path) == 3 and path[::2] == ("accounts", "dialect")}
    accounts, problems = validate(Accounts, document, {*later, *unknown})
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
    return account, [
        *_check_secrets(account, document, place),
        *_check_token_source(account, document, place),
    ]


def _check_secrets(account: ServiceAccount, document: Document, place: KeyPath) -> Iterator[ConfigProblem]:
    """Secrets travel in headers."""
    for key in ("client_secret", "access_token"):
        if re.search(r"[^!-~]", getattr(account, key).get_secret_value()):
            what = f'the {key} of the account "{place[-1]}" has a space, a line break or a character beyond ASCII'
            yield document.problem((*place, key), what, "give it as it was issued: none has one")


def _check_token_source(account: ServiceAccount, document: Document, place: KeyPath) -> Iterator[ConfigProblem]:
    """Tokens of the service's own host must not go to an address that is not the service's."""
    given = document.data["accounts"][place[-1]]
    if account.base_url == V3_BASE_URL or account.access_token.get_secret_value() or "auth_url" in given:
        return
    if (*place, "access_token") in document.unset:
        return
    what = f'the account "{place[-1]}" has a base_url of its own, and neither access_token nor auth_url'
    cure = "give auth_url, where tokens for it are made: those of the service must not go there"
    yield document.problem((*place, "base_url"), what, cure, key=True)
