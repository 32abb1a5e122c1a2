"""Great Expectations behind one function: a table of cells and expectations in, what fails in plain words out.

The only file that knows `great_expectations`, which takes seconds to import and is imported when something is judged.
Its context lives in memory: no file, no network, no telemetry, no progress bar; its warnings and logs stay unsaid.
Nothing that a user writes is run as code: names and arguments come from a table (config/expectation_table.py), and
Great Expectations is given columns under names of ours.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ctct_etl.checks.asking import Asked, Configured, Positions, ask, lay_out, spread
from ctct_etl.checks.observing import observe
from ctct_etl.checks.readings import Mask
from ctct_etl.checks.wording import say_fault, say_whole
from ctct_etl.columns import COLUMN, EXPECTATION, PROBLEM, ROW, SEVERITY, VALUE
from ctct_etl.config.expectation_table import Judges
from ctct_etl.config.expectations import Expected

LONGEST_SHOWN = 40
_RESULT_FORMAT = {
    "result_format": "COMPLETE",
    "exclude_unexpected_values": True,
    "partial_unexpected_count": 0,
    "return_unexpected_index_query": False,
}


@dataclass(frozen=True)
class Findings:
    """cells: one line a row and expectation that fails. ROW int64, position in the table of cells · EXPECTATION
        int64 · COLUMN, VALUE, PROBLEM str, worded for the analyst · SEVERITY str. By expectation, then row.
    whole: what fails of all rows together, by its position in the suite.
    spared: rows that fail within `mostly`, and so pass, in words. broken: what could not be judged, and why.
    """

    parts: list[pd.DataFrame]
    whole: dict[int, str]
    spared: dict[int, str]
    broken: dict[int, str]

    @property
    def cells(self) -> pd.DataFrame:
        return pd.concat(self.parts, ignore_index=True)


def failed_expectations(
    cells: pd.DataFrame, suite: Sequence[Expected], chosen: Sequence[Mask], header: Sequence[str]
) -> Findings:
    """Judge a table by a suite.

    cells: str columns, NaN where blank, one for each name that the suite looks at; RangeIndex. chosen: for each
    expectation the rows that it is about. header: the source's columns.
    """
    asked = [
        ask(position, expected, cells, np.flatnonzero(mask))
        for position, (expected, mask) in enumerate(zip(suite, chosen, strict=True))
    ]
    results = _judge(asked, header) if asked else {}
    findings = Findings([_nothing()], {}, {}, {})
    for each in asked:
        _sort(each, results[each.position], cells, findings)
    return findings


def _sort(each: Asked, result: _Result, cells: pd.DataFrame, into: Findings) -> None:
    if result.fault:
        into.broken[each.position] = result.fault
    elif each.expected.known.judges is not Judges.ROWS:
        if not result.success or any(mask.any() for mask in each.read.unreadable):
            texts = [cells[column].iloc[each.rows] for column in each.expected.columns]
            seen = observe(each.expected, result.details, texts, each.read)
            into.whole[each.position] = say_whole(each.expected, seen)
    else:
        failing, unreadable, judged = spread(each, result.failing, result.judged)
        if len(failing) and (judged - len(failing)) / judged >= each.expected.arguments.get("mostly", 1.0):
            into.spared[each.position] = _say_spared(each.expected, len(failing), judged)
        elif len(failing):
            into.parts.append(_list_failing(each, failing, unreadable[failing], cells))


class _Result(NamedTuple):
    success: bool
    failing: Positions  # in the table that was judged
    judged: int
    details: Mapping[str, Any]
    fault: str = ""

    @classmethod
    def broken(cls, why: str) -> _Result:
        return cls(False, np.zeros(0, dtype=np.int64), 0, {}, " ".join(why.split())[:200])


def _judge(asked: Sequence[Asked], header: Sequence[str]) -> dict[int, _Result]:
    """Ask Great Expectations once for each table that is judged."""
    tables: dict[bytes, list[Asked]] = {}
    for each in asked:
        tables.setdefault(each.table, []).append(each)
    results: dict[int, _Result] = {}
    with _silence():
        validate = _open_context()
        for together in tables.values():
            frame, configured = lay_out(together, header)
            results |= dict(validate(frame, configured))
    assert results.keys() == {each.position for each in asked}  # a suite drops what it does not know, without a word
    return results


def _open_context() -> Any:
    """Return what judges a frame: (frame, [(position, name, arguments)]) → (position, result) of each."""
    import great_expectations as gx
    from great_expectations.data_context.types import base as types
    from great_expectations.expectations.registry import get_expectation_impl

    in_memory = types.DataContextConfig(
        store_backend_defaults=types.InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        progress_bars=types.ProgressBarsConfig(globally=False),
    )
    context = gx.get_context(mode="ephemeral", project_config=in_memory)
    asset = context.data_sources.add_pandas("rows").add_dataframe_asset("rows")
    batches: Any = asset.add_batch_definition_whole_dataframe("all")

    def validate(frame: pd.DataFrame, configured: Sequence[Configured]) -> Iterator[tuple[int, _Result]]:
        built = []
        for position, name, arguments in configured:
            try:
                built.append(get_expectation_impl(name)(**arguments, meta={"position": position}))
            except ValueError as fault:  # what pydantic says of an argument that the table let pass
                yield position, _Result.broken(str(fault))
        suite = gx.ExpectationSuite(name="suite", expectations=built)
        batch = batches.get_batch(batch_parameters={"dataframe": frame})
        for result in batch.validate(suite, result_format=_RESULT_FORMAT).results:
            yield result.expectation_config.meta["position"], _understand(result)

    return validate


@contextmanager
def _silence() -> Iterator[None]:
    """Keep what Great Expectations logs and warns of to itself: its parts set levels of their own while imported."""
    logger, nowhere = logging.getLogger("great_expectations"), logging.NullHandler()
    propagate, logger.propagate = logger.propagate, False
    logger.addHandler(nowhere)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.removeHandler(nowhere)
        logger.propagate = propagate


def _understand(found: Any) -> _Result:
    """An exception inside looks like a failure, and comes in two shapes."""
    about = found.exception_info or {}
    shapes = [about] if "raised_exception" in about else [each for each in about.values() if isinstance(each, dict)]
    faults = [str(each.get("exception_message")) for each in shapes if each.get("raised_exception")]
    if faults:
        return _Result.broken(faults[0])
    details = found.result or {}
    failing = np.array(details.get("unexpected_index_list") or [], dtype=np.int64)
    judged = int(details.get("element_count") or 0) - int(details.get("missing_count") or 0)
    return _Result(bool(found.success), failing, judged, details)


def _say_spared(expected: Expected, failing: int, judged: int) -> str:
    share, mostly = failing / judged, expected.arguments["mostly"]
    where = " and ".join(f'"{column}"' for column in expected.columns)
    return (
        f"{expected.name} of {where}: {failing:,} of {judged:,} rows ({share:.2%}) fail it and pass all the same, "
        f"since `mostly: {mostly:g}` allows it"
    )


def _list_failing(each: Asked, failing: Positions, unreadable: Mask, cells: pd.DataFrame) -> pd.DataFrame:
    rows = each.rows[failing]
    texts = [cells[column].iloc[rows].reset_index(drop=True) for column in each.expected.columns]
    faults = pd.Series(say_fault(each.expected), index=range(len(rows)), dtype="str")
    if unreadable.any():
        faults = faults.mask(unreadable, f"{each.read.fault} — correct the cell")
    values, subjects = texts[0].fillna(""), _quote(texts[0], "blank" if texts[1:] else "the cell")
    for position, text in enumerate(texts[1:], start=2):
        values = values + ", " + text.fillna("")
        subjects = subjects + (" and " if position == len(texts) else ", ") + _quote(text, "blank")
    column = ", ".join(each.expected.columns)
    return pd.DataFrame(
        {
            ROW: rows, EXPECTATION: each.position, COLUMN: column, VALUE: values, PROBLEM: subjects + " " + faults,
            SEVERITY: each.expected.on_fail,
        }
    )  # fmt: skip


def _quote(texts: pd.Series, blank: str) -> pd.Series:
    plain = texts.str.replace(r"[\x00-\x1f\x7f]", "�", regex=True)
    cut = plain.where(plain.str.len() <= LONGEST_SHOWN, plain.str.slice(0, LONGEST_SHOWN - 1) + "…")
    return ('"' + cut + '"').fillna(blank)


def _nothing() -> pd.DataFrame:
    texts = {name: pd.Series([], dtype="str") for name in (COLUMN, VALUE, PROBLEM, SEVERITY)}
    return pd.DataFrame(dict.fromkeys((ROW, EXPECTATION), np.zeros(0, dtype=np.int64)) | texts)
