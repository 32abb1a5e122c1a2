"""Towns: accounts and sources of several hundred people, over all routes, and what the people do while nights go by.

Drawn from a seed by a plain generator: hypothesis makes small and strange worlds, here many people are wanted.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import Any

from ctct_etl.sandbox import Sandbox
from ctct_etl.sandbox.switches import list_switches
from tests.promises.departing import Departures
from tests.promises.every_route import EVERY_ROUTE, PROOF, known, person
from tests.promises.ledger import Asked, Ledger
from tests.promises.older import as_v1
from tests.promises.worlds import World

FIRST_NAMES = ("Ann", "Anna", "Bea", "Cleo")
LISTS = ("Newsletter", "Travel Club")
DEEDS: tuple[str, ...] = (
    "unsubscribe",
    "unsubscribe",
    "unsubscribe",
    "leave_list",
    "leave_list",
    "leave_list",
    "delete",
    "edit",
    "join_list",
)
DEEDS_V1 = tuple(deed for deed in DEEDS if deed != "delete")  # its DELETE is an opt-out: the owner's "unsubscribe"
_OF_ACCESS = {"v1_foreign_path", "v1_rate_limit", "v1_downtime"}
BY_TOUCH, BY_NUMBER = 0.5, 0.3  # of deeds: at a request about the person, at any request; the others between nights


def draw_switches(dice: random.Random) -> dict[str, Any]:
    """Every switch of the service that consent, lists or their reading depend on."""
    either = (True, False)
    return {
        "put_echo_resubscribes": dice.choice(either),
        "unsubscribe_clears_lists": dice.choice(either),
        "put_omitted_permission": dice.choice(("reset", "kept")),
        "unsubscribed_put_status": dice.choice((400, 409)),
        "list_change_moves_updated_at": dice.choice(either),
        "tag_change_moves_updated_at": dice.choice(either),
        "delete_moves_updated_at": dice.choice(either),
        "status_default": dice.choice(("active", "not_deleted")),
        "null_properties": dice.choice(either),
        "import_blank": dice.choice(("clear", "ignore")),
        "activity_seconds": dice.choice((0.0, 0.0, 0.02)),
    }


def draw_switches_v1(dice: random.Random) -> dict[str, Any]:
    """Every switch of v1 that consent, lists or their reading depend on."""
    concerning = [name for name in list_switches() if name.startswith("v1_") and name not in _OF_ACCESS]
    drawn = {name: dice.choice(list_switches()[name][1]) for name in concerning}
    return drawn | {
        "unsubscribe_clears_lists": dice.choice((True, False)),
        "activity_seconds": dice.choice((0.0, 0.0, 0.02)),
    }


def draw_town(dice: random.Random, size: int) -> World:
    """An account of about `size` people; its source is drawn anew for every night."""
    service = {"import_list": "Loads"} if dice.random() < 0.5 else {}
    absent = {} if dice.random() < 0.5 else {"absent": {"action": "keep"}, "managed_lists": []}
    account = [_draw_contact(dice, f"old{number:03}@example.com") for number in range(size * 3 // 4)]
    pool = known("pool@example.com", lists=("Loads", *LISTS, "Board"))
    town = replace(EVERY_ROUTE, account=[*account, pool], service=service, pipeline={**EVERY_ROUTE.pipeline, **absent})
    addresses = [each["email_address"]["address"] for each in account]
    news = [f"new{number:03}@example.com" for number in range(size // 4)]
    news[: len(news) // 5] = [f"{'x' * 40}-{address}" for address in news[: len(news) // 5]]  # too long for an import
    return draw_source(dice, town, [*addresses, *news])


def draw_source(dice: random.Random, town: World, addresses: list[str] | None = None) -> World:
    """The same town on another night: other names, other wishes; some are in the source no more, or again."""
    addresses = addresses or [row["E-mail"] for row in town.rows]
    return replace(town, rows=[_draw_row(dice, address) for address in addresses])


def _draw_row(dice: random.Random, address: str) -> dict[str, str]:
    wish = {
        "Status": "Guest" if dice.random() < 0.2 else "",
        "Interests": "Trips" if dice.random() < 0.3 else "",
        "Tier": "S" if dice.random() < 0.1 else "",
        **(PROOF if dice.random() < 0.5 else {}),  # newer than the deletions of before, older than those of the nights
    }
    return person(address, dice.choice(FIRST_NAMES), "" if dice.random() < 0.12 else "Lee", **wish)


def _draw_contact(dice: random.Random, address: str) -> dict[str, Any]:
    lists = tuple(name for name, share in (("Newsletter", 0.75), ("Travel Club", 0.3), ("Board", 0.2))
                  if dice.random() < share)  # fmt: skip
    tags = [tag for tag in ("spring", "vip") if dice.random() < 0.7]
    found = known(address, dice.choice(FIRST_NAMES), lists, taggings=tags)
    chance = dice.random()
    if chance < 0.06:
        found["email_address"] |= {"permission_to_send": "unsubscribed", "opt_out_date": "2026-03-01T00:00:00Z"}
        found["list_memberships"] = []
    elif chance < 0.1:
        found |= {"deleted_at": "2026-03-01T00:00:00Z", "list_memberships": []}
    elif chance < 0.3:
        found["email_address"]["permission_to_send"] = "explicit"
    return found


def draw_town_v1(dice: random.Random, size: int) -> World:
    """The same, as v1 can hold it."""
    town = as_v1(draw_town(dice, size))
    fields = {name: rule for name, rule in town.mapping["fields"].items() if not name.startswith("custom.")}
    more = {"custom.Shoe": "Tier"}
    pipeline = {**town.pipeline, "create_missing": ["lists"], "existing": {"update": "always"}}
    return replace(town, mapping={**town.mapping, "fields": fields | more}, pipeline=pipeline)


@dataclass
class Townspeople:
    """Does what people have in mind, at the requests they have in mind. One run after the other: `plan_deeds`, run,
    `end`. `histories`: contacts by run of whom somebody did something.
    """

    dice: random.Random
    sandbox: Sandbox
    ledger: Ledger
    departures: Departures
    wishes: tuple[str, ...] = DEEDS
    histories: int = 0
    deeds: int = 0
    _acted: set[str] = field(default_factory=set)
    _by_number: dict[int, list[dict[str, str]]] = field(default_factory=lambda: defaultdict(list))
    _by_touch: dict[tuple[str, int, bool], list[dict[str, str]]] = field(default_factory=lambda: defaultdict(list))
    _touches: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def __post_init__(self) -> None:
        self.ledger.before, self.ledger.after = self._before, self._after

    def plan_deeds(self, addresses: list[str], requests: int) -> None:
        """Give most people one to three deeds. requests: about as many the run will send."""
        self.departures.learn()
        self._touches.clear()
        for address in addresses:
            if self.dice.random() < 0.85:
                for _ in range(self.dice.choice((1, 1, 2, 3))):
                    self._plan(self._draw_deed(address), requests)

    def end(self) -> None:
        """The run is over. A job may still have had an effect that nobody asked about.

        Deeds whose moment never came are done now: they belong to the next night.
        """
        if self.ledger.fault is not None:
            raise self.ledger.fault
        self.departures.look_at(self.departures.standing)
        self.histories += len(self._acted)
        self._acted.clear()
        for deed in (
            deed for planned in (self._by_number, self._by_touch) for deeds in planned.values() for deed in deeds
        ):
            self._do(deed, len(self.ledger.entries) + 0.5)
        self._by_number.clear()
        self._by_touch.clear()

    def _draw_deed(self, address: str) -> dict[str, str]:
        deed = self.dice.choice(self.wishes)
        wish = {"who": self.dice.choice(("person", "person", "owner")), "do": deed, "address": address}
        return wish | ({"list": self.dice.choice(LISTS)} if deed.endswith("list") else {})

    def _plan(self, deed: dict[str, str], requests: int) -> None:
        chance = self.dice.random()
        if chance < BY_TOUCH:
            self._by_touch[deed["address"], self.dice.choice((1, 1, 2, 3)), self.dice.random() < 0.5].append(deed)
        elif chance < BY_TOUCH + BY_NUMBER:
            self._by_number[len(self.ledger.entries) + self.dice.randint(1, requests)].append(deed)
        else:
            self._do(deed, len(self.ledger.entries) + 0.5)

    def _before(self, asked: Asked) -> None:
        for deed in self._by_number.pop(asked.number, ()):
            self._do(deed, asked.number - 0.5)
        for address in self.departures.hearing.touched_by(asked):
            self._touches[address] += 1
            for deed in self._by_touch.pop((address, self._touches[address], False), ()):
                self._do(deed, asked.number - 0.5)

    def _after(self, asked: Asked) -> None:
        self.departures.note_asked(asked)
        for address in self.departures.hearing.touched_by(asked):
            for deed in self._by_touch.pop((address, self._touches[address], True), ()):
                self._do(deed, asked.number + 0.25)

    def _do(self, deed: dict[str, str], at: float) -> None:
        """Do it if it can be done: nobody acts who is not there (any more), or joins a list after an opt-out."""
        self.departures.look_at([deed["address"]])
        contact = self.sandbox.read_person(deed["address"])
        if contact is None or contact.get("deleted_at"):
            return
        if deed["do"] == "join_list" and contact["email_address"]["permission_to_send"] == "unsubscribed":
            return
        wish = {**deed, "fields": {"company_name": self.dice.choice(FIRST_NAMES)}} if deed["do"] == "edit" else deed
        self.sandbox.act(wish)
        self.deeds += 1
        self._acted.add(deed["address"])
        self.departures.note_deed(deed, contact, at)
