import pytest

from ctct_etl.account.v3.costing import departure_reads, import_cost, pages_of


@pytest.mark.parametrize(("items", "pages"), [(0, 1), (1, 1), (500, 1), (501, 2), (100_000, 200)])
def test_a_page_holds_five_hundred_and_an_empty_one_is_read_too(items, pages):
    assert pages_of(items) == pages


def test_who_left_is_asked_for_by_two_queries_and_the_pages_of_the_deleted():
    assert (departure_reads(0), departure_reads(1_200)) == (3, 5)


def test_an_import_costs_its_reads_its_job_its_polls_and_a_request_for_every_500_read_back():
    assert (import_cost(1), import_cost(500), import_cost(501), import_cost(0)) == (10, 10, 11, 0)


def test_a_second_job_costs_its_own_reads_and_polls():
    assert import_cost(39_001) == 2 * 9 + 79


def test_an_import_over_members_costs_the_pages_of_the_list_before_each_job():
    assert import_cost(39_001, pages_of(100_000)) == 2 * (200 + 5) + 79
