"""Every key that the config files can have, as the schemas tell them: for the docs, and a test that none is idle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ctct_etl.config.expectation_table import KNOWN
from ctct_etl.config.schema import MODELS, VARIABLE, Schema, describe
from ctct_etl.config.values import ANY_SCALAR

_CONDITION = "#/$defs/Condition"
_STEP_IN_MAP = {"fields": "<field>", "accounts": "<name>", "values": "<text>", "custom_fields": "<label>"}


@dataclass(frozen=True)
class Key:
    """One key. `path` has "[]" for any item of a list, and <field>, <name> for a name that the person chooses;
    the keys of a condition, which stands in several places, begin with <condition>.

    words: the values of an enumeration, or of the items of a list. default: as it would be written; "needed" without
    one, "none" for nothing.
    """

    file: str
    path: str
    type: str
    default: str
    meaning: str
    words: tuple[str, ...] = ()


def list_keys() -> list[Key]:
    """Return every key of the config files, a key of several forms once."""
    found: dict[tuple[str, str], Key] = {}
    for file, model in MODELS.items():
        root = describe(model)
        for key in _walk(file, root, root, ""):
            if key.path.startswith("<condition>") and ("mapping", key.path) in found and file != "mapping":
                continue  # they are said once
            earlier = found.setdefault((file, key.path), key)
            if set(key.words) - set(earlier.words):
                words = (*earlier.words, *(word for word in key.words if word not in earlier.words))
                found[file, key.path] = Key(file, key.path, " | ".join(words), key.default, key.meaning, words)
    return list(found.values())


def render_key_table() -> str:
    """Return the table of all keys, in Markdown."""
    lines = ["| file | key | type | default | meaning |", "|---|---|---|---|---|"]
    for key in list_keys():
        cells = (key.file, f"`{key.path}`", key.type, key.default, key.meaning)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def render_expectation_table() -> str:
    """Return the table of all expectations and their arguments, in Markdown; what is needed is set in bold."""
    lines = ["| expectation | judges | arguments |", "|---|---|---|"]
    for name, known in KNOWN.items():
        arguments = [
            f"**`{key}`**" if argument.needed else f"`{key}`"
            for key, argument in known.arguments.items()
            if key not in ("mostly", "min_value", "max_value", "strict_min", "strict_max")
        ]
        if known.one_of:
            (bound,) = {known.arguments[key].kind.words for key in known.one_of}
            arguments.append(f"bounds: {bound}")
        lines.append(f"| `{name}` | {known.judges.value} | {', '.join(arguments)} |")
    return "\n".join(lines) + "\n"


def _walk(file: str, root: Schema, node: Schema, path: str) -> Iterator[Key]:
    path = "<condition>" if node.get("$ref") == _CONDITION else path
    for form in _forms(root, node):
        for name, value in form.get("properties", {}).items():
            inner = f"{path}.{name}" if path else name
            is_needed = name in form.get("required", ())
            words = tuple(dict.fromkeys(_all_words(root, value)))
            default = "needed" if is_needed else _write_default(value.get("default"))
            yield Key(file, inner, _name_type(root, value), default, value.get("description", ""), words)
            yield from _walk(file, root, value, inner)
        if isinstance(form.get("items"), dict):
            yield from _walk(file, root, form["items"], f"{path}[]")
        if isinstance(form.get("additionalProperties"), dict):
            yield from _walk(
                file, root, form["additionalProperties"], f"{path}.{_STEP_IN_MAP[path.rpartition('.')[2]]}"
            )


def _forms(root: Schema, node: Schema) -> Iterator[Schema]:
    """The forms that a value can have, variables aside."""
    if "$ref" in node:
        yield from _forms(root, root["$defs"][node["$ref"].rpartition("/")[2]])
        return
    if "anyOf" not in node:
        yield node
    for form in node.get("anyOf", ()):
        if form != VARIABLE:
            yield from _forms(root, form)


def _all_words(root: Schema, node: Schema) -> Iterator[str]:
    for form in _forms(root, node):
        yield from _words(form)
        if isinstance(form.get("items"), dict):
            yield from _all_words(root, form["items"])


def _words(form: Schema) -> tuple[str, ...]:
    values = form.get("enum", [form["const"]] if "const" in form else [])
    return tuple(dict.fromkeys(str(value).lower() for value in values))


def _name_type(root: Schema, node: Schema) -> str:
    if "$comment" in node:
        return str(node["$comment"])
    names = (_name_form(root, form) for form in node.get("anyOf", [node]) if form != VARIABLE)
    return " or ".join(dict.fromkeys(names))


def _name_form(root: Schema, form: Schema) -> str:
    if "$comment" in form or "anyOf" in form:
        return _name_type(root, form)
    if form.get("$ref") == _CONDITION:
        return "condition"
    if "$ref" in form:
        needed = root["$defs"][form["$ref"].rpartition("/")[2]]
        return (
            "{" + ", ".join(f"{key}: …" for key in needed.get("required", ())) + "}" if "required" in needed else "keys"
        )
    if words := _words(form):
        return " | ".join(words)
    if form.get("type") == "array":
        return f"list of {_name_type(root, form['items'])}" if form.get("maxItems") != 0 else "[]"
    if form.get("type") in (ANY_SCALAR, "string"):
        return "text"
    values = form.get("additionalProperties")
    if isinstance(values, dict) and ("$comment" in values or values == {"type": ANY_SCALAR}):
        return f"text: {_name_type(root, values)}"
    return "keys"


def _write_default(default: Any) -> str:
    if default in (None, [], (), {}):
        return "none"
    if isinstance(default, dict):
        return "as below"
    if isinstance(default, list):
        return ", ".join(map(str, default))
    return str(default).lower() if isinstance(default, bool) else str(default)
