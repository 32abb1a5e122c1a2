"""Are values as an entry promises, or as the plan found them? Of every dialect; pure.

Needs everywhere: `now`, canonical field → value, decoded as the snapshot's columns are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ctct_etl.account.entries import Entry
from ctct_etl.columns import IF_IN, IF_IN_NO_LIST, IF_NOT_IN, PHONE_PREFIX, custom_label, is_custom
from ctct_etl.plan.snapshot import CustomField
from ctct_etl.plan.tables import RestsOn

Customs = Mapping[str, CustomField]

RULED_OUT = "its lists changed since the plan: existing.update leaves it alone now"


def same_value(field: str, one: str, other: str) -> bool:
    """Equal as the service may write them: it may set a phone's punctuation in its own way."""
    if one == other:
        return True
    if field.startswith(PHONE_PREFIX):
        return bool(digits := _digits(one)) and digits == _digits(other)
    return False


def moved_values(now: Mapping[str, str], entry: Entry, customs: Customs) -> list[str]:
    """Fields to be changed that are no longer as the plan found them, to the letter."""
    return [
        field
        for field, before in entry.before.items()
        if _held(field, now[field], customs) != _held(field, before, customs)
    ]


def unmet_values(now: Mapping[str, str], entry: Entry, customs: Customs) -> list[str]:
    """Fields that are not (yet) as the entry promises."""
    return [
        field
        for field, after in entry.after.items()
        if not same_value(field, _held(field, now[field], customs), _held(field, after, customs))
    ]


def breaks_rule(lists: Collection[str], entry: Entry, rule: RestsOn) -> bool:
    """Is a contact on `lists` (ids) one that the plan's rule leaves alone? Lists that the plan adds don't count."""
    held = set(lists) - set(entry.ours)
    if IF_IN_NO_LIST in rule:
        return bool(held)
    return (IF_IN in rule and not held & set(rule[IF_IN])) or bool(held & set(rule.get(IF_NOT_IN, ())))


def _held(field: str, value: str, customs: Customs) -> str:
    """Several choices in the order of their names: the account's own order is a matter of display."""
    custom = customs.get(custom_label(field)) if is_custom(field) else None
    return ";".join(sorted(value.split(";"))) if custom and custom.type == "multi_select" else value


def _digits(text: str) -> str:
    digits = "".join(filter(str.isdigit, text))
    return digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
