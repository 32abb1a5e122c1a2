"""The nightly load, `pipelines/*.yaml`: source, mapping, account, policies, guards."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, ConfigDict, Field, Tag, WithJsonSchema

from ctct_etl.config.formats import SourcePath
from ctct_etl.config.mapping import Formats
from ctct_etl.config.values import (
    Count,
    Days,
    Duration,
    Encoding,
    FilePath,
    Limit,
    LimitValue,
    Model,
    Names,
    Ordinal,
    Secret,
    Switch,
    Text,
    listed,
    told_apart_by,
)  # fmt: skip

_NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"
_NAME_SCHEMA = {
    "anyOf": [{"type": "string", "pattern": _NAME}, {"type": "number", "minimum": 0}, {"type": "boolean"}],
    "$comment": "letters, digits, - _ .",
}
LoadName = Annotated[str, Field(pattern=_NAME), WithJsonSchema(_NAME_SCHEMA)]
ListNames: TypeAlias = Annotated[tuple[Text, ...], Field(min_length=1)]


class Source(Model):
    """Where the rows come from. `path` is absolute once loaded (a relative one is relative to the config's file)."""

    path: SourcePath
    """a file, a glob, or an https:// address"""
    sheet: Names = ()
    """names or numbers (1 is the first) of sheets; default the first"""
    header_row: Ordinal | None = None
    """the row number that a person sees; default: found"""
    encoding: Encoding | None = None
    """of a CSV; default: found, and said"""
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    """of a CSV, one character; default: found"""
    pick: Literal["all", "newest"] = "all"
    """which files of a glob"""
    fresh_within: Duration | None = None
    """a file that is older fails the run"""


class IfIn(Model):
    """Only contacts in one of these lists may be changed."""

    if_in: ListNames
    """lists; a contact in none of them is left alone"""


class IfNotIn(Model):
    """Only contacts in none of these lists may be changed."""

    if_not_in: ListNames
    """lists; a contact in one of them is left alone"""


UpdateRule: TypeAlias = Annotated[
    Annotated[Literal["always", "never", "if_in_no_list"], Tag("text")]
    | Annotated[IfIn, Tag("IfIn")]
    | Annotated[IfNotIn, Tag("IfNotIn")],
    told_apart_by({"if_not_in": "IfNotIn"}, otherwise="IfIn"),
]


class Existing(Model):
    """What may happen to contacts that the account already has."""

    update: UpdateRule = "always"
    """which of them may be changed"""
    deleted: Literal["skip", "revive_with_evidence"] = "skip"
    """those deleted in the account: left alone, or brought back where the row proves a consent given since"""


class New(Model):
    """What may happen to addresses that the account does not have."""

    create: Switch = True
    """whether they become contacts"""


class Absent(Model):
    """What happens to contacts on `managed_lists` that the source no longer has."""

    action: Literal["keep", "remove_from_lists"] = "keep"
    """whether they stay (and are counted) or are taken off `managed_lists`, and off those alone"""


class Evidence(Model):
    """Source columns that prove a consent: when, and where it was given."""

    date: Text
    """the column with the day"""
    source: Text
    """the column with the place: a form, an event"""
    format: Formats = ()
    """strptime formats of the date, tried in turn; default %Y-%m-%d"""


class Consent(Model):
    """For creates, and for the evidence of a revival: every update is the account's own act."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {
                "anyOf": [
                    {"required": ["opt_in_source"], "properties": {"opt_in_source": {"const": "contact"}}},
                    {"required": ["permission"], "properties": {"permission": {"const": "explicit"}}},
                ]
            },
            "then": {"required": ["evidence"]},
        }
    )

    opt_in_source: Literal["account", "contact"] = "account"
    """who asked for the contact to be added"""
    permission: Literal["implicit", "explicit"] = "implicit"
    """the permission that new contacts get"""
    evidence: Evidence | None = None
    """columns that prove the consent; needed for contact, explicit and revive_with_evidence"""


# Guards that no file can loosen: each asks a person, every time.
YES_OR_NO = ("state_lost", "reverted")


class Guards(Model):
    """Limits on what a plan may do before a person has to say yes: a count, or N%."""

    max_updates: LimitValue = Limit(share=0.30)
    """of contacts not deleted"""
    max_creates: LimitValue = Limit(share=0.50)
    """of contacts not deleted; an empty account is exempt"""
    max_removals: LimitValue = Limit(share=0.10)
    """of members of managed lists"""
    max_rejected: LimitValue = Limit(share=0.10)
    """of rows"""
    max_clears: LimitValue = Limit(share=0.05)
    """of values of mapped fields on matched contacts"""
    max_field_change: LimitValue = Limit(share=0.50)
    """of matched contacts, for each field: a shifted column"""
    max_shrink: LimitValue = Limit(share=0.20)
    """of rows of the last good run that the source has no longer"""
    max_readds: Count = 0
    """memberships of lists that people left, and that `readd` gives back to them"""
    unreadable_addresses: Count = 0
    """rows whose address can't be read, in a plan that takes somebody off a list"""
    min_rows: Count = 1
    """rows that the source has at least"""
    budget: LimitValue = Limit(share=1.0)
    """of requests left today"""


Event: TypeAlias = Literal["failure", "guard", "recovery", "always"]


class Notice(Model):
    """Somebody who is told how a run ended."""

    to: Secret
    """https://…, mailtos://…, or an address of another service; blank (`${NAME:-}`) tells nobody"""
    when: Annotated[
        tuple[Event, ...],
        Field(min_length=1),
        BeforeValidator(listed, json_schema_input_type=Event | Annotated[list[Event], Field(min_length=1)]),
    ] = ("failure", "guard", "recovery")
    """of which ends: any exit code but 0 and 3; 3; the first good run after such a one; all"""


def _where(key: str, inner: str, *words: str) -> dict[str, Any]:
    """The JSON Schema of a pipeline whose `key.inner` is one of `words`."""
    value = {"properties": {inner: {"anyOf": [{"const": word} for word in words]}}, "required": [inner]}
    return {"properties": {key: value}, "required": [key]}


class Pipeline(Model):
    """One pipeline file. Paths are absolute once loaded."""

    model_config = ConfigDict(
        json_schema_extra={
            "allOf": [
                {
                    "if": _where("absent", "action", "remove_from_lists"),
                    "then": {
                        "properties": {"managed_lists": {"minItems": 1}},
                        "required": ["managed_lists"],
                        "not": _where("existing", "update", "never", "if_in_no_list"),
                    },
                },
                {
                    "if": _where("existing", "deleted", "revive_with_evidence"),
                    "then": {"properties": {"consent": {"required": ["evidence"]}}, "required": ["consent"]},
                },
            ]
        }
    )

    name: LoadName
    """what the load is called in plans, reports and the state"""
    account: Text
    """a name in configs/accounts.yaml"""
    source: Source
    """where the rows come from"""
    mapping: FilePath
    """the analyst's file, relative to this one"""
    existing: Existing = Existing()
    """contacts that the account already has"""
    new: New = New()
    """addresses that it does not have"""
    absent: Absent = Absent()
    """contacts that the source no longer has"""
    managed_lists: tuple[Text, ...] = ()
    """lists whose members the source decides; needed for remove_from_lists"""
    create_missing: tuple[Literal["lists", "custom_fields", "tags"], ...] = ()
    """what may be made in the account when the mapping names it"""
    consent: Consent = Consent()
    """for creates only"""
    suppress: tuple[FilePath, ...] = ()
    """files of addresses that no run may touch; a missing file is an error, never empty"""
    guards: Guards = Guards()
    """limits on what a plan may do before a person has to say yes"""
    keep: Days | None = None
    """how long runs of this pipeline are kept: older ones are removed at the end of a run; default: for ever"""
    notify: tuple[Notice, ...] = ()
    """where to tell how a run ended"""
