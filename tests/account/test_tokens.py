"""The tokens of a login, with a store and a token host in memory."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from ctct_etl.account.token_host import Granted, Refused, TokenHost
from ctct_etl.account.tokens import FixedToken, Held, LoginTokens
from ctct_etl.errors import AccountError, Busy, Denied, StateError

LOGIN = "ctct-etl account login main --state-dir /state"
START = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Store:
    """Keeps what it is given, and what happened in which order, the host's part included."""

    def __init__(self, held: Held | None) -> None:
        self.held = held
        self.happened: list[str] = []
        self.full_after: int | None = None  # so many writes find room
        self.on_lock: Callable[[], None] = lambda: None
        self._lock = threading.Lock()

    @contextmanager
    def lock(self) -> Iterator[None]:
        with self._lock:
            self.on_lock()
            yield

    def read(self) -> Held | None:
        return self.held

    def write(self, held: Held) -> None:
        if self.full_after is not None:
            if not self.full_after:
                raise StateError("no space left")
            self.full_after -= 1
        self.held = held
        self.happened.append(f"keep {held.refresh_token}")


class Host:
    """Gives the tokens access-1, access-2, …; or says what is scripted."""

    def __init__(self, store: Store, rotating: bool = True, expires_in: float | None = 7200.0) -> None:
        self.store = store
        self.rotating = rotating
        self.expires_in = expires_in
        self.asked = 0
        self.script: list[AccountError] = []

    def ask(self, form: Mapping[str, str], keep: Callable[[Granted], Any]) -> Any:
        self.asked += 1
        self.store.happened.append(f"ask with {form['refresh_token']}")
        if self.script:
            raise self.script.pop(0)
        refresh = f"refresh-{self.asked}" if self.rotating else form["refresh_token"]
        return keep(Granted(f"access-{self.asked}", refresh, self.expires_in, ""))


class Clock:
    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class World:
    def __init__(self, expires_in: float | None = 7200.0, refresh: str = "refresh-0", rotating: bool = True) -> None:
        self.clock = Clock()
        self.store = Store(Held("access-0", refresh, START.timestamp(), expires_in))
        self.host = Host(self.store, rotating, expires_in)
        self.tokens = self.another_process()

    def another_process(self) -> LoginTokens:
        return LoginTokens(self.store, cast(TokenHost, self.host), "main", LOGIN, self.clock)


def test_a_fixed_token_is_the_only_one_there_is():
    tokens = FixedToken("a")
    assert tokens.access() == "a"
    with pytest.raises(Denied, match=r"renew access_token in accounts\.yaml"):
        tokens.renew("a")


@pytest.mark.parametrize(
    ("life", "good_until"), [(86_400, 86_100), (7_200, 6_900), (600, 540), (10, 9)], ids=["day", "2h", "10min", "10s"]
)
def test_a_token_is_renewed_shortly_before_the_end_that_it_was_given(life, good_until):
    world = World(life)
    world.clock.advance(good_until - 0.5)
    assert world.tokens.access() == "access-0"
    world.clock.advance(1)
    assert world.tokens.access() == "access-1"
    assert world.tokens.access() == "access-1"
    assert world.host.asked == 1


def test_a_token_of_unknown_life_is_used_until_it_is_refused():
    world = World(None)
    world.clock.advance(10**8)
    assert world.tokens.access() == "access-0"
    assert world.tokens.renew("access-0") == "access-1"


@pytest.mark.parametrize("skew", [-(10**7), 0, 100], ids=["clock set back", "right", "a little ahead"])
def test_a_refused_token_is_renewed_whatever_the_clock_says(skew):
    world = World()
    world.clock.advance(skew)
    assert world.tokens.access() == "access-0"
    assert world.tokens.renew("access-0") == "access-1"
    assert world.tokens.access() == "access-1"


def test_the_new_tokens_are_kept_before_they_are_used_and_the_disk_is_tried_before_the_old_ones_are_spent():
    world = World()
    assert world.tokens.renew("access-0") == "access-1"
    assert world.store.happened == ["keep refresh-0", "ask with refresh-0", "keep refresh-1"]


def test_a_disk_that_is_full_spends_no_refresh_token():
    world = World()
    world.store.full_after = 0
    with pytest.raises(StateError):
        world.tokens.renew("access-0")
    assert world.host.asked == 0


def test_tokens_that_could_not_be_kept_are_not_used():
    world = World()
    world.store.full_after = 1
    with pytest.raises(StateError):
        world.tokens.renew("access-0")
    assert world.tokens.access() == "access-0"


@pytest.mark.parametrize(("rotating", "kept"), [(True, "refresh-2"), (False, "refresh-0")])
def test_rotating_and_long_lived_refresh_tokens_are_kept_as_they_come(rotating, kept):
    world = World(rotating=rotating)
    world.tokens.renew("access-0")
    world.tokens.renew("access-1")
    assert world.store.held is not None and world.store.held.refresh_token == kept


def test_a_refresh_token_stays_good_where_no_new_one_comes():
    world = World()
    world.host.ask = lambda form, keep: keep(Granted("access-1", "", 7200.0, ""))  # type: ignore[method-assign]
    world.tokens.renew("access-0")
    assert world.store.held is not None and world.store.held.refresh_token == "refresh-0"


def test_what_another_process_got_is_taken_over_without_asking():
    world = World()
    assert world.tokens.access() == "access-0"
    world.another_process().renew("access-0")
    assert world.tokens.renew("access-0") == "access-1"
    assert world.host.asked == 1


def test_who_waited_for_another_process_uses_what_it_got():
    world = World()
    new = Held("access-of-another", "refresh-of-another", START.timestamp(), 7200.0)
    world.store.on_lock = lambda: setattr(world.store, "held", new)
    assert world.tokens.renew("access-0") == "access-of-another"
    assert world.host.asked == 0


def test_many_threads_of_many_processes_ask_once():
    world = World()
    others = [world.another_process() for _ in range(4)]
    with ThreadPoolExecutor(16) as pool:
        got = list(pool.map(lambda n: others[n % 4].renew("access-0"), range(64)))
    assert set(got) == {"access-1"}
    assert world.host.asked == 1


def test_a_login_that_is_needed_is_told_with_the_command():
    world = World()
    world.store.held = None
    for ask in (world.tokens.check_login, world.tokens.access, lambda: world.tokens.renew("access-0")):
        with pytest.raises(Denied, match=f"log in: {LOGIN}"):
            ask()
    assert world.host.asked == 0


def test_a_refresh_token_that_is_not_good_any_more_needs_a_person_and_is_not_tried_again():
    world = World()
    world.host.script = [Refused("invalid_grant", "The refresh token is unknown.")]
    for _ in range(3):
        with pytest.raises(Denied, match=f"The refresh token is unknown.*log in again: {LOGIN}") as told:
            world.tokens.renew("access-0")
    assert "lost" not in str(told.value)
    assert world.host.asked == 1
    assert world.store.held is not None  # what is kept stays: a later login replaces it


def test_tokens_whose_answer_was_lost_are_told_to_be_used_up():
    world = World()
    world.host.script = [Refused("invalid_grant", "", after_loss=True)]
    with pytest.raises(Denied, match=f"was lost before.*log in again: {LOGIN}"):
        world.tokens.renew("access-0")


def test_a_login_without_refresh_token_ends_with_its_access_token():
    world = World(refresh="")
    assert world.tokens.access() == "access-0"
    with pytest.raises(Denied, match=f"without a refresh token.*{LOGIN}"):
        world.tokens.renew("access-0")
    assert world.host.asked == 0


def test_a_client_that_is_refused_is_looked_for_in_the_accounts_file():
    world = World()
    world.host.script = [Refused("invalid_client", "")]
    with pytest.raises(Denied, match="client_id and client_secret"):
        world.tokens.renew("access-0")


def test_a_token_that_is_still_good_does_while_the_token_host_is_down():
    world = World()
    world.host.script = [Busy("down")]
    world.clock.advance(7000)
    assert [world.tokens.access() for _ in range(3)] == ["access-0"] * 3
    assert world.host.asked == 1  # and nobody waits for it at every request
    world.clock.advance(201)
    with pytest.raises(Busy):
        world.tokens.access()


def test_who_waited_for_a_renewal_that_failed_does_not_try_it_anew():
    world = World()
    world.host.script = [Busy("down")] * 9

    def ask(_: int) -> bool:
        with pytest.raises(Busy):
            world.tokens.renew("access-0")
        return True

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(8)))
    assert world.host.asked == 1


def test_tokens_are_in_no_repr():
    assert "access-0" not in repr(World().store.held) and "refresh-0" not in repr(World().store.held)
