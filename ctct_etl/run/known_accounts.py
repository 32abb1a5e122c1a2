"""Which accounts the state has a memory of, kept apart from the memory itself, so that its loss can be told.

    known/ACCOUNT.json            {"NAME": newest version of the memory of memberships in accounts/NAME}
    accounts/NAME/account.json    {"encoded_account_id": ACCOUNT}, the account that NAME was when it was last noted

ACCOUNT is the service's own id. A name that has no memory while the account is known, or an older one than is told
here (a copy that was put back), has lost what people left since. So has a name that was another account meanwhile: it
may well be the same one by the other dialect, which tells another id, and neither memory knows what the other saw.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from ctct_etl.errors import StateError
from ctct_etl.run.durable_files import write_durably
from ctct_etl.run.memory import MEMORY_FILE
from ctct_etl.run.state import StateDirectory

_ID = "encoded_account_id"


def read_known(state: StateDirectory, account: Mapping[str, str]) -> dict[str, int]:
    """Return the names that the account was known by, with the version of each memory. Raises StateError."""
    path = _place(state, account)
    try:
        data: Any = json.loads(path.read_bytes())
        return {str(name): int(version) for name, version in data.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError) as fault:
        raise StateError(
            f"{path}: can't be read ({fault!r}) — remove it, and look whether accounts/ in the state directory still "
            "holds the memory of this account"
        ) from fault


def note_known(state: StateDirectory, name: str, account: Mapping[str, str], version: int) -> None:
    """Note the version that the memory of `name` has now. Raises StateError."""
    known = read_known(state, account)
    if known.get(name) != version:
        _write(_place(state, account), {**known, name: version})
    if _read_whose(state, name) != account[_ID]:
        _write(_whose(state, name), {_ID: account[_ID]})


def find_loss(state: StateDirectory, name: str, account: Mapping[str, str], version: int | None) -> str:
    """Say what is lost, in words; "" for nothing. version: of the memory that is there, None where there is none."""
    known = read_known(state, account)
    if version is None and known:
        others = sorted(known.keys() - {name})
        where = f'; it was called "{others[0]}" in accounts.yaml' if others and name not in known else ""
        return f"earlier runs knew this account, and their memory is gone{where}"
    if version is not None and version < known.get(name, 0):
        return f"the memory is older than the last run's (version {version} of {known[name]})"
    if (other := _find_other(state, name, account, version)) is not None:
        return f'the last runs of "{name}" knew another account ({other}), or this one by the other dialect'
    return ""


def _find_other(state: StateDirectory, name: str, account: Mapping[str, str], version: int | None) -> str | None:
    """The id of the account that `name` was last, if that was another; of a state without notes, any that it was."""
    if whose := _read_whose(state, name):
        return whose if whose != account[_ID] else None
    if version is not None:
        return None
    before, after = MEMORY_FILE.split("*")
    files = sorted(state.account(name).glob(MEMORY_FILE))
    return unquote(files[0].name.removeprefix(before).removesuffix(after)) if files else None


def _read_whose(state: StateDirectory, name: str) -> str:
    """The id of the account that `name` was last; "" where nothing says so. Raises StateError."""
    path = _whose(state, name)
    try:
        return str(json.loads(path.read_bytes())[_ID])
    except FileNotFoundError:
        return ""
    except (OSError, ValueError, TypeError, KeyError) as fault:
        raise StateError(
            f"{path}: can't be read ({fault!r}) — remove it, if the account of that name is the one that it always was"
        ) from fault


def _write(path: Path, told: Mapping[str, Any]) -> None:
    write_durably(path, (json.dumps(told, indent=2, sort_keys=True) + "\n").encode())


def _whose(state: StateDirectory, name: str) -> Path:
    return state.account(name) / "account.json"


def _place(state: StateDirectory, account: Mapping[str, str]) -> Path:
    return state.known() / f"{quote(account[_ID], safe='')}.json"
