from __future__ import annotations

import pytest

from ctct_etl.report.model import build_report
from ctct_etl.report.tiles import Tile, lay_out_tiles
from tests.report.plans import applied, guard, small_plan


def tiles(outcome: dict[str, object] | None = None, **manifest: object) -> dict[str, tuple[str, str, str]]:
    laid = lay_out_tiles(build_report(small_plan(**manifest), outcome))
    return {tile.kind: (tile.figure, tile.label, tile.detail) for tile in laid}


@pytest.mark.parametrize(
    ("mails", "figure", "words"),
    [
        ({"welcome": 0, "confirmation": 0}, "0", "nobody hears of it"),
        ({"welcome": 5, "confirmation": 0}, "≤ 5", "welcome mails, as far as lists have one"),
        ({"welcome": 5, "confirmation": 3}, "≤ 5", "to confirm, or of welcome: as the account is set"),
    ],
)
def test_a_person_gets_one_mail_at_the_most(mails: dict[str, int], figure: str, words: str) -> None:
    laid = lay_out_tiles(build_report(small_plan(mails=mails), None))
    assert [(tile.figure, tile.detail) for tile in laid if tile.label.startswith("mail")] == [(figure, words)]


def test_before_an_apply_a_tile_says_what_it_will_cost_and_after_it_what_it_did() -> None:
    cost = {"requests": {"total": 835}, "minutes": 4, "left_today": 9_165}
    assert tiles(cost=cost)["cost"] == ("835", "requests", "about 4 minutes, of 9,165 left today")
    assert tiles(applied(), cost=cost)["cost"] == ("7", "requests used", "835 were planned")


def test_guards_that_stop_it_are_named_and_so_are_those_that_a_person_accepted() -> None:
    guards = [guard("max_updates", "2", 2, "30%", tripped=True), guard("max_creates", "2", 2, "3", accepted=True)]
    assert tiles(guards=guards)["stopping"] == ("1 of 2", "guard stops it", "max_updates")
    (last,) = lay_out_tiles(build_report(small_plan(guards=guards[1:]), None))[-1:]
    assert last == Tile("fine", "1 of 1", "guards fine", "max_creates accepted by a person")
