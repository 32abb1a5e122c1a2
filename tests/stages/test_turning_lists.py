from __future__ import annotations

import pytest

from ctct_etl import columns as c
from tests.account.plans import Act
from tests.stages.turning import ANN, moved, only, turned


def test_a_list_that_the_run_added_is_taken_off_while_the_contact_is_on_it():
    act = Act(ANN, c.UPDATE, add=["News", "Club"])
    assert moved(turned(act, {"lists": ["News"]})) == [("News", "remove")]


def test_a_list_that_the_run_took_off_is_put_back():
    found = turned(Act(ANN, c.REMOVE, remove=["News"]), {})
    assert (only(found)[0], moved(found)) == ("update", [("News", "add")])


def test_nobody_is_put_back_on_a_list_left_since():
    found = turned(Act(ANN, c.REMOVE, remove=["News"]), {}, left=[(ANN, "News")])
    assert only(found) == ("skip", "not put back on the list News: the person has left it since")


@pytest.mark.parametrize("status", c.FIELDS_ONLY_STATUSES)
def test_nobody_is_put_back_whose_permission_forbids_it(status):
    found = turned(Act(ANN, c.REMOVE, remove=["News"]), {c.STATUS: status})
    assert only(found) == ("skip", "not put back on the list News: the contact may not be put on a list")


def test_a_list_that_is_gone_is_told():
    found = turned(Act(ANN, c.REMOVE, remove=["Old"]), {})
    assert only(found) == ("skip", "not put back on the list Old: the account has no such list any more")
    assert found.gone_lists == {"Old"}


def test_an_import_may_ride_only_on_lists_that_the_contact_is_not_taken_off():
    act = Act(ANN, c.UPDATE, {"first_name": ("Ann", "Anna")}, add=["News"], wanted=["News", "Club"])
    found = turned(act, {"first_name": "Anna", "lists": ["News", "Club"]})
    assert found.tables.wanted[c.NAME].tolist() == ["Club"]


def test_tags_stay_and_are_counted():
    found = turned(Act(ANN, c.UPDATE, tags=["vip"]), {"tags": ["vip"]})
    assert (found.tags, found.unchanged) == ({"vip": 1}, 1)
