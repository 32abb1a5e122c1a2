"""The same mask over what other commands tell as plain data: one address explained, a past run, a preview.

Whatever is not known to be a name or a sentence of ours is masked: a key that is added one day is masked until somebody
says here that it need not be.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

import pandas as pd

from ctct_etl.columns import EMAIL, REASON
from ctct_etl.report.masking import Mask, mask_problems

Json = Mapping[str, Any]
_WHOLE = frozenset({"lists", "tags", "first_made", "guards", "facts", "of", "lists_and_tags"})
_NAMES = frozenset(
    {
        "pipeline", "file", "sheet", "outcome", "field", "kind", "name", "change", "action", "route", "severity",
        "column", "contact_id", "status", "opt_in_source", "permission", "run", "command", "when", "ended",
        "reverted_by", "result", "method", "format",
    }
)  # fmt: skip
_OF_A_PERSON = frozenset({"cells", "values", "before", "after"})  # by names that may be any
_SENTENCES = frozenset({"reason", "why", "why_not", "route_reason", "unreadable", "path", "stopped"})
# Of a body in JSON, what is none of a person's own.
_FORMAL = re.compile(r"(^|_)(ids?|source|kind|operation|permission_to_send|list_memberships|taggings)$")
_TEXT = re.compile(r"(?<=>)[^<>]*[^<>\s][^<>]*(?=<)")


def mask_explained(told: Json, mask: Mask) -> dict[str, Any]:
    """What `explain` tells of one address."""
    masked = {
        key: _mask(value, key, mask) for key, value in told.items() if key not in ("account", "address", "requests")
    }
    requests = [_mask_request(one, mask) for one in told["requests"]]
    return {**masked, "account": told["account"], "address": mask.address(told["address"]), "requests": requests}


def mask_run(told: Json, mask: Mask) -> dict[str, Any]:
    """What `history` tells of a run: of others' words there is only why it stopped."""
    return {**told, "stopped": mask.words(told["stopped"])} if told.get("stopped") else dict(told)


def mask_tables(contacts: pd.DataFrame, rejects: pd.DataFrame, problems: pd.DataFrame, mask: Mask) -> dict[str, Any]:
    """What `preview` shows: its tables, by their names."""
    kinds = {str(name): "address" if name == EMAIL else "value" for name in contacts}
    return {
        "contacts": contacts.assign(**{name: mask.column(contacts[name], kind) for name, kind in kinds.items()}),
        "rejects": rejects.assign(
            **{EMAIL: mask.column(rejects[EMAIL], "address"), REASON: mask.column(rejects[REASON], "words")}
        ),
        "problems": mask_problems(problems, mask),
    }


def _mask(node: Any, key: str, mask: Mask) -> Any:
    if key in _WHOLE:
        return node
    if isinstance(node, Mapping):
        if key in _OF_A_PERSON:
            return {str(name): value and mask.value(str(value)) for name, value in node.items()}
        return _mask_mapping(node, mask)
    if isinstance(node, list | tuple):
        return [_mask(each, key, mask) for each in node]
    if not isinstance(node, str) or key in _NAMES:
        return node
    return mask.words(node) if key in _SENTENCES else mask.value(node)


def _mask_mapping(node: Mapping[Any, Any], mask: Mask) -> dict[str, Any]:
    masked = {key: _mask(value, key, mask) for key, value in node.items()}
    if isinstance(node.get("problem"), str):
        masked["problem"] = mask.words(node["problem"], node.get("value"))
    if isinstance(node.get("words"), str):
        masked["words"] = mask.told(node["words"], str(node.get("result", "")))
    return masked


def _mask_request(request: Json, mask: Mask) -> dict[str, Any]:
    formal = {key: value for key, value in request.items() if key != "body"}
    return {**_mask_mapping(formal, mask), "body": _mask_body(request.get("body"), mask)}


def _mask_body(body: Any, mask: Mask, key: str = "") -> Any:
    """A document in JSON or XML, or the pairs of a form."""
    if isinstance(body, Mapping):
        return {name: _mask_body(value, mask, name) for name, value in body.items()}
    if isinstance(body, list | tuple):
        return [_mask_body(each, mask, key) for each in body]
    if not isinstance(body, str) or _FORMAL.search(key):
        return body
    if body.lstrip().startswith("<"):
        return _TEXT.sub(lambda text: mask.value(unescape(text[0])), body)
    return mask.value(body)
