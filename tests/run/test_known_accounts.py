from __future__ import annotations

from pathlib import Path

import pytest

from ctct_etl.errors import StateError
from ctct_etl.run.known_accounts import find_loss, note_known, read_known
from ctct_etl.run.state import StateDirectory

CLUB = {"encoded_account_id": "a1"}


@pytest.fixture
def state(tmp_path: Path) -> StateDirectory:
    return StateDirectory(tmp_path)


def test_a_first_run_has_lost_nothing(state: StateDirectory) -> None:
    assert find_loss(state, "club", CLUB, None) == ""
    note_known(state, "club", CLUB, 1)
    assert find_loss(state, "club", {"encoded_account_id": "a2"}, None) == ""


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
    (file,) = (state.path / "known").iterdir()
    before = file.stat()
    note_known(state, "club", CLUB, 1)
    assert (file.stat().st_ino, before.st_mode & 0o777) == (before.st_ino, 0o600)
    note_known(state, "verein", CLUB, 2)
    assert read_known(state, CLUB) == {"club": 1, "verein": 2}


@pytest.mark.parametrize("content", [b"", b"[]", b'{"club": "x"}'])
def test_a_note_that_can_not_be_read_is_an_error_with_a_cure(state: StateDirectory, content: bytes) -> None:
    (state.known() / "a1.json").write_bytes(content)
    with pytest.raises(StateError, match="remove it"):
        read_known(state, CLUB)
