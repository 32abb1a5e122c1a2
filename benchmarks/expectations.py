"""What quality gates cost: the same ten expectations by plain masks, by us, and by Great Expectations as in its guide.

    python -m benchmarks.expectations [N]          N is 100,000 unless said otherwise

All three find the same failing cells, else no time is printed. Ours words a sentence for each of them besides.
Importing Great Expectations is timed apart: it is paid once a run, whatever the rows.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median

import numpy as np
import pandas as pd

from ctct_etl.checks.expectations import failed_expectations
from ctct_etl.columns import EXPECTATION, PROBLEM, ROW
from ctct_etl.config.expectations import Expectation, Expected, read_expectation

ROUNDS = 5
Failing = set[tuple[int, int]]  # position of the expectation, and of the row
SUITE: tuple[tuple[str, dict[str, object]], ...] = (
    ("expect_column_values_to_not_be_null", {"column": "email"}),
    ("expect_column_values_to_be_unique", {"column": "email"}),
    ("expect_column_values_to_match_regex", {"column": "email", "regex": "@"}),
    ("expect_column_value_lengths_to_be_between", {"column": "email", "max_value": "80"}),
    ("expect_column_values_to_match_regex", {"column": "zip", "regex": r"^\d{5}$"}),
    ("expect_column_values_to_be_in_set", {"column": "tier", "value_set": ["G", "S", "B"]}),
    ("expect_column_values_to_be_between", {"column": "age", "min_value": "18", "max_value": "99"}),
    ("expect_column_values_to_match_strftime_format", {"column": "joined", "strftime_format": "%Y-%m-%d"}),
    ("expect_column_pair_values_to_be_equal", {"column_A": "email", "column_B": "copy"}),
    ("expect_compound_columns_to_be_unique", {"column_list": ["email", "zip"]}),
)


def make_rows(count: int) -> pd.DataFrame:
    """People of whom two in a hundred have something wrong in each column; all text, blank NaN."""
    draw = np.random.default_rng(7)
    bad = {name: draw.random(count) < 0.02 for name in ("email", "zip", "tier", "age", "joined")}
    email = np.array([f"person{n}@example.com" for n in range(count)], dtype=object)
    columns = {
        "email": np.where(bad["email"], draw.choice(["nobody", "person1@example.com", None], count), email),
        "zip": np.where(bad["zip"], "0210", draw.integers(10_000, 99_999, count).astype(str)),
        "tier": np.where(bad["tier"], "X", draw.choice(["G", "S", "B", None], count)),
        "age": np.where(bad["age"], draw.choice(["old", "7"], count), draw.integers(18, 99, count).astype(str)),
        "joined": np.where(bad["joined"], "soon", draw.choice([f"2020-01-{day:02}" for day in range(1, 29)], count)),
        "copy": email,
    }
    return pd.DataFrame({name: pd.Series(values, dtype="str") for name, values in columns.items()})


def by_masks(rows: pd.DataFrame) -> Failing:
    """What one writes by hand who knows pandas."""
    email, zips, age = rows["email"], rows["zip"], pd.to_numeric(rows["age"], errors="coerce")
    joined = pd.to_datetime(rows["joined"], format="%Y-%m-%d", errors="coerce")
    some = email.notna()
    masks = (
        email.isna(),
        email.duplicated(keep=False) & some,
        ~email.str.contains("@") & some,
        email.str.len() > 80,
        ~zips.str.contains(r"^\d{5}$") & zips.notna(),
        ~rows["tier"].isin(["G", "S", "B"]) & rows["tier"].notna(),
        ~age.between(18, 99) & rows["age"].notna(),
        joined.isna() & rows["joined"].notna(),
        (email != rows["copy"]) & (some | rows["copy"].notna()),
        rows.duplicated(["email", "zip"], keep=False) & (some | zips.notna()),
    )
    return {(position, int(row)) for position, mask in enumerate(masks) for row in np.flatnonzero(mask)}


def by_us(rows: pd.DataFrame) -> Failing:
    suite = read_suite()
    everybody = np.ones(len(rows), dtype=bool)
    found = failed_expectations(rows, suite, [everybody] * len(suite), tuple(rows)).cells
    assert found[PROBLEM].notna().all()
    return set(zip(found[EXPECTATION].tolist(), found[ROW].tolist(), strict=True))


def read_suite() -> list[Expected]:
    written = [Expectation.model_validate({"expect": name, **arguments}) for name, arguments in SUITE]
    return [read_expectation(each, "mapping", ()) for each in written]


def by_the_guide(rows: pd.DataFrame) -> Failing:
    """Great Expectations as its guide has it, the failing rows asked for; numbers made beforehand."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from great_expectations.expectations.registry import get_expectation_impl

    frame = rows.assign(age=pd.to_numeric(rows["age"], errors="coerce"))
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    batches = context.data_sources.add_pandas("p").add_dataframe_asset("a").add_batch_definition_whole_dataframe("b")
    suite = gx.ExpectationSuite(name="s", expectations=[
        get_expectation_impl(each.name)(**each.arguments, meta={"at": at}) for at, each in enumerate(read_suite())
    ])  # fmt: skip
    found = batches.get_batch(batch_parameters={"dataframe": frame}).validate(suite, result_format="COMPLETE")
    failing = {
        (int(result.expectation_config.meta["at"]), int(row))
        for result in found.results
        for row in result.result.get("unexpected_index_list") or ()
    }
    words = frame["age"].isna() & rows["age"].notna()
    return failing | {(6, int(row)) for row in np.flatnonzero(words)}


WAYS: dict[str, Callable[[pd.DataFrame], Failing]] = {
    "plain pandas masks": by_masks, "ours": by_us, "Great Expectations as in its guide": by_the_guide,
}  # fmt: skip


def compare(count: int, rounds: int = ROUNDS) -> dict[str, float]:
    """CPU seconds of each way, the median of `rounds` turns; the ways take turns, and must agree."""
    rows = make_rows(count)
    expected = by_masks(rows)
    spent: dict[str, list[float]] = {name: [] for name in WAYS}
    for turn in range(rounds + 1):
        for name, judge in WAYS.items():
            began = time.process_time()
            found = judge(rows)
            if turn:  # the first imports
                spent[name].append(time.process_time() - began)
            if found != expected:
                raise SystemExit(f"{name} finds other cells: {sorted(found ^ expected)[:5]}")
    return {name: median(times) for name, times in spent.items()}


def time_import() -> float:
    """CPU seconds of importing Great Expectations, pandas being there already."""
    program = "import time, pandas; t = time.process_time(); import great_expectations; print(time.process_time() - t)"
    return float(subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout)


def main(count: int) -> None:
    spent = compare(count)
    print(f"{count:,} rows, {len(SUITE)} expectations, {len(by_masks(make_rows(count))):,} failing cells")
    print("| way | CPU s | masks = 1 |\n|---|---|---|")
    for name, seconds in spent.items():
        print(f"| {name} | {seconds:.2f} | {seconds / spent['plain pandas masks']:.1f} |")
    print(f"importing Great Expectations: {time_import():.1f} s of CPU, once a run")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
