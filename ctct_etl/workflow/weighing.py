"""One contact: what the source wants of it beside what the account has, and the rule that decided. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from ctct_etl.columns import (
    ADD,
    CHANGE,
    EMAIL,
    FIELD,
    KIND,
    LIST,
    NAME,
    OPTED_OUT,
    READD,
    REMOVE_FROM,
    ROW,
    TAG,
)
from ctct_etl.config.mapping import FieldRule, Mapping
from ctct_etl.plan.remembered import Remembered
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.workflow.deriving import Derived
from ctct_etl.workflow.tracing import Traced


@dataclass(frozen=True)
class Weighed:
    """What is known of one address. derived: the plan of it alone; None where no row has a say.

    barred: why nothing of it is compared; "" where it is. account: the snapshot of it alone.
    """

    traced: Traced
    account: Snapshot
    derived: Derived | None
    remembered: Remembered
    address: str
    barred: str


def weigh_fields(weighed: Weighed, mapping: Mapping) -> list[dict[str, Any]]:
    """Every mapped field: what the source wants, what the account has, whether it changes, and by which rule."""
    wanted, account = weighed.traced.desire.contacts, weighed.account.contacts
    fields = [field for field in mapping.fields if field != EMAIL]
    told = []
    for field in fields if len(wanted) else ():
        value = wanted[field].iloc[0]
        desired = None if pd.isna(value) else str(value)
        has = str(account[field].iloc[0]) if len(account) and field in account else ""
        changes, why = _judge_field(weighed, field, mapping.fields[field], desired, has)
        told.append({"field": field, "account": has, "desired": desired, "changes": changes, "why": why})
    return told


def _judge_field(weighed: Weighed, field: str, rule: FieldRule, desired: str | None, has: str) -> tuple[bool, str]:
    derived = weighed.derived
    assert derived is not None
    kept = field in set(derived.respected.kept[FIELD])
    if weighed.barred:
        return False, "not compared: the contact is left alone"
    if desired is None:
        return False, _say_no_opinion(weighed, field, rule)
    if (derived.tables.changes[FIELD] == field).any():
        return True, _say_change(weighed, rule, desired)
    if kept:
        return False, _say_kept(weighed, field)
    if desired == has:
        return False, "the account says the same"
    if field in derived.absorbed:
        return False, "differs in writing alone: left as it is"
    if rule.on_update == "fill":
        return False, "on_update: fill, and the account has a value"
    if rule.on_update == "never":
        return False, "on_update: never"
    return False, "nothing is sent for this contact"


def _say_no_opinion(weighed: Weighed, field: str, rule: FieldRule) -> str:
    problems, cleaned = weighed.traced.problems, weighed.traced.cleaned
    at = problems[ROW][(problems[FIELD] == field).to_numpy()].to_numpy()
    # A value that only looks odd has a problem too, and still is one.
    if cleaned[field].iloc[at].isna().any():
        return f"no opinion: its value can't be used (invalid: {rule.invalid})"
    return f"no opinion: blank (blank: {rule.blank})"


def _say_change(weighed: Weighed, rule: FieldRule, desired: str) -> str:
    if not len(weighed.account.contacts):
        return "a new contact"
    if desired == "":
        return "blank: clear"
    return f"on_update: {rule.on_update}" + (", and the account has none" if rule.on_update == "fill" else "")


def _say_kept(weighed: Weighed, field: str) -> str:
    values = weighed.remembered.values
    mine = values[(values[EMAIL] == weighed.address).to_numpy()]
    agreed = mine[field].dropna() if field in mine else mine[EMAIL].head(0)
    known = f'edited since both last said "{agreed.iloc[0]}"' if len(agreed) else "nothing is known of who wrote it"
    return f"on_update: respect_edits: {known}, so the account's value stays"


def weigh_memberships(weighed: Weighed, actions: pd.DataFrame) -> list[dict[str, Any]]:
    """Every list and tag that is wanted, held or was left: by kind and name. actions: what the plan changes of them."""
    held, wanted = weighed.account.memberships, weighed.traced.desire.wanted
    told = []
    for kind in (LIST, TAG):
        want, has = _names(wanted, kind), _names(held, kind)
        left = _left(weighed) - has if kind == LIST else set()
        again = set(wanted[NAME][(wanted[KIND] == kind).to_numpy() & wanted[READD].to_numpy()].astype("str"))
        changes = {
            change: _names(actions[(actions[CHANGE] == change).to_numpy()], kind) for change in (ADD, REMOVE_FROM)
        }
        for name in sorted(want | has | left):
            facts = {"wanted": name in want, "has": name in has, "left": name in left, "readd": name in again}
            change = next((each for each, names in changes.items() if name in names), "")
            why = _judge_membership(weighed, change, **facts)
            told.append({"kind": kind, "name": name, "change": change, "why": why, **facts})
    return told


def _judge_membership(weighed: Weighed, change: str, *, wanted: bool, has: bool, left: bool, readd: bool) -> str:
    if change == ADD:
        return "left before, and added again (readd)" if left and readd else "wanted, and not there"
    if change == REMOVE_FROM:
        return "a managed list, and the source no longer has this address"
    if has:
        return "wanted, and there" if wanted else "not named by the mapping: left as it is"
    if not wanted:
        return "left before, and not wanted"
    if weighed.barred:
        return "the contact is left alone"
    if left:
        return "left before: not added again"
    contacts = weighed.traced.desire.contacts
    if len(contacts) and bool(contacts[OPTED_OUT].iloc[0]):
        return "opted_out: a row of this person says no mail"
    return "its status lets it be put on nothing"


def _names(memberships: pd.DataFrame, kind: str) -> set[str]:
    return set(memberships[NAME][(memberships[KIND] == kind).to_numpy()].astype("str"))


def _left(weighed: Weighed) -> set[str]:
    """Every list on which the memory has ever seen it."""
    remembered = weighed.remembered.memberships
    if remembered is None:
        return set()
    return set(remembered[NAME][(remembered[EMAIL] == weighed.address).to_numpy()].astype("str"))
