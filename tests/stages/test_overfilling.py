from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ctct_etl import columns as c
from ctct_etl.plan.snapshot import CustomField
from ctct_etl.stages.matching import Match
from ctct_etl.stages.overfilling import Overfull, find_overfull
from tests.tables import memberships, snapshot

MOST = {c.LIST: 3, c.TAG: 3, "custom": 3, "phone": 2}
FIELDS = [CustomField(f"f{n}", str(n), "string") for n in range(6)]
ACCOUNT = snapshot(
    [
        {"email": "far@x.org", "lists": list("ABCD"), "custom.0": "x", "custom.1": "x", "custom.2": "x"},
        {"email": "near@x.org", "lists": ["A", "B"], "tags": ["t", "u"], "phone.home": "1", "phone.work": "2",
         "custom.0": "x", "custom.1": "x"},
    ],
    custom_fields=FIELDS,
)  # fmt: skip
# Desired: 0 is new, 1 is near@x.org, 2 is far@x.org.
MATCH = Match(np.array([-1, 1, 0]), np.zeros(3, bool), 0)


def overfull(changed: Sequence[Any] = (), joins: Sequence[tuple[int, str, str]] = ()) -> Overfull:
    changes = pd.DataFrame(changed, columns=[c.CONTACT, c.FIELD, c.BEFORE, c.AFTER]).astype(
        {c.CONTACT: "int64", c.FIELD: "category", c.BEFORE: "str", c.AFTER: "str"}
    )
    return find_overfull(3, MATCH, ACCOUNT, changes, memberships(joins), MOST)


def told(found: Overfull) -> dict[int, str]:
    return {int(at): found.reason[at] for at in np.flatnonzero(found.contacts)}


def lists(who: int, names: str) -> list[tuple[int, str, str]]:
    return [(who, c.LIST, name) for name in names]


@pytest.mark.parametrize(
    ("who", "fits", "bursts", "count"), [(0, "ABC", "ABCD", 4), (1, "C", "CD", 4), (1, "C", "CDE", 5)]
)
def test_lists_that_are_held_and_joined_are_counted_together(who: int, fits: str, bursts: str, count: int) -> None:
    assert told(overfull(joins=lists(who, fits))) == {}
    assert told(overfull(joins=lists(who, bursts))) == {
        who: f"it would have {count} lists, and the service holds 3 — name fewer"
    }


def test_tags_are_counted_apart_from_lists() -> None:
    assert told(overfull(joins=[(1, c.LIST, "C"), (1, c.TAG, "v")])) == {}
    assert told(overfull(joins=[(1, c.TAG, "v"), (1, c.TAG, "w")])) == {
        1: "it would have 4 tags, and the service holds 3 — name fewer"
    }


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ([(1, "custom.2", "", "x")], None),
        ([(1, "custom.2", "", "x"), (1, "custom.3", "", "x")], "4 custom fields, and the service holds 3"),
        ([(1, "custom.2", "", "x"), (1, "custom.3", "", "x"), (1, "custom.0", "x", "")], None),
        ([(1, "custom.0", "x", "y"), (1, "custom.1", "x", "y")], None),
        ([(1, "phone.mobile", "", "3")], "3 phone numbers, and the service holds 2"),
        ([(1, "phone.mobile", "", "3"), (1, "phone.home", "1", "")], None),
        ([(0, "phone.mobile", "", "3"), (0, "phone.home", "", "1")], None),
        ([(0, f"custom.{n}", "", "x") for n in range(4)], "4 custom fields, and the service holds 3"),
        ([(1, "first_name", "", "Ann"), (1, "last_name", "", "Lee")], None),
    ],
)
def test_a_field_that_is_set_counts_and_one_that_is_cleared_makes_room(changed: Any, reason: str | None) -> None:
    found = told(overfull(changed))
    assert found == ({} if reason is None else {changed[0][0]: f"it would have {reason} — name fewer"})


def test_who_held_too_much_before_and_gains_nothing_is_left_in_peace() -> None:
    assert told(overfull([(2, "custom.0", "x", "y"), (2, "first_name", "", "Fay")])) == {}
    assert told(overfull(joins=lists(2, "E"))) == {2: "it would have 5 lists, and the service holds 3 — name fewer"}


def test_one_contacts_excess_is_not_anothers() -> None:
    found = overfull(joins=[*lists(0, "ABCD"), *lists(1, "C")])
    assert found.contacts.tolist() == [True, False, False]
    assert found.reason[1] == ""
