"""From a source's rows to the plan's tables: the stages in their order, all of it pure.

    source ─▶ map ─▶ clean ─▶ check ─▶ dedupe ─▶ desired ─▶ match ─▶ permit ─▶ diff ─▶ decide ─▶ tables

Nothing here reads a clock, a file or the network: rows, specs, snapshot and the day are passed in. What needs nothing
of another step goes on beside it.
"""

from __future__ import annotations

from collections.abc import Mapping as Mapped
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctct_etl.columns import (
    CONTACT,
    EMAIL,
    KIND,
    LIST,
    NAME,
    ORIGIN_COLUMNS,
    OUTCOME,
    READD,
    REASON,
    ROW_OUTCOMES,
)
from ctct_etl.config.expectations import Expected
from ctct_etl.config.mapping import Mapping
from ctct_etl.config.pipeline import Evidence, Pipeline
from ctct_etl.errors import CtctError
from ctct_etl.plan.remembered import NOTHING, Remembered
from ctct_etl.plan.snapshot import Capabilities, CustomField, Snapshot
from ctct_etl.plan.tables import PlanTables
from ctct_etl.stages.absenting import Absence, add_removals, find_absent, leave_refused_removals
from ctct_etl.stages.cleaning import clean_rows
from ctct_etl.stages.colliding import NO_COLLISIONS, Collisions, find_collisions
from ctct_etl.stages.deciding import decide_contacts, decide_rows, lay_out_plan
from ctct_etl.stages.deduping import dedupe_rows
from ctct_etl.stages.diffing import diff_fields, diff_memberships
from ctct_etl.stages.folding import fold_contacts, fold_memberships
from ctct_etl.stages.guarding import Figures
from ctct_etl.stages.leaving import find_left, part_left, take_away, tell_left, tell_readded
from ctct_etl.stages.mapping import map_rows
from ctct_etl.stages.matching import Match, match_contacts
from ctct_etl.stages.memberships import map_memberships
from ctct_etl.stages.overfilling import Overfull, find_overfull
from ctct_etl.stages.permitting import Permit, permit_contacts
from ctct_etl.stages.presence import Presence, find_present
from ctct_etl.stages.problems import join_problems
from ctct_etl.stages.refusing import leave_refused
from ctct_etl.stages.respecting import Respected, respect_edits, tell_kept
from ctct_etl.stages.suspecting import suspect_cells, suspect_rows
from ctct_etl.workflow.counting import count_figures
from ctct_etl.workflow.expecting import NO_GATES, Gates, judge_rows, see_source


@dataclass(frozen=True)
class Desire:
    """What the source says. rows: one row a source row, with CONTACT. contacts: one row an address, by EMAIL.
    wanted: CONTACT int64 · KIND, NAME category. presence: whom the source has at all; None where nobody asked.
    """

    rows: pd.DataFrame
    contacts: pd.DataFrame
    wanted: pd.DataFrame
    problems: pd.DataFrame  # see stages/mapping.py
    presence: Presence | None = None
    gates: Gates = NO_GATES  # what expectations say of all rows together
    collisions: Collisions = NO_COLLISIONS  # where rows of one address differ


@dataclass(frozen=True)
class Derived:
    """A plan before it is guarded: tables, every row's outcome, and what the guards and the report count."""

    tables: PlanTables
    rows: pd.DataFrame
    problems: pd.DataFrame
    unchanged: int
    without_address: int
    absorbed: Mapped[str, int]
    departed: Mapped[str, int]  # list → how many left it and are not put back
    readded: Mapped[str, int]  # list → how many left it and are put back
    respected: Respected  # edits of people that stay in the account, and where both sides agree
    refused: int  # contacts left alone because the service refused the very same
    figures: Figures
    absence: Absence | None = None  # None where no list is managed
    gates: Gates = NO_GATES  # what expectations say of all rows together


def desire_contacts(
    source: pd.DataFrame,
    mapping: Mapping,
    evidence: Evidence | None,
    capabilities: Capabilities,
    custom_fields: Mapped[str, CustomField] | None,
    *,
    with_presence: bool = False,
    expectations: Sequence[Expected] = (),
) -> Desire:
    """Map, clean, check, dedupe and fold: what the rows of each address say together."""
    with ThreadPoolExecutor(1) as aside:
        naming = aside.submit(map_memberships, source, mapping)
        mapped = map_rows(source, mapping, evidence)
    memberships = naming.result()
    presence = find_present(source.assign(**{EMAIL: mapped.rows[EMAIL]})) if with_presence else None
    seen, odd = see_source(source, expectations), suspect_cells(source, mapping)
    del source
    cleaned = clean_rows(mapped.rows, mapped.problems, capabilities, custom_fields, mapping)
    cleaned, gates = judge_rows(seen, cleaned, mapping.fields, expectations)
    problems = join_problems([cleaned.problems, suspect_rows(cleaned.rows, odd, mapping)])
    rows = dedupe_rows(cleaned.rows, mapping.dedupe)
    with ThreadPoolExecutor(1) as aside:
        uniting = aside.submit(fold_memberships, memberships, rows)
        contacts = fold_contacts(rows, mapping.dedupe)
        collisions = find_collisions(rows, contacts)
        wanted = uniting.result()
    lean = rows[[*ORIGIN_COLUMNS, EMAIL, OUTCOME, REASON, CONTACT]]
    return Desire(lean, contacts, wanted, problems, presence, gates, collisions)


class _Differences(NamedTuple):
    """Where desired contacts and account differ, by desired position; of who would be overfull nothing is left."""

    changes: pd.DataFrame
    added: pd.DataFrame
    departed: pd.DataFrame
    readded: pd.DataFrame
    absorbed: Mapped[str, int]
    respected: Respected
    overfull: Overfull
    notes: tuple[npt.NDArray[np.object_], ...]


def _compare(
    desire: Desire,
    match: Match,
    permit: Permit,
    snapshot: Snapshot,
    capabilities: Capabilities,
    mapping: Mapping,
    remembered: Remembered,
) -> _Differences:
    size, rules, custom_fields = len(desire.contacts), mapping.fields, snapshot.custom_fields
    respected = respect_edits(
        desire.contacts, snapshot.contacts, match.at, permit.fields, rules, custom_fields, remembered.values
    )
    contacts = respected.desired
    with ThreadPoolExecutor(1) as aside:
        joining = aside.submit(diff_memberships, desire.wanted, snapshot.memberships, match.at, permit.memberships)
        diff = diff_fields(contacts, snapshot.contacts, match.at, permit.fields, rules, dict(custom_fields))
        added = joining.result()
    added, departed = part_left(added, find_left(added, contacts, _staying(match, permit), remembered.memberships))
    overfull = find_overfull(size, match, snapshot, diff.changes, added, capabilities.most)
    changes, added = (_without(overfull.contacts, table) for table in (diff.changes, added))
    readded = added[added[READD].to_numpy()]
    notes = (tell_left(departed, size), tell_readded(readded, size), tell_kept(respected.kept, size))
    return _Differences(changes, added, departed, readded, diff.absorbed, respected, overfull, notes)


def derive_plan(
    desire: Desire,
    snapshot: Snapshot,
    capabilities: Capabilities,
    pipeline: Pipeline,
    mapping: Mapping,
    suppressed: Mapped[str, str],
    today: str,
    remembered: Remembered = NOTHING,
) -> Derived:
    """Diff what is desired against the account, and decide every contact and every row."""
    contacts, listed = desire.contacts, _listed(desire)
    match, needs_list = match_contacts(contacts, snapshot.contacts), capabilities.needs_list
    permit = permit_contacts(contacts, match, snapshot, pipeline, suppressed, today, listed, needs_list=needs_list)
    differs = _compare(desire, match, permit, snapshot, capabilities, mapping, remembered)
    changes, added, departed, readded = differs[:4]
    decision = decide_contacts(match, permit, differs.overfull, changes, added, differs.notes, pipeline)
    wanted = take_away(desire.wanted[permit.memberships[desire.wanted[CONTACT].to_numpy()]], departed)
    lay_out, rest = partial(lay_out_plan, contacts, desire.rows, match), (snapshot, pipeline.consent)
    decision, refused = leave_refused(
        decision, contacts, remembered.refusals, lambda asked: lay_out(asked, changes, added, wanted, *rest)
    )
    changes, added, wanted, readded = (_without(refused, table) for table in (changes, added, wanted, readded))
    with ThreadPoolExecutor(1) as aside:
        deciding = aside.submit(decide_rows, desire.rows, decision)
        tables, rows = lay_out(decision, changes, added, wanted, *rest), deciding.result()
    assert_conservation(rows)
    return Derived(
        tables=tables,
        rows=rows.drop(columns=CONTACT),
        problems=desire.problems,
        unchanged=int((decision.action == "unchanged").sum()),
        without_address=match.without_address,
        absorbed=differs.absorbed,
        departed=_count_names(departed),
        readded=_count_names(readded),
        respected=differs.respected,
        refused=int(refused.sum()),
        figures=count_figures(rows, match, permit, decision, changes, readded, snapshot, mapping, remembered),
    )


def _staying(match: Match, permit: Permit) -> Match:
    """The match without those who come back: they do by a consent that is newer than any leaving."""
    return match._replace(at=np.where(permit.revived, -1, match.at))


def _listed(desire: Desire) -> npt.NDArray[np.bool_]:
    """Whom the mapping wants on any list."""
    listed = np.zeros(len(desire.contacts), dtype=bool)
    listed[desire.wanted[CONTACT].to_numpy()[(desire.wanted[KIND] == LIST).to_numpy()]] = True
    return listed


def _count_names(memberships: pd.DataFrame) -> dict[str, int]:
    return {str(name): int(count) for name, count in memberships[NAME].value_counts().items() if count}


def take_off_absent(
    derived: Derived,
    desire: Desire,
    snapshot: Snapshot,
    pipeline: Pipeline,
    suppressed: Mapped[str, str],
    remembered: Remembered = NOTHING,
) -> Derived:
    """Add a removal of everybody on a managed list whom the source no longer has; as it is where nobody asked."""
    if desire.presence is None:
        return derived
    absence = find_absent(snapshot, desire.presence.addresses, pipeline, suppressed)
    absence = leave_refused_removals(absence, derived.tables, snapshot, pipeline.managed_lists, remembered.refusals)
    figures = replace(
        derived.figures,
        removals=len(absence.at),
        managed_members=absence.members,
        unreadable_rows=desire.presence.unreadable,
    )
    tables = add_removals(derived.tables, absence, snapshot, pipeline.managed_lists)
    return replace(derived, tables=tables, absence=absence, figures=figures)


def _without(contacts: npt.NDArray[np.bool_], table: pd.DataFrame) -> pd.DataFrame:
    """A long table without what it says of these contacts."""
    return table[~contacts[table[CONTACT].to_numpy()]] if contacts.any() else table


class RowLost(CtctError):
    """The program broke its first promise: a row without exactly one outcome. Nothing is written then."""


def assert_conservation(rows: pd.DataFrame) -> None:
    """rows = rejected + merged + unchanged + skip + create + update, each with a reason, or RowLost."""
    known = rows[OUTCOME].isin(ROW_OUTCOMES)
    if not known.all() or rows[REASON].isna().any() or (rows[REASON] == "").any():
        lost = rows[~known | rows[REASON].isna() | (rows[REASON] == "")].iloc[0]
        place = ", ".join(str(lost[column]) for column in ORIGIN_COLUMNS)
        raise RowLost(f"{place}: the row has no outcome or no reason — this is a fault of ctct-etl; please report it")
