"""Does the account have every list, tag and custom field that the configs, and the cells they name, ask for?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from collections.abc import Mapping as Mapped
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NamedTuple

import pandas as pd

from ctct_etl.account.dialect import Prerequisites
from ctct_etl.columns import CONTACT, KIND, LIST, NAME, ORIGIN_COLUMNS, TAG, custom_label, is_custom
from ctct_etl.config.loading import LoadedConfig
from ctct_etl.config.mapping import ListWhen, Mapping, TagFromColumn, TagWhen
from ctct_etl.config.marked_yaml import KeyPath
from ctct_etl.config.pipeline import IfIn, IfNotIn
from ctct_etl.config.places import ConfigFile
from ctct_etl.errors import ConfigProblem
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.stages.folding import WINNER
from ctct_etl.workflow.deriving import Desire

CUSTOM = "custom field"
_CREATE_KEY = {LIST: "lists", TAG: "tags", CUSTOM: "custom_fields"}


@dataclass(frozen=True)
class Asked:
    """One name that the configs or the source ask for: what it is, where it is asked, and by which cell."""

    kind: str  # LIST | TAG | CUSTOM
    name: str
    file: ConfigFile
    path: KeyPath
    by: str = ""  # "Interests, members.xlsx, Members, row 17": the cell that names it
    may_create: bool = True


class NamedByCell(NamedTuple):
    """at: position of the row that won for the first contact who is to be on it. row: the first of that contact."""

    kind: str
    name: str
    at: int
    row: str


@dataclass(frozen=True)
class Missing:
    problems: tuple[ConfigProblem, ...]
    prerequisites: Prerequisites


def find_unknown_names(config: LoadedConfig, snapshot: Snapshot) -> tuple[ConfigProblem, ...]:
    """Return a problem for every name in the configs that the account does not have and that may not be made."""
    return _judge(config, snapshot, list(_asked_by_configs(config))).problems


def find_missing_names(config: LoadedConfig, cells: Iterable[NamedByCell], snapshot: Snapshot) -> Missing:
    """The same, for the names in the source's cells too; what `create_missing` allows becomes a prerequisite."""
    return _judge(config, snapshot, [*_asked_by_configs(config), *_asked_by_cells(config, cells)])


def name_cells(desire: Desire, mapping: Mapping, positions: pd.Series | None = None) -> list[NamedByCell]:
    """Which lists and tags cells name, each once, with the first who is to be on it.

    positions: of the rows in the whole source; None: these are it.
    """
    found = []
    for kind, entries in ((LIST, mapping.lists), (TAG, mapping.tags)):
        if not any(isinstance(entry, TagFromColumn) for entry in entries):
            continue
        wanted = desire.wanted[(desire.wanted[KIND] == kind).to_numpy()]
        for name, contact in wanted.drop_duplicates(NAME)[[NAME, CONTACT]].itertuples(index=False):  # names are few
            won = int(desire.contacts[WINNER].iloc[contact])
            at = won if positions is None else int(positions.iloc[won])
            found.append(NamedByCell(kind, str(name), at, _first_row(desire, contact)))
    return found


def join_names(parts: Iterable[Iterable[NamedByCell]]) -> list[NamedByCell]:
    """What the cells of a source name, from what those of its parts do."""
    first: dict[tuple[str, str], NamedByCell] = {}
    for each in sorted((each for part in parts for each in part), key=lambda each: each.at):
        first.setdefault((each.kind, each.name), each)
    return list(first.values())


def _judge(config: LoadedConfig, snapshot: Snapshot, asked: list[Asked]) -> Missing:
    known: Mapped[str, Collection[str]] = {
        LIST: snapshot.lists, TAG: snapshot.tags, CUSTOM: snapshot.custom_fields}  # fmt: skip
    allowed = config.pipeline.create_missing
    problems, made = [], {LIST: set[str](), TAG: set[str](), CUSTOM: set[str]()}
    seen = set()
    for each in asked:
        if each.name in known[each.kind] or each.name in made[each.kind]:
            continue
        if each.may_create and _CREATE_KEY[each.kind] in allowed and not _twin(each.name, known[each.kind]):
            made[each.kind].add(each.name)
        elif (key := (each.kind, each.name, each.path)) not in seen:
            seen.add(key)
            problems.append(_explain(config, each, known[each.kind]))
    prerequisites = Prerequisites(
        lists=tuple(sorted(made[LIST])), custom_fields=tuple(sorted(made[CUSTOM])), tags=tuple(sorted(made[TAG]))
    )
    return Missing(tuple(problems), prerequisites)


def _twin(name: str, known: Collection[str]) -> str | None:
    """A name that differs in letter case or spaces alone: surely meant, and not to be made a second time."""
    folded = " ".join(name.split()).casefold()
    return next((other for other in sorted(known) if " ".join(other.split()).casefold() == folded), None)


def _explain(config: LoadedConfig, asked: Asked, known: Collection[str]) -> ConfigProblem:
    near = _twin(asked.name, known) or next(iter(get_close_matches(asked.name, sorted(known), 1)), None)
    hint = f'did you mean "{near}"? ' if near else ""
    key = _CREATE_KEY[asked.kind]
    allow = f", or allow it by create_missing: [{key}]" if asked.may_create else ""
    has = f"it has: {', '.join(sorted(known)[:20])}" if known else f"it has no {asked.kind}s"
    by = f" (named by {asked.by})" if asked.by else ""
    what = f'the account has no {asked.kind} "{asked.name}"{by}'
    return config.places.problem(asked.path, what, f"{hint}make it in the account{allow}; {has}", file=asked.file)


def _asked_by_configs(config: LoadedConfig) -> Iterator[Asked]:
    mapping, pipeline = config.mapping, config.pipeline
    for field in mapping.fields:
        if is_custom(field):
            yield Asked(CUSTOM, custom_label(field), "mapping", ("fields", field))
    for position, entry in enumerate(mapping.lists):
        if isinstance(entry, (str, ListWhen)):
            name = entry if isinstance(entry, str) else entry.list
            yield Asked(LIST, name, "mapping", ("lists", position))
    for position, tag in enumerate(mapping.tags):
        if isinstance(tag, (str, TagWhen)):
            yield Asked(TAG, tag if isinstance(tag, str) else tag.tag, "mapping", ("tags", position))
    rule = pipeline.existing.update
    if isinstance(rule, (IfIn, IfNotIn)):
        key, names = ("if_in", rule.if_in) if isinstance(rule, IfIn) else ("if_not_in", rule.if_not_in)
        for position, name in enumerate(names):
            yield Asked(LIST, name, "pipeline", ("existing", "update", key, position), may_create=False)
    for position, name in enumerate(pipeline.managed_lists):
        yield Asked(LIST, name, "pipeline", ("managed_lists", position), may_create=False)
    if config.account.import_list is not None:
        path: KeyPath = ("accounts", config.account_name, "import_list")
        yield Asked(LIST, config.account.import_list, "accounts", path, may_create=False)


def _asked_by_cells(config: LoadedConfig, cells: Iterable[NamedByCell]) -> Iterator[Asked]:
    """Lists and tags that cells name. What each cell said is gone by now: of several columns any may have named it."""
    named = list(cells)
    for key, kind, entries in (("lists", LIST, config.mapping.lists), ("tags", TAG, config.mapping.tags)):
        written = {asked.name for asked in _asked_by_configs(config) if asked.kind == kind}
        columns = {
            entry.column: at for at, entry in reversed([*enumerate(entries)]) if isinstance(entry, TagFromColumn)
        }
        by_columns = " or ".join(f'"{column}"' for column in reversed(columns))
        for each in named:
            if each.kind == kind and each.name not in written:
                by = f"column {by_columns}, {each.row}"
                yield Asked(kind, each.name, "mapping", (key, min(columns.values())), by)


def _first_row(desire: Desire, contact: int) -> str:
    row = desire.rows[desire.rows[CONTACT] == contact].iloc[0]
    file, sheet, number = (row[column] for column in ORIGIN_COLUMNS)
    return ", ".join(filter(None, (str(file), str(sheet), f"row {number}")))
