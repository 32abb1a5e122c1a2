"""A source that is read in pieces is the one that is read whole: its rows, its notes, and what is refused in it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ctct_etl.config.pipeline import Source
from ctct_etl.errors import SourceError
from ctct_etl.sources.locating import find_files
from ctct_etl.sources.pieces import Pieced, cut_pieces, join_pieces, read_piece
from ctct_etl.sources.reading import read_source
from ctct_etl.sources.surveying import survey_file

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def in_pieces(spec: Source, block: int) -> tuple[Pieced, pd.DataFrame, int]:
    """What is told of the source, its rows, and in how many pieces it was read."""
    files = find_files(spec, NOW)
    pieces = cut_pieces(files, [survey_file(file, spec, block) for file in files])
    read = [read_piece(piece, spec) for piece in pieces]
    source = join_pieces([told for told, _ in read], spec)
    tables = {told.part: rows for one, frames in read for told, rows in zip(one.tables, frames, strict=True)}
    parts = [tables[part.part].rename(columns=dict(part.names)) for part in source.parts]
    columns = ["@file", "@sheet", "@row", *source.columns, "@outcome", "@reason"]
    frames = [part.reindex(columns=columns) for part in parts]
    return source, pd.concat([frame.astype({"@file": "str", "@sheet": "str"}) for frame in frames],
                             ignore_index=True), len(pieces)  # fmt: skip


def hold(spec: Source, block: int) -> int:
    """Compare both ways; return the number of pieces."""
    try:
        whole = read_source(spec, NOW)
    except SourceError as refused:
        with pytest.raises(SourceError) as caught:
            in_pieces(spec, block)
        assert str(caught.value) == str(refused)
        return 0
    source, rows, pieces = in_pieces(spec, block)
    expected = whole.rows.astype({"@file": "str", "@sheet": "str"})
    pd.testing.assert_frame_equal(rows.astype(expected.dtypes), expected)
    assert (source.columns, source.files, source.blank_rows, source.notes) == (
        whole.columns, whole.files, whole.blank_rows, whole.notes)  # fmt: skip
    assert [part.start for part in source.parts] == [sum(p.rows for p in source.parts[:at])
                                                     for at in range(len(source.parts))]  # fmt: skip
    return pieces


LINES = (
    "ann@x.org,Ann,1001\n", "bob@x.org,Bob,01002-1234\n",
    '"c,c@x.org","Say ""hi""",12345\n', '"d@x.org","two\nlines",\n',
    "short@x.org\n", "\n", ",,\n", "long@x.org,L,1,\n", "long@x.org,L,1,more\n", "zoë@x.org,Zoë,\r\n", " , ,\n",
    '"eats@x.org","\na,b,c\nd,e,f\n",1\n',
)  # fmt: skip


@settings(max_examples=60 if settings.get_current_profile_name() == "sampled" else 3000)
@example(["short@x.org\n"], 'x@x.org,"never closed\n', 40, "E-mail,Name,ZIP\n")
@example(list(LINES), "cut@x.org", 60, "E-mail,Name,ZIP\n")
@example(["ann@x.org,Ann,1001\n"] * 70, "cut@x.org", 200, "E-mail,Name,ZIP\n")
@example(["a,b,c,d\n"] * 80, "", 100, "E-mail,Name,ZIP\n")
@given(
    st.lists(st.sampled_from(LINES), min_size=0, max_size=90),
    st.sampled_from(("", "last@x.org,Last,1", "last@x.org", '"last@x.org', "x@x.org,a\rb,c\n")),
    st.sampled_from((40, 150, 400)),
    st.sampled_from(("E-mail,Name,ZIP\n", "\ufeffE-mail,Name,ZIP,\n", "A title\nE-mail,,ZIP\n", "E-mail,Name,Name\n")),
)
def test_a_file_that_is_cut_reads_as_the_whole_file_does(
    tmp_path_factory: Any, lines: list[str], end: str, block: int, header: str
):
    path = tmp_path_factory.mktemp("cut") / "members.csv"
    path.write_bytes((header + "".join(lines) + end).encode())
    hold(Source(path=str(path)), block)


def test_a_regular_file_is_cut_and_others_are_not(tmp_path: Path):
    plain = "E-mail,Name\n" + "".join(f"p{n}@x.org,P\n" for n in range(200))
    pieces = {}
    for name, content in {
        "plain": plain.encode(),
        "quoted": plain.replace("P\n", '"P\nQ"\n').encode(),
        "marked": b"\xef\xbb\xbf" + plain.encode(),
        "small": plain[:300].encode(),
        "latin": plain.replace("P", "\u00e9").encode("latin-1"),
        "wide": plain.encode("utf-16"),
        "returns": plain.replace("\n", "\r").encode(),
        "within": plain.replace("P", 'a "b" c').encode(),
    }.items():
        path = tmp_path / f"{name}.csv"
        path.write_bytes(content)
        pieces[name] = hold(Source(path=str(path)), 500)
    assert {name for name, count in pieces.items() if count > 1} == {"plain", "quoted", "marked"}
    assert pieces["plain"] >= 4


def test_several_files_are_one_source_and_each_is_cut_for_itself(tmp_path: Path):
    (tmp_path / "a.csv").write_text("E-mail,Name\n" + "a@x.org,A\n" * 99, "utf-8")
    (tmp_path / "b.csv").write_text("name,E-mail\n" + "B,b@x.org\n" * 9, "utf-8")
    (tmp_path / "c.csv").write_text("E-mail,Name\n", "utf-8")
    assert hold(Source(path=str(tmp_path / "*.csv")), 300) > 4


def test_a_file_that_is_changed_between_survey_and_reading_is_refused(tmp_path: Path):
    path = tmp_path / "members.csv"
    path.write_text("E-mail,Name\n" + "a@x.org,A\n" * 99, "utf-8")
    spec = Source(path=str(path))
    (file,) = find_files(spec, NOW)
    pieces = cut_pieces([file], [survey_file(file, spec, 300)])
    path.write_text("E-mail,Name\n" + "b@x.org,B\n" * 98, "utf-8")
    with pytest.raises(SourceError, match="was changed while it was read"):
        read_piece(pieces[1], spec)
