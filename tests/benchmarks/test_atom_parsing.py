"""Reading documents: every way reads the same, ours is among the fast ones, and no document stays in memory."""

import pytest

from benchmarks.atom_parsing import WAYS, make_feed, make_feeds, make_singles, measure_memory, read_ours, time_ways


@pytest.mark.parametrize("make", [make_feeds, make_singles])
def test_every_way_reads_the_same(make):
    assert set(time_ways(make, 150)) == set(WAYS)


def test_a_way_that_reads_something_else_gets_no_time(monkeypatch):
    monkeypatch.setitem(WAYS, "wrong", lambda content: read_ours(content)[1:])
    with pytest.raises(AssertionError, match="wrong reads something else"):
        time_ways(make_feeds, 100)


def test_the_contacts_are_what_is_asked_for():
    contacts = read_ours(make_feed(range(7, 57)))
    assert [contact[0] for contact in contacts] == [f"/ws/customers/acme/contacts/{number}" for number in range(7, 57)]
    assert contacts[0][2]["LastName"] == "Müller & Co" and len(contacts[1][3]) == 3


def test_no_page_stays_in_memory():
    grown, _ = measure_memory(5_000)
    assert grown < 4 * 1024  # kB; 100 pages are 15 MB


@pytest.mark.proof
@pytest.mark.parametrize("make", [make_feeds, make_singles])
def test_ours_takes_at_most_half_as_long_again_as_the_fastest(make):
    micros = time_ways(make, 10_000)
    assert micros["ours"] <= 1.5 * min(micros.values()), micros
