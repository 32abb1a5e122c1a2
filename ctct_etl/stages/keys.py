"""What two writings of one value share: both sides of the diff are compared by it, never by how they are written."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.columns import ADDRESS_PREFIX, ANNIVERSARY, BIRTHDAY, EMAIL, PHONE_PREFIX
from ctct_etl.plan.snapshot import CustomField
from ctct_etl.stages.arrow import arrow, replace, series, truths
from ctct_etl.stages.custom_values import parse_custom
from ctct_etl.stages.dates import parse_birthdays, parse_days
from ctct_etl.stages.phones import phone_keys
from ctct_etl.stages.places import country_keys, state_keys

# The writings of a date that the service documents for what it is sent (fact sheet 3.1), and so may hold.
_DATES = ("%Y-%m-%d", "%m/%d/%Y", "%Y/%m/%d", "%m-%d-%Y")


def comparison_key(field: str, values: pd.Series, custom: CustomField | None) -> pd.Series:
    """Return the key of every value; "" and NaN are kept. What can't be read is its own key.

    phone: its digits, without the 1 of North America · date: its day · country, state: its code · address: lower case ·
    custom fields by type: a number without needless zeros, true or false, choices as a sorted set · text: as it is.
    """
    plain = arrow(values)
    keys = _keys(field, plain, custom)
    return values if keys is plain else series(keys).set_axis(values.index)


def _keys(field: str, values: pa.Array, custom: CustomField | None) -> pa.Array:
    if field.startswith(PHONE_PREFIX):
        return phone_keys(values)
    if field == EMAIL:
        return pc.utf8_lower(values)
    if field == BIRTHDAY:
        return _known(parse_birthdays(values).values, values)
    if field == ANNIVERSARY:
        return _known(parse_days(values, _DATES).values, values)
    if field.startswith(ADDRESS_PREFIX) and field.endswith(".country"):
        return country_keys(values)
    if field.startswith(ADDRESS_PREFIX) and field.endswith(".state"):
        return state_keys(values)
    if custom is None or custom.type in ("string", "text_area"):
        return values
    return _custom_keys(values, custom)


def _custom_keys(values: pa.Array, custom: CustomField) -> pa.Array:
    known = _known(parse_custom(values, custom, _DATES if custom.type == "date" else ()).values, values)
    if custom.type in ("number", "currency"):
        decimal = pc.match_substring(known, ".")
        return pc.if_else(decimal, pc.utf8_rtrim(pc.utf8_rtrim(known, "0"), "."), known)
    return known


def _known(found: pa.Array, values: pa.Array) -> pa.Array:
    return replace(found, truths(found.is_null()), values)
