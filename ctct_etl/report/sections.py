"""The long tables of the page: which there are, what their columns are called, and by what one can pick."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from ctct_etl.columns import AFTER, BEFORE, FIELD, LIST, NAME, PENDING_RESULT, REASON, TAG
from ctct_etl.plan.tables import ACTION
from ctct_etl.report import wording
from ctct_etl.report.grid import Column, Grid, lay_out_grid
from ctct_etl.report.shapes import Broken, NotDone, Report
from ctct_etl.report.tables import generalise

# In the order of the page: id, and what the page's list of contents calls it.
SECTIONS = (
    ("changes", "Changes"),
    ("rejects", "Rejected"),
    ("skips", "Left alone"),
    ("merges", "Merged"),
    ("collisions", "Differing"),
    ("edits", "Edits by hand"),
    ("cautions", "Odd cells"),
)
_KIND = "kind of reason"
_PLACE = Column("Where", "small")
_ADDRESS = Column("Address", "value address")
_FIELD = Column("Field", "field", pick=True)
_REASON = Column("Why", "small", pick=True)
_CELL = (Column("Column", pick=True), Column("Value", "value"))


def lay_out_grids(report: Report) -> dict[str, Grid]:
    """Lay out every long table but those of the results, by id."""
    grids = [
        _lay_out_changes(report),
        lay_out_grid(
            "rejects",
            "Rows that were rejected, and why",
            report.rejects.assign(**{_KIND: generalise(report.rejects[REASON])}),
            [_PLACE, _ADDRESS, Column("Why"), *_CELL, Column("Everything that is wrong"),
             Column("Reason", pick=True, hidden=True)],
        ),
        lay_out_grid("skips", "Rows that a rule leaves alone", report.skips, [_PLACE, _ADDRESS, _REASON]),
        lay_out_grid(
            "merges", "Rows merged into another row of the same address", report.merges,
            [_PLACE, _ADDRESS, Column("Why", "small")],
        ),
        lay_out_grid(
            "collisions",
            "Values in which rows of one address differ",
            _say_fields(report.collisions),
            [_ADDRESS, _FIELD, Column("This row says", "value"), Column("The row that won says", "value"),
             Column("What counts", "after"), _PLACE, Column("The row that won", "small")],
            report.collision_count,
        ),
        lay_out_grid(
            "edits",
            "Values that people wrote in the account and that stay",
            _say_fields(report.edits),
            [_ADDRESS, _FIELD, Column("Last agreed on", "value"), Column("In the account: stays", "after"),
             Column("In the source: not written", "before"), _PLACE],
        ),
        lay_out_grid(
            "cautions", "Cells that look odd", report.cautions,
            [_PLACE, _ADDRESS, *_CELL, Column("What is odd", pick=True)],
        ),
    ]  # fmt: skip
    return {grid.id: grid for grid in grids}


def lay_out_results(report: Report) -> dict[str, Grid]:
    """Lay out who was not done, and what is not as promised. Under way, what is pending is no news."""
    told = [each for each in report.not_done if report.state != "underway" or each.result != PENDING_RESULT]
    total = report.not_done_count
    if report.state == "underway":
        total -= report.count_results()[PENDING_RESULT]
    broken = report.verification.differences if report.verification else ()
    undone = lay_out_grid(
        "undone", "People who were not done, with the words of the service", _table_of_undone(told),
        [_ADDRESS, Column("What", pick=True), Column("Result", pick=True),
         Column("The service says", "value", pick=True)],
        total,
    )  # fmt: skip
    differences = lay_out_grid(
        "differences", "Values that are not as promised", _table_of_broken(broken),
        [_ADDRESS, _FIELD, Column("Promised", "after"), Column("Found", "before")],
    )  # fmt: skip
    return {grid.id: grid for grid in (undone, differences)}


def _lay_out_changes(report: Report) -> Grid:
    """A list or tag has its name in a column of its own, which is only picked by: before → after shows it already."""
    changes, kind = report.changes, report.changes[FIELD]
    name = (changes[BEFORE] + changes[AFTER]).where(kind.isin([LIST, TAG]), "")
    told = _say_fields(changes).assign(**{ACTION: changes[ACTION].map(wording.ACTION_WORDS), NAME: name})
    return lay_out_grid(
        "changes",
        "Every changed field, list and tag, before and after",
        told.astype("str"),
        [_ADDRESS, Column("What", pick=True), _FIELD, Column("Before", "before"), Column("After", "after"), _REASON,
         _PLACE, Column("List or tag", pick=True, hidden=True)],
        report.change_count,
    )  # fmt: skip


def _say_fields(table: pd.DataFrame) -> pd.DataFrame:
    words = {each: wording.say_field(each) for each in table[FIELD].unique()}
    return table.assign(**{FIELD: table[FIELD].map(words).astype("str")})


def _table_of_undone(undone: Iterable[NotDone]) -> pd.DataFrame:
    told = [
        (each.address, wording.ACTION_WORDS.get(each.action, each.action),
         wording.RESULT_WORDS.get(each.result, each.result), each.words)
        for each in undone
    ]  # fmt: skip
    return pd.DataFrame(told, columns=["address", "action", "result", "words"], dtype="str")


def _table_of_broken(broken: Iterable[Broken]) -> pd.DataFrame:
    told = [(each.address, wording.say_field(each.field), each.promised, each.found) for each in broken]
    return pd.DataFrame(told, columns=["address", "field", "promised", "found"], dtype="str")
