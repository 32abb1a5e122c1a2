"""The rows of one address: found in the source, and taken through the stages as all rows are. Pure.

Stages before the dedupe see one row at a time, those from there on one address at a time: so its rows alone give what
all rows together gave. What looks across rows, the expectations, is not asked again: their verdicts are taken over.
"""

from __future__ import annotations

from collections.abc import Mapping as Mapped
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.columns import CONTACT, EMAIL, ORIGIN_COLUMNS, OUTCOME, REASON, REJECTED, ROW, SKIP
from ctct_etl.config.mapping import Dedupe, Mapping
from ctct_etl.config.pipeline import Evidence
from ctct_etl.plan.snapshot import Capabilities, CustomField, Snapshot
from ctct_etl.stages.addresses import find_addresses
from ctct_etl.stages.arrow import SPACE, Mask, Positions, arrow, truths
from ctct_etl.stages.cleaning import clean_rows
from ctct_etl.stages.deduping import dedupe_rows
from ctct_etl.stages.folding import fold_contacts, fold_memberships, trace_values
from ctct_etl.stages.mapping import map_rows
from ctct_etl.stages.memberships import map_memberships
from ctct_etl.workflow.deriving import Desire

# What may stand beside an address in a cell that holds more than one.
_BESIDE = rf"@.*@|[,;|/<>()]|{SPACE}"


@dataclass(frozen=True)
class Traced:
    """The rows of one address, in source order, and what they say together.

    at: their positions in the source. mentioned: those of rows that are about somebody else, or nobody, though the
    address is one of several in their cell. source, mapped, cleaned: one row each. problems: ROW counts among them.
    values: from which of them each value of the contact is (stages/folding.py); empty where none has a say.
    desire: what they want of this one contact; it is empty too then.
    """

    at: Positions
    mentioned: Positions
    source: pd.DataFrame
    mapped: pd.DataFrame
    cleaned: pd.DataFrame
    problems: pd.DataFrame
    memberships: pd.DataFrame
    values: pd.DataFrame
    desire: Desire


def trace_rows(
    source: pd.DataFrame,
    whole: Desire,
    address: str,
    mapping: Mapping,
    evidence: Evidence | None,
    capabilities: Capabilities,
    custom_fields: Mapped[str, CustomField],
) -> Traced:
    """Take the rows of `address` (canonical) through the stages. whole: what all rows of `source` want."""
    mine = truths(pc.equal(arrow(whole.rows[EMAIL]), address))
    at = np.flatnonzero(mine)
    own = source.iloc[at].reset_index(drop=True)
    mapped = map_rows(own, mapping, evidence)
    cleaned = clean_rows(mapped.rows, mapped.problems, capabilities, custom_fields, mapping)
    rows = dedupe_rows(_decide_as(whole.rows.iloc[at], cleaned.rows), mapping.dedupe)
    memberships = map_memberships(own, mapping)
    problems = whole.problems[whole.problems[ROW].isin(at).to_numpy()]
    problems = problems.assign(**{ROW: np.searchsorted(at, problems[ROW].to_numpy())})
    lean = rows[[*ORIGIN_COLUMNS, EMAIL, OUTCOME, REASON, CONTACT]]
    contacts, wanted = fold_contacts(rows, mapping.dedupe), fold_memberships(memberships, rows)
    return Traced(
        at=at,
        mentioned=np.flatnonzero(_mentions(source, mapping, address) & ~mine),
        source=own,
        mapped=mapped.rows,
        cleaned=cleaned.rows,
        problems=problems.reset_index(drop=True),
        memberships=memberships,
        values=trace_values(rows, mapping.dedupe),
        desire=Desire(lean, contacts, wanted, problems),
    )


def narrow_snapshot(snapshot: Snapshot, address: str) -> Snapshot:
    """Return the snapshot as if the account had nobody but the contacts with this address: one as a rule, or none."""
    at = np.flatnonzero(truths(pc.equal(arrow(snapshot.contacts[EMAIL]), address)))
    held = snapshot.memberships
    theirs = held[held[CONTACT].isin(at).to_numpy()]
    return replace(
        snapshot,
        contacts=snapshot.contacts.iloc[at].reset_index(drop=True),
        memberships=theirs.assign(**{CONTACT: np.searchsorted(at, theirs[CONTACT].to_numpy())}).reset_index(drop=True),
        counted=None,
    )


def _decide_as(whole: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Take over which rows were decided before the dedupe, by an expectation too, and by which words."""
    decided = whole[OUTCOME].isin([REJECTED, SKIP]).to_numpy()
    outcome, reason = (pd.Series(whole[name].to_numpy(), dtype="str").where(decided) for name in (OUTCOME, REASON))
    return rows.assign(**{OUTCOME: outcome, REASON: reason})


def _mentions(source: pd.DataFrame, mapping: Mapping, address: str) -> Mask:
    """In which cells does the address stand beside something else? Only cells that might hold it are taken apart."""
    bare = mapping.model_copy(update={"fields": {EMAIL: mapping.fields[EMAIL]}, "dedupe": Dedupe()})
    written = pc.fill_null(arrow(map_rows(source, bare, None).rows[EMAIL]), "")
    likely = pc.or_(
        pc.match_substring(written, address.partition("@")[0], ignore_case=True), pc.invert(pc.string_is_ascii(written))
    )
    cells = written.filter(pc.and_(likely, pc.match_substring_regex(written, _BESIDE))).unique()
    found = [text for text in cells.to_pylist() if address in find_addresses(text)[0]]
    return truths(pc.is_in(written, value_set=pa.array(found, written.type)))
