from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from ctct_etl.errors import StateError
from ctct_etl.run.state import StateDirectory

NOW = datetime(2026, 11, 23, 22, 45, 1, tzinfo=UTC)


def test_places_are_made_when_they_are_asked_for_and_private(tmp_path: Path) -> None:
    state = StateDirectory(tmp_path / "state")
    places = [state.runs(), state.account("main"), state.sandbox("demo"), state.lock("main").parent]
    assert [str(place.relative_to(state.path)) for place in places] == [
        "runs",
        "accounts/main",
        "sandbox/demo",
        "locks",
    ]
    assert {place.stat().st_mode & 0o777 for place in [state.path, *places]} == {0o700}


def test_the_directory_of_a_run_is_left_to_its_plan(tmp_path: Path) -> None:
    assert not StateDirectory(tmp_path).run("20261123T224501Z-3f2a").exists()


@pytest.mark.parametrize("name", ["..", ".", "a/b", "../../etc", "a\0b", "Büro & Co"])
def test_whatever_an_account_is_called_it_stays_inside(tmp_path: Path, name: str) -> None:
    state = StateDirectory(tmp_path)
    assert state.account(name).parent == tmp_path / "accounts" and state.lock(name).parent == tmp_path / "locks"


def test_accounts_with_similar_names_do_not_share_a_place(tmp_path: Path) -> None:
    names = ["a", "A", "a/b", "a%2Fb", "a.b", "a%2Eb"]
    assert len({StateDirectory(tmp_path).account(name) for name in names}) == len(names)


def test_run_ids_sort_by_time_in_any_zone(tmp_path: Path) -> None:
    state = StateDirectory(tmp_path)
    assert state.new_run(NOW, "3f2a") == "20261123T224501Z-3f2a"
    assert state.new_run(NOW.astimezone(timezone(timedelta(hours=9))), "3f2a") == "20261123T224501Z-3f2a"
    assert state.new_run(NOW, "ffff") < state.new_run(NOW + timedelta(seconds=1), "0000")


def test_a_state_directory_that_can_not_be_made_names_itself_and_the_cure(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StateError, match=r"file/state/runs: can't be used .* — "):
        StateDirectory(tmp_path / "file" / "state").runs()
