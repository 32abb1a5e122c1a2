"""Seconds of each stage up to the desired contacts, on generated rows: `python benchmarks/stages_profile.py 1000000`.

About 20 columns: address, names, phone, two dates, postal address, 8 custom texts, interests; 8 % double addresses, 3 %
invalid ones, blanks. A profile of one program for the one who changes it, not a comparison.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctct_etl.columns import CUSTOM_PREFIX, EMAIL, LIST, ORIGIN_FILE, ORIGIN_ROW, ORIGIN_SHEET, OUTCOME, REASON, TAG
from ctct_etl.config.mapping import Mapping
from ctct_etl.plan.snapshot import Capabilities
from ctct_etl.stages.arrow import arrow, series
from ctct_etl.stages.cleaning import clean_rows
from ctct_etl.stages.deduping import dedupe_rows
from ctct_etl.stages.folding import fold_contacts, fold_memberships
from ctct_etl.stages.mapping import map_rows
from ctct_etl.stages.memberships import map_memberships
from ctct_etl.stages.suspecting import suspect_cells, suspect_rows

CUSTOM = 8
MAPPING = {
    "fields": {
        "email": "E-mail",
        "first_name": {"column": "First", "transform": ["trim", "title_case"]},
        "last_name": {"column": "Last", "transform": ["trim"]},
        "phone.mobile": "Cell",
        "anniversary": {"column": "Joined", "format": "%m/%d/%Y"},
        "address.home.street": "Street",
        "address.home.city": "City",
        "address.home.state": "State",
        "address.home.postal_code": "Zip",
        "job_title": "Role",
        "company_name": "Company",
    }
    | {f"custom.C{n}": f"C{n}" for n in range(CUSTOM)},
    "lists": ["News", {"column": "Interests", "split": ";"}],
    "dedupe": {"prefer": {"newest": "Updated"}, "merge": "fill_blanks"},
}
FIELDS = dict.fromkeys([*MAPPING["fields"], CUSTOM_PREFIX], 255) | {EMAIL: 80}  # type: ignore[misc]
CAPABILITIES = Capabilities("benchmark", FIELDS, {LIST: 50, TAG: 50, "custom": 25, "phone": 3})


def make_source(size: int, seed: int = 0) -> pd.DataFrame:
    dice = np.random.default_rng(seed)
    people = (dice.permutation(size) * 0.92).astype(np.int64)

    def text(values: npt.NDArray[np.generic], blank: float = 0.0) -> pd.Series:
        column = pd.Series(values.astype(str), dtype="str")
        return column.mask(pd.Series(dice.random(size) < blank)) if blank else column

    def picked(words: list[str], blank: float = 0.0) -> pd.Series:
        return text(np.array(words)[dice.integers(0, len(words), size)], blank)

    number = people.astype(str)
    address = np.char.add(np.char.add("User", number), np.where(people % 3 == 0, "@Example.org", "@mail.example.com"))
    address = np.where(dice.random(size) < 0.03, np.char.replace(address, "@", "@@"), address)
    days = pd.Series(np.datetime64("2000-01-01") + dice.integers(0, 8000, size).astype("timedelta64[D]"))
    digits = dice.integers(2_000_000_000, 9_999_999_999, size).astype(str)
    dashed = np.array([f"({d[:3]}) {d[3:6]}-{d[6:]}" for d in digits.tolist()])
    columns = {
        "E-mail": text(address),
        "First": picked([f"name{n}" for n in range(3000)], 0.02),
        "Last": text(np.char.add("Last ", number), 0.02),
        "Cell": text(dashed, 0.3),
        "Joined": days.dt.strftime("%m/%d/%Y").astype("str"),
        "Updated": days.dt.strftime("%Y-%m-%d").astype("str"),
        "Street": text(np.char.add(number, " Elm Street"), 0.1),
        "City": picked([f"City {n}" for n in range(500)], 0.1),
        "State": picked(["MA", "ny", "Texas", "California", "QC"], 0.1),
        "Zip": text(np.char.zfill(dice.integers(500, 99_999, size).astype(str), 5), 0.1),
        "Role": picked(["Owner", "Clerk", "Teacher"], 0.5),
        "Company": text(np.char.add("Company ", number), 0.4),
        "Interests": picked(["Trips", "Trips; Wine", "Wine"], 0.2),
    }
    columns |= {f"C{n}": text(np.char.add(f"value {n} of ", number), 0.2) for n in range(CUSTOM)}
    undecided = pd.Series(np.full(size, np.nan), dtype="str")
    origin = {
        ORIGIN_FILE: pd.Categorical(["members.csv"]).take(np.zeros(size, dtype=np.int64)),
        ORIGIN_SHEET: pd.Categorical([""]).take(np.zeros(size, dtype=np.int64)),
        ORIGIN_ROW: np.arange(2, size + 2),
        OUTCOME: undecided,
        REASON: undecided,
    }
    return pd.DataFrame(origin | columns)


@contextmanager
def timed(stage: str) -> Iterator[None]:
    start, work = time.perf_counter(), time.process_time()
    yield
    print(_figures(stage, start, work))


def _figures(stage: str, start: float, work: float) -> str:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"{stage:12} {time.perf_counter() - start:6.2f} s, {time.process_time() - work:6.2f} s of CPU, {peak:6.0f} MB"
    )


def _save_source(size: int, path: str) -> None:
    make_source(size).to_parquet(path, compression=None)


def _load_source(size: int) -> pd.DataFrame:
    """Make the source in a process of its own, so that the peak of memory is that of the stages."""
    with tempfile.TemporaryDirectory() as place, ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        path = f"{place}/source.parquet"
        pool.submit(_save_source, size, path).result()
        source = pd.read_parquet(path)
    return source.assign(**{name: series(arrow(source[name])) for name in source if source[name].dtype == "str"})


def main(size: int) -> None:
    mapping = Mapping.model_validate(MAPPING)
    with timed("read"):
        source = _load_source(size)
    start, work = time.perf_counter(), time.process_time()
    with timed("memberships"):
        memberships = map_memberships(source, mapping)
    with timed("look"):
        odd = suspect_cells(source, mapping)
    with timed("map"):
        mapped = map_rows(source, mapping, None)
    del source
    with timed("clean"):
        cleaned = clean_rows(*mapped, CAPABILITIES, None, mapping)
    del mapped
    with timed("look again"):
        odd = suspect_rows(cleaned.rows, odd, mapping)
    with timed("dedupe"):
        rows = dedupe_rows(cleaned.rows, mapping.dedupe)
    with timed("fold"):
        contacts = fold_contacts(rows, mapping.dedupe)
    with timed("unite"):
        wanted = fold_memberships(memberships, rows)
    print(_figures("all", start, work))
    counts = {"rows": rows, "contacts": contacts, "memberships": wanted, "problems": cleaned.problems, "odd": odd}
    print(", ".join(f"{len(table):,} {name}" for name, table in counts.items()))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
