"""The names of the fields on the wire are complete, and so are their limits and columns."""

from __future__ import annotations

import pytest

from ctct_etl.account.v1.wire import BULK_COLUMNS, LONGEST, WIRE_NAMES, custom_fields_of, describe_v1
from ctct_etl.columns import CUSTOM_PREFIX, EMAIL, NOTE, V1_FIELDS


def test_every_field_that_a_mapping_can_name_has_an_element_and_a_longest_value() -> None:
    assert set(WIRE_NAMES) == set(LONGEST) == V1_FIELDS
    assert set(describe_v1({}).fields) == V1_FIELDS | {CUSTOM_PREFIX}
    assert len(set(WIRE_NAMES.values())) == len(WIRE_NAMES)


def test_no_column_of_an_activity_is_for_a_field_that_there_is_not() -> None:
    assert set(BULK_COLUMNS) < V1_FIELDS
    assert NOTE not in BULK_COLUMNS
    assert BULK_COLUMNS[EMAIL] == "EMAIL ADDRESS"


@pytest.mark.parametrize("number", [1, 15])
def test_a_custom_field_goes_by_its_number(number: int) -> None:
    (custom,) = custom_fields_of({"Level": number}).values()
    assert (custom.id, custom.label, custom.type, custom.name) == (
        str(number), "Level", "string", f"CUSTOM FIELD {number}",
    )  # fmt: skip
