"""What pipeline and mapping ask for that the account's dialect does not have. What v3 lacks is fields alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ctct_etl.columns import V1_FIELDS, V3_FIELDS, custom_label, is_custom
from ctct_etl.config.accounts import Account, OfV1, V1Account, V1SandboxAccount
from ctct_etl.config.mapping import Mapping
from ctct_etl.config.marked_yaml import Document, KeyPath
from ctct_etl.config.pipeline import Pipeline
from ctct_etl.config.suggesting import closest
from ctct_etl.errors import ConfigProblem

WRITABLE: Final = {"v3": V3_FIELDS, "v1": V1_FIELDS}


def writable_fields(account: Account | None) -> frozenset[str]:
    """Return the contact fields that the account's dialect can write; those of all where nobody knows the account."""
    return WRITABLE[account.dialect] if account is not None else V1_FIELDS | V3_FIELDS


def check_dialect_of_pipeline(pipeline: Pipeline, document: Document, account: Account) -> Iterator[ConfigProblem]:
    """Keys that mean nothing to dialect v1: it knows one permission, deletes nobody, and numbers its custom fields."""
    if account.dialect != "v1":
        return
    if pipeline.consent.permission == "explicit":
        cure = "remove it, or write `opt_in_source: contact`: who asked for it is all that v1 is told"
        yield document.problem(("consent", "permission"), "dialect v1 knows no explicit permission", cure)
    if pipeline.existing.deleted == "revive_with_evidence":
        cure = "remove it: in v1 nobody is deleted, and who opted out comes back by their own act alone"
        yield document.problem(("existing", "deleted"), "dialect v1 brings nobody back", cure)
    kinds = {
        "tags": ("dialect v1 has no tags", "remove it"),
        "custom_fields": (
            "dialect v1 makes no custom fields: it has fifteen, by number",
            "remove it, and give the field its number under custom_fields of the account",
        ),
    }
    for position, kind in enumerate(pipeline.create_missing):
        if kind in kinds:
            yield document.problem(_place(document, position), *kinds[kind])


def check_dialect_of_mapping(
    mapping: Mapping, document: Document, account: Account, name: str
) -> Iterator[ConfigProblem]:
    """Tags, and custom fields without a number. `name`: the account's in accounts.yaml."""
    if not isinstance(account, V1Account | V1SandboxAccount):
        return
    if mapping.tags:
        cure = "remove it, or use a list or a custom field"
        yield document.problem(("tags",), "dialect v1 has no tags", cure, key=True)
    for field in mapping.fields:
        if is_custom(field) and (label := custom_label(field)) and label not in account.custom_fields:
            what = f'the account "{name}" has no number for the custom field "{label}"'
            yield document.problem(("fields", field), what, _advise_number(label, account), key=True)


def _advise_number(label: str, account: OfV1) -> str:
    near = closest(label, account.custom_fields)
    hint = f'did you mean "{near}"? ' if near else ""
    return f"{hint}write `custom_fields: {{{label}: NUMBER}}` at the account, 1 to 15, as the service numbers it"


def _place(document: Document, position: int) -> KeyPath:
    path: KeyPath = ("create_missing", position)
    return path if path in document.entries else ("create_missing",)
