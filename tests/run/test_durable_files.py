from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from ctct_etl.errors import StateError
from ctct_etl.run.durable_files import make_private_directory, new_directory, write_durably


@pytest.fixture
def small_disk() -> Iterator[None]:
    """No file may grow beyond 1,000 bytes: the closest to a full disk that needs no privileges."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_files_and_directories_are_for_their_owner_alone(tmp_path: Path) -> None:
    make_private_directory(tmp_path / "a" / "b")
    write_durably(tmp_path / "a" / "b" / "file", b"text")
    assert [mode(tmp_path / name) for name in ("a", "a/b", "a/b/file")] == [0o700, 0o700, 0o600]


def test_a_directory_that_exists_is_left_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    make_private_directory(tmp_path)
    assert mode(tmp_path) == 0o755


def test_a_file_is_written_in_chunks_over_the_old_one(tmp_path: Path) -> None:
    write_durably(tmp_path / "file", b"a longer old text")
    write_durably(tmp_path / "file", iter([b"ne", b"w"]))
    assert (tmp_path / "file").read_bytes() == b"new" and len(list(tmp_path.iterdir())) == 1


def test_when_the_disk_is_full_the_old_file_stays_and_no_half_one_is_left(tmp_path: Path, small_disk: None) -> None:
    write_durably(tmp_path / "file", b"old")
    with pytest.raises(StateError, match=r"file: can't be used .* — raise the limit"):
        write_durably(tmp_path / "file", [b"x" * 900] * 9)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("file", b"old")]


def test_a_place_below_a_file_names_the_place_and_the_cure(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StateError, match=r"file/state: can't be used .* — a file stands where a directory is needed"):
        make_private_directory(tmp_path / "file" / "state")


def test_a_read_only_directory_names_the_place_and_the_cure(tmp_path: Path) -> None:
    place = tmp_path / "locked"
    place.mkdir(mode=0o500)
    try:
        (place / "probe").touch()
    except PermissionError:
        with pytest.raises(StateError, match=r"locked/file: .* — give this user the right to write there"):
            write_durably(place / "file", b"")
    else:
        pytest.skip("this user may write anywhere, so nothing is read-only")


def test_a_directory_appears_whole(tmp_path: Path) -> None:
    with new_directory(tmp_path / "made") as part:
        (part / "file").touch()
        assert not (tmp_path / "made").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["made"] and mode(tmp_path / "made") == 0o700


def test_a_directory_whose_making_fails_does_not_appear(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), new_directory(tmp_path / "made") as part:
        (part / "file").write_text(str(1 / 0))
    assert list(tmp_path.iterdir()) == []
