"""What an expectation says that makes no sense: unknown names, arguments that don't fit, and what is not allowed.

The document is asked, not the model: an expectation with one fault is checked for its others too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ctct_etl.config.expectation_table import KNOWN, REFUSED, REFUSED_ARGUMENTS, Judges, Known
from ctct_etl.config.expectation_values import fits
from ctct_etl.config.expectations import Expectation
from ctct_etl.config.marked_yaml import Document, KeyPath
from ctct_etl.config.suggesting import closest
from ctct_etl.errors import ConfigProblem

OWN_KEYS = frozenset(Expectation.model_fields)
_WHERE = "docs/expectations.md has the list"


def check_expectations(document: Document) -> Iterator[ConfigProblem]:
    """Check every expectation that the document holds under `expectations:`."""
    items = document.data.get("expectations") if isinstance(document.data, dict) else None
    for position, item in enumerate(items if isinstance(items, list) else ()):
        path = ("expectations", position)
        if isinstance(item, dict) and "suite" not in item:
            yield from _check_one(item, document, path)


def _check_one(item: Mapping[str, Any], document: Document, path: KeyPath) -> Iterator[ConfigProblem]:
    name = item.get("expect")
    known = KNOWN.get(name) if isinstance(name, str) else None
    given = {key: value for key, value in item.items() if key not in OWN_KEYS}
    for key in given.keys() & REFUSED_ARGUMENTS.keys():
        yield document.problem((*path, key), f'"{key}" is not allowed here', REFUSED_ARGUMENTS[key], key=True)
    if "expect" not in item:
        for key in given.keys() - REFUSED_ARGUMENTS.keys():
            if near := closest(key, ("expect", "suite")):
                yield document.problem((*path, key), f'unknown key "{key}"', f'did you mean "{near}"?', key=True)
    if known is None:
        if isinstance(name, str) and name and (*path, "expect") not in document.unset:
            yield document.problem((*path, "expect"), *_explain_name(name))
        return
    if item.get("on_fail") == "reject" and known.judges is not Judges.ROWS:
        what = f"{name} judges {known.judges.value}, so that there is no row to reject"
        yield document.problem((*path, "on_fail"), what, "write warn or stop")
    if known.judges is Judges.HEADER and "when" in item:
        what = f"{name} judges {known.judges.value}, and `when` chooses rows"
        yield document.problem((*path, "when"), what, "remove it", key=True)
    meant = {key: value for key, value in given.items() if key not in REFUSED_ARGUMENTS}
    yield from _check_arguments(str(name), known, meant, document, path)


def _explain_name(name: str) -> tuple[str, str]:
    if name in REFUSED:
        return f"{name} is not allowed here", REFUSED[name]
    near = closest(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name), {**KNOWN, **REFUSED})
    return f'there is no expectation "{name[:80]}"', f'did you mean "{near}"?' if near else _WHERE


def _check_arguments(
    name: str, known: Known, given: Mapping[str, Any], document: Document, path: KeyPath
) -> Iterator[ConfigProblem]:
    values: dict[str, Any] = {}
    for key, value in given.items():
        place = (*path, key)
        if key not in known.arguments:
            yield document.problem(place, *_explain_argument(name, known, key), key=True)
        elif value is not None and not _is_unset(document, place):
            try:
                values[key] = known.arguments[key].kind.read(value)
            except ValueError as fault:
                yield document.problem(place, f'"{key}" is not understood', str(fault))
    misspelt = {closest(key, known.arguments) for key in given if key not in known.arguments}
    for key, argument in known.arguments.items():
        if argument.needed and key not in given and key not in misspelt:
            cure = f"write `{key}: ...` ({argument.kind.words})"
            yield document.problem(path, f'{name} needs "{key}"', cure, key=True)
    if known.one_of and not misspelt & set(known.one_of):
        yield from _check_bounds(name, known, given, values, document, path)


def _explain_argument(name: str, known: Known, key: str) -> tuple[str, str]:
    words = {*known.arguments, *OWN_KEYS}
    near = closest(key, words)
    takes = ", ".join(known.arguments)
    return f'{name} has no argument "{key}"', f'did you mean "{near}"?' if near else f"it has: {takes}"


def _check_bounds(
    name: str, known: Known, given: Mapping[str, Any], values: Mapping[str, Any], document: Document, path: KeyPath
) -> Iterator[ConfigProblem]:
    if not given.keys() & set(known.one_of):
        cure = f"write `{known.one_of[0]}: ...`, `{known.one_of[1]}: ...` or both"
        yield document.problem(path, f"{name} needs a bound", cure, key=True)
    low, high = (values.get(key) for key in known.one_of)
    if low is None or high is None:
        return
    place = (*path, known.one_of[1])
    if not fits(low, high):
        yield document.problem(place, "one bound is a number and the other a date", "write two of one kind")
    elif low > high:
        yield document.problem(place, f'"{known.one_of[1]}" is less than "{known.one_of[0]}"', "change them over")


def _is_unset(document: Document, place: KeyPath) -> bool:
    """Whether a variable that is not set stands there or below: its value nobody knows."""
    return any(at[: len(place)] == place for at in document.unset)
