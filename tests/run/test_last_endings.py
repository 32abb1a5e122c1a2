from __future__ import annotations

from pathlib import Path

import pytest

from ctct_etl.run.last_endings import note_ending
from ctct_etl.run.state import StateDirectory

AT = "2026-11-26T02:00:00Z"


def test_each_pipeline_of_each_account_has_its_own_last_ending(tmp_path: Path) -> None:
    state = StateDirectory(tmp_path)
    assert note_ending(state, "club", "members", 3, AT) == 0
    assert note_ending(state, "club", "others", 0, AT) == note_ending(state, "old", "members", 0, AT) == 0
    assert note_ending(state, "club", "members", 0, AT) == 3
    assert note_ending(state, "club", "members", 1, AT) == 0


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"code": "three"}', b"\xff"])
def test_a_torn_one_is_as_none_and_is_written_anew(tmp_path: Path, content: bytes) -> None:
    state = StateDirectory(tmp_path)
    note_ending(state, "club", "members", 3, AT)
    (path,) = tmp_path.rglob("members.json")
    path.write_bytes(content)
    assert note_ending(state, "club", "members", 5, AT) == 0
    assert note_ending(state, "club", "members", 0, AT) == 5
