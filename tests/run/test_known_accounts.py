from __future__ import annotations

from pathlib import Path

import pytest

from ctct_etl.errors import StateError
from ctct_etl.run.known_accounts import find_loss, note_known, read_known
from ctct_etl.run.state import StateDirectory

CLUB = {"encoded_account_id": "a1"}
OLD = {"encoded_account_id": "club"}  # v1 knows no id, and tells the user's name


@pytest.fixture
def state(tmp_path: Path) -> StateDirectory:
    return StateDirectory(tmp_path)


def test_a_first_run_has_lost_nothing(state: StateDirectory) -> None:
    assert find_loss(state, "club", CLUB, None) == ""
    note_known(state, "club", CLUB, 1)
    assert find_loss(state, "other", OLD, None) == ""


def test_a_name_that_was_another_account_has_lost_its_memory_until_it_is_noted_and_on_the_way_back_too(
    state: StateDirectory,
) -> None:
    note_known(state, "club", CLUB, 1)
    assert 'of "club" knew another account (a1), or this one by the other dialect' in find_loss(
        state, "club", OLD, None
    )
    note_known(state, "club", OLD, 1)
    assert find_loss(state, "club", OLD, 1) == ""
    assert "another account (club)" in find_loss(state, "club", CLUB, 1)


def test_without_a_note_the_memory_of_another_account_under_the_name_tells(state: StateDirectory) -> None:
    (state.account("club") / "memberships-a%2F1.parquet").touch()
    assert "another account (a/1)" in find_loss(state, "club", OLD, None)
    assert find_loss(state, "verein", OLD, None) == find_loss(state, "club", OLD, 1) == ""


def test_a_memory_that_is_gone_or_older_than_the_last_runs_is_a_loss(state: StateDirectory) -> None:
    note_known(state, "club", CLUB, 3)
    assert find_loss(state, "club", CLUB, None) == "earlier runs knew this account, and their memory is gone"
    assert find_loss(state, "club", CLUB, 2) == "the memory is older than the last run's (version 2 of 3)"
    assert find_loss(state, "club", CLUB, 3) == find_loss(state, "club", CLUB, 4) == ""


def test_an_account_under_a_new_name_is_told_by_its_old_one(state: StateDirectory) -> None:
    note_known(state, "club", CLUB, 1)
    assert find_loss(state, "verein", CLUB, None).endswith('it was called "club" in accounts.yaml')


def test_a_memory_from_before_there_were_notes_is_whole(state: StateDirectory) -> None:
    assert find_loss(state, "club", CLUB, 7) == ""


def test_the_note_is_private_and_is_written_only_when_it_changes(state: StateDirectory) -> None:
    note_known(state, "club", CLUB, 1)
    files = [*(state.path / "known").iterdir(), state.account("club") / "account.json"]
    before = [file.stat() for file in files]
    note_known(state, "club", CLUB, 1)
    assert [file.stat().st_ino for file in files] == [each.st_ino for each in before]
    assert {each.st_mode & 0o777 for each in before} == {0o600}
    note_known(state, "verein", CLUB, 2)
    assert read_known(state, CLUB) == {"club": 1, "verein": 2}


@pytest.mark.parametrize("content", [b"", b"[]", b'{"club": "x"}'])
def test_a_note_that_can_not_be_read_is_an_error_with_a_cure(state: StateDirectory, content: bytes) -> None:
    (state.known() / "a1.json").write_bytes(content)
    with pytest.raises(StateError, match="remove it"):
        read_known(state, CLUB)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}"])
def test_a_note_of_whose_a_name_is_that_can_not_be_read_is_an_error_with_a_cure(
    state: StateDirectory, content: bytes
) -> None:
    (state.account("club") / "account.json").write_bytes(content)
    with pytest.raises(StateError, match="remove it"):
        find_loss(state, "club", CLUB, 1)
