"""What the checks of every load find: faults planted into the sample data, and what they say of clean data.

    python -m benchmarks.default_checks             the rates of each check

Rows of `data/inbox` of which nothing at all is told are taken as clean. Each fault of the corpus below is planted into
a copy of them, one a row; what is told of any other row is a false alarm. Checks of whole columns are judged by columns
that are spoilt in one way each.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from ctct_etl.account.opening import describe_dialect
from ctct_etl.columns import PROBLEM, ROW
from ctct_etl.config.checks import AnyChecks, Checks
from ctct_etl.config.loading import LoadedConfig, load_pipeline
from ctct_etl.sources.reading import read_source
from ctct_etl.stages.suspecting_columns import suspect_columns
from ctct_etl.workflow.deriving import desire_contacts

PIPELINE = Path(__file__).parents[1] / "pipelines" / "nightly_members.yaml"
OF_CELLS = {  # check → column → what people find there
    "typo_domains": {"E-mail": ["ann{}@gmial.com", "ann{}@gmail.con", "ann{}@hotnail.com", "ann{}@yahooo.com",
                                "ann{}@outlok.com", "ann{}@gmail.co", "ann{}@iclod.com", "ann{}@example.con"]},
    "role_addresses": {"E-mail": ["info@club{}.example.com", "noreply@club{}.example.com", "kontakt@club{}.example.com",
                                  "Sales@club{}.example.com", "no-reply@club{}.example.com"]},
    "garbled_text": {"Last Name": ["MÃ¼ller", "GarcÃ­a", "Oâ€™Neil", "BrontÃ«", "&Oslash;rsted", "Nuñez &amp; Sons"]},
    "spreadsheet_traces": {"Member No": ["1.23457E+11", "#N/A", "########", "#REF!", "#VALUE!"]},
    "misplaced_values": {"City": ["02108", "ann@example.com"], "ZIP": ["Boston", "Salem"],
                         "First Name": ["12 Elm Street", "ann@example.com", "02108"]},
    "couples": {"First Name": ["Ann & Bob", "Ann and Bob", "Ann und Bob", "Ann + Bob", "A. & B."]},
}  # fmt: skip
Spoil = Callable[[pd.DataFrame], pd.DataFrame]


def main() -> None:
    config = load_pipeline(PIPELINE, None, {})
    rows = read_source(config.pipeline.source, datetime.now(UTC)).rows
    clean = find_clean(config, rows)
    cells, columns = len(find_problems(config, clean, "warn")), len(tell_columns(config, clean))
    print(f"{len(clean):,} clean rows: {cells:,} cells told, {columns} columns")
    print(f"{'check':20} {'planted':>8} {'found':>8} {'false alarms':>13}")
    for check, by_column in OF_CELLS.items():
        planted = [(column, text) for column, texts in by_column.items() for text in texts]
        spoilt = plant(clean, planted)
        at = told_rows(config, spoilt, check)
        found = len(at & set(range(len(planted))))
        print(f"{check:20} {len(planted):8} {found:8} {len(at) - found:13}")
    for check, spoils in OF_COLUMNS.items():
        told = [len(tell_columns(config, spoil(clean.copy()))) for spoil in spoils]
        print(f"{check:20} {len(spoils):8} {sum(map(bool, told)):8} {sum(told) - sum(map(bool, told)):13}")


def find_clean(config: LoadedConfig, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of which nothing at all is told, rejects and warnings of other kinds included."""
    problems = find_problems(config, rows, "warn")
    return rows.drop(index=problems[ROW].unique()).reset_index(drop=True)


def plant(clean: pd.DataFrame, faults: list[tuple[str, str]]) -> pd.DataFrame:
    """The clean rows, one fault in each of the first; these are rows that the mapping means."""
    meant = clean[(clean["Status"] == "Active").to_numpy()].reset_index(drop=True).copy()
    for at, (column, text) in enumerate(faults):
        meant.loc[at, column] = text.format(at)
    return meant


def told_rows(config: LoadedConfig, rows: pd.DataFrame, check: str) -> set[int]:
    """The rows of which this check alone tells something."""
    others = Checks.model_validate({other: "off" for other in OF_CELLS if other != check})
    without = find_problems(config, rows, "off")
    told = find_problems(config, rows, others).merge(without, how="left", on=[ROW, PROBLEM], indicator=True)
    return set(told[ROW][(told["_merge"] == "left_only").to_numpy()].tolist())


def find_problems(config: LoadedConfig, rows: pd.DataFrame, checks: AnyChecks) -> pd.DataFrame:
    mapping = config.mapping.model_copy(update={"checks": checks})
    capabilities = describe_dialect(config.account)
    return desire_contacts(rows, mapping, config.pipeline.consent.evidence, capabilities, None).problems[[ROW, PROBLEM]]


def tell_columns(config: LoadedConfig, rows: pd.DataFrame) -> tuple[str, ...]:
    return suspect_columns(rows, config.mapping, config.pipeline.consent.evidence)


def _swap(one: str, other: str, share: float) -> Spoil:
    def spoil(rows: pd.DataFrame) -> pd.DataFrame:
        turned = np.random.default_rng(1).random(len(rows)) < share
        rows.loc[turned, [one, other]] = rows.loc[turned, [other, one]].to_numpy()
        return rows

    return spoil


def _write_dates(write: Callable[[pd.Series], pd.Series]) -> Spoil:
    def spoil(rows: pd.DataFrame) -> pd.DataFrame:
        days = pd.to_datetime(rows["Joined"], format="%d/%m/%Y", errors="coerce")
        return rows.assign(Joined=write(days).astype("str").where(days.notna()))

    return spoil


def _turn_early(days: pd.Series) -> pd.Series:
    """As a spreadsheet program leaves American dates: those that it could read the other way round are date cells."""
    return days.dt.strftime("%Y-%d-%m").where(days.dt.day <= 12, days.dt.strftime("%m/%d/%Y"))


def _half_american(days: pd.Series) -> pd.Series:
    return days.dt.strftime("%m/%d/%Y").where(days.index.to_series() % 10 == 0, days.dt.strftime("%d/%m/%Y"))


OF_COLUMNS: dict[str, list[Spoil]] = {
    "ambiguous_dates": [_write_dates(lambda days: days.dt.strftime("%m/%d/%Y")), _write_dates(_half_american),
                        _write_dates(lambda days: days.where(days.dt.day <= 12).dt.strftime("%m/%d/%Y"))],
    "swapped_columns": [_swap("First Name", "Last Name", share) for share in (1.0, 0.37)]
    + [_swap("City", "ZIP", share) for share in (1.0, 0.37, 0.1)]
    + [lambda rows: rows.assign(**{"First Name": rows["E-mail"]})],
}  # fmt: skip


if __name__ == "__main__":
    main()
