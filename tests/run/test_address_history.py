"""The line of one address among many."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ctct_etl.run.address_history import find_line


def write(path: Path, *lines: dict[str, object]) -> Path:
    texts = (json.dumps(line, sort_keys=True, ensure_ascii=False, separators=(",", ":")) for line in lines)
    path.write_text("".join(f"{text}\n" for text in texts), "utf-8")
    return path


@pytest.mark.parametrize("address", ["a@x.org", "b@x.org", "c@x.org"])
def test_a_line_is_found_wherever_it_stands(tmp_path: Path, address: str) -> None:
    path = write(tmp_path / "lines", *({"address": each, "of": each} for each in ("a@x.org", "b@x.org", "c@x.org")))
    assert find_line(path, address) == {"address": address, "of": address}


def test_neither_a_value_nor_a_longer_address_passes_for_the_address(tmp_path: Path) -> None:
    sly = {"address": "ab@x.org", "after": {"note": '"address":"b@x.org"'}}
    assert find_line(write(tmp_path / "lines", sly, {"address": "b@x.org.uk"}), "b@x.org") is None


def test_a_file_without_lines_has_nobody(tmp_path: Path) -> None:
    assert find_line(write(tmp_path / "lines"), "a@x.org") is None


@pytest.mark.parametrize("address", ["a@x.org", "b@x.org"])
def test_a_torn_file_is_an_error_and_not_an_answer(tmp_path: Path, address: str) -> None:
    path = write(tmp_path / "lines", {"address": "a@x.org"}, {"address": "b@x.org"})
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(ValueError, match="torn"):
        find_line(path, address)
