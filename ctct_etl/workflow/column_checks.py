"""Does the source have every column that the configs name? Asked before anything is fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from ctct_etl.config.expectations import name_columns
from ctct_etl.config.loading import LoadedConfig
from ctct_etl.config.mapping import Condition, ListWhen, Mapping, Newest, Oldest, TagFromColumn, TagWhen
from ctct_etl.config.marked_yaml import KeyPath
from ctct_etl.config.places import ConfigFile
from ctct_etl.errors import ConfigProblem

Named = tuple[ConfigFile, KeyPath, str]  # the file, the place in it, the column that it names
_TEMPLATE_COLUMN = re.compile(r"\{([^{}]+)\}")


def find_missing_columns(config: LoadedConfig, columns: Sequence[str]) -> tuple[ConfigProblem, ...]:
    """Return a problem for every place of mapping and pipeline that names a column which the source does not have."""
    named = [*_named_by_mapping(config.mapping), *_named_by_pipeline(config), *_named_by_conditions(config)]
    missing = [
        config.places.problem(path, f'the source has no column "{column}"', _cure(column, columns), file=file)
        for file, path, column in named
        if column not in columns
    ]
    known = [*columns, *config.mapping.fields]
    missing += [
        config.places.problem(path, f'"{name}" is no column and no mapped field', _cure(name, known), file=file)
        for file, path, name in _named_by_expectations(config)
        if name not in known
    ]
    return tuple(missing)


def _cure(column: str, columns: Sequence[str]) -> str:
    by_folded = {" ".join(known.split()).casefold(): known for known in columns}
    near = get_close_matches(" ".join(column.split()).casefold(), by_folded, 1)
    has = ", ".join(columns[:20]) + (f" and {len(columns) - 20} more" if len(columns) > 20 else "")
    hint = f'did you mean "{by_folded[near[0]]}"? ' if near else ""
    return f"{hint}it has: {has or 'none'}"


def _named_by_mapping(mapping: Mapping) -> Iterator[Named]:
    for field, rule in mapping.fields.items():
        if rule.column is not None:
            yield "mapping", ("fields", field, "column"), rule.column
        for column in _TEMPLATE_COLUMN.findall(rule.template or ""):
            yield "mapping", ("fields", field, "template"), column
    if mapping.rows is not None:
        yield "mapping", ("rows", "where", "column"), mapping.rows.where.column
    if mapping.opted_out is not None:
        yield "mapping", ("opted_out", "column"), mapping.opted_out.column
    for key, entries in (("lists", mapping.lists), ("tags", mapping.tags)):
        for position, entry in enumerate(entries):
            yield from _named_by_entry((key, position), entry)
    prefer = mapping.dedupe.prefer
    if isinstance(prefer, Newest):
        yield "mapping", ("dedupe", "prefer", "newest"), prefer.newest
    if isinstance(prefer, Oldest):
        yield "mapping", ("dedupe", "prefer", "oldest"), prefer.oldest


def _named_by_conditions(config: LoadedConfig) -> Iterator[Named]:
    for expected in config.expectations:
        if expected.when is not None:
            yield expected.file, (*expected.path, "when", "column"), expected.when.column


def _named_by_expectations(config: LoadedConfig) -> Iterator[Named]:
    """What expectations look at: columns, or contact fields."""
    for expected in config.expectations:
        if expected.columns:
            yield from (
                (expected.file, (*expected.path, *place), name) for place, name in name_columns(expected.arguments)
            )


def _named_by_entry(path: KeyPath, entry: str | TagFromColumn | ListWhen | TagWhen) -> Iterator[Named]:
    if isinstance(entry, TagFromColumn):
        yield "mapping", (*path, "column"), entry.column
    elif not isinstance(entry, str) and isinstance(entry.when, Condition):
        yield "mapping", (*path, "when", "column"), entry.when.column


def _named_by_pipeline(config: LoadedConfig) -> Iterator[Named]:
    evidence = config.pipeline.consent.evidence
    if evidence is not None:
        yield "pipeline", ("consent", "evidence", "date"), evidence.date
        yield "pipeline", ("consent", "evidence", "source"), evidence.source
