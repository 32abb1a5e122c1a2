from __future__ import annotations

from pathlib import Path

import pytest

from ctct_etl.errors import ConfigError
from ctct_etl.workflow.context import Context
from ctct_etl.workflow.previewing import Previewed, preview_pipeline
from tests.config.given import MAPPING, write_configs
from tests.workflow.given import NOW

MEMBERS = """\
E-mail,First,Cell,Status
ann@example.org,ANN,415 555 0100,Active
bob@example.org,Bob,12,Active
bob@example.org,Bobby,,Active
nonsense,Ned,,Active
lea@example.org,Lea,,Lapsed
"""
FIELDS = (
    "  first_name: {column: First, transform: [title_case]}\n  phone.mobile: Cell\n  custom.Nowhere: Status\n"
    "rows: {where: {column: Status, equals: Active}}\n"
)


def preview(folder: Path, most: int = 10, mapping: str = FIELDS) -> Previewed:
    (folder / "members.csv").write_text(MEMBERS, encoding="utf-8")
    path = write_configs(folder, mapping=MAPPING + mapping)
    context = Context(environment={}, state=folder / "state", now=lambda: NOW)
    return preview_pipeline(context, path, most=most)


def test_the_contacts_are_shown_as_they_would_be_loaded(tmp_path: Path) -> None:
    contacts = preview(tmp_path).contacts
    assert list(contacts) == ["email", "first_name", "phone.mobile", "custom.Nowhere"]
    assert contacts[["email", "first_name"]].to_numpy().tolist() == [
        ["ann@example.org", "Ann"], ["bob@example.org", "Bobby"],
    ]  # fmt: skip
    assert contacts["phone.mobile"].tolist()[0] == "+14155550100"


def test_rejects_come_with_their_place_and_reason(tmp_path: Path) -> None:
    (reject,) = preview(tmp_path).rejects.astype(object).to_numpy().tolist()
    assert reject[:4] == ["members.csv", "", 5, "nonsense"]
    assert "is not an e-mail address" in reject[4]


def test_cells_that_are_wrong_are_listed_though_their_row_is_good(tmp_path: Path) -> None:
    problems = preview(tmp_path).problems
    assert problems[["@row", "column", "severity"]].astype(object).to_numpy().tolist() == [
        [3, "Cell", "warn"], [5, "E-mail", "reject"],
    ]  # fmt: skip


def test_the_counts_are_of_the_whole_source_however_few_are_shown(tmp_path: Path) -> None:
    counts = {"rows": 5, "rejected": 1, "merged": 1, "skip": 1, "contacts": 2, "problems": 2}
    for most in (1, 10):
        shown = preview(tmp_path, most=most)
        assert shown.counts == counts
        assert len(shown.contacts) == min(most, 2) and len(shown.problems) == min(most, 2)


def test_no_account_is_asked_and_none_is_started(tmp_path: Path) -> None:
    preview(tmp_path)
    assert not (tmp_path / "state").exists()


def test_a_column_that_is_not_there_is_told_as_in_a_plan(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match='the source has no column "Frist" — did you mean "First"'):
        preview(tmp_path, mapping="  first_name: Frist\n")
