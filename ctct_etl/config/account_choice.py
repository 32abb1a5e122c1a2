"""Which account a pipeline uses. All accounts are checked for keys and types; only the used one must be ready:
its environment variables set, a token to be had."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from ctct_etl.config.accounts import (
    V3_BASE_URL,
    Account,
    Accounts,
    OfV1,
    SandboxAccount,
    ServiceAccount,
    V1Account,
    V1SandboxAccount,
)
from ctct_etl.config.marked_yaml import Document, KeyPath
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
    account = accounts.accounts.get(name) if accounts is not None else None
    if account is None:
        return None, problems
    account, problem = _make_ready(account, document, name, path)
    return account, [*problems, *problem]


def _check_all(document: Document) -> tuple[Accounts | None, list[ConfigProblem]]:
    # What the keys of an account mean depends on its dialect: nobody can say while that is a variable not set.
    unknown = {path[:-1] for path in document.unset if len(path) == 3 and path[::2] == ("accounts", "dialect")}
    return validate(Accounts, document, unknown)


def _make_ready(account: Account, document: Document, name: str, path: Path) -> tuple[Account, list[ConfigProblem]]:
    place = ("accounts", name)
    problems: list[ConfigProblem] = []
    if isinstance(account, V1Account | V1SandboxAccount):
        problems += _check_numbers(account, document, place)
    if isinstance(account, SandboxAccount | V1SandboxAccount):
        seed = beside(path, account.sandbox)
        if not seed.is_file():
            cure = "mend the path of the seed: it is relative to this file"
            written = document.find((*place, "sandbox")).written
            problems.append(document.problem((*place, "sandbox"), f"there is no file {written}", cure))
        return account.model_copy(update={"sandbox": seed}), problems
    if isinstance(account, V1Account):
        problems += _check_secrets(account, document, place, ("access_token",))
        return account, [*problems, *_check_credentials(account, document, place)]
    problems += _check_secrets(account, document, place, ("client_secret", "access_token"))
    return account, [*problems, *_check_token_source(account, document, place)]


def _check_numbers(account: OfV1, document: Document, place: KeyPath) -> Iterator[ConfigProblem]:
    """One number is one field: under two names each would undo what the other writes."""
    seen: dict[int, str] = {}
    for label, number in account.custom_fields.items():
        if number in seen:
            what = f'the number {number} is that of "{seen[number]}" already'
            yield document.problem((*place, "custom_fields", label), what, "give each custom field its own number")
        seen.setdefault(number, label)


def _check_credentials(account: V1Account, document: Document, place: KeyPath) -> Iterator[ConfigProblem]:
    given = [key for key in ("password", "access_token") if getattr(account, key).get_secret_value()]
    if len(given) == 2:
        what = f'the account "{place[-1]}" has both password and access_token'
        yield document.problem((*place, "access_token"), what, "remove one: only one of them can be sent", key=True)
    elif not given and not any((*place, key) in document.unset for key in ("password", "access_token")):
        what = f'the account "{place[-1]}" has neither password nor access_token'
        yield document.problem(
            place, what, "write `password: ${NAME}`, of the user, or `access_token: ${NAME}`", key=True
        )
    if not account.username.isprintable() or ":" in account.username:
        what = f'the username of the account "{place[-1]}" has a colon or a character that can\'t be printed'
        yield document.problem((*place, "username"), what, "give it as the account's owner logs in with it")


def _check_secrets(
    account: ServiceAccount | V1Account, document: Document, place: KeyPath, keys: Sequence[str]
) -> Iterator[ConfigProblem]:
    """Secrets travel in headers."""
    for key in keys:
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
