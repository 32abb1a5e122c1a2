"""The words below each key of a model, as descriptions in its schema.

Pydantic can keep them with each field itself, but for that it parses the source of every model whenever a command
starts: an eighth of what `check` takes. Only who asks for a schema needs them.
"""

from __future__ import annotations

import ast
import inspect
from functools import cache
from textwrap import dedent
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema


class DescribedSchema(GenerateJsonSchema):
    """Gives every property the docstring of its attribute."""

    def model_schema(self, schema: Any) -> dict[str, Any]:
        told: dict[str, Any] = super().model_schema(schema)
        model: type[BaseModel] = schema["cls"]
        words = docs_of(model)
        for name, field in model.model_fields.items():
            key = field.alias or name
            if name in words and key in told.get("properties", {}):
                told["properties"][key]["description"] = words[name]
        return told


def docs_of(model: type[BaseModel]) -> dict[str, str]:
    """Return attribute → its docstring, of the model and those that it extends."""
    words: dict[str, str] = {}
    for each in reversed(model.__mro__):
        if issubclass(each, BaseModel) and each is not BaseModel:
            words |= _docs_in(each)
    return words


@cache
def _docs_in(model: type[BaseModel]) -> dict[str, str]:
    tree = ast.parse(dedent(inspect.getsource(model))).body[0]
    assert isinstance(tree, ast.ClassDef)
    pairs = zip(tree.body, tree.body[1:], strict=False)
    found = ((attribute.target, _text_of(below)) for attribute, below in pairs if isinstance(attribute, ast.AnnAssign))
    return {target.id: inspect.cleandoc(text) for target, text in found if isinstance(target, ast.Name) and text}


def _text_of(statement: ast.stmt) -> str:
    """The text that a statement is, "" for any other."""
    value = statement.value if isinstance(statement, ast.Expr) else None
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""
