"""A state that is torn, full or read-only, started as cron starts it: one line says what, where and how to mend it.

Nothing is lost: what lies there stays as it is, and once the state is mended the next run brings the account where it
belongs.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.cli.club import Club
from tests.cli.program import PROGRAM, TOO_LONG_S, Said, run_here
from tests.sampling import in_proof

EVERY_FILE = ("requests.sqlite", "accounts/club/memberships-*.parquet")
SANDBOX = "accounts:\n  club: {dialect: v3, sandbox: seed.jsonl, limits: off}\n"


def night(club: Club) -> Said:
    return run_here("run", club.pipeline, "--state-dir", club.state, environment=club.environment)


def is_one_message(said: Said, code: int = 1) -> bool:
    """One line on stderr and none that the program did not mean to say."""
    return said.code == code and said.err.count("\n") == 1 and said.err.startswith("ctct-etl: ") and " — " in said.err


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def flip(content: bytes) -> bytes:
    """Every byte but the first sixteen, by which a file says what it is."""
    return content[:16] + bytes(byte ^ 0xFF for byte in content[16:])


def replace(content: bytes) -> bytes:
    return b"x" * len(content)


# -- torn --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("harm", [cut, *in_proof(flip, replace)])
@pytest.mark.parametrize("name", EVERY_FILE)
def test_a_torn_file_stops_the_run_is_named_and_left_as_it_is(
    club: Club, name: str, harm: Callable[[bytes], bytes]
) -> None:
    assert night(club).code == 0
    (place,) = club.state.glob(name)
    place.write_bytes(harm(place.read_bytes()))
    torn = place.read_bytes()
    club.write(members="E-mail,First Name,Last Name\ndee@example.com,Dee,Low\n")
    before = club.writes()
    said = night(club)
    assert is_one_message(said), said
    assert str(place) in said.err
    assert place.read_bytes() == torn
    assert club.writes() == before


@pytest.mark.parametrize("harm", [cut, *in_proof(flip, replace)])
def test_a_torn_sandbox_is_named_with_its_cure(club: Club, harm: Callable[[bytes], bytes]) -> None:
    club.write(accounts=SANDBOX)
    assert night(club).code == 0
    kept = club.state / "sandbox" / "club" / "account.sqlite"
    kept.write_bytes(harm(kept.read_bytes()))
    said = night(club)
    assert is_one_message(said), said
    assert str(kept) in said.err and "move it and its -wal and -shm away" in said.err
    for name in ("account.sqlite", "account.sqlite-wal", "account.sqlite-shm"):
        (kept.parent / name).unlink(missing_ok=True)
    assert night(club).code in (0, 3)


def test_a_card_of_the_lock_that_a_kill_left_torn_stops_nobody(club: Club) -> None:
    assert night(club).code == 0
    card = club.state / "locks" / "club.holder.json"
    assert not card.exists()  # it goes with the lock; a killed process leaves it behind
    card.write_bytes(b"\0\xff")
    assert run_here("history", "--state-dir", club.state).code == 0
    assert night(club).code == 0


@pytest.mark.parametrize(("name", "harm"), [("current.json", cut), ("g-*/contacts.parquet", flip)])
def test_a_torn_cache_of_the_account_costs_requests_and_nothing_else(
    club: Club, name: str, harm: Callable[[bytes], bytes]
) -> None:
    words = ("run", club.pipeline, "--state-dir", club.state)
    assert run_here(*words, environment=club.environment).code == 0
    (place,) = club.state.glob(f"accounts/club/snapshot/{name}")
    place.write_bytes(harm(place.read_bytes()))
    club.write(members="E-mail,First Name,Last Name\ndee@example.com,Dee,Low\n")
    said = run_here(*words, "--accept", "max_shrink=100%", environment=club.environment)
    assert said.code == 0, said
    assert "cached snapshot of the account is not used" in said.out + said.err
    assert club.contacts()["dee@example.com"]["last_name"] == "Low"


# -- full --------------------------------------------------------------------------------------------------------------


def limited(club: Club, kilobytes: int) -> Said:
    """The night, where no file may grow beyond so much: the closest to a full disk that needs no privileges."""
    words = [str(PROGRAM), "run", str(club.pipeline), "--state-dir", str(club.state)]
    limit = f'ulimit -f {kilobytes}; exec "$@"'
    ended = subprocess.run(
        ["bash", "-c", limit, "bash", *words],
        env={**os.environ, **club.environment},
        check=False,
        capture_output=True,
        text=True,
        timeout=TOO_LONG_S,
    )
    return Said(ended.returncode, ended.stdout, ended.stderr)


@pytest.mark.parametrize("kilobytes", [4, 24, *in_proof(0, 64)])
def test_where_files_can_not_grow_the_run_stops_and_the_next_one_ends_the_work(club: Club, kilobytes: int) -> None:
    said = limited(club, kilobytes)
    assert "Traceback" not in said.err
    if said.code:
        assert said.code == 1
        assert str(club.state) in said.err + said.out
    assert night(club).code == 0
    assert club.contacts()["bob@example.com"]["last_name"] == "Stone"
    assert club.contacts()["cy@example.com"]["last_name"] == "Park"
    assert [each for each in club.state.rglob(".*.part")] == []


@pytest.fixture
def small_disk(club: Club) -> Iterator[Callable[[int], None]]:
    """Give the state directory a disk of its own, of so many kilobytes; again: make that larger."""
    club.state.mkdir()
    mounted = False

    def resize(kilobytes: int) -> None:
        nonlocal mounted
        how = ["-o", f"remount,size={kilobytes}k"] if mounted else ["-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs"]
        words = [shutil.which("mount") or "false", *how, str(club.state)]
        if subprocess.run(words, check=False, capture_output=True).returncode:
            pytest.skip("this user may not mount a small disk")
        mounted = True

    yield resize
    if mounted:
        subprocess.run(["umount", str(club.state)], check=True)


@pytest.mark.parametrize("kilobytes", [60, 180, *in_proof(8, 120, 240)])
def test_on_a_full_disk_the_run_stops_and_with_space_the_next_one_ends_the_work(
    club: Club, small_disk: Callable[[int], None], kilobytes: int
) -> None:
    small_disk(kilobytes)
    said = night(club)
    assert "Traceback" not in said.err
    if said.code:
        assert said.code == 1
        assert str(club.state) in said.err + said.out
    small_disk(10_000)
    assert night(club).code == 0
    assert club.contacts()["bob@example.com"]["last_name"] == "Stone"
    assert club.contacts()["cy@example.com"]["last_name"] == "Park"


# -- read-only ---------------------------------------------------------------------------------------------------------


def read_only(club: Club) -> Said:
    """The night on a state directory that is mounted read-only for this one process."""
    script = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" || exit 99; exec "$@"'
    words = [str(PROGRAM), "run", str(club.pipeline), "--state-dir", str(club.state)]
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("there is no unshare to mount for one process alone")
    ended = subprocess.run(
        [unshare, "-m", "sh", "-c", script, str(club.state), *words],
        env={**os.environ, **club.environment},
        check=False,
        capture_output=True,
        text=True,
        timeout=TOO_LONG_S,
    )
    if ended.returncode in (1, 99) and ("unshare" in ended.stderr or "mount:" in ended.stderr):
        pytest.skip("this user may not mount anything")
    return Said(ended.returncode, ended.stdout, ended.stderr)


@pytest.mark.parametrize("is_new", [True, False], ids=["a new state", "a state that was used"])
def test_a_read_only_state_stops_the_run_before_anything_is_sent(club: Club, is_new: bool) -> None:
    club.state.mkdir()
    if not is_new:
        assert night(club).code == 0
    before = len(club.ask("requests"))
    said = read_only(club)
    assert is_one_message(said), said
    assert str(club.state) in said.err
    assert len(club.ask("requests")) == before


# -- the clock ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("back", [timedelta(days=1), *in_proof(timedelta(minutes=10), timedelta(days=400))])
def test_a_clock_set_back_between_two_nights_changes_nothing_but_the_names_of_runs(club: Club, back: timedelta) -> None:
    words = ("run", club.pipeline, "--state-dir", club.state)
    now = datetime.now(UTC)
    assert run_here(*words, environment=club.environment).code == 0
    (first,) = club.runs()
    club.write(members="E-mail,First Name,Last Name\nann@example.com,Ann,Lea\nbob@example.com,Bob,Stone\n")
    with time_machine.travel(now - back):
        said = run_here(*words, environment=club.environment)
        assert said.code == 0, said
        assert len(set(club.runs()) - {first}) == 1
        counted = run_here("account", "quota", "club", "--accounts", club.accounts, "--state-dir", club.state,
                           "--format", "json", environment=club.environment)  # fmt: skip
    assert club.contacts()["ann@example.com"]["last_name"] == "Lea"
    assert f'"used": {len(club.ask("requests"))}' in counted.out
