from collections import defaultdict

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from ctct_etl.account.grouping import sets_of
from ctct_etl.account.v3.grouping import jobs_of
from ctct_etl.columns import CONTACT, NAME

NAMES = [f"L{n}" for n in range(60)]


def laid_out(wanted):
    rows = [(at, name) for at, names in wanted for name in names]
    table = pd.DataFrame(rows, columns=[CONTACT, NAME]).astype({CONTACT: "int64", NAME: "category"})
    return [(names, contacts.tolist()) for names, contacts in jobs_of(table, 1_001)]


sets = st.lists(st.sets(st.sampled_from(NAMES[:5])), max_size=12)


@given(sets)
def test_contacts_share_a_number_exactly_when_they_share_their_names(wanted):
    rows = [(at, name) for at, names in enumerate(wanted) for name in sorted(names, reverse=True)]
    table = pd.DataFrame(rows, columns=[CONTACT, NAME]).astype({CONTACT: "int64", NAME: "category"})
    of, known = sets_of(table, len(wanted))
    assert [set(known[number]) for number in of] == wanted
    assert known[0] == ()
    assert len(set(known)) == len(known)


@given(sets)
def test_jobs_carry_each_contact_for_each_of_its_names_once(wanted):
    jobs = laid_out(enumerate(wanted))
    carried = defaultdict(list)
    for names, contacts in jobs:
        for contact in contacts:
            carried[contact] += names
    assert {contact: sorted(names) for contact, names in carried.items()} == {
        at: sorted(names) for at, names in enumerate(wanted) if names
    }


def test_jobs_stay_within_five_hundred_contacts_and_fifty_names():
    jobs = laid_out((n, NAMES) for n in range(1_001))
    assert sorted((len(names), len(contacts)) for names, contacts in jobs) == [
        (10, 1), (10, 500), (10, 500), (50, 1), (50, 500), (50, 500),
    ]  # fmt: skip


def test_the_grouping_with_fewer_jobs_is_taken():
    assert laid_out((n, ["A", "B"]) for n in range(10)) == [(("A", "B"), list(range(10)))]
    assert laid_out([(1, ["A"]), (2, ["B"]), (3, ["A", "B"])]) == [(("A",), [1, 3]), (("B",), [2, 3])]
    assert len(laid_out([(0, ["A", "0"]), (1, ["A", "1"]), (2, ["A"])])) == 3
