from __future__ import annotations

import pyarrow as pa
import pytest

from ctct_etl.stages.arrow import TEXT
from ctct_etl.stages.misplaced_values import suspect_places

CURE = " — see whether the row is shifted, or the mapping names another column"


def told(field: str, text: str | None) -> str | None:
    (found,) = suspect_places(pa.array([text], TEXT), field).to_pylist()
    return found and found.removesuffix(CURE)


@pytest.mark.parametrize(
    ("field", "text", "why"),
    [
        ("first_name", "ann@example.org", "holds an e-mail address"),
        ("last_name", "Lee <ann@example.org>", "holds an e-mail address"),
        ("job_title", "ann@example.org", "holds an e-mail address"),
        ("company_name", "ann@example.org", "holds an e-mail address"),
        ("address.home.street", "ann@example.org", "holds an e-mail address"),
        ("address.work.city", "ann@example.org", "holds an e-mail address"),
        ("first_name", "12 Main St", "reads like the street of a postal address"),
        ("last_name", "7b Hill Road", "reads like the street of a postal address"),
        ("first_name", "02139", "has digits and no letter"),
        ("last_name", "(415) 555-2671", "has digits and no letter"),
        ("address.home.city", "02139-4307", "has digits and no letter"),
        ("address.other.state", "02139", "has digits and no letter"),
        ("address.home.postal_code", "Boston", "has letters and no digit"),
        ("address.home.postal_code", "São Paulo", "has letters and no digit"),
    ],
)
def test_a_value_that_belongs_elsewhere_is_told(field: str, text: str, why: str) -> None:
    assert told(field, text) == why


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("first_name", "Ann"),
        ("first_name", "X Æ A-12"),
        ("first_name", "Ann (2)"),
        ("first_name", "陽子"),
        ("first_name", "@ann"),
        ("first_name", "2nd Lt. Ann Lee"),
        ("last_name", "Lee 3rd"),
        ("last_name", "O'Neil"),
        ("job_title", "1st Officer"),
        ("job_title", "2"),
        ("company_name", "3M"),
        ("company_name", "1800"),
        ("company_name", "Books @ Home"),
        ("address.home.street", "12 Main St"),
        ("address.home.street", "42"),
        ("address.home.city", "100 Mile House"),
        ("address.home.city", "Praha 1"),
        ("address.home.city", "Paris 75001"),
        ("address.home.state", "75"),
        ("address.home.state", "MA"),
        ("address.home.postal_code", "02139"),
        ("address.home.postal_code", "SW1A 1AA"),
        ("address.home.postal_code", "FIQQ 1ZZ"),
        ("address.home.postal_code", "-"),
        ("custom.Second Mail", "ann@example.org"),
        ("custom.Member No", "02139"),
        ("note", "ask ann@example.org"),
        ("first_name", None),
    ],
)
def test_what_the_field_may_well_hold_is_silent(field: str, text: str | None) -> None:
    assert told(field, text) is None
