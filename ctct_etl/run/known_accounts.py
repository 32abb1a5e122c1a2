"""Which accounts the state has a memory of, kept apart from the memory itself, so that its loss can be told.

    known/ACCOUNT.json     {"NAME": newest version of the memory of memberships in accounts/NAME}

ACCOUNT is the service's own id. A name that has no memory while the account is known, or an older one than is told
here (a copy that was put back), has lost what people left since.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ctct_etl.errors import StateError
from ctct_etl.run.durable_files import write_durably
from ctct_etl.run.state import StateDirectory


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
        content = json.dumps({**known, name: version}, indent=2, sort_keys=True) + "\n"
        write_durably(_place(state, account), content.encode())


def find_loss(state: StateDirectory, name: str, account: Mapping[str, str], version: int | None) -> str:
    """Say what is lost, in words; "" for nothing. version: of the memory that is there, None where there is none."""
    known = read_known(state, account)
    if version is None:
        others = sorted(known.keys() - {name})
        where = f'; it was called "{others[0]}" in accounts.yaml' if others and name not in known else ""
        return f"earlier runs knew this account, and their memory is gone{where}" if known else ""
    if version < known.get(name, 0):
        return f"the memory is older than the last run's (version {version} of {known[name]})"
    return ""


def _place(state: StateDirectory, account: Mapping[str, str]) -> Path:
    return state.known() / f"{quote(account['encoded_account_id'], safe='')}.json"
