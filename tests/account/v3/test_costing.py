from ctct_etl.account.v3.costing import activity_cost, import_cost


def test_an_import_costs_its_reads_its_job_its_polls_and_a_request_for_every_500_read_back():
    assert (import_cost(1), import_cost(500), import_cost(501), import_cost(0)) == (11, 11, 12, 0)


def test_a_second_job_costs_its_own_reads_and_polls():
    assert import_cost(39_001) == 2 * 10 + 79


def test_a_change_of_lists_costs_a_job_for_every_500():
    assert (activity_cost(500, True), activity_cost(501, True), activity_cost(500, False)) == (8, 16, 5)
