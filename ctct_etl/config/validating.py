"""From a document to a model: every fault at its place, and a model of what is left, for the checks that follow.

A fault must not hide another one. So a faulty part is cut out of the data and the rest is validated again, until it
passes: checks across keys then run on a model even if the file has faults, and ask the document, not the model,
whether something was written at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ctct_etl.config.marked_yaml import Document, KeyPath
from ctct_etl.config.suggesting import closest, known_keys, suggest
from ctct_etl.config.values import Model
from ctct_etl.errors import ConfigProblem

T = TypeVar("T", bound=Model)

# What else a value can be than one of its words.
_OTHER_FORMS = {
    "checks": ("{typo_domains: off}",),
    "dialect": ("v1",),
    "prefer": ("{newest: COLUMN}", "{oldest: COLUMN}"),
    "update": ("{if_in: [LIST]}", "{if_not_in: [LIST]}"),
    "transform": ("{zfill: 5}", "{remove_prefix: TEXT}", "{remove_suffix: TEXT}"),
}
_KEYS_AND_VALUES = ("must be keys and values", "write it as `key: value` lines")
_WORDS = {
    "tuple_type": ("must be a list", "write it as a list: [one, two]"),
    "dict_type": _KEYS_AND_VALUES,
    "model_type": _KEYS_AND_VALUES,
    "model_attributes_type": _KEYS_AND_VALUES,
    "keys_and_values": _KEYS_AND_VALUES,
    "string_type": ("must be text", "write a single value"),
    "path_type": ("must be text", "write the path of a file"),
    "shape": ("must be text, or keys and values", "write one of the forms that the docs show"),
    "string_pattern_mismatch": ("has characters that it can't have", "use letters, digits, - _ and ."),
    "string_too_short": ("is empty", "write a value, or remove the key"),
    "too_short": ("is empty", "write at least one, or remove the key"),
    "too_long": ("must be empty", "remove what it holds: its effect is not built yet"),
    "string_too_long": ("is too long", "write a single character"),
}
_GONE = object()
# Faults of a value, as opposed to its shape: not told of a variable that is not set, whose value nobody knows.
_OF_VALUE = {"literal_error", "value_error", "string_pattern_mismatch", "string_too_short", "string_too_long"}


def validate(
    model: type[T], document: Document, cut: Iterable[KeyPath] = (), stand_ins: Mapping[KeyPath, Any] | None = None
) -> tuple[T | None, list[ConfigProblem]]:
    """Return the model of `document`, or of what is sound in it, and what is wrong.

    cut: parts that are told already. stand_ins: sound values for required keys, taken where the document's own is
    missing or faulty; then there are problems, here or told already, and the model serves further checks alone.
    """
    if document.is_broken:
        return None, []
    blanks = [path for path, value in _walk(document.data) if value is None]
    told = [_explain_blank(document, path) for path in blanks]
    cuts: dict[KeyPath, Any] = {path: _GONE for path in (*cut, *blanks)}
    while True:
        try:
            return model.model_validate(_trim(document.data, cuts), by_alias=True, by_name=False), told
        except ValidationError as error:
            faults = [_Fault.of(document, details) for details in error.errors(include_url=False)]
        told += [
            _explain(model, document, fault) for fault in faults if not _is_echo(model, document, fault, faults, cuts)
        ]
        before = dict(cuts)
        for fault in faults:
            path = (*fault.path, fault.missing) if fault.missing else _cut_at(fault.path)
            if path in (stand_ins or {}):
                cuts[path] = (stand_ins or {})[path]
            else:
                cuts[_cut_at(fault.path)] = _GONE
        if () in cuts or cuts == before:
            return None, told


@dataclass(frozen=True)
class _Fault:
    """One fault as pydantic tells it, at its path in the document; `missing` is the key that is not there."""

    path: KeyPath
    kind: str
    missing: str
    message: str
    context: Mapping[str, Any]

    @classmethod
    def of(cls, document: Document, details: ErrorDetails) -> _Fault:
        is_missing = details["type"] == "missing"
        loc = details["loc"][:-1] if is_missing else details["loc"]
        path: KeyPath = ()
        for step in loc:  # it also names forms of a value: only what stands in the document is a place
            if (*path, step) in document.entries:
                path = (*path, step)
        missing = str(details["loc"][-1]) if is_missing else ""
        return cls(path, details["type"], missing, details["msg"], details.get("ctx", {}))

    @property
    def name(self) -> str:
        return next((str(step) for step in reversed(self.path) if isinstance(step, str)), "the file")


def explain_unset(document: Document, unless: Callable[[KeyPath], bool] = lambda path: False) -> list[ConfigProblem]:
    """Tell the environment variables that are needed and not set; not at the paths that `unless` holds for."""
    return [
        document.problem(path, f"the environment variable {name} is not set", f"set it, or write ${{{name}:-default}}")
        for path, names in document.unset.items()
        if not unless(path)
        for name in names
    ]


def _is_echo(
    model: type[Model], document: Document, fault: _Fault, faults: list[_Fault], cuts: Mapping[KeyPath, Any]
) -> bool:
    """Tell whether a fault only follows from one that is told: a key cut out, or misspelt, is then missing."""
    if fault.missing:
        misspelt = {
            closest(other.name, known_keys(model, fault.path))
            for other in faults
            if other.kind == "extra_forbidden" and other.path[:-1] == fault.path
        }
        return (*fault.path, fault.missing) in document.entries or fault.missing in misspelt
    if fault.path in document.unset and fault.kind in _OF_VALUE:
        return True
    if fault.kind == "too_short":
        return any(other.path[: len(fault.path)] == fault.path for other in faults if other is not fault)
    about_keys = fault.kind == "value_error" and document.find(fault.path).written is None
    return about_keys and any(cut[:-1] == fault.path for cut in cuts)


def _walk(data: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    yield path, data
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield from _walk(value, (*path, key))


def _trim(data: Any, cuts: Mapping[KeyPath, Any], path: KeyPath = ()) -> Any:
    """Return `data` without what is cut, and with what stands in for it."""
    if isinstance(data, list):
        return [_trim(value, cuts, (*path, at)) for at, value in enumerate(data)]
    if not isinstance(data, dict):
        return data
    kept = {key: _trim(value, cuts, (*path, key)) for key, value in data.items() if (*path, key) not in cuts}
    stand_ins = {cut[-1]: value for cut, value in cuts.items() if cut and cut[:-1] == path and value is not _GONE}
    return kept | stand_ins


def _cut_at(path: KeyPath) -> KeyPath:
    """An item cut out of a list would move the places of those after it, so the whole list goes."""
    first = next((at for at, step in enumerate(path) if isinstance(step, int)), len(path))
    return path[:first]


def _explain_blank(document: Document, path: KeyPath) -> ConfigProblem:
    name = next((str(step) for step in reversed(path) if isinstance(step, str)), "the file")
    return document.problem(path, f'"{name}" has no value', "give it one, or remove it", key=True)


def _explain(model: type[Model], document: Document, fault: _Fault) -> ConfigProblem:
    path, name = fault.path, fault.name
    if fault.missing:
        where = f' in "{name}"' if path else ""
        what, cure = f'the key "{fault.missing}" is missing{where}', f"write `{fault.missing}: ...`"
        return document.problem(path, what, cure, key=True)
    if fault.kind == "extra_forbidden":
        known = known_keys(model, path[:-1])
        if name in known and path[0] == "accounts":  # they have kinds of unlike keys
            what = f'"{name}" is no key of an account of this kind'
            return document.problem(path, what, "remove it; docs/config.md has the keys of each kind", key=True)
        cure = suggest(name, known - {name})  # another form of the value may have it
        return document.problem(path, f'unknown key "{name}"', cure, key=True)
    if fault.kind == "literal_error":
        return _explain_word(document, path, name, re.findall(r"'([^']*)'", str(fault.context["expected"])))
    if fault.kind == "value_error":
        is_scalar = document.find(path).written is not None
        what = f'"{name}" is not understood' if is_scalar else f'the keys of "{name}" do not fit together'
        return document.problem(path, what, str(fault.context["error"]))
    what, cure = _WORDS.get(fault.kind, ("is not understood", fault.message))
    if fault.kind == "tuple_type" and document.find(path).written:
        cure = f"write it as a list: [{document.find(path).written}]"
    return document.problem(path, f'"{name}" {what}', cure)


def _explain_word(document: Document, path: KeyPath, name: str, words: list[str]) -> ConfigProblem:
    written = (document.find(path).written or "")[:60]
    forms = (*words, *_OTHER_FORMS.get(name, ()))
    near = closest(written, words) or next((form for form in forms if written and form.startswith("{" + written)), None)
    cure = f"did you mean {near}?" if near else f"it can be: {', '.join(forms)}"
    return document.problem(path, f'"{written}" is no value of "{name}"', cure)
