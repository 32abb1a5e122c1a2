"""Which files a source means, in an order that does not depend on the file system."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from ctct_etl.errors import SourceError
from tests.sources.conftest import NOW


def touch(path, hours):
    stamp = (NOW - timedelta(hours=hours)).timestamp()
    os.utime(path, (stamp, stamp))
    return path


def test_a_glob_is_read_in_the_order_of_relative_paths(write, tmp_path, read):
    for name in ("in/b.csv", "in/a.csv", "in/old/a.csv", "in/B.csv", "in/a/z.csv"):
        write(name, f"email\n{name}\n")
    table = read(tmp_path / "in" / "**" / "*.csv")
    assert table.rows["@file"].tolist() == ["B.csv", "a.csv", "a/z.csv", "b.csv", "old/a.csv"]
    assert table.rows["email"].tolist() == [f"in/{name}" for name in table.rows["@file"]]
    assert [file.path for file in table.files] == table.rows["@file"].tolist()


def test_a_file_is_shown_by_its_name_alone(write, read):
    assert read(write("some/folder/a.csv", "email\na\n")).rows["@file"].tolist() == ["a.csv"]


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(write, read):
    write("members 1.csv", "email\nother\n")
    assert read(write("members [1].csv", "email\na\n")).rows["email"].tolist() == ["a"]


def test_what_open_programs_and_folders_leave_is_no_file(write, tmp_path, read):
    for name in ("~$a.csv", ".~lock.a.csv#", ".hidden.csv", "folder.csv/x.txt"):
        write(name, "email\nno\n")
    write("a.csv", "email\nyes\n")
    assert read(tmp_path / "*").rows["email"].tolist() == ["yes"]


def test_pick_newest_takes_one_file_and_the_last_name_of_equals(write, tmp_path, read):
    for name, hours in (("a.csv", 5), ("b.csv", 1), ("c.csv", 1), ("d.csv", 9)):
        touch(write(name, f"email\n{name}\n"), hours)
    assert read(tmp_path / "*.csv", pick="newest").rows["email"].tolist() == ["c.csv"]


def test_a_file_that_is_fresh_enough_is_read(write, read):
    path = touch(write("a.csv", "email\na\n"), 26)
    assert len(read(path, fresh_within="26h").rows) == 1


@pytest.mark.parametrize(("hours", "limit", "age"), [(27, "26h", "27h"), (26.5, "26h", "26h 30m"), (75, "2d", "3d 3h")])
def test_an_older_file_is_an_error_and_no_empty_change(write, read, hours, limit, age):
    path = touch(write("a.csv", "email\na\n"), hours)
    changed = f"{NOW - timedelta(hours=hours):%Y-%m-%d %H:%M}"
    with pytest.raises(SourceError) as raised:
        read(path, fresh_within=limit)
    allowed = {"26h": "26h", "2d": "2d"}[limit]
    assert str(raised.value) == (
        f"{path}: the file is {age} old (changed {changed} UTC), fresh_within allows {allowed} — "
        "see why the new file did not come, or raise fresh_within"
    )


def test_one_old_file_of_a_glob_is_an_error_but_not_when_only_the_newest_is_picked(write, tmp_path, read):
    touch(write("a.csv", "email\na\n"), 30)
    touch(write("b.csv", "email\nb\n"), 1)
    with pytest.raises(SourceError, match=r"a\.csv: the file is 30h old"):
        read(tmp_path / "*.csv", fresh_within="26h")
    assert len(read(tmp_path / "*.csv", fresh_within="26h", pick="newest").rows) == 1


def test_a_pattern_without_a_match_is_an_error(tmp_path, read):
    with pytest.raises(SourceError) as raised:
        read(tmp_path / "*.csv")
    assert str(raised.value) == (
        f"{tmp_path}/*.csv: no file matches — correct the pattern, or see why the file did not come"
    )
    with pytest.raises(SourceError) as raised:
        read(tmp_path / "no" / "*.csv")
    assert str(raised.value) == f"{tmp_path}/no/*.csv: there is no folder {tmp_path}/no — correct the path"
