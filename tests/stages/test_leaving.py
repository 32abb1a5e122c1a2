from __future__ import annotations

import numpy as np
import pandas as pd

from ctct_etl.columns import CONTACT, READD
from ctct_etl.stages.leaving import find_left, part_left, tell_left, tell_readded
from ctct_etl.stages.matching import match_contacts
from tests.tables import desired, memberships, snapshot

ANN, BOB = "ann@example.com", "bob@example.com"


def memory(*held: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(held, columns=["email", "name"], dtype="str")


def left(added: list, remembered: pd.DataFrame | None, known: tuple[str, ...] = (ANN, BOB)) -> list[bool]:
    people = desired([{"email": ANN}, {"email": BOB}])
    match = match_contacts(people, snapshot([{"email": address} for address in known]).contacts)
    return find_left(memberships(added), people, match, remembered).tolist()


def test_a_list_that_the_contact_was_on_before_counts_as_left():
    assert left([(0, "list", "News"), (0, "list", "Trips"), (1, "list", "News")], memory((ANN, "News"))) == [
        True, False, False]  # fmt: skip


def test_a_tag_of_the_same_name_is_no_list():
    assert left([(0, "tag", "News")], memory((ANN, "News"))) == [False]


def test_on_a_first_run_nobody_is_known_to_have_left():
    assert left([(0, "list", "News")], None) == [False]
    assert left([(0, "list", "News")], memory()) == [False]


def test_whom_the_account_does_not_have_has_left_nothing():
    assert left([(0, "list", "News")], memory((ANN, "News")), known=(BOB,)) == [False]


def test_what_was_left_is_added_again_only_where_a_rule_says_so():
    added = memberships([(0, "list", "News"), (1, "list", "News"), (2, "list", "News")])
    added = added.assign(**{READD: [True, False, True]})
    kept, departed = part_left(added, np.array([True, True, False]))
    assert kept[[CONTACT, READD]].to_numpy().tolist() == [[0, True], [2, False]]
    assert departed[CONTACT].tolist() == [1]


def test_the_lists_that_a_contact_left_are_told_together():
    words = tell_left(memberships([(1, "list", "News"), (1, "list", "Trips")]), 3)
    assert words.tolist() == ["", "left the list News, Trips: not added again", ""]
    words = tell_readded(memberships([(1, "list", "News")]), 2)
    assert words.tolist() == ["", "left the list News: added again (readd)"]
