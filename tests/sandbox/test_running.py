"""Starting, serving, stopping."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from ctct_etl.sandbox import start_sandbox
from tests.sandbox.calling import Caller, Json, Start, contact, write_seed

SERVE = """
import sys
from pathlib import Path
from ctct_etl.sandbox import serve
serve(0, Path(sys.argv[1]), Path(sys.argv[2]), ready=lambda url: print(url, flush=True))
print("closed", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_says_its_url_answers_and_ends_cleanly_on_a_signal(tmp_path: Path, number: int) -> None:
    state = tmp_path / "account.sqlite"
    seed = write_seed(tmp_path / "seed.jsonl", [contact("a@example.com")])
    command = [sys.executable, "-W", "error", "-c", SERVE, str(state), str(seed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stderr
        url = process.stdout.readline().strip()
        answer = requests.get(
            f"{url}/v3/contacts/counts", headers={"Authorization": "Bearer sandbox-token"}, timeout=10
        )
        assert answer.json()["total"] == 1
        process.send_signal(number)
        rest, errors = process.communicate(timeout=20)
    assert (process.returncode, rest, errors) == (0, "closed\n", "")


def test_what_was_written_survives_a_killed_sandbox(tmp_path: Path) -> None:
    state = tmp_path / "account.sqlite"
    seed = write_seed(tmp_path / "seed.jsonl", [])
    command = [sys.executable, "-c", SERVE, str(state), str(seed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        url = process.stdout.readline().strip()
        headers = {"Authorization": "Bearer sandbox-token"}
        made = requests.post(f"{url}/v3/contact_lists", json={"name": "News"}, headers=headers, timeout=10)
        os.kill(process.pid, signal.SIGKILL)
    assert made.status_code == 201
    with start_sandbox(state) as sandbox:
        assert Caller(sandbox).list_id("News") == made.json()["list_id"]


def test_a_closed_sandbox_answers_no_one_not_even_on_an_open_connection(start: Start) -> None:
    service = start()
    service.get("/contacts")
    service.sandbox.close()
    service.sandbox.close()
    with pytest.raises(requests.ConnectionError):
        service.get("/contacts")


def test_the_middleware_of_a_test_sees_what_the_service_answers() -> None:
    seen: list[str] = []

    def wrap(app):  # type: ignore[no-untyped-def]
        def watch(environ, start_response):  # type: ignore[no-untyped-def]
            seen.append(environ["PATH_INFO"])
            return app(environ, start_response)

        return watch

    with start_sandbox(wrap=wrap) as sandbox:
        Caller(sandbox).get("/contacts")
    assert seen == ["/v3/contacts"]


def test_the_clock_and_the_spent_day_survive_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "account.sqlite"
    with start_sandbox(state) as sandbox:
        service = Caller(sandbox)
        service.window("POST", "clock", {"advance_s": 5_000})
        service.get("/contacts")
        first = service.window("GET", "clock")["now"]
    with start_sandbox(state) as sandbox:
        assert Caller(sandbox).window("GET", "clock")["now"] >= first


def test_many_threads_write_at_once_and_nothing_is_lost(start: Start) -> None:
    service = start(checked=False)

    def create(number: int) -> int:
        own = Caller(service.sandbox)
        body = {"email_address": {"address": f"{number % 40}@example.com"}, "create_source": "Account"}
        with own.session:
            return own.call("POST", "/v3/contacts", json=body).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(create, range(80)))
    assert sorted(statuses) == [201] * 40 + [409] * 40
    assert len(service.people()) == 40


def test_a_job_that_falls_due_under_many_eyes_is_done_once(start: Start) -> None:
    service = start({"list": {"name": "News"}}, activity_seconds=0.2, checked=False)
    body = {"import_data": [{"email": "a@example.com"}], "list_ids": [service.list_id("News")]}
    job = service.post("/activities/contacts_json_import", body)
    states: list[Json] = []

    def watch() -> None:
        own = Caller(service.sandbox)
        with own.session:
            for _ in range(20):
                states.append(own.get(f"/activities/{job['activity_id']}"))
                time.sleep(0.02)

    threads = [threading.Thread(target=watch) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert states[-1]["state"] == "completed"
    assert len(service.people()) == 1


def test_importing_the_sandbox_loads_nothing_of_the_program() -> None:
    code = "import sys, ctct_etl.sandbox; print([m for m in sys.modules if m == 'pandas' or m.startswith('ctct_etl.')])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "pandas" not in loaded
    assert all("sandbox" in name for name in loaded.strip("[]\n").split(", "))
