from __future__ import annotations

from ctct_etl.stages.given_names import GIVEN_NAMES


def test_given_names_are_lower_case_and_none_is_a_common_last_name() -> None:
    assert all(name == name.lower() for name in GIVEN_NAMES) and len(set(GIVEN_NAMES)) == len(GIVEN_NAMES)
    assert not {"james", "martin", "thomas", "scott", "kelly", "lee", "taylor"} & set(GIVEN_NAMES)
