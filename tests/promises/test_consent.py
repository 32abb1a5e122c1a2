"""Promise 5: nobody who left comes back, whenever they leave.

A history is one contact in one night of the program, with whatever was done to it from the end of the night before to
the end of this one: unsubscribing, leaving a list, being deleted, joining, being edited, by the person or by the owner,
between the nights and between any two requests. What counts as a departure, and which of them a read before the write
could have shown, `departing.py` defines, by the requests that the service got; the program's own word is not asked.

Every town is drawn from its number: a town that breaks the promise can be looked at alone, `pytest -k "[17]"`.
"""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from tests.promises.conversing import numbered_conversations
from tests.promises.departing import LEFT, Departures
from tests.promises.ledger import Ledger
from tests.promises.nights import Night, night_of
from tests.promises.towns import Townspeople, draw_source, draw_switches, draw_town
from tests.promises.worlds import World, as_csv

NIGHTS = 3
SAMPLED_TOWNS, SAMPLED_SIZE = 2, 160
TOWNS, SIZE = 200, 300
"""200 towns of 300 people and three nights: with what people are drawn to do, more than 100,000 histories."""


@pytest.mark.parametrize("number", range(SAMPLED_TOWNS))
def test_nobody_who_left_comes_back_in_a_small_town(number: int, figures: Counter[str]):
    hold_promise(number, SAMPLED_SIZE, figures)


@pytest.mark.proof
@pytest.mark.parametrize("number", range(1_000, 1_000 + TOWNS))
def test_nobody_who_left_comes_back_in_a_town(number: int, figures: Counter[str]):
    hold_promise(number, SIZE, figures)


def hold_promise(number: int, size: int, figures: Counter[str]) -> None:
    """Let a town live through its nights, and count; raises AssertionError for whoever was brought back."""
    dice = random.Random(number)
    town, ledger = draw_town(dice, size), Ledger()
    switches = draw_switches(dice)
    with numbered_conversations() as told, night_of(town, checker=ledger, switches=switches) as night:
        night.full = dice.choice((None, False))  # False: by what changed since the last look
        departures = Departures(night.sandbox, ledger, told)
        people = Townspeople(dice, night.sandbox, ledger, departures)
        if dice.random() < 0.3:
            night.sandbox.faults.add({"kind": "chaos", "seed": number, "share": 0.1, "in_a_row": 2, "seconds": 0.005})
        spend_nights(dice, night, town, people)
    broken = [one for one in departures.returns if one.is_visible]
    count(figures, people, departures)
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


def count(figures: Counter[str], people: Townspeople, departures: Departures) -> None:
    figures["histories of contacts"] += people.histories
    figures["deeds of people in them"] += people.deeds
    figures["brought back after a read had shown their leaving"] += sum(one.is_visible for one in departures.returns)
    late = [one for one in departures.returns if not one.is_visible]
    figures["brought back who left after the last read: subscribed or not deleted"] += sum(
        not one.what.startswith(LEFT) for one in late
    )
    figures["brought back who left after the last read: on a list"] += sum(one.what.startswith(LEFT) for one in late)
    figures["put on a list again that the program never knew them to be on"] += departures.unseen
