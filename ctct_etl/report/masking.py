"""Addresses and values made unreadable, before anything is rendered: a plan as it may be shown to anybody.

A person stays the same person all over one report, and a value the same value: the same text has the same tag. Tags are
keyed with chance that is forgotten with the program: no list of addresses or names finds out whose they are. Names that
configs and the account give (fields, columns, lists, tags, files) are told; what a cell or a contact holds is not.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import pandas as pd

from ctct_etl.columns import AFTER, AGREED, BEFORE, EMAIL, FAILED, LIST, PROBLEM, REASON, TAG, VALUE, WON
from ctct_etl.plan.tables import Planned, PlanTables

Json = Mapping[str, Any]
DOTS = "•••"
_SHORTEST_TAG = 4
_COLUMN = re.compile(r'^([^"]*\bcolumn ".*?": )')
_QUOTED = re.compile(r'".*"', re.DOTALL)
# What may be an address wherever it stands, as a URL writes it too.
_ADDRESS = re.compile(r"[^\s\"'<>()\[\],;:|]+(?:@|%40)[^\s\"'<>()\[\],;|]+")
_PLAIN_ADDRESS = re.compile(r"^([^\s@])[^\s@]+@[^\s@]+\.([a-z]{2,3})$")
_EXPECTATION = "expectation: "
_FIGURE = re.compile(r"\d[\d.,:-]*\d|\d")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LONGEST_QUOTED = 40


def is_masked(text: str) -> bool:
    """Say whether the text is a masked value: nothing within it can be compared."""
    return text.startswith(DOTS)


class Mask:
    """Masks the texts of one report. key: chance, of which nothing is kept."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._tags: dict[str, str] = {}
        self._texts: dict[str, str] = {}

    def address(self, text: str) -> str:
        """`a•••@•••.com #3f2a`: the first letter and the ending, of an address in which neither tells who it is."""
        if not text:
            return ""
        shape = _PLAIN_ADDRESS.match(text)
        shown = f"{shape[1]}{DOTS}@{DOTS}.{shape[2]}" if shape else f"{DOTS}@{DOTS}" if "@" in text else DOTS
        return f"{shown} #{self._tag(text.strip().lower())}"

    def value(self, text: str) -> str:
        """`••• #9c1e`; blank is blank, since it says that something is set or cleared."""
        if not text.strip():
            return text
        return self.address(text) if "@" in text else f"{DOTS} #{self._tag(text)}"

    def words(self, text: str, value: str | None = None) -> str:
        """A sentence of ours without what it quotes, from the first quotation mark to the last; a column is named.

        value: what it is known to quote first, so that the rest of it can be told apart from the quoted.
        """
        column = _COLUMN.match(text)
        head = column[1] if column else ""
        rest = text[len(head) :]
        quoted = f'"{_as_quoted(value)}" ' if value else ""
        if value and rest.startswith(quoted):
            head, rest = f'{head}"{self.value(value)}" ', rest[len(quoted) :]
        return head + self._without_addresses(rest)

    def _without_addresses(self, text: str) -> str:
        """Without what stands between quotation marks either."""
        if quoted := _QUOTED.search(text):
            before, after = text[: quoted.start()], text[quoted.end() :]
            return f'{self._without_addresses(before)}"{self.value(quoted[0][1:-1])}"{self._without_addresses(after)}'
        return _ADDRESS.sub(lambda found: self.address(found[0]), text)

    def note(self, text: str) -> str:
        """A note or warning about all rows; what an expectation saw may be the largest value of a column."""
        told = self.words(text.removeprefix(_EXPECTATION))
        return _EXPECTATION + _FIGURE.sub(DOTS, told) if text.startswith(_EXPECTATION) else told

    def foreign(self, text: str) -> str:
        """Words of others: what of them is a value nobody can tell."""
        return f"(the service's own words, masked) #{self._tag(text)}" if text else ""

    def told(self, words: str, result: str) -> str:
        """Why somebody was not done: by the service's words, or by ours."""
        return self.foreign(words) if result == FAILED else self.words(words)

    def column(self, values: pd.Series, how: str = "value") -> pd.Series:
        """A column of str, missing where it is missing; each different text is masked once."""
        mask = getattr(self, how)
        masks = {text: mask(text) for text in values.dropna().unique().tolist()}
        return values.map(masks).astype("str").where(values.notna())

    def _tag(self, text: str) -> str:
        """As short as it can be told from all others of this report."""
        if text not in self._tags:
            digits = hmac.new(self._key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
            size = next(n for n in range(_SHORTEST_TAG, len(digits)) if digits[:n] not in self._texts)
            self._tags[text] = digits[:size]
            self._texts[digits[:size]] = text
        return self._tags[text]


def _as_quoted(value: str) -> str:
    """As stages/problems.py quotes a value."""
    shown = _CONTROL.sub("�", value)
    return shown if len(shown) <= _LONGEST_QUOTED else shown[: _LONGEST_QUOTED - 1] + "…"


class MaskedPlan:
    """A plan of which every number is as it was, and no address or value can be read."""

    def __init__(self, plan: Planned, mask: Mask) -> None:
        self._plan = plan
        self._mask = mask

    @cached_property
    def manifest(self) -> Json:
        """Warnings and notes may quote; all else are counts, and names of ours, of configs, of the account."""
        manifest = self._plan.manifest
        source = {**manifest["source"], "notes": [self._mask.note(str(each)) for each in manifest["source"]["notes"]]}
        return {**manifest, "source": source, "warnings": [self._mask.note(each) for each in manifest["warnings"]]}

    @property
    def rows(self) -> pd.DataFrame:
        return self._hide(self._plan.rows)

    def row_parts(self) -> Iterator[pd.DataFrame]:
        return map(self._hide, self._plan.row_parts())

    def _hide(self, rows: pd.DataFrame) -> pd.DataFrame:
        mask = self._mask
        return rows.assign(**{EMAIL: mask.column(rows[EMAIL], "address"), REASON: mask.column(rows[REASON], "words")})

    @property
    def problems(self) -> pd.DataFrame:
        return mask_problems(self._plan.problems, self._mask)

    @property
    def edits(self) -> pd.DataFrame:
        return _mask_values(self._plan.edits, (BEFORE, VALUE, AGREED), self._mask)

    @property
    def collisions(self) -> pd.DataFrame:
        return _mask_values(self._plan.collisions, (VALUE, WON, AFTER), self._mask)

    def windows(self) -> Iterator[PlanTables]:
        for tables in self._plan.windows():
            actions, changes, mask = tables.actions, tables.changes, self._mask
            yield replace(
                tables,
                actions=actions.assign(
                    **{EMAIL: mask.column(actions[EMAIL], "address"), REASON: mask.column(actions[REASON], "words")}
                ),
                changes=changes.assign(**{name: mask.column(changes[name]) for name in (BEFORE, AFTER)}),
            )


def _mask_values(table: pd.DataFrame, names: Sequence[str], mask: Mask) -> pd.DataFrame:
    return table.assign(**{name: mask.column(table[name]) for name in names})


def mask_problems(problems: pd.DataFrame, mask: Mask) -> pd.DataFrame:
    """VALUE and PROBLEM of a table of problems."""
    pairs = zip(problems[PROBLEM], problems[VALUE], strict=True)
    told = [mask.words(problem, value if isinstance(value, str) else None) for problem, value in pairs]
    return problems.assign(
        **{VALUE: mask.column(problems[VALUE]), PROBLEM: pd.Series(told, problems.index, dtype="str")}
    )


def mask_outcome(outcome: Json | None, mask: Mask) -> Json | None:
    """What became of a plan: `outcome.json`; None for a plan that was not applied."""
    return None if outcome is None else _mask_told(outcome, mask)


def mask_rehearsal(told: Json, mask: Mask) -> Json:
    """What would come of a plan: `rehearsal.json`."""
    return {**_mask_told(told, mask), "outside": [_mask_difference(one, mask) for one in told["outside"]]}


def _mask_told(outcome: Json, mask: Mask) -> dict[str, Any]:
    not_done = [
        {**one, "address": mask.address(one["address"]), "words": mask.told(one["words"], one["result"])}
        for one in outcome["not_done"]
    ]
    verification = outcome.get("verification")
    if verification:
        differences = [_mask_difference(one, mask) for one in verification.get("differences", ())]
        verification = {**verification, "differences": differences}
    stopped = mask.words(outcome["stopped"])
    return {**outcome, "stopped": stopped, "not_done": not_done, "verification": verification}


def _mask_difference(one: Json, mask: Mask) -> dict[str, str]:
    """Address, field, and two values; of a list or a tag these are names."""
    masked = {key: text if one["field"] in (LIST, TAG) else mask.value(text) for key, text in one.items()}
    return {**masked, "address": mask.address(one["address"]), "field": one["field"]}
