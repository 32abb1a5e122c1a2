from __future__ import annotations

import pandas as pd
import pytest

from ctct_etl.config.mapping import Mapping
from ctct_etl.config.pipeline import Evidence
from ctct_etl.stages.suspecting_columns import suspect_columns

AMERICAN = [f"{month:02}/{day:02}/2020" for month in range(1, 7) for day in range(8, 24)]
ROWS = len(AMERICAN)


def told(more: dict[str, object] | None = None, evidence: Evidence | None = None) -> tuple[str, ...]:
    fields = {"email": "E-mail", "anniversary": {"column": "Joined", "format": "%d/%m/%Y"}}
    columns = {
        "E-mail": "a@x.org", "Joined": AMERICAN, "Agreed": AMERICAN, "Status": ["Old"] * 60 + ["Active"] * (ROWS - 60),
        "First": [f"p{at}@x.org" for at in range(ROWS)],
    }  # fmt: skip
    source = pd.DataFrame({name: pd.Series(texts, range(ROWS), dtype="str") for name, texts in columns.items()})
    return suspect_columns(source, Mapping.model_validate({"fields": fields, **(more or {})}), evidence)


def test_a_column_of_dates_is_looked_at_as_the_mapping_reads_it() -> None:
    (fault,) = told()
    assert fault.startswith('column "Joined": ') and "the other way round" in fault


def test_so_are_the_dates_that_tell_the_newest_row_and_those_of_consent() -> None:
    prefer = {"prefer": {"newest": "Agreed", "format": "%d/%m/%Y"}}
    evidence = Evidence(date="Joined", source="Status", format="%d/%m/%Y")
    faults = told({"fields": {"email": "E-mail"}, "dedupe": prefer}, evidence)
    assert [fault.split(":")[0] for fault in faults] == ['column "Agreed"', 'column "Joined"']


def test_rows_that_the_mapping_does_not_mean_are_not_looked_at() -> None:
    (fault,) = told({"rows": {"where": {"column": "Status", "in": ["Active"]}}})
    assert f"of {ROWS - 60} dates" in fault


def test_columns_whose_words_the_mapping_translates_are_not_looked_at() -> None:
    assert told({"fields": {"email": "E-mail", "first_name": {"column": "First", "values": {"a": "b"}}}}) == ()


@pytest.mark.parametrize(
    ("checks", "kinds"),
    [
        ("warn", ["Joined", "First"]), ("off", []), ({"ambiguous_dates": "off"}, ["First"]),
        ({"swapped_columns": "off"}, ["Joined"]),
    ],
)  # fmt: skip
def test_each_check_can_be_turned_off(checks: object, kinds: list[str]) -> None:
    fields = {"email": "E-mail", "first_name": "First", "anniversary": {"column": "Joined", "format": "%d/%m/%Y"}}
    assert [fault.split('"')[1] for fault in told({"fields": fields, "checks": checks})] == kinds
