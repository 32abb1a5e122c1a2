from __future__ import annotations

import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ctct_etl.account.tokens import Held
from ctct_etl.errors import Busy, StateError
from ctct_etl.run import token_file
from ctct_etl.run.state import StateDirectory
from ctct_etl.run.token_file import TokenFile

HELD = Held("acc3ss", "r3fresh", 1_795_000_000.5, 86_400.0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return StateDirectory(tmp_path / "state").tokens("main")


def test_tokens_come_back_as_they_were_kept(path: Path) -> None:
    store = TokenFile(path, "key")
    assert store.read() is None
    for held in (HELD, Held("a", "", 0.0, None)):
        store.write(held)
        assert TokenFile(path, "key").read() == held


def test_only_their_owner_can_read_them(path: Path) -> None:
    store = TokenFile(path, "key")
    with store.lock():
        store.write(HELD)
    modes = {each: stat.S_IMODE(each.stat().st_mode) for each in (path, path.with_suffix(".lock"), path.parent)}
    assert modes == {path: 0o600, path.with_suffix(".lock"): 0o600, path.parent: 0o700}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_tokens_that_others_may_have_read_are_refused(path: Path, mode: int) -> None:
    store = TokenFile(path, "key")
    store.write(HELD)
    path.chmod(mode)
    with pytest.raises(StateError, match="chmod 600"):
        store.read()


def test_tokens_of_another_client_id_are_nobodys(path: Path) -> None:
    TokenFile(path, "another").write(HELD)
    assert TokenFile(path, "key").read() is None


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"client": 1, "access_token": "acc3ss"}', b'\xff{"acc3ss"', b'{"client": null}']
)
def test_a_torn_file_is_told_without_what_is_in_it(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o600)
    store = TokenFile(path, "key")
    if b'"client"' in content:
        assert store.read() is None
        return
    with pytest.raises(StateError, match="log in again") as told:
        store.read()
    assert "acc3ss" not in str(told.value)


def test_tokens_without_a_part_are_told_too(path: Path) -> None:
    store = TokenFile(path, "key")
    store.write(HELD)
    path.write_bytes(path.read_bytes().replace(b'"obtained_at"', b'"obtained"'))
    with pytest.raises(StateError, match="log in again"):
        store.read()


def test_the_lock_keeps_another_thread_out(path: Path) -> None:
    store, order = TokenFile(path, "key"), list[str]()
    inside = threading.Event()

    def second() -> None:
        inside.wait()
        with store.lock():
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with store.lock():
        inside.set()
        thread.join(0.2)  # it can't come in, however long one waits
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_the_lock_keeps_another_process_out_and_dies_with_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = (
        "import sys, time; from pathlib import Path; from ctct_etl.run.token_file import TokenFile\n"
        "with TokenFile(Path(sys.argv[1]), 'key').lock(): print('in', flush=True); time.sleep(60)"
    )
    other = subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout is not None and other.stdout.readline() == "in\n"
        monkeypatch.setattr(token_file, "_LONGEST_WAIT_S", 0.1)
        with pytest.raises(Busy, match="another process"), TokenFile(path, "key").lock():
            pass
    finally:
        other.kill()
        other.communicate()
    monkeypatch.setattr(token_file, "_LONGEST_WAIT_S", 10.0)
    with TokenFile(path, "key").lock():
        pass
