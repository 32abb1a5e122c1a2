"""What the configs will be able to say and this version does not do yet. Refused, never parsed and ignored.

Each entry: a path ("*" stands for any step), the values of it that are meant (None: all of them), and what it would
do. A key that becomes built leaves this table and enters its model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ctct_etl.config.marked_yaml import Document, KeyPath
from ctct_etl.errors import ConfigProblem


@dataclass(frozen=True)
class NotBuilt:
    path: tuple[str, ...]
    what: str
    cure: str
    meant: Callable[[Any], bool] | None = None


def _is_remote(value: Any) -> bool:
    scheme, found, _ = str(value).partition("://")
    return bool(found) and scheme.lower() not in ("http", "https")


def _key(*path: str, cure: str = "remove it", what: str = "") -> NotBuilt:
    return NotBuilt(path, what or f'"{path[-1]}"', cure)


PIPELINE = (
    _key("source", "sql", cure="give `path:` a file instead"),
    NotBuilt(("source", "path"), "this kind of address", "give a file, a glob or an https:// address", _is_remote),
)


def find_not_built(document: Document, table: tuple[NotBuilt, ...], at: KeyPath = ()) -> dict[KeyPath, ConfigProblem]:
    """Return the parts of `document`, below `at`, that are not built yet, each with its problem."""
    found: dict[KeyPath, ConfigProblem] = {}
    for entry in table:
        for path, value in _matches(_part(document.data, at), entry.path, at):
            if value is not None and (entry.meant is None or entry.meant(value)):
                what = f"{entry.what} is not built yet"
                found[path] = document.problem(path, what, entry.cure, key=entry.meant is None)
    return found


def _part(data: Any, path: KeyPath) -> Any:
    for step in path:
        data = data[step]
    return data


def _matches(data: Any, pattern: tuple[str, ...], path: KeyPath) -> Iterator[tuple[KeyPath, Any]]:
    if not pattern:
        yield path, data
        return
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        if pattern[0] in ("*", key):
            yield from _matches(value, pattern[1:], (*path, key))
