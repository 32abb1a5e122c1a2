"""What earlier runs left behind for the next plan: the memory of the state, as plain data."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Remembered:
    """memberships: EMAIL, NAME str, every membership of a list that was ever seen or written and that we did not take
    off ourselves; None before the first run with the account.
    version: of the memory of memberships; it grows whenever one enters.
    """

    memberships: pd.DataFrame | None = None
    version: int = 0


NOTHING = Remembered()
