"""A night's time and count stand only where the account ends as the sheet says."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from benchmarks import night_account
from benchmarks.measuring import Timing
from benchmarks.night_account import COLUMNS, SEEDED, SHEET, Night, count_requests, hash_account
from benchmarks.night_race import DLT, DLT_SEARCH, LOOP, PETL, PETL_SINGLE, PROGRAMS, run_night, served

NIGHT = Night(200)
RIVALS = (PETL, PETL_SINGLE, DLT, DLT_SEARCH)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("night")
    night_account.make(place, NIGHT.contacts)
    return place


@pytest.fixture
def night(place: Path, tmp_path: Path) -> Path:
    for name in (SEEDED, SHEET):
        shutil.copy(place / name, tmp_path)
    return tmp_path


def test_the_sheet_has_people_that_are_new_and_people_that_changed(place: Path) -> None:
    header, *rows = (place / SHEET).read_text("utf-8").splitlines()
    assert header == ",".join(COLUMNS) and len(rows) == NIGHT.rows
    assert NIGHT.new > 1 and NIGHT.changed > 1


def test_an_account_that_got_no_sheet_is_not_as_expected(night: Path) -> None:
    with served(night / SEEDED) as url:
        assert hash_account(url) != NIGHT.expect()
        assert count_requests(url) == {}


@pytest.mark.parametrize("name", RIVALS)
def test_every_rival_leaves_the_account_as_the_sheet_says(name: str, night: Path) -> None:
    if not PROGRAMS[name].is_there():
        pytest.skip(f"{PROGRAMS[name].needs} is not installed: make bench installs it")
    figures = run_night(night, name, NIGHT.expect())
    assert figures["right"]
    assert figures["requests"] == figures["reads"] + figures["writes"] == round(240 * figures["minutes"])


def test_a_search_for_each_row_costs_a_request_for_each_row(night: Path) -> None:
    figures = run_night(night, LOOP, NIGHT.expect())
    assert figures["right"]
    assert (figures["reads"], figures["writes"]) == (NIGHT.rows + 1, NIGHT.new + NIGHT.changed)


def test_a_program_that_does_nothing_is_told_as_wrong(night: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    idle: Any = lambda *_: Timing(0.0, 0.0, 0)  # noqa: E731
    monkeypatch.setattr("benchmarks.night_race.time_rival", idle)
    assert not run_night(night, LOOP, NIGHT.expect())["right"]
