from __future__ import annotations

import numpy as np
import pandas as pd

from ctct_etl.report.rows import list_all_rows
from tests.sheets import sheet
from tests.tables import snapshot
from tests.workflow.given import derive

ROWS = sheet("""
    E-mail          | First
    ann@example.org | Ann
    nobody          | Nob
    ann@example.org | Anna
    bob@example.org | Bob
    info@gmial.com  | Typo
    off@example.org | Off
    nobody else     | Non
""")
ACCOUNT = snapshot([{"email": "off@example.org", "status": "unsubscribed"}])
ASKED = np.array([5, 0, 2])


def test_rows_that_come_in_parts_are_listed_as_those_that_come_together():
    derived = derive(ROWS, ACCOUNT, {"first_name": "First"})
    whole = list_all_rows([derived.rows], derived.problems, ASKED)
    parts = list_all_rows([derived.rows.iloc[at : at + 2] for at in range(0, 8, 2)], derived.problems, ASKED)
    assert (parts.total, parts.tally) == (whole.total, whole.tally) == (7, whole.tally)
    assert {outcome: sum(of.values()) for outcome, of in whole.tally.items()} == {
        "create": 3, "merged": 1, "rejected": 2, "skip": 1}  # fmt: skip
    for name in ("rejects", "skips", "merges", "cautions"):
        pd.testing.assert_frame_equal(getattr(parts, name), getattr(whole, name))
        assert len(getattr(whole, name)), name
    for rows in (parts, whole):
        assert rows.named["email"].to_dict() == {0: "ann@example.org", 2: "ann@example.org", 5: "off@example.org"}
