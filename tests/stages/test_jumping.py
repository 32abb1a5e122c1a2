from __future__ import annotations

import pandas as pd
import pytest

from ctct_etl.config.checks import Checks
from ctct_etl.config.mapping import Mapping
from ctct_etl.plan.field_figures import FieldFigures
from ctct_etl.stages.jumping import find_jumps, measure_fields

MAPPING = Mapping.model_validate({"fields": {"email": "E-mail", "phone.mobile": "Cell"}})


def figures(blank: int = 0, changed: int = 0, contacts: int = 100, matched: int = 100) -> FieldFigures:
    return FieldFigures(contacts, matched, {"phone.mobile": blank}, {"phone.mobile": changed})


def told(now: FieldFigures, before: FieldFigures | None) -> list[str]:
    return list(find_jumps(now, before, MAPPING))


def test_blanks_and_changes_are_counted_of_mapped_fields() -> None:
    contacts = pd.DataFrame({"email": ["a", "b", "c"], "phone.mobile": ["1", "", None], "@other": "x"}, dtype="str")
    assert measure_fields(contacts, MAPPING.fields, 2, {"phone.mobile": 1}) == FieldFigures(
        3, 2, {"phone.mobile": 2}, {"phone.mobile": 1}
    )


def test_a_field_that_is_suddenly_blank_is_told_with_both_shares() -> None:
    assert told(figures(blank=64), figures(blank=12, contacts=200)) == [
        'phone.mobile ("Cell") is blank for 64% of 100 contacts, and 6% of 200 in the last good run — see whether the '
        "column was emptied, renamed or moved"
    ]


def test_a_field_that_would_suddenly_change_is_told() -> None:
    (fault,) = told(figures(changed=40), figures(changed=2))
    assert fault.startswith('phone.mobile ("Cell") would change for 40% of 100 contacts, and 2% of 100 in the last')


@pytest.mark.parametrize(
    ("now", "before"),
    [
        (figures(blank=64, changed=64), None),  # a first run
        (figures(blank=21), figures(blank=12)),  # nine in a hundred more
        (figures(blank=90), figures(blank=75)),  # always mostly blank
        (figures(blank=10), figures(blank=64)),  # filled at last
        (figures(changed=29), figures(changed=10)),  # not three times as many
        (figures(blank=9, contacts=15), figures()),  # too few to say
        (figures(blank=20, contacts=100), figures(contacts=10)),
        (figures(blank=5, contacts=25), figures(contacts=25)),  # five people
        (figures(blank=64, changed=64), FieldFigures(100, 100, {}, {})),  # the mapping did not have it
    ],
)
def test_what_may_be_chance_is_told_nothing(now: FieldFigures, before: FieldFigures | None) -> None:
    assert told(now, before) == []


def test_the_look_can_be_turned_off() -> None:
    off, on = (MAPPING.model_copy(update={"checks": Checks(jumps=watch)}) for watch in ("off", "warn"))
    assert list(find_jumps(figures(blank=64), figures(), off)) == []
    assert len(list(find_jumps(figures(blank=64), figures(), on))) == 1
