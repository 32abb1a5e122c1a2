"""Read a source in pieces, and share its rows among the parts of the plan, each row by its address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa

from ctct_etl.columns import ORIGIN_COLUMNS, ORIGIN_FILE, ORIGIN_ROW, ORIGIN_SHEET, OUTCOME, POSITION, REASON
from ctct_etl.config.mapping import Mapping as MappingFile
from ctct_etl.config.pipeline import Source
from ctct_etl.engine.pool import Pool
from ctct_etl.run.durable_files import write_durably
from ctct_etl.run.spilling import load, load_share, spill, spill_shares
from ctct_etl.sources.locating import FoundFile, find_files
from ctct_etl.sources.pieces import Part, Piece, Pieced, PieceRead, cut_pieces, join_pieces, read_piece
from ctct_etl.sources.places import Place
from ctct_etl.sources.remote import fetch, show_place
from ctct_etl.sources.surveying import Survey, survey_file
from ctct_etl.stages.arrow import TEXT, arrow, series
from ctct_etl.stages.partitioning import part_rows
from ctct_etl.workflow.allocating import choose_allocator
from ctct_etl.workflow.context import Progress
from ctct_etl.workflow.parts.scratch import Scratch

_READING = "reading the source"


def read_in_pieces(scratch: Scratch, pool: Pool, spec: Source, now: datetime, block: int, progress: Progress) -> Pieced:
    """Read every file of the source, its rows into the scratch directory. Raises SourceError as `read_source` does."""
    progress(_READING, 0, None)
    files = _find(scratch, spec, now)
    sent = spec.model_copy(update={"path": show_place(spec.path)})  # what a web address holds may be secret
    surveys = pool.map(partial(_survey, spec=sent, block=block), files)
    pieces = cut_pieces(files, surveys)
    reads = pool.map(
        partial(_read, scratch=scratch, spec=sent), pieces, lambda done: progress(_READING, done, len(pieces))
    )
    return join_pieces(reads, spec)


def _find(scratch: Scratch, spec: Source, now: datetime) -> Sequence[FoundFile]:
    """What is fetched from an address is a file here from then on."""
    if "://" not in spec.path:
        return find_files(spec, now)
    page = fetch(spec.path, now, spec.fresh_within)
    place = scratch.root / "fetched"
    write_durably(place, page.data)
    return [FoundFile(place, page.shown, page.modified)]


def _survey(file: FoundFile, spec: Source, block: int) -> Survey | None:
    return survey_file(file, spec, block)


def _read(piece: Piece, scratch: Scratch, spec: Source) -> PieceRead:
    choose_allocator()
    read, tables = read_piece(piece, spec)
    for told, rows in zip(read.tables, tables, strict=True):
        spill(scratch.raw(told.part), rows)
    return read


@dataclass(frozen=True)
class Sharing:
    """How rows are shared: by the addresses that `mapping` makes of them, among so many parts."""

    scratch: Scratch
    columns: tuple[str, ...]
    places: tuple[Place, ...]
    mapping: MappingFile
    parts: int


def share_rows(sharing: Sharing, pool: Pool, source: Pieced, progress: Progress) -> None:
    """Lay the rows of each part of the plan together, in the order of the source."""
    share, count = partial(_share, sharing=sharing), len(source.parts)
    pool.map(share, source.parts, lambda done: progress("sharing the rows", done, count))
    for part in source.parts:  # not by the task: whoever does it again needs them
        sharing.scratch.raw(part.part).unlink()


def _share(part: Part, sharing: Sharing) -> None:
    choose_allocator()
    rows = _name_columns(load(sharing.scratch.raw(part.part)), part.names, sharing.columns)
    chosen = part_rows(rows, sharing.mapping, part.start, sharing.parts)
    order = np.argsort(chosen, kind="stable")
    ends = np.searchsorted(chosen[order], np.arange(sharing.parts + 1))
    table = pa.table({
        POSITION: np.arange(part.start, part.start + len(rows)),
        ORIGIN_FILE: np.full(len(rows), sharing.places.index(part.place), dtype=np.int32),
        ORIGIN_ROW: rows[ORIGIN_ROW].to_numpy(),
        **{name: arrow(rows[name]) for name in (OUTCOME, REASON, *sharing.columns)},
    })  # fmt: skip
    shares = [table.take(pa.array(order[start:stop])) for start, stop in pairwise(ends.tolist())]
    spill_shares(sharing.scratch.shares(part.part), shares)


def _name_columns(rows: pd.DataFrame, names: Mapping[str, str], columns: Sequence[str]) -> pd.DataFrame:
    """The rows with the columns of the whole source, blank where their table lacks one."""
    own = {name: rows[read] for read, name in names.items()}
    blank = series(pa.nulls(len(rows), TEXT))
    fixed = {name: rows[name] for name in (*ORIGIN_COLUMNS, OUTCOME, REASON)}
    return pd.DataFrame({**fixed, **{name: own.get(name, blank) for name in columns}}, copy=False)


def load_rows(sharing: Sharing, parts: Sequence[Part], number: int) -> tuple[pd.DataFrame, pd.Series]:
    """The rows of one part of the plan, as `read_source` lays them out, and their positions in the whole source."""
    shares = [load_share(sharing.scratch.shares(part.part), number) for part in parts]
    table = pa.concat_tables(shares).combine_chunks()
    at = table[ORIGIN_FILE].to_numpy()
    rows = {
        ORIGIN_FILE: _name_places([place.file for place in sharing.places], at),
        ORIGIN_SHEET: _name_places([place.sheet for place in sharing.places], at),
        ORIGIN_ROW: table[ORIGIN_ROW].to_numpy(),
        **{name: table[name].to_pandas().astype("str") for name in (*sharing.columns, OUTCOME, REASON)},
    }
    return pd.DataFrame(rows, copy=False), pd.Series(table[POSITION].to_numpy())


def _name_places(names: Sequence[str], at: np.ndarray[tuple[int], np.dtype[np.int32]]) -> pd.Categorical:
    kinds = list(dict.fromkeys(names))
    codes = np.array([kinds.index(name) for name in names], dtype=np.int64)
    return pd.Categorical.from_codes(codes[at], categories=pd.Index(kinds, dtype="str"))
