from __future__ import annotations

import pytest

from ctct_etl.columns import RESULTS
from ctct_etl.report.headline import say_cost, say_mails, write_headline, write_summary
from ctct_etl.report.shapes import ActionCount, Cost


def actions(*planned: int, done: tuple[int, ...] = ()) -> list[ActionCount]:
    """Creates, updates, removes; and how many of each are done, when there was an apply."""
    verbs = ("create", "update", "remove")
    if not done:
        return [ActionCount(verb, count, None) for verb, count in zip(verbs, planned, strict=False)]
    return [
        ActionCount(verb, count, dict.fromkeys(RESULTS, 0) | {"done": finished, "pending": count - finished})
        for verb, count, finished in zip(verbs, planned, done, strict=False)
    ]


PLANNED = [
    (actions(312, 301), "312 people would be added and 301 changed."),
    (actions(1, 0, 2), "1 person would be added and 2 taken off lists."),
    (actions(0, 1), "1 person would be changed."),
    (actions(4_000, 2, 1), "4,000 people would be added, 2 changed and 1 taken off lists."),
    (actions(), "Nothing to do: the account already says what the source says."),
]


@pytest.mark.parametrize(("counts", "words"), PLANNED)
def test_a_plan_says_what_would_happen_to_how_many_people(counts, words):
    assert write_headline("planned", counts) == words


def test_a_stopped_plan_says_first_that_nothing_was_sent():
    assert write_headline("stopped", actions(5)) == "Stopped before anything was sent. 5 people would have been added."


def test_a_finished_apply_says_what_was_done():
    whole = actions(3, 1, done=(3, 1))
    assert write_headline("done", whole) == "3 people were added and 1 changed."
    assert write_headline("done", actions(1, done=(1,))) == "1 person was added."


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("interrupted", "Interrupted: 2 people were added; 3 people still to do."),
        ("quota", "The day's requests are used up: 2 people were added; 3 people still to do."),
        ("failed", "Failed: 2 people were added; 3 people still to do."),
    ],
)
def test_an_unfinished_apply_says_how_far_it_came(state, words):
    assert write_headline(state, actions(3, 2, done=(2, 0))) == words


def test_an_apply_in_part_counts_those_it_could_not_do():
    results = dict.fromkeys(RESULTS, 0) | {"done": 1, "failed": 1, "conflict": 1}
    sentence = write_headline("part", [ActionCount("update", 3, results)])
    assert sentence == "Done in part: 1 person was changed; 2 people not done: see the list below."


def test_nobody_done_is_said_too():
    assert write_headline("failed", actions(2, done=(0,))) == "Failed: nobody was changed; 2 people still to do."


def test_welcome_mails_alone_are_told_as_the_most_that_they_may_be():
    assert say_mails({"welcome": 1, "confirmation": 0}) == (
        "Up to 1 welcome mail to people, as far as their lists have one."
    )


def test_mails_are_told_for_both_settings_that_the_account_may_have():
    assert say_mails({"welcome": 0, "confirmation": 0}) == "No mail goes out to anyone."
    assert (
        say_mails({"welcome": 5, "confirmation": 1})
        == "1 confirmation mail to people, if the account has people confirm; if not, 5 welcome mails, as far as their "
        "lists have one."
    )


@pytest.mark.parametrize(
    ("cost", "words"),
    [
        (Cost({}, 31, 0.4, 9000, None), "31 requests, under a minute; 9,000 are left today."),
        (Cost({}, 1, 12.4, None, None), "1 request, about 12 minutes."),
        (Cost({}, 30_000, 125.0, 10_000, None), "30,000 requests, about 2.1 hours; 10,000 are left today."),
        (Cost({}, 0, 0, 9000, None), "No requests."),
        (Cost({}, 31, 0.4, 9000, 33), "33 requests used."),
    ],
)
def test_the_cost_is_said_in_requests_and_time(cost, words):
    assert say_cost(cost) == words


def test_the_summary_says_how_many_rows_did_not_make_it():
    cost = Cost({}, 0, 0, None, None)
    assert write_summary((), {}, cost, 90, 5000)[-1] == "90 of 5,000 rows did not make it."
    assert write_summary((), {}, cost, 0, 5000)[-1] == "None of 5,000 rows was rejected."


def test_a_revert_is_told_as_one():
    assert write_headline("planned", actions(0, 2, 1), reverts="r1") == (
        "2 people would be changed back and 1 taken off lists again."
    )
    deleted = write_headline("done", actions(0, 0, 3, done=(0, 0, 3)), reverts="r1", deletes=True)
    assert deleted == "3 people were deleted or taken off lists again."
    assert write_headline("planned", actions(), reverts="r1").startswith("Nothing to take back: ")
