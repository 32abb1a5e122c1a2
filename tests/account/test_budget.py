import hashlib
import multiprocessing
import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from ctct_etl.account.budget import Budget, meant_day
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
    with pytest.raises(StateError, match="choose another state directory"):
        ask(counter)
    counter.close()


# -- the clock is set --------------------------------------------------------------------------------------------------


class Clock:
    def __init__(self, now=NOON):
        self.now = now

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def counter(tmp_path, clock):
    opened = Budget(tmp_path / "requests.sqlite", "key", 10, clock)
    yield opened
    opened.close()


@pytest.mark.parametrize("back", [timedelta(hours=13), timedelta(days=1), timedelta(days=2), timedelta(days=9000)])
def test_a_clock_that_is_set_back_gives_nothing_back(counter, clock, back):
    spend(counter, 4)
    clock.now -= back
    assert (counter.used(), counter.left()) == (4, 6)
    spend(counter, 6)
    with pytest.raises(QuotaUsedUp):
        counter.spend()


@pytest.mark.parametrize("back", [timedelta(hours=13), timedelta(days=1)])
def test_what_was_sent_by_a_clock_set_back_is_still_counted_when_it_is_set_right(counter, clock, back):
    spend(counter, 4)
    clock.now -= back
    spend(counter, 2)
    clock.now = NOON
    assert counter.used() == 6


def test_a_clock_that_ran_ahead_for_years_keeps_what_was_sent_and_holds_nobody_up_on_the_next_day(counter, clock):
    spend(counter, 2)
    clock.now += timedelta(days=3000)
    spend(counter, 3)
    clock.now = NOON
    assert counter.used() == 5
    clock.now += timedelta(days=1)
    assert counter.used() == 0


def test_a_clock_that_ran_a_day_ahead_counts_for_that_day_until_it_is_over(counter, clock):
    clock.now += timedelta(days=1)
    spend(counter, 3)
    clock.now = NOON
    assert counter.spend() == date(2026, 11, 24)
    spend(counter, 6)
    with pytest.raises(QuotaUsedUp) as stopped:
        counter.spend()
    assert stopped.value.resume_at == "2026-11-25T00:00:00Z"
    clock.now += timedelta(days=2)
    assert counter.used() == 0


# -- the service says that it is used up -------------------------------------------------------------------------------


def test_what_the_service_called_used_up_is_used_up_for_every_process_until_midnight(counter, clock, tmp_path):
    counter.use_up(counter.spend())
    other = Budget(tmp_path / "requests.sqlite", "key", None, clock)
    for each in (counter, other):
        with pytest.raises(QuotaUsedUp) as stopped:
            each.spend()
        assert stopped.value.resume_at == "2026-11-24T00:00:00Z"
        assert each.left() == 0
    clock.now = datetime(2026, 11, 24, tzinfo=UTC)
    assert counter.left() == 10
    assert other.spend() == date(2026, 11, 24)
    other.close()


def test_what_another_key_has_used_up_says_nothing_of_ours(counter, clock, tmp_path):
    other = Budget(tmp_path / "requests.sqlite", "another key", 10, clock)
    other.use_up(other.spend())
    assert counter.left() == 10
    other.close()


@pytest.mark.parametrize("back", [timedelta(hours=13), timedelta(days=5)])
def test_a_clock_that_is_set_back_does_not_undo_that_it_is_used_up(counter, clock, back):
    counter.use_up(counter.spend())
    clock.now -= back
    with pytest.raises(QuotaUsedUp):
        counter.spend()


@pytest.mark.parametrize(
    ("stated", "meant"),
    [
        ("Mon, 23 Nov 2026 23:59:50 GMT", 23),  # our clock runs ahead, and theirs is not there yet
        ("Tue, 24 Nov 2026 00:00:20 GMT", 24),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 24),  # no clock at all
        ("Tue, 24 Nov 2026 00:00:20 -0000", 24),  # of no zone
        ("soon", 24),
        (None, 24),
    ],
)
def test_the_day_that_is_used_up_is_that_of_the_service_by_its_own_clock(stated, meant):
    now = datetime(2026, 11, 24, 0, 0, 10, tzinfo=UTC)
    assert meant_day(stated, now, counted=date(2026, 11, 24)) == date(2026, 11, meant)


# -- the file ----------------------------------------------------------------------------------------------------------


def test_a_count_of_an_earlier_version_is_gone_on_with(tmp_path):
    with sqlite3.connect(tmp_path / "requests.sqlite") as earlier:
        earlier.execute("CREATE TABLE requests (key TEXT, day TEXT, sent INTEGER, PRIMARY KEY (key, day))")
        key = hashlib.sha256(b"key").hexdigest()
        earlier.execute("INSERT INTO requests VALUES (?, '2026-11-23', 2)", (key,))
    earlier.close()
    counter = budget(tmp_path)
    assert counter.used() == 2
    counter.close()


@pytest.mark.parametrize("torn", [b"x" * 5000, b"SQLite format 3\0" + b"\xff" * 8000], ids=["noise", "a torn header"])
def test_a_torn_count_is_told_by_its_place_and_cure_and_left_as_it_is(tmp_path, torn):
    (tmp_path / "requests.sqlite").write_bytes(torn)
    with pytest.raises(StateError, match=r"requests\.sqlite: the count of requests is torn .* move it"):
        budget(tmp_path)
    assert (tmp_path / "requests.sqlite").read_bytes() == torn


def test_what_was_written_is_brought_into_the_file_itself_now_and_then(tmp_path):
    counter = budget(tmp_path, per_day=None)
    spend(counter, 1200)
    assert (tmp_path / "requests.sqlite-wal").stat().st_size < 600 * 3 * 4200
    counter.close()
