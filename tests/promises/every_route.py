"""A world whose run takes every route, with few requests of each: for what is tried at every request of a run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.promises.worlds import COLUMNS, World


def person(address: str, first: str = "Ann", last: str = "Lee", **more: str) -> dict[str, str]:
    """A row of the source. Of Newsletter, unless its `Interests` say otherwise."""
    return dict.fromkeys(COLUMNS, "") | {"E-mail": address, "First Name": first, "Last Name": last} | more


def known(address: str, first: str = "Ann", lists: tuple[str, ...] = ("Newsletter",), **more: Any) -> dict[str, Any]:
    """A contact of the account that already is as `person` wants it, but for what is said here."""
    email = {"address": address, "permission_to_send": "implicit", "opt_in_source": "Account"}
    contact = {"first_name": first, "last_name": "Lee", "list_memberships": list(lists), "taggings": ["spring"]}
    return {"email_address": email, **contact, **more}


PROOF = {"Joined": "2026-06-01", "Country": "Form 7"}
"""Cells that prove a consent."""

GUARDS = dict.fromkeys(
    ("max_updates", "max_creates", "max_removals", "max_rejected", "max_clears", "max_field_change"), "100000"
)

EVERY_ROUTE = World(
    rows=[
        *(person(f"new{n:02}@example.com") for n in range(14)),  # an import that creates
        person("x" * 45 + "@example.com"),  # a POST: too long for an import
        person("y" * 45 + "@example.com", Interests="Trips"),
        *(person(f"kept{n:02}@example.com") for n in range(9)),  # an import over members of a list
        *(person(f"loose{n:02}@example.com", Status="Guest") for n in range(9)),  # an import over the import list
        *(person(f"cleared{n}@example.com", last="") for n in range(4)),  # PUTs
        *(person(f"joins{n}@example.com", Interests="Trips") for n in range(3)),  # a list more
        *(person(f"plain{n}@example.com") for n in range(3)),  # a tag more
        *(person(f"tier{n}@example.com", Tier="S") for n in range(2)),  # a field that is still to be made
        person("volunteer@example.com", Volunteer="yes"),  # a list and a tag that are still to be made
        *(person(f"same{n}@example.com") for n in range(2)),
        person("gone@example.com"),
        person("deleted@example.com", **PROOF),  # back, by a consent that is newer than the deletion
    ],
    account=[
        *(known(f"kept{n:02}@example.com", "Anna", taggings=["spring", "vip"]) for n in range(9)),
        *(known(f"loose{n:02}@example.com", "Anna", ("Board",)) for n in range(9)),
        *(known(f"cleared{n}@example.com", company_name="Kept", birthday_month=2, birthday_day=29) for n in range(4)),
        *(known(f"joins{n}@example.com") for n in range(3)),
        *(known(f"plain{n}@example.com", taggings=["vip"]) for n in range(3)),
        *(known(f"tier{n}@example.com") for n in range(2)),
        known("volunteer@example.com"),
        *(known(f"same{n}@example.com") for n in range(2)),
        *(known(f"absent{n}@example.com", lists=("Newsletter", "Travel Club")) for n in range(3)),  # taken off
        {
            "email_address": {
                "address": "gone@example.com",
                "permission_to_send": "unsubscribed",
                "opt_out_source": "Contact",
                "opt_out_date": "2026-03-01T00:00:00Z",
            },
            "first_name": "Anna",
        },
        known("deleted@example.com", deleted_at="2026-03-01T00:00:00Z", list_memberships=[]),
        known("stranger@example.com", lists=("Board",)),
        known("pool@example.com", lists=("Loads",)),  # so that the import list is there
    ],
    mapping={
        "fields": {
            "email": "E-mail",
            "first_name": "First Name",
            "last_name": {"column": "Last Name", "blank": "clear"},
            "custom.Grade": "Tier",
        },
        "lists": [
            {"list": "Newsletter", "when": {"column": "Status", "blank": "true"}},
            {"column": "Interests", "values": {"Trips": "Travel Club"}},
            {"list": "Helpers", "when": {"column": "Volunteer", "in": ["yes"]}},
        ],
        "tags": ["spring", {"tag": "helping", "when": {"column": "Volunteer", "in": ["yes"]}}],
    },
    pipeline={
        "create_missing": ["lists", "custom_fields", "tags"],
        "existing": {"deleted": "revive_with_evidence"},
        "consent": {"evidence": {"date": "Joined", "source": "Country"}},
        "absent": {"action": "remove_from_lists"},
        "managed_lists": ["Newsletter"],
        "guards": GUARDS,
    },
    suppressed=[],
    service={"import_list": "Loads"},
)

# The same people by requests of their own: consent that was given, with its evidence, goes by no import.
EXPLICIT = replace(
    EVERY_ROUTE,
    rows=[{**row, **PROOF} for row in (*EVERY_ROUTE.rows[:40], EVERY_ROUTE.rows[-1])],
    pipeline={
        **EVERY_ROUTE.pipeline,
        "consent": {**EVERY_ROUTE.pipeline["consent"], "permission": "explicit"},
        "absent": {"action": "keep"},
        "managed_lists": [],
    },
)
