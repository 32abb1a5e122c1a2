from __future__ import annotations

from pathlib import Path

import pytest

from ctct_etl.run import page_file
from ctct_etl.run.page_file import renew_page

MARKS = ("<!-- a 1 -->", "<!-- a 2 -->", "<!-- a 3 -->")
PAGE = "old head<!-- a 1 -->kept<!-- a 2 -->old results<!-- a 3 -->" + "the long tables, ä " * 1000


def test_what_stands_before_and_between_is_new_and_the_rest_stays(tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text(PAGE, "utf-8")
    assert renew_page(tmp_path, MARKS, "new head", "new results")
    rest = PAGE[PAGE.index(MARKS[2]) :]
    told = (tmp_path / "report.html").read_text("utf-8")
    assert told == f"new head{MARKS[0]}kept{MARKS[1]}\nnew results{rest}"
    assert renew_page(tmp_path, MARKS, "newer", "")
    assert (tmp_path / "report.html").read_text("utf-8") == f"newer{MARKS[0]}kept{MARKS[1]}\n{rest}"
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_a_page_longer_than_a_block_keeps_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_file, "_HEAD", 80)
    monkeypatch.setattr(page_file, "_BLOCK", 7)
    (tmp_path / "report.html").write_text(PAGE, "utf-8")
    assert renew_page(tmp_path, MARKS, "", "")
    assert (tmp_path / "report.html").read_text("utf-8").endswith(PAGE[-500:])


@pytest.mark.parametrize("page", ["", "no mark", "<!-- b 1 --><!-- b 2 --><!-- b 3 -->", "".join(reversed(MARKS))])
def test_a_page_that_is_not_ours_is_left_as_it_is(tmp_path: Path, page: str) -> None:
    (tmp_path / "report.html").write_text(page, "utf-8")
    assert not renew_page(tmp_path, MARKS, "new head", "new results")
    assert (tmp_path / "report.html").read_text("utf-8") == page


def test_a_page_that_is_gone_is_not_made(tmp_path: Path) -> None:
    assert not renew_page(tmp_path, MARKS, "new head", "new results")
    assert not any(tmp_path.iterdir())
