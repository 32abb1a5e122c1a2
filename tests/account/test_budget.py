import multiprocessing
import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest

from ctct_etl.account.budget import Budget
from ctct_etl.errors import QuotaUsedUp, StateError

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def budget(path, per_day=3, client="key", now=NOON):
    return Budget(path / "requests.sqlite", client, per_day, lambda: now)


def spend(counter, times):
    for _ in range(times):
        counter.spend()


def test_the_day_ends_when_its_requests_are_spent_and_nothing_more_is_counted(tmp_path):
    counter = budget(tmp_path)
    spend(counter, 3)
    for _ in range(2):
        with pytest.raises(QuotaUsedUp) as refused:
            counter.spend()
    assert refused.value.resume_at == "2026-11-24T00:00:00Z"
    assert (counter.used(), counter.left()) == (3, 0)
    counter.close()


def test_the_count_outlives_the_process_that_counted(tmp_path):
    first = budget(tmp_path)
    spend(first, 2)
    first.close()
    second = budget(tmp_path)
    assert second.used() == 2
    second.close()


def test_the_day_is_that_of_utc(tmp_path):
    yesterday = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    same_day = datetime(2026, 11, 23, 18, 30, tzinfo=timezone(timedelta(hours=-5)))  # 23:30 UTC
    next_day = datetime(2026, 11, 23, 19, 30, tzinfo=timezone(timedelta(hours=-5)))  # 00:30 UTC
    for now, used in ((yesterday, 0), (same_day, 1), (next_day, 0)):
        counter = budget(tmp_path, now=now)
        assert counter.used() == used
        counter.spend()
        counter.close()


def test_keys_have_their_own_count_and_are_not_written_down(tmp_path):
    ours, theirs = budget(tmp_path, client="our-key"), budget(tmp_path, client="their-key")
    spend(ours, 2)
    assert (ours.used(), theirs.used()) == (2, 0)
    ours.close()
    theirs.close()
    assert b"our-key" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_without_a_limit_requests_are_counted_all_the_same(tmp_path):
    counter = budget(tmp_path, per_day=None)
    spend(counter, 5)
    assert (counter.used(), counter.left()) == (5, None)
    counter.close()


def test_a_limit_of_nothing_lets_nothing_pass(tmp_path):
    counter = budget(tmp_path, per_day=0)
    with pytest.raises(QuotaUsedUp):
        counter.spend()
    counter.close()


def test_threads_never_spend_more_than_there_is(tmp_path):
    counter = budget(tmp_path, per_day=50)

    def try_to_spend(_):
        try:
            counter.spend()
        except QuotaUsedUp:
            return 0
        return 1

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(try_to_spend, range(80))) == 50
    counter.close()


def _spend_all(path):
    counter = Budget(path, "key", 60, lambda: NOON)
    count = 0
    try:
        while True:
            counter.spend()
            count += 1
    except QuotaUsedUp:
        return count
    finally:
        counter.close()


def test_processes_share_one_count(tmp_path):
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert sum(pool.map(_spend_all, [tmp_path / "requests.sqlite"] * 2)) == 60


def test_the_file_is_readable_by_its_owner_only(tmp_path):
    budget(tmp_path / "new").close()
    assert stat.S_IMODE((tmp_path / "new" / "requests.sqlite").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_a_place_that_can_not_be_written_is_an_error_that_says_so(tmp_path):
    (tmp_path / "requests.sqlite").mkdir()
    with pytest.raises(StateError, match=r"requests\.sqlite"):
        budget(tmp_path)


@pytest.mark.parametrize("ask", [Budget.spend, Budget.used, Budget.left])
def test_a_count_that_was_taken_away_meanwhile_is_an_error_that_says_so(tmp_path, ask):
    counter = budget(tmp_path)
    with sqlite3.connect(tmp_path / "requests.sqlite") as other:
        other.execute("DROP TABLE requests")
    other.close()
    with pytest.raises(StateError, match="mend the state directory"):
        ask(counter)
    counter.close()
