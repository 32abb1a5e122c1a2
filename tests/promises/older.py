"""Worlds as dialect v1 can hold them: the same people and sheets, without what it has no words for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.promises.worlds import LEAVING, RICH, World

_NOT_THERE = ("anniversary", "birthday_month", "birthday_day")
_RENAMED = {"phone.mobile": "phone.home"}
_ONLY_V3 = ("anniversary", "custom.Level")


def as_v1(world: World) -> World:
    """The world, spoken to by v1. Nobody of it is deleted in v3's sense: v1 knows of no such thing."""
    fields = {_RENAMED.get(name, name): rule for name, rule in world.mapping["fields"].items() if name not in _ONLY_V3}
    mapping = {key: value for key, value in world.mapping.items() if key != "tags"} | {"fields": fields}
    return replace(
        world,
        mapping=mapping,
        account=[_shown(each) for each in world.account],
        service={"dialect": "v1", "custom_fields": {"Shoe": 1}},
    )


def _shown(contact: dict[str, Any]) -> dict[str, Any]:
    shown = {key: value for key, value in contact.items() if key not in ("deleted_at", *_NOT_THERE)}
    email = shown["email_address"]
    if email["permission_to_send"] in ("temp_hold", "not_set"):  # v1 has no such statuses
        shown["email_address"] = {**email, "permission_to_send": "implicit"}
    return shown


def _crowd(count: int) -> list[dict[str, str]]:
    return [{**RICH.rows[0], "E-mail": f"crowd{number:02}@example.com"} for number in range(count)]


# One world that takes every route of v1: jobs from 25 up, single requests for the others.
EVERY_ROUTE = as_v1(
    replace(
        LEAVING,
        rows=[
            *LEAVING.rows,
            *_crowd(26),
            {**RICH.rows[0], "E-mail": "abroad@example.com", "City": "Lynn", "State": "MA", "Country": "US"},
        ],
        account=[
            *LEAVING.account,
            *(
                {**LEAVING.account[-1], "email_address": {**LEAVING.account[-1]["email_address"],
                                                          "address": f"leaver{number:02}@example.com"}}
                for number in range(26)
            ),
        ],
        mapping={
            **LEAVING.mapping,
            "fields": {
                **LEAVING.mapping["fields"],
                "address.home.city": "City",
                "address.home.state": "State",
                "address.home.country": "Country",
            },
            "lists": [*LEAVING.mapping["lists"], {"list": "Fresh", "when": {"column": "City", "equals": "Lynn"}}],
        },
        pipeline={
            **LEAVING.pipeline,
            "create_missing": ["lists"],
            "guards": dict.fromkeys(
                ("max_updates", "max_creates", "max_rejected", "max_clears", "max_field_change", "max_removals",
                 "unreadable_addresses"), "999"
            ),
        },
    )
)  # fmt: skip
