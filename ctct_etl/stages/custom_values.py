"""Custom fields, by the type that the account defines. What comes out is what will be sent, and shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.plan.snapshot import CustomField, CustomType
from ctct_etl.stages.arrow import join
from ctct_etl.stages.checked import Checked, check_distinct, check_each
from ctct_etl.stages.dates import parse_days, parse_moments

_CURE = " — correct the cell"
_MOST_NAMED = 8
_TRUE = frozenset({"true", "t", "yes", "y", "1", "on", "x"})
_FALSE = frozenset({"false", "f", "no", "n", "0", "off"})
_NUMBER = re.compile(r"^([+-]?)(\d+|\d{1,3}(?:,\d{3})+)?(\.\d+)?$")
_CURRENCY = "$€£¥"
SEPARATOR = ";"
_TO_SECONDS = len("YYYY-MM-DDTHH:MM:SS")

Check = Callable[[str], tuple[str | None, str | None]]


def parse_custom(values: pa.Array, custom: CustomField, formats: Sequence[str]) -> Checked:
    """Read the values of a custom field: text as it is, dates as YYYY-MM-DD, times as YYYY-MM-DDTHH:MM:SSZ,
    numbers plain, true or false, choices by the account's label (several with ";" between them, in its order).
    """
    if custom.type == "date":
        return parse_days(values, formats)
    if custom.type == "datetime":
        read = parse_moments(values, formats)
        return read._replace(values=join(pc.utf8_slice_codeunits(read.values, 0, _TO_SECONDS), "Z"))
    check = _check_for(custom)
    return Checked(values) if check is None else check_distinct(values, partial(check_each, check=check))


def _check_for(custom: CustomField) -> Check | None:
    if custom.type == "single_select":
        return partial(_read_choice, labels=_labels(custom))
    if custom.type == "multi_select":
        return partial(_read_choices, labels=_labels(custom))
    return _PLAIN.get(custom.type)


def _labels(custom: CustomField) -> Mapping[str, str]:
    return {label.strip().casefold(): label for label in custom.choices}


def _read_number(text: str) -> tuple[str | None, str | None]:
    match = _NUMBER.match(text)
    if match is None or (match[2] is None and match[3] is None):
        return None, f"is not a number such as 1234.5{_CURE}"
    number = Decimal(f"{match[1]}{(match[2] or '0').replace(',', '')}{match[3] or ''}")
    return f"{number:f}" if number else "0", None


def _read_currency(text: str) -> tuple[str | None, str | None]:
    sign, rest = ("-", text[1:]) if text.startswith("-") else ("", text)
    return _read_number(sign + rest.strip(f"{_CURRENCY} "))


def _read_boolean(text: str) -> tuple[str | None, str | None]:
    folded = text.casefold()
    if folded in _TRUE or folded in _FALSE:
        return "true" if folded in _TRUE else "false", None
    return None, f"is neither yes nor no{_CURE}"


def _read_choice(text: str, labels: Mapping[str, str]) -> tuple[str | None, str | None]:
    label = labels.get(text.strip().casefold())
    return (label, None) if label is not None else (None, f"is none of the account's choices: {_name(labels)}{_CURE}")


def _read_choices(text: str, labels: Mapping[str, str]) -> tuple[str | None, str | None]:
    wanted = {part.strip().casefold() for part in text.split(SEPARATOR)} - {""}
    unknown = sorted(wanted - labels.keys())
    if unknown:
        return None, f'names "{unknown[0]}", none of the account\'s choices: {_name(labels)}{_CURE}'
    return SEPARATOR.join(label for folded, label in labels.items() if folded in wanted), None


def _name(labels: Mapping[str, str]) -> str:
    shown = list(labels.values())
    return ", ".join(shown[:_MOST_NAMED]) + (", …" if len(shown) > _MOST_NAMED else "")


_PLAIN: Mapping[CustomType, Check] = {"number": _read_number, "currency": _read_currency, "boolean": _read_boolean}
