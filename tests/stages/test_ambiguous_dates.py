from __future__ import annotations

import datetime as dt
import random

import pandas as pd
import pytest

from ctct_etl.stages.ambiguous_dates import suspect_dates
from ctct_etl.stages.arrow import arrow, trim

DM, MD, ISO = "%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d"
DICE = random.Random(7)
DAYS = [dt.date(2010, 1, 1) + dt.timedelta(days=DICE.randrange(5000)) for _ in range(300)]
EARLY = [day for day in DAYS if day.day <= 12]


def write(days: list[dt.date], format: str) -> list[str]:
    return [f"{day:{format}}" for day in days]


def told(cells: list[str], *formats: str) -> list[str]:
    return list(suspect_dates(trim(arrow(pd.Series(cells, dtype="str"))), formats))


@pytest.mark.parametrize(
    ("cells", "formats"),
    [
        (write(DAYS, DM), [DM]),
        (write(DAYS, MD), [MD]),
        (write(DAYS, ISO), [ISO]),
        (write(DAYS[:150], DM) + write(DAYS[150:], ISO), [DM, ISO]),  # texts and date cells, both as they should be
        (write(DAYS, "%d %B %Y"), ["%d %B %Y"]),  # a month in words is mistaken for nothing
        ([*write(DAYS, DM), "31/02/2019", "13/13/2020", "n/a"], [DM]),  # no date either way: told cell by cell
        ([*write(DAYS, DM), "12/25/2019"], [DM]),  # one slip among three hundred
        ([f"01/{month:02}/{year}" for month in range(1, 13) for year in (2019, 2020)], [DM]),  # the first of each month
        (write(EARLY[:5], DM), [DM]),  # five days by chance
        (["03/03/2020"] * 50, [DM]),  # the same either way
        ([""], [DM]),
    ],
)
def test_a_column_in_order_is_told_nothing(cells: list[str], formats: list[str]) -> None:
    assert told(cells, *formats) == []


def test_a_column_written_the_other_way_round_is_told_with_those_that_are_read_wrong() -> None:
    (fault,) = told(write(DAYS, MD), DM)
    wrong = sum(day.day <= 12 and day.day != day.month for day in DAYS)
    assert f'{sum(day.day > 12 for day in DAYS):,} of 300 dates, such as "' in fault
    assert f"then {wrong:,} others" in fault and "none by %d/%m/%Y" in fault


def test_so_is_a_column_of_both_ways() -> None:
    (fault,) = told(write(DAYS[:200], DM) + write(DAYS[200:], MD), DM)
    assert "with day and month the other way round" in fault


def test_two_formats_of_the_mapping_that_read_a_cell_differently_are_told_with_an_example() -> None:
    (fault,) = told(["25/12/2020", "03/04/2020", "03/04/2020"], DM, MD)
    assert fault.startswith(
        '2 of 3 dates can be read two ways, such as "03/04/2020": 2020-04-03 by %d/%m/%Y, 2020-03-04'
    )


def test_dates_of_which_none_has_a_late_day_may_be_the_other_way_round() -> None:
    (fault,) = told(write(EARLY, MD), DM)
    assert fault.startswith(f"all {sum(day.day != day.month for day in EARLY):,} dates")
    firsts = [f"01/{month:02}/2020" for month in range(1, 13)]
    assert told(firsts, MD) and not told(firsts, DM)  # twelve days of January are the firsts of twelve months


def test_what_a_spreadsheet_program_turned_about_is_told() -> None:
    cells = [f"{day.year}-{day.day:02}-{day.month:02}" if day.day <= 12 else f"{day:{MD}}" for day in DAYS]
    (fault,) = told(cells, MD)
    assert "a spreadsheet program took the month for the day" in fault
