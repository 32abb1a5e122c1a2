"""The nearest known word to a misspelt one: "did you mean"."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import cache
from typing import Any

from pydantic import BaseModel

from ctct_etl.config.marked_yaml import KeyPath


def closest(word: str, words: Iterable[str]) -> str | None:
    """Return the one of `words` nearest to `word`, letter case and separators aside; None if none is near."""
    plain = {_plain(known): known for known in sorted(words, reverse=True)}
    near = difflib.get_close_matches(_plain(word), plain, n=1, cutoff=0.65)
    return plain[near[0]] if near else None


def suggest(word: str, words: Iterable[str]) -> str:
    """Return the cure for an unknown `word`: the nearest of `words`, or all of them."""
    known = sorted(set(words))
    near = closest(word, known)
    if near is not None:
        return f'did you mean "{near}"?'
    return f"it can be: {', '.join(known)}" if known else "there is none"


@cache
def _schema_of(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema()


def known_keys(model: type[BaseModel], path: KeyPath) -> set[str]:
    """Return the keys that `model` allows in the mapping at `path`; of a value with several forms, all forms' keys."""
    schema = _schema_of(model)
    return _keys_at(schema, schema, path)


def _keys_at(root: dict[str, Any], schema: dict[str, Any], path: KeyPath) -> set[str]:
    if "$ref" in schema:
        return _keys_at(root, root["$defs"][schema["$ref"].rpartition("/")[2]], path)
    found: set[str] = set()
    for form in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        found |= _keys_at(root, form, path)
    if not path:
        return found | set(schema.get("properties", ()))
    inner = schema.get("items") if isinstance(path[0], int) else schema.get("properties", {}).get(path[0])
    inner = inner or schema.get("additionalProperties")
    return found | _keys_at(root, inner, path[1:]) if isinstance(inner, dict) else found


def _plain(word: str) -> str:
    return word.lower().replace("_", " ").replace("-", " ")
