from __future__ import annotations

import pytest

from ctct_etl import columns
from ctct_etl.config.pipeline import Guards
from ctct_etl.report import wording


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("email", "E-mail"),
        ("first_name", "First name"),
        ("phone.mobile", "Mobile phone"),
        ("address.home.postal_code", "Home postal code"),
        ("address.work.street2", "Work street, line 2"),
        ("custom.Member Level", "Member Level"),
        ("list", "List"),
    ],
)
def test_fields_are_said_in_words(field, words):
    assert wording.say_field(field) == words


def test_no_two_fields_are_said_alike():
    assert len({wording.say_field(field) for field in columns.CONTACT_FIELDS}) == len(columns.CONTACT_FIELDS)


def test_every_outcome_action_result_and_guard_has_words():
    assert set(wording.OUTCOME_WORDS) == set(wording.OUTCOME_MEANINGS) == set(columns.ROW_OUTCOMES)
    assert set(wording.ACTION_WORDS) == set(columns.ACTIONS)
    assert set(wording.RESULT_WORDS) == set(columns.RESULTS)
    assert set(Guards.model_fields) <= set(wording.GUARD_WORDS)


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0.0, "under a minute"), (1.2, "about 1 minute"), (42.0, "about 42 minutes"), (150.0, "about 2.5 hours")],
)
def test_time_is_said_roughly(minutes, words):
    assert wording.say_minutes(minutes) == words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-11-23T22:45:01Z", "23 November 2026, 22:45 UTC"),
        ("2026-11-23T22:45:01+00:00", "23 November 2026, 22:45 UTC"),
        ("2026-11-23T22:45:01-05:00", "23 November 2026, 22:45 -0500"),
        ("2026-11-03T02:05:01", "3 November 2026, 02:05"),
        ("", ""),
        ("yesterday", "yesterday"),
    ],
)
def test_moments_are_said_as_a_person_says_them(moment, words):
    assert wording.say_moment(moment) == words


def test_lists_of_words_read_as_a_sentence():
    assert [wording.say_all(["a", "b", "c"][:count]) for count in range(4)] == ["", "a", "a and b", "a, b and c"]
