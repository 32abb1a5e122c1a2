"""The JSON Schemas of the config files, for editors. They say what the checker says, from the same models.

An editor reads YAML with its types, so that our texts reach it as numbers and booleans too; a variable `${NAME}` may
stand wherever a single value may. What no schema can say is listed in docs/config.md, and a test holds the list.
"""

from __future__ import annotations

import re
from typing import Any

from ctct_etl import columns
from ctct_etl.config.accounts import Accounts
from ctct_etl.config.attribute_docs import DescribedSchema
from ctct_etl.config.expectation_table import KNOWN, REFUSED_ARGUMENTS, Judges, Known
from ctct_etl.config.expectation_values import ArgumentKind
from ctct_etl.config.expectations import Suite
from ctct_etl.config.mapping import Mapping
from ctct_etl.config.mapping_checks import MEANINGLESS, Kind, kind_of
from ctct_etl.config.pipeline import Pipeline
from ctct_etl.config.values import ANY_SCALAR, Limit, Model

Schema = dict[str, Any]

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
MODELS: dict[str, type[Model]] = {"pipeline": Pipeline, "mapping": Mapping, "suite": Suite, "accounts": Accounts}
VARIABLE: Schema = {"type": "string", "pattern": r"\$\{"}
_RULES: dict[Kind, str] = {
    "email": "EmailRule",
    "text": "TextRule",
    "date": "DateRule",
    "phone": "PhoneRule",
    "custom": "CustomRule",
}


def json_schemas() -> dict[str, Schema]:
    """Return the schemas by file: "pipeline", "mapping", "suite", "accounts" (draft 2020-12)."""
    schemas = {}
    for name, model in MODELS.items():
        schema = describe(model)
        if model is Mapping:
            _spell_out_fields(schema)
        if model in (Mapping, Suite):
            _spell_out_expectations(schema["$defs"])
        schemas[name] = {"$schema": _DRAFT, "title": f"ctct_etl {name}", **schema}
    return schemas


def describe(model: type[Model]) -> Schema:
    """Return the schema of a model as an editor needs it, before contact fields are spelled out."""
    schema: Schema = _adapt(model.model_json_schema(schema_generator=DescribedSchema))
    return schema


def _adapt(node: Any) -> Any:
    """Turn what pydantic says of Python values into what an editor sees."""
    if isinstance(node, list):
        return [_adapt(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {key: _adapt(value) for key, value in node.items() if key != "title" or isinstance(value, dict)}
    if "default" in kept:
        kept = _adapt_default(kept)
    kept = _without_null(kept)
    if "oneOf" in kept and all("required" not in form or "properties" in form for form in kept["oneOf"]):
        kept["anyOf"] = kept.pop("oneOf")  # forms of one value: a variable may fit several of them
    return _allow_variable(kept)


def _adapt_default(node: Schema) -> Schema:
    default = node["default"]
    if default in (None, ""):
        return {key: value for key, value in node.items() if key != "default"}
    return {**node, "default": _write_default(default)}


def _write_default(default: Any) -> Any:
    if isinstance(default, dict):
        if default.keys() == {"count", "share"}:
            return str(Limit(**default))
        return {key: _write_default(value) for key, value in default.items() if value is not None}
    return default


def _without_null(node: Schema) -> Schema:
    """A key is left out or has a value: there is no null."""
    forms = [form for form in node.get("anyOf", ()) if form.get("type") != "null"]
    if len(forms) == 1:
        return {**forms[0], **{key: value for key, value in node.items() if key != "anyOf"}}
    return {**node, "anyOf": forms} if forms else node


def _allow_variable(node: Schema) -> Schema:
    if node.get("type") == "string" and not node.keys() & {"pattern", "const", "enum", "maxLength"}:
        return {**node, "type": ANY_SCALAR}
    if node.get("const") == "true":
        node = {**node, "enum": [True, "true"]}
        del node["const"], node["type"]
    is_narrow = node.get("type") == "string" or "enum" in node
    if not is_narrow or node == VARIABLE:
        return node
    outer: Schema = {key: node[key] for key in ("description", "default", "$comment") if key in node}
    return {**outer, "anyOf": [{key: value for key, value in node.items() if key not in outer}, VARIABLE]}


def _spell_out_fields(schema: Schema) -> None:
    """Name every contact field, with the rule of its kind; `required` and unknown names become the schema's."""
    rules = schema["$defs"]
    for kind, name in _RULES.items():
        rules[name] = {"allOf": [{"$ref": "#/$defs/FieldRule"}, _restrict(kind)]}
    fields, held = schema["properties"]["fields"], columns.V1_FIELDS | columns.V3_FIELDS
    fields["properties"] = {
        field: _short_or(_RULES[kind_of(field)]) for field in columns.CONTACT_FIELDS if field in held
    }
    fields["patternProperties"] = {r"^custom\.[\s\S]": _short_or(_RULES["custom"])}
    fields["additionalProperties"] = False
    fields["required"] = [columns.EMAIL]


def _short_or(rule: str) -> Schema:
    return {"anyOf": [{"type": ANY_SCALAR, "minLength": 1}, {"$ref": f"#/$defs/{rule}"}]}


def _restrict(kind: Kind) -> Schema:
    """What `mapping_checks` refuses of a rule on this kind of field."""
    refused: Schema = {key: False for key in MEANINGLESS[kind]}
    if kind == "custom":
        return {"properties": refused, "allOf": [_if_type("phone", {"format": False}, {"region": False}),
                                                 _if_type("text", {"format": False}, {})]}  # fmt: skip
    own = {"email": ("invalid", "reject")}.get(kind, ("type", kind))
    return {"properties": {own[0]: {"anyOf": [{"const": own[1]}, VARIABLE]}, **refused}}


def _if_type(word: str, then: Schema, otherwise: Schema) -> Schema:
    condition = {"required": ["type"], "properties": {"type": {"const": word}}}
    return {"if": condition, "then": {"properties": then}, "else": {"properties": otherwise}}


def _spell_out_expectations(definitions: Schema) -> None:
    """Name every expectation, and let its name decide the arguments beside it."""
    expectation = definitions["Expectation"]
    own = expectation["properties"]
    for known in KNOWN.values():
        for argument in known.arguments.values():
            definitions[_name_kind(argument.kind)] = _adapt(argument.kind.schema)
    named = {"description": own["expect"]["description"], "anyOf": [{"type": "string", "enum": list(KNOWN)}, VARIABLE]}
    refused: Schema = dict.fromkeys((*REFUSED_ARGUMENTS, "suite"), False)
    expectation["properties"] = {**own, "expect": named, **refused}
    expectation["allOf"] = [
        {"if": {"properties": {"expect": {"const": name}}}, "then": _describe_arguments(known, own)}
        for name, known in KNOWN.items()
    ]


def _describe_arguments(known: Known, own: Schema) -> Schema:
    arguments = {name: {"$ref": f"#/$defs/{_name_kind(argument.kind)}"} for name, argument in known.arguments.items()}
    kept: Schema = dict.fromkeys(own, True)
    if known.judges is not Judges.ROWS:
        kept["on_fail"] = {"not": {"const": "reject"}}
    if known.judges is Judges.HEADER:
        kept["when"] = False
    needed = [name for name, argument in known.arguments.items() if argument.needed]
    bounds = {"anyOf": [{"required": [name]} for name in known.one_of]} if known.one_of else {}
    return {"properties": {**kept, **arguments}, "required": needed, "additionalProperties": False, **bounds}


def _name_kind(kind: ArgumentKind) -> str:
    return "_".join(re.findall(r"\w+", kind.words))
