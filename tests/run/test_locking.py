from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from ctct_etl.errors import RunLocked, StateError
from ctct_etl.run.locking import lock_account
from ctct_etl.run.state import StateDirectory

HOLDER = """
import sys
from pathlib import Path
from ctct_etl.run.locking import lock_account
from ctct_etl.run.state import StateDirectory
with lock_account(StateDirectory(Path(sys.argv[1])), "main", "RUN-1"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other_process(tmp_path: Path) -> object:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout and process.stdout.readline() == "held\n"
    with process:
        yield process
        process.kill()


def test_a_lock_that_another_process_holds_names_it(tmp_path: Path, other_process: subprocess.Popen[str]) -> None:
    expected = rf"run RUN-1, process {other_process.pid}, since \d{{4}}-.*Z — let it end, or --wait for it"
    with pytest.raises(RunLocked, match=expected), lock_account(StateDirectory(tmp_path), "main", "RUN-2"):
        pytest.fail("two runs hold one account")


def test_another_account_is_free(tmp_path: Path, other_process: subprocess.Popen[str]) -> None:
    with lock_account(StateDirectory(tmp_path), "other", "RUN-2"):
        assert other_process.poll() is None  # it holds the first one all the while


def test_a_lock_is_free_when_its_process_was_killed(tmp_path: Path, other_process: subprocess.Popen[str]) -> None:
    other_process.kill()
    assert other_process.wait() == -signal.SIGKILL
    with lock_account(StateDirectory(tmp_path), "main", "RUN-2"), pytest.raises(RunLocked, match="run RUN-2"):
        lock_account(StateDirectory(tmp_path), "main", "RUN-3").__enter__()


def test_waiting_gets_the_lock_when_the_other_run_ends(tmp_path: Path, other_process: subprocess.Popen[str]) -> None:
    assert other_process.stdin
    threading.Timer(0.2, other_process.stdin.close).start()
    with lock_account(StateDirectory(tmp_path), "main", "RUN-2", timedelta(seconds=60)):
        assert other_process.wait() == 0


def test_waiting_ends(tmp_path: Path, other_process: subprocess.Popen[str]) -> None:
    started = time.monotonic()
    wait = timedelta(seconds=0.3)
    with pytest.raises(RunLocked), lock_account(StateDirectory(tmp_path), "main", "RUN-2", wait):
        pytest.fail("two runs hold one account")
    assert time.monotonic() - started >= 0.3


def test_waiting_ends_when_the_run_is_asked_to_end(tmp_path: Path, other_process: subprocess.Popen[str]) -> None:
    stop = threading.Event()
    threading.Timer(0.1, stop.set).start()
    started = time.monotonic()
    lock = lock_account(StateDirectory(tmp_path), "main", "RUN-2", timedelta(minutes=5), stop)
    with pytest.raises(RunLocked), lock:
        pytest.fail("two runs hold one account")
    assert time.monotonic() - started < 60


def test_a_second_run_in_the_same_process_is_refused_too(tmp_path: Path) -> None:
    state = StateDirectory(tmp_path)
    with (
        lock_account(state, "main", "RUN-1"),
        pytest.raises(RunLocked, match=f"RUN-1, process {os.getpid()}"),
        lock_account(state, "main", "RUN-2"),
    ):
        pytest.fail("two runs hold one account")


def test_a_second_run_in_the_same_process_that_waits_is_refused_too(tmp_path: Path) -> None:
    state = StateDirectory(tmp_path)
    with (
        lock_account(state, "main", "RUN-1"),
        pytest.raises(RunLocked),
        lock_account(state, "main", "RUN-2", timedelta(seconds=0.2)),
    ):
        pytest.fail("two runs hold one account")


def test_a_lock_can_be_taken_again_and_its_files_are_private(tmp_path: Path) -> None:
    state = StateDirectory(tmp_path)
    for run in ("RUN-1", "RUN-2"):
        with lock_account(state, "main", run):
            assert {path.stat().st_mode & 0o777 for path in (tmp_path / "locks").iterdir()} == {0o600}


def test_an_error_within_is_not_taken_for_a_lock(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="mine"), lock_account(StateDirectory(tmp_path), "main", "RUN-1"):
        raise RuntimeError("mine")


def test_a_lock_that_can_not_be_made_names_the_place(tmp_path: Path) -> None:
    state = StateDirectory(tmp_path)
    state.lock("main").mkdir()
    with pytest.raises(StateError, match=r"main\.lock: can't be used"), lock_account(state, "main", "RUN-1"):
        pytest.fail("a directory was locked")
