"""What earlier runs left behind for the next plan: the memory of the state, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from ctct_etl.columns import AT, CONTENT, EMAIL, UNTIL, WORDS
from ctct_etl.plan.field_figures import FieldFigures


def none_refused() -> pd.DataFrame:
    """The refusals of a state that remembers none: EMAIL, WORDS, AT, UNTIL str · CONTENT uint64."""
    kinds = {EMAIL: "str", CONTENT: "uint64", WORDS: "str", AT: "str", UNTIL: "str"}
    return pd.DataFrame({column: pd.Series([], dtype=kind) for column, kind in kinds.items()})


def none_known() -> pd.DataFrame:
    """The values of a state that remembers none."""
    return pd.DataFrame({EMAIL: pd.Series([], dtype="str")})


@dataclass(frozen=True)
class Remembered:
    """memberships: EMAIL str, NAME category, every membership of a list that was ever seen or written and that we did
    not take off ourselves; None before the first run with the account.
    version: of the memory of memberships; it grows whenever one enters.
    lost: what of the memory is gone, in words; "" for nothing.
    good_rows: rows of the last good run of this pipeline; None before one. good_fields: what it counted of fields.
    refusals: EMAIL str, unique · CONTENT uint64 (stages/refusing.py) · WORDS, AT, UNTIL str: those that still hold.
    values: EMAIL str, unique · one str column a field, NaN where nothing is known: what source and account last agreed
    on, for fields that respect edits.
    reverted: the run that loaded this very source and was reverted; "" for none.
    """

    memberships: pd.DataFrame | None = None
    version: int = 0
    lost: str = ""
    good_rows: int | None = None
    good_fields: FieldFigures | None = None
    reverted: str = ""
    refusals: pd.DataFrame = field(default_factory=none_refused)
    values: pd.DataFrame = field(default_factory=none_known)


NOTHING = Remembered()
