from __future__ import annotations

import operator
import pickle
from functools import partial

import pytest

from ctct_etl.engine.pool import InProcess


def test_results_come_in_the_order_of_the_items_and_each_is_told():
    told: list[int] = []
    assert InProcess().map(partial(operator.sub, 10), [1, 5, 2], told.append) == [9, 5, 8]
    assert told == [1, 2, 3]


def test_what_could_not_be_sent_to_another_process_is_not_run_here_either():
    with pytest.raises((pickle.PicklingError, AttributeError)):
        InProcess().map(lambda item: item, [1])
