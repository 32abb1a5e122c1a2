from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from ctct_etl.columns import EMAIL, VALUE
from ctct_etl.errors import StateError
from ctct_etl.run.state import StateDirectory
from ctct_etl.run.written_values import read_values, remember_values

CLUB = {"encoded_account_id": "a1"}


@pytest.fixture
def state(tmp_path: Path) -> StateDirectory:
    return StateDirectory(tmp_path)


def remember(state: StateDirectory, **fields: dict[str, str]) -> None:
    told = {
        field: pd.DataFrame({EMAIL: list(values), VALUE: list(values.values())}, dtype="str")
        for field, values in fields.items()
    }
    remember_values(state, "club", CLUB, told)


def known(state: StateDirectory) -> dict[str, dict[str, str]]:
    values = read_values(state, "club", CLUB).set_index(EMAIL)
    return {field: values[field].dropna().to_dict() for field in values}


def test_each_field_keeps_the_last_value_that_was_told_of_each_address(state: StateDirectory) -> None:
    assert read_values(state, "club", CLUB).columns.tolist() == [EMAIL]
    remember(state, first_name={"ann@x.org": "Ann", "bob@x.org": "Bob"})
    remember(state, first_name={"bob@x.org": "Rob", "cy@x.org": ""}, last_name={"dan@x.org": "Lee"})
    assert known(state) == {
        "first_name": {"ann@x.org": "Ann", "bob@x.org": "Rob", "cy@x.org": ""},
        "last_name": {"dan@x.org": "Lee"},
    }


def test_a_field_that_is_not_told_of_keeps_what_it_had(state: StateDirectory) -> None:
    remember(state, first_name={"ann@x.org": "Ann"})
    remember(state, last_name={"ann@x.org": "Lee"})
    assert known(state) == {"first_name": {"ann@x.org": "Ann"}, "last_name": {"ann@x.org": "Lee"}}


def test_what_changes_nothing_writes_nothing(state: StateDirectory) -> None:
    remember(state, first_name={"ann@x.org": "Ann"})
    (file,) = state.path.rglob("values-*")
    before = file.stat()
    remember(state, first_name={"ann@x.org": "Ann"})
    remember(state, first_name={})
    assert (file.stat().st_ino, before.st_mode & 0o777) == (before.st_ino, 0o600)


def test_a_file_that_can_not_be_read_is_an_error_with_a_cure(state: StateDirectory) -> None:
    (state.account("club") / "values-a1.parquet").write_bytes(b"torn")
    with pytest.raises(StateError, match="put back a copy of it, or remove it"):
        read_values(state, "club", CLUB)
