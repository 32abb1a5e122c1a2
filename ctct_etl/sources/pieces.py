"""A source read in pieces, each by itself, and what all of them say together.

A piece is a file, or a block of one that may be cut. What of a table can't be told from one block (which columns have
any value, how many rows are short, whether most rows are wider than the header) is counted in each and then joined, so
that rows, notes and refusals are those of `read_source`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from itertools import groupby

import pandas as pd

from ctct_etl.config.pipeline import Source
from ctct_etl.errors import SourceError
from ctct_etl.sources.body import Body, refuse_narrow_header
from ctct_etl.sources.content import open_content
from ctct_etl.sources.delimited import CUT_OFF, find_short, find_swallowed, tell_short
from ctct_etl.sources.files import read_bytes
from ctct_etl.sources.findings import Look, find_union_notes, look_at_columns, tell_columns
from ctct_etl.sources.header import Header, check_names
from ctct_etl.sources.locating import FoundFile
from ctct_etl.sources.parsing import parse_fast, parse_slowly, tell_long
from ctct_etl.sources.places import Place
from ctct_etl.sources.reading import SourceFile, describe_file, read_tables, refuse_idle_options
from ctct_etl.sources.surveying import Cut, Stamp, Survey
from ctct_etl.sources.table import Table, find_first_values, header_notes, join_tables, lay_rows


@dataclass(frozen=True)
class Piece:
    """cut: which block of a file that was surveyed; None for all of a file that was not. number: of the piece."""

    number: int
    file: FoundFile
    survey: Survey | None = None
    cut: Cut | None = None


@dataclass(frozen=True)
class Counted:
    """What a block adds to what is told of its file. Rows by their numbers, each with what it has.

    firsts: for each position the row of its first value. short, long: how many rows have fewer and more cells than the
    header, and the first of them, long with its cells.
    """

    firsts: Sequence[int | None]
    short: int
    first_short: tuple[int, ...]
    long: int
    first_long: Mapping[int, int]
    records: int


@dataclass(frozen=True)
class TableTold:
    """One table, or a block of one. looks: by column, or by position in a block.

    part: number of the table among all that were read, and so of its rows. counted: None for a whole table.
    """

    place: Place
    rows: int
    blank_rows: int
    notes: tuple[str, ...]
    looks: Mapping[str, Look]
    part: tuple[int, int]
    counted: Counted | None = None

    @property
    def columns(self) -> Sequence[str]:
        return tuple(self.looks)


@dataclass(frozen=True)
class PieceRead:
    """file: what was read, of a piece that is all of it. rows: of each table, as `join_tables` lays them out."""

    piece: Piece
    file: SourceFile | None
    is_workbook: bool
    notes: tuple[str, ...]
    tables: tuple[TableTold, ...]


def cut_pieces(files: Sequence[FoundFile], surveys: Sequence[Survey | None]) -> list[Piece]:
    """All pieces, in the order of the source's rows."""
    pieces: list[Piece] = []
    for file, survey in zip(files, surveys, strict=True):
        for cut in (None,) if survey is None else survey.cuts:
            pieces.append(Piece(len(pieces), file, survey, cut))
    return pieces


def read_piece(piece: Piece, spec: Source) -> tuple[PieceRead, list[pd.DataFrame]]:
    """Read one piece: what is told of it, and the rows of each of its tables. Raises SourceError."""
    if piece.survey is not None and piece.cut is not None:
        return _read_block(piece, piece.survey, piece.cut)
    data, shown = read_bytes(piece.file), piece.file.shown
    file = describe_file(data, shown, piece.file.modified)
    content = open_content(data, shown)
    del data
    tables = read_tables(content, spec, shown)
    told = tuple(_tell(table, (piece.number, at)) for at, table in enumerate(tables))
    return PieceRead(piece, file, content.is_workbook, content.notes, told), [join_tables([each])[0] for each in tables]


def _tell(table: Table, part: tuple[int, int]) -> TableTold:
    looks = look_at_columns({name: name for name in table.columns}, table)
    return TableTold(table.place, len(table.rows), table.blank_rows, table.notes, looks, part)


def _read_block(piece: Piece, survey: Survey, cut: Cut) -> tuple[PieceRead, list[pd.DataFrame]]:
    place, header = Place(piece.file.shown), Header(cut.first - 1, survey.header.names)
    body = Body(_read_bytes(survey, cut), 0, survey.delimiter, header, place)
    parsed = parse_fast(body, survey.width) or parse_slowly(body)
    faults = {**tell_long(body, parsed.long), **find_swallowed(body, parsed)}
    if cut.cut_off:
        faults[cut.first + cut.records - 1] = CUT_OFF
    table = lay_rows(place, cut.first, parsed.cells, faults)
    short, long = find_short(table, parsed.short), parsed.long
    first_long = dict(list(long.items())[:1])
    firsts = find_first_values(table, len(header.names))
    counted = Counted(firsts, len(short), tuple(short[:1]), len(long), first_long, parsed.records)
    looks = look_at_columns({str(position): name for position, name in enumerate(header.names)}, table)
    told = TableTold(place, len(table.rows), table.blank_rows, (), looks, (piece.number, 0), counted)
    return PieceRead(piece, None, False, (), (told,)), [join_tables([table])[0]]


def _read_bytes(survey: Survey, cut: Cut) -> bytes:
    path = survey.file.path
    try:
        with path.open("rb") as stream:
            if Stamp.of(stream) != survey.stamp:
                raise SourceError(f"{path}: was changed while it was read — run it again when it is written")
            stream.seek(cut.start)
            return stream.read(cut.stop - cut.start)
    except OSError as error:
        raise SourceError(f"{path}: can't be read ({error.strerror}) — see who may read it") from error


# -- what all pieces say together ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """Rows of one table in a source: where they were read, and from which row of the whole source on they stand.

    names: column as it was read → its name in the source; a column that is not in it is left out.
    """

    part: tuple[int, int]
    place: Place
    start: int
    rows: int
    names: Mapping[str, str]


@dataclass(frozen=True)
class Pieced:
    """A source whose rows lie in parts; all else is as in SourceTable."""

    parts: tuple[Part, ...]
    columns: tuple[str, ...]
    files: tuple[SourceFile, ...]
    blank_rows: int
    notes: tuple[str, ...]

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.parts)

    @property
    def places(self) -> tuple[Place, ...]:
        return tuple(dict.fromkeys(part.place for part in self.parts))


def join_pieces(reads: Sequence[PieceRead], spec: Source) -> Pieced:
    """Say of all pieces, in their order, what `read_source` says of the whole. Raises SourceError."""
    notes, told, files, parts = list[str](), list[TableTold](), list[SourceFile](), list[Part]()
    for _, of_file in groupby(reads, key=lambda read: read.piece.file.shown):
        read, *further = of_file
        survey = read.piece.survey
        files.append(read.file or _describe(survey, read.piece.file.modified))
        notes += survey.content_notes if survey is not None else read.notes
        blocks = [each.tables[0] for each in (read, *further)]
        tables = [_join_blocks(survey, blocks)] if survey is not None else [(each, [each]) for each in read.tables]
        for table, shares in tables:
            told.append(table)
            names = _names_of(survey, table, shares)
            for share in shares:
                start = parts[-1].start + parts[-1].rows if parts else 0
                parts.append(Part(share.part, share.place, start, share.rows, names))
    refuse_idle_options(spec, {read.is_workbook for read in reads})
    for table in told:
        notes += [*table.notes, *tell_columns(table.place, table.rows, table.looks)]
    columns = tuple(dict.fromkeys(name for table in told for name in table.columns))
    blank_rows = sum(table.blank_rows for table in told)
    return Pieced(tuple(parts), columns, tuple(files), blank_rows, (*notes, *find_union_notes(told)))


def _describe(survey: Survey | None, modified: datetime) -> SourceFile:
    assert survey is not None
    return SourceFile(survey.file.shown, survey.sha256, survey.stamp.size, modified.isoformat(timespec="seconds"))


def _join_blocks(survey: Survey, blocks: Sequence[TableTold]) -> tuple[TableTold, Sequence[TableTold]]:
    """The blocks of one file as the table that they are."""
    place, header = blocks[0].place, survey.header
    counts = [block.counted for block in blocks if block.counted is not None]
    first_long = next((each.first_long for each in counts if each.first_long), {})
    body = Body(b"", 0, survey.delimiter, header, place)
    refuse_narrow_header(body, first_long, sum(c.records for c in counts), sum(c.long for c in counts))
    looks = {
        name: reduce(Look.join, (block.looks[str(position)] for block in blocks))
        for position, name in check_names(header, _join_firsts(counts), place).items()
    }
    first_short = next((each.first_short for each in counts if each.first_short), ())
    notes = (
        *header_notes(place, header), *survey.notes, *tell_short(place, first_short, sum(c.short for c in counts))
    )  # fmt: skip
    rows, blank = sum(block.rows for block in blocks), sum(block.blank_rows for block in blocks)
    return replace(blocks[0], rows=rows, blank_rows=blank, notes=notes, looks=looks), blocks


def _join_firsts(counts: Sequence[Counted]) -> list[int | None]:
    columns = zip(*(each.firsts for each in counts), strict=True)
    return [next((row for row in firsts if row is not None), None) for firsts in columns]


def _names_of(survey: Survey | None, table: TableTold, shares: Sequence[TableTold]) -> Mapping[str, str]:
    if survey is None:
        return {name: name for name in table.columns}
    counts = [share.counted for share in shares if share.counted is not None]
    kept = check_names(survey.header, _join_firsts(counts), table.place)
    return {str(position): name for position, name in kept.items()}
