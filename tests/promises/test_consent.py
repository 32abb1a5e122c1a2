"""Promise 5: nobody who left comes back, whenever they leave.

A history is one contact in one night of the program, with whatever was done to it from the end of the night before to
the end of this one: unsubscribing, leaving a list, being deleted, joining, being edited, by the person or by the owner,
between the nights and between any two requests. What counts as a departure, and which of them a read before the write
could have shown, `departing.py` defines, by the requests that the service got; the program's own word is not asked.

Every town is drawn from its number: a town that breaks the promise can be looked at alone, `pytest -k "[1017-v1]"`.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ctct_etl.account.dialect import Conversation
from ctct_etl.account.v1 import refreshing, singles, wanting
from ctct_etl.account.v1.finding import read_contact, read_contacts
from ctct_etl.account.v1.reading import Contact
from tests.promises.conversing import numbered_conversations
from tests.promises.departing import LEFT, Departures, Hearing
from tests.promises.hearing_v1 import HearingV1
from tests.promises.hearing_v3 import HearingV3
from tests.promises.ledger import Ledger
from tests.promises.nights import Night, night_of
from tests.promises.towns import (
    DEEDS,
    DEEDS_V1,
    Townspeople,
    draw_source,
    draw_switches,
    draw_switches_v1,
    draw_town,
    draw_town_v1,
)
from tests.promises.worlds import World, as_csv

Take = Callable[[str, Contact | None], None]
NIGHTS = 3
SAMPLED = {"v3": (0,), "v1": (0,)}
SAMPLED_SIZE = 160
TOWNS, SIZE = {"v3": range(1_000, 1_200), "v1": range(1_000, 1_160)}, 300
"""Towns of 300 people and three nights: with what people are drawn to do, more than 100,000 histories a dialect."""


@dataclass(frozen=True)
class Spoken:
    """How towns are drawn and heard over one dialect."""

    hearing: Callable[[], Hearing]
    town: Callable[[random.Random, int], World]
    switches: Callable[[random.Random], dict[str, Any]]
    wishes: tuple[str, ...]
    counted_as: str = ""


DIALECTS = {
    "v3": Spoken(HearingV3, draw_town, draw_switches, DEEDS),
    "v1": Spoken(HearingV1, draw_town_v1, draw_switches_v1, DEEDS_V1, "over v1: "),
}


def each_of(towns: Mapping[str, Iterable[int]]) -> list[tuple[int, str]]:
    return [(number, dialect) for dialect, numbers in towns.items() for number in numbers]


@pytest.mark.parametrize(("number", "dialect"), each_of(SAMPLED))
def test_nobody_who_left_comes_back_in_a_small_town(number: int, dialect: str, figures: Counter[str]):
    hold_promise(number, SAMPLED_SIZE, figures, DIALECTS[dialect])


@pytest.mark.proof
@pytest.mark.parametrize(("number", "dialect"), each_of(TOWNS))
def test_nobody_who_left_comes_back_in_a_town(number: int, dialect: str, figures: Counter[str]):
    hold_promise(number, SIZE, figures, DIALECTS[dialect])


def test_an_update_over_v1_that_puts_back_an_older_reading_is_found_out(monkeypatch: pytest.MonkeyPatch):
    """The judge itself: lists that a PUT echoes from the reading for the plan bring back who has left them since."""
    kept: dict[str, Contact] = {}

    def read_whom(numbers: Iterable[str], take: Take, **more: Any) -> Conversation[None]:
        def keep(number: str, contact: Contact | None) -> None:
            if contact is not None:
                kept[number] = contact
            take(number, contact)

        return read_contacts(numbers, keep, **more)

    def read_once(number: str) -> Conversation[Contact | None]:
        return kept[number] if number in kept else (yield from read_contact(number))

    monkeypatch.setattr(wanting, "read_contacts", read_whom)
    monkeypatch.setattr(refreshing, "read_contacts", read_whom)
    monkeypatch.setattr(singles, "read_contact", read_once)
    with pytest.raises(AssertionError, match="left "):
        hold_promise(0, 60, Counter(), DIALECTS["v1"])


def hold_promise(number: int, size: int, figures: Counter[str], spoken: Spoken) -> None:
    """Let a town live through its nights, and count; raises AssertionError for whoever was brought back."""
    dice = random.Random(number)
    town, ledger = spoken.town(dice, size), Ledger()
    switches = spoken.switches(dice)
    with numbered_conversations() as told, night_of(town, checker=ledger, switches=switches) as night:
        night.full = dice.choice((None, False))  # False: by what changed since the last look
        departures = Departures(night.sandbox, ledger, told, spoken.hearing())
        people = Townspeople(dice, night.sandbox, ledger, departures, spoken.wishes)
        if dice.random() < 0.3:
            night.sandbox.faults.add({"kind": "chaos", "seed": number, "share": 0.1, "in_a_row": 2, "seconds": 0.005})
        spend_nights(dice, night, town, people)
    broken = [one for one in departures.returns if one.is_visible]
    count(figures, people, departures, spoken.counted_as)
    assert not broken, (switches, broken[:3])


def spend_nights(dice: random.Random, night: Night, town: World, people: Townspeople) -> None:
    requests = 60 + len(town.rows) // 3
    for _ in range(NIGHTS):
        town = draw_source(dice, town)
        write_source(night.folder, town)
        addresses, begun = [row["E-mail"] for row in town.rows], len(people.ledger.entries)
        if dice.random() < 0.3:  # a plan that is kept for a while, and then applied
            planned = night.plan_to_its_end()
            people.plan_deeds(addresses, requests)
            night.apply_to_its_end(planned)
        else:
            people.plan_deeds(addresses, requests)
            night.run_to_its_end()
        people.end()
        requests = max(20, len(people.ledger.entries) - begun)


def write_source(folder: Path, town: World) -> None:
    (folder / "members.csv").write_text(as_csv(town.rows), "utf-8")


def count(figures: Counter[str], people: Townspeople, departures: Departures, dialect: str) -> None:
    late = [one for one in departures.returns if not one.is_visible]
    on_lists = sum(one.what.startswith(LEFT) for one in late)
    told = {
        "histories of contacts": people.histories,
        "deeds of people in them": people.deeds,
        "brought back after a read had shown their leaving": len(departures.returns) - len(late),
        "brought back who left after the last read: subscribed or not deleted": len(late) - on_lists,
        "brought back who left after the last read: on a list": on_lists,
        "put on a list again that the program never knew them to be on": departures.unseen,
    }
    figures.update({dialect + name: number for name, number in told.items()})
