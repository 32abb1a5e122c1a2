from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import IO, Any

import pandas as pd
import pytest

from ctct_etl.errors import StateError
from ctct_etl.run import setting_aside
from ctct_etl.run.setting_aside import set_aside
from ctct_etl.run.snapshot_cache import CacheRefused
from ctct_etl.run.state import StateDirectory

CONTACTS = pd.DataFrame({"id": ["1", "2"], "name": ["Ann", ""], "none": ["", ""]}, dtype="str")


def test_what_was_set_aside_comes_back_and_leaves_no_file(tmp_path: Path) -> None:
    contacts = CONTACTS.copy()
    with set_aside(StateDirectory(tmp_path), "club", contacts, ["id"]) as others:
        assert list(contacts) == ["id"]
        assert list(others) == ["name", "none"]
        back = pd.DataFrame({name: others[name] for name in others})
        pd.testing.assert_frame_equal(back, CONTACTS[["name", "none"]])
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_where_the_disk_refuses_the_contacts_stay_as_they_were(tmp_path: Path) -> None:
    (tmp_path / "accounts").write_text("a file where a directory is needed")
    contacts = CONTACTS.copy()
    with pytest.raises(StateError), set_aside(StateDirectory(tmp_path), "club", contacts, ["id"]):
        pass
    pd.testing.assert_frame_equal(contacts, CONTACTS)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_a_disk_that_is_full_when_they_are_written_is_told_and_they_stay(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda dir: open("/dev/full", "r+b"))  # noqa: SIM115 (as the true one)
    contacts = CONTACTS.copy()
    with (
        pytest.raises(StateError, match="free space"),
        set_aside(StateDirectory(tmp_path), "club", contacts, ["id"]),
    ):
        pass
    pd.testing.assert_frame_equal(contacts, CONTACTS)


def test_what_can_not_be_read_again_right_away_is_not_taken_out(monkeypatch, tmp_path: Path) -> None:
    def refuse(*given: object) -> None:
        raise CacheRefused("it can't be read (OSError)")

    monkeypatch.setattr(setting_aside, "StoredColumns", refuse)
    contacts = CONTACTS.copy()
    with pytest.raises(StateError), set_aside(StateDirectory(tmp_path), "club", contacts, ["id"]):
        pass
    pd.testing.assert_frame_equal(contacts, CONTACTS)


def test_a_disk_that_does_not_give_it_back_is_told(tmp_path: Path) -> None:
    with (
        pytest.raises(StateError, match=r"not as it was written .* look at the disk"),
        set_aside(StateDirectory(tmp_path), "club", CONTACTS.copy(), ["id"]),
    ):
        raise CacheRefused("it can't be read (OSError)")


def test_nobody_else_can_read_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[IO[bytes]] = []
    make = tempfile.TemporaryFile

    def note(**given: Any) -> IO[bytes]:
        opened.append(make(**given))
        return opened[-1]

    monkeypatch.setattr(tempfile, "TemporaryFile", note)
    with set_aside(StateDirectory(tmp_path), "club", CONTACTS.copy(), ["id"]):
        assert [os.fstat(stream.fileno()).st_mode & 0o077 for stream in opened] == [0]
