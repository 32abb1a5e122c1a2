"""Holds an account to the plan that was applied to it: what was to change has changed, and nothing else has."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ctct_etl.plan.tables import REVIVE_CONTACT
from tests.promises.reading import consent_of, fields_of, memberships_of

Contacts = Mapping[str, dict[str, Any]]
Action = Mapping[str, Any]
Memberships = set[tuple[str, str]]


def hold_to_plan(
    before: Contacts, after: Contacts, actions: Iterable[Action], aside: Collection[str] = (), import_list: str = ""
) -> None:
    """Raise AssertionError, naming the address, where the account is not as the plan promised.

    aside: those left out by a conflict or a refusal. Of each of their fields and memberships it holds that it is as it
    was, or as was promised: a part of an action may have been done before the rest of it was left. import_list: the one
    that an import may put people on beside the plan, for that is what it is for.
    """
    promised = {action["address"]: action for action in actions if action["action"] != "skip"}
    for address, old in before.items():
        if address not in promised:
            assert after[address] == old, f"{address}: no action names it"
    assert set(after) - set(before) <= set(promised)
    for address, action in promised.items():
        hold = _hold_partly if address in aside else _hold_wholly
        hold(address, before.get(address), after.get(address), action, {("list", import_list)})


def promised_fields(old: dict[str, Any] | None, action: Action) -> dict[str, str]:
    fields = (fields_of(old) if old else {}) | action["after"]
    return {field: value for field, value in fields.items() if value}


def promised_memberships(old: dict[str, Any] | None, action: Action) -> Memberships:
    gained = {(kind, name) for kind in ("list", "tag") for name in action[f"{kind}s"]["add"]}
    lost = {("list", name) for name in action["lists"]["remove"]}
    return ((memberships_of(old) if old else set()) | gained) - lost


def _hold_wholly(
    address: str, old: dict[str, Any] | None, new: dict[str, Any] | None, action: Action, beside: Memberships
) -> None:
    assert new is not None, f"{address}: is not there"
    assert fields_of(new) == promised_fields(old, action), address
    assert memberships_of(new) - beside == promised_memberships(old, action) - beside, address
    if old is not None:
        assert consent_of(new) == _promised_consent(old, action), address


def _hold_partly(
    address: str, old: dict[str, Any] | None, new: dict[str, Any] | None, action: Action, beside: Memberships
) -> None:
    if new is None:
        assert old is None, f"{address}: is gone"
        return
    was, wanted, fields = fields_of(old) if old else {}, promised_fields(old, action), fields_of(new)
    strange = {name for name in was | wanted | fields if fields.get(name) not in (was.get(name), wanted.get(name))}
    assert not strange, f"{address}: {sorted(strange)}"
    held, memberships = memberships_of(old) if old else set(), memberships_of(new)
    asked = promised_memberships(old, action)
    assert held & asked <= memberships <= held | asked | beside, address
    if old is not None:
        assert consent_of(new) in (consent_of(old), _promised_consent(old, action)), address


def _promised_consent(old: dict[str, Any], action: Action) -> tuple[str, str]:
    """As it was; of one who comes back by a newer consent, no longer deleted."""
    permission, deleted = consent_of(old)
    return permission, "" if action["route"] == REVIVE_CONTACT else deleted
