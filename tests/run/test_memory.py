from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from ctct_etl.columns import EMAIL, LIST
from ctct_etl.errors import StateError
from ctct_etl.run.memory import BY, OFF, SINCE, newest_version, read_memberships, remember_memberships
from ctct_etl.run.state import StateDirectory

CLUB = {"encoded_account_id": "a/1"}
ANN, BOB = ("ann@example.com", "news"), ("bob@example.com", "news")


def pairs(*held: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(held, columns=[EMAIL, LIST], dtype="str")


@pytest.fixture
def state(tmp_path: Path) -> StateDirectory:
    return StateDirectory(tmp_path)


def known(state: StateDirectory) -> dict[tuple[str, str], tuple[int, bool, str]]:
    held = read_memberships(state, "club", CLUB)
    assert held is not None
    rows = held[[EMAIL, LIST, SINCE, OFF, BY]].itertuples(index=False, name=None)
    return {(address, name): (since, off, by) for address, name, since, off, by in rows}


def remember(
    state: StateDirectory, *held: tuple[str, str], taken: tuple[tuple[str, str], ...] = (), by: str = ""
) -> None:
    remember_memberships(state, "club", CLUB, pairs(*held), pairs(*taken), by=by)


def test_before_the_first_run_nothing_is_remembered_and_an_empty_account_is_no_first_run(state: StateDirectory) -> None:
    assert read_memberships(state, "club", CLUB) is None
    remember(state)
    assert known(state) == {}


def test_a_membership_is_known_since_the_version_that_first_held_it_and_is_never_forgotten(
    state: StateDirectory,
) -> None:
    remember(state, ANN, ANN)
    remember(state, BOB)
    remember(state)
    assert known(state) == {ANN: (1, False, ""), BOB: (2, False, "")}
    assert newest_version(read_memberships(state, "club", CLUB)) == 2


def test_what_we_took_off_is_off_until_it_is_held_again_and_then_it_is_new(state: StateDirectory) -> None:
    remember(state, ANN, BOB)
    remember(state, ANN, BOB, taken=(ANN,), by="run-1")
    assert known(state) == {ANN: (1, True, "run-1"), BOB: (1, False, "")}
    remember(state, BOB)
    assert known(state)[ANN] == (1, True, "run-1")
    remember(state, ANN)
    assert known(state)[ANN] == (2, False, "run-1")


def test_a_removal_counts_once_so_that_resuming_its_run_later_hides_nobody_who_left(state: StateDirectory) -> None:
    remember(state, ANN, taken=(ANN,), by="run-1")
    remember(state, ANN)
    remember(state, taken=(ANN,), by="run-1")
    assert known(state)[ANN][1] is False
    remember(state, taken=(ANN,), by="run-2")
    assert known(state)[ANN][1] is True


def test_a_removal_of_what_nobody_was_on_is_nothing(state: StateDirectory) -> None:
    remember(state, ANN, taken=(BOB,), by="run-1")
    assert known(state) == {ANN: (1, False, "")}


def test_a_list_that_was_remembered_by_name_is_known_by_its_id_once_it_has_one(state: StateDirectory) -> None:
    remember(state, ("ann@example.com", "News"))
    remember_memberships(state, "club", CLUB, pairs(ANN), ids={"News": "news"})
    assert known(state) == {ANN: (1, False, "")}


def test_what_adds_nothing_writes_nothing(state: StateDirectory) -> None:
    remember(state, ANN)
    (file,) = state.path.rglob("memberships-*")
    before = file.stat().st_ino
    remember(state, ANN)
    assert file.stat().st_ino == before
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_file_of_an_older_version_is_read_as_nothing_taken_off(state: StateDirectory) -> None:
    pairs(ANN).to_parquet(state.account("club") / "memberships-a%2F1.parquet", index=False)
    assert known(state) == {ANN: (1, False, "")}
    remember(state, BOB)
    assert known(state) == {ANN: (1, False, ""), BOB: (2, False, "")}


@pytest.mark.parametrize("content", [b"", b"torn", "columns"])
def test_a_file_that_can_not_be_read_is_an_error_with_a_cure(state: StateDirectory, content: bytes | str) -> None:
    path = state.account("club") / "memberships-a%2F1.parquet"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        pd.DataFrame({"other": ["x"]}).to_parquet(path)
    with pytest.raises(StateError, match="put back a copy"):
        read_memberships(state, "club", CLUB)


def test_a_look_that_was_superseded_adds_what_is_new_and_takes_back_nothing_that_we_took_off(
    state: StateDirectory,
) -> None:
    remember(state, ANN, taken=(ANN,), by="run-1")
    remember_memberships(state, "club", CLUB, pairs(), superseded=pairs(ANN, BOB))
    assert {pair: off for pair, (_, off, _) in known(state).items()} == {ANN: True, BOB: False}


def test_what_a_run_read_before_it_wrote_says_who_is_back_but_not_from_what_that_run_took_off(
    state: StateDirectory,
) -> None:
    remember(state, ANN, BOB, taken=(ANN,), by="run-1")
    remember(state, BOB, taken=(BOB,), by="run-2")
    remember_memberships(state, "club", CLUB, pairs(), read=pairs(ANN, BOB), by="run-2")
    assert {pair: off for pair, (_, off, _) in known(state).items()} == {ANN: False, BOB: True}
