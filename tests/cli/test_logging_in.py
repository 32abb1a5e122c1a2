"""The login as people and nights meet it: real processes, and a browser that a test plays."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from ctct_etl.sandbox import start_sandbox
from ctct_etl.workflow import logging_in as workflow
from ctct_etl.workflow.context import Context
from tests.cli.club import Club, write_club, write_seed
from tests.cli.program import PROGRAM, TOO_LONG_S, Said, end, run_here, start

ACCOUNTS = """\
accounts:
  club: {dialect: v3, client_id: sandbox-key, base_url: "${CLUB_URL}", auth_url: "${CLUB_AUTH}",
    requests_per_second: 1000}
"""
TOKENS = "/oauth2/default/v1/token"


@pytest.fixture
def open_club(tmp_path: Path) -> Iterator[Callable[..., Club]]:
    """open_club(**switches): a club whose account has neither token nor login."""
    opened = []

    def begin(**switches: Any) -> Club:
        seed = write_seed(tmp_path / "seed.jsonl")
        sandbox = start_sandbox(seed=seed, limits=False, switches={"activity_seconds": 0.0, **switches})
        opened.append(sandbox)
        club = write_club(tmp_path, sandbox.url)
        club.write(accounts=ACCOUNTS)
        club.environment["CLUB_AUTH"] = f"{sandbox.url}/oauth2/default/v1"
        return club

    yield begin
    for sandbox in opened:
        sandbox.close()


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
        return number


def words(club: Club, *more: object) -> tuple[object, ...]:
    return (*more, "--state-dir", club.state, "--accounts", club.accounts)


def begin_login(club: Club, *more: object) -> tuple[subprocess.Popen[str], str]:
    """Start a login; the address that it wants opened."""
    process = start(*words(club, "account", "login", "club", *more), environment=club.environment)
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.match(r"https?://\S+", line):
            return process, found[0]
    raise AssertionError("it showed no address")


def log_in(club: Club, port: int) -> Said:
    process, address = begin_login(club, "--no-browser", "--port", port)
    assert "You are logged in" in urllib.request.urlopen(address, timeout=30).read().decode()
    return end(process)


def give_login(club: Club) -> None:
    """Log in within this process: starting another takes seconds."""
    context = Context(club.environment, club.state, club.accounts)
    workflow.log_in(context, "club", workflow.by_pasting(8756, lambda under_way: come_back(under_way.address)))


def come_back(address: str) -> str:
    """Where a browser ends that opens the address."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: Any) -> None:
            return None

    try:
        urllib.request.build_opener(Stay).open(address, timeout=10)
    except urllib.error.HTTPError as back:
        return str(back.headers["Location"])
    raise AssertionError("it was not sent back")


def token_requests(club: Club) -> int:
    return sum(request["path"] == TOKENS for request in club.ask("requests"))


def test_a_login_tells_whose_account_it_is_and_where_its_tokens_are(open_club, port):
    club = open_club()
    said = log_in(club, port)
    assert said.code == 0
    first, second = said.out.splitlines()
    assert re.fullmatch(r"club: logged in to Riverside Club \(\w+\)", first)
    kept = club.state / "tokens" / "club.json"
    assert second == f"the tokens are kept in {kept}" and kept.stat().st_mode & 0o777 == 0o600
    assert run_here(*words(club, "account", "lists", "club"), environment=club.environment).code == 0


def test_a_night_begins_with_the_command_that_logs_in(open_club):
    club = open_club()
    said = run_here("run", club.pipeline, "--state-dir", club.state, environment=club.environment)
    assert said.code == 1
    command = f"ctct-etl account login club --state-dir {club.state} --accounts {club.accounts}"
    assert said.err.strip().endswith(f"log in: {command}")
    assert club.ask("requests") == [] and club.runs() == []


def test_the_address_is_pasted_where_there_is_no_browser(open_club):
    club = open_club()
    process = subprocess.Popen(
        [str(PROGRAM), *map(str, words(club, "account", "login", "club", "--paste"))],
        env={**os.environ, **club.environment}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert process.stderr is not None
    seen = ""
    while "Paste that whole address" not in seen:  # as it comes: a reader of lines may have taken the prompt with them
        more = os.read(process.stderr.fileno(), 4096)
        assert more, seen
        seen += more.decode()
    address = next(line for line in seen.splitlines() if line.startswith("http"))
    out, _ = process.communicate(come_back(address) + "\n", timeout=TOO_LONG_S)
    assert process.returncode == 0 and "logged in to Riverside Club" in out
    assert quote("http://localhost:8756/ctct-etl", safe="") in address


def test_a_device_is_let_in_from_elsewhere(open_club):
    club = open_club()
    process, address = begin_login(club, "--device")
    urllib.request.urlopen(address, timeout=10).read()
    said = end(process)
    assert said.code == 0 and "logged in to Riverside Club" in said.out


def test_what_goes_wrong_is_told_with_its_exit_code(open_club, port):
    club = open_club()
    login = words(club, "account", "login", "club", "--no-browser", "--port", port)
    said = run_here(*login, "--timeout", "1s", environment=club.environment)
    assert said.code == 1 and f"http://localhost:{port}/ctct-etl is a redirect URI" in said.err
    with socket.create_server(("127.0.0.1", port)):
        said = run_here(*login, environment=club.environment)
        assert said.code == 2 and f"port {port} of this machine can't be used" in said.err
    for wrong in (("--paste", "--device"), ("--timeout", "soon"), ("--port", "80")):
        assert run_here(*login, *wrong, environment=club.environment).code == 2


def test_ctrl_c_ends_a_login_that_waits(open_club, port):
    process, _ = begin_login(open_club(), "--no-browser", "--port", port)
    process.send_signal(signal.SIGINT)
    assert end(process).code == 130


@pytest.mark.parametrize("mode", ["rotating", "long_lived"])
def test_processes_whose_token_has_run_out_renew_it_once(open_club, mode):
    club = open_club(refresh_mode=mode)
    give_login(club)
    club.ask("clock", {"advance_s": 86_401})
    before = token_requests(club)
    # The answer takes its time, so that the others come while the first one waits for it.
    club.strike("latency", "POST", TOKENS, seconds=1.5)
    looks = [start(*words(club, "account", "lists", "club"), environment=club.environment) for _ in range(2)]
    ends = [end(look) for look in looks]
    assert [said.code for said in ends] == [0, 0], ends
    assert token_requests(club) - before == 1


def test_a_night_longer_than_its_tokens_goes_through_and_does_nothing_twice(open_club):
    club = open_club()
    people = "".join(f"p{n:02}@example.com,P,{n}\n" for n in range(20))
    club.write(members=f"E-mail,First Name,Last Name\nann@example.com,Anna,Lee\nbob@example.com,Bob,Stone\n{people}")
    give_login(club)
    phases = (("GET", "/v3/contacts"), ("POST", "/v3/contacts"), ("PUT", "/v3/contacts/*"))
    for method, path in phases:
        club.strike("token_expired", method, path)
    said = run_here(
        "run", club.pipeline, "--state-dir", club.state, "--route", "single", "--accept", "max_creates=30",
        environment=club.environment,
    )  # fmt: skip
    assert said.code == 0, said.err
    assert len(club.contacts()) == 2 + 20
    writes = [each for each in club.ask("requests") if each["method"] in ("POST", "PUT") and "/v3/" in each["path"]]
    assert {each["status"] for each in writes} == {200, 201, 401}
    assert sum(each["status"] in (200, 201) for each in writes) == 20 + 2
    assert club.struck() == len(phases) and token_requests(club) == 1 + len(phases)


def test_a_login_that_is_revoked_stops_the_night_and_a_new_one_lets_it_go_on(open_club):
    club = open_club()
    give_login(club)
    kept = (club.state / "tokens" / "club.json").read_text()
    club.strike("token_revoked", "PUT", "/v3/contacts/*")
    said = run_here(
        "-v", "run", club.pipeline, "--state-dir", club.state, "--route", "single", environment=club.environment
    )
    command = f"ctct-etl account login club --state-dir {club.state} --accounts {club.accounts}"
    assert said.code == 1 and f"log in again: {command}" in said.out + said.err
    assert "to go on: ctct-etl apply" in said.out + said.err
    (night,) = club.runs()
    give_login(club)
    resumed = run_here("apply", night, "--resume", "--state-dir", club.state, environment=club.environment)
    assert resumed.code == 0, resumed.err
    assert club.contacts()["bob@example.com"]["last_name"] == "Stone" and "cy@example.com" in club.contacts()
    posts = [each for each in club.ask("requests") if each["method"] == "POST" and each["path"] == "/v3/contacts"]
    assert sum(each["status"] == 201 for each in posts) == 1
    secrets = [value for value in json.loads(kept).values() if isinstance(value, str)]
    told = said.out + said.err + resumed.out + resumed.err
    written = b"".join(path.read_bytes() for path in night.rglob("*") if path.is_file())
    assert not [secret for secret in secrets if secret in told or secret.encode() in written]


def test_ctrl_c_in_the_middle_of_a_renewal_costs_no_login(open_club):
    club = open_club()
    give_login(club)
    club.ask("clock", {"advance_s": 86_401})
    club.strike("latency", "POST", TOKENS, seconds=1.5)
    before = token_requests(club)
    look = start(*words(club, "account", "lists", "club"), environment=club.environment)
    waiting = threading.Event()
    while token_requests(club) == before:
        waiting.wait(0.02)
    look.send_signal(signal.SIGINT)
    assert end(look).code == 130
    assert run_here(*words(club, "account", "lists", "club"), environment=club.environment).code == 0
    assert token_requests(club) - before == 1


@pytest.mark.parametrize("content", [b"", b"{", b"\0\xff", b'{"client": 1}'])
def test_a_torn_login_stops_the_night_with_its_cure_and_is_not_told(open_club, content):
    club = open_club()
    give_login(club)
    kept = club.state / "tokens" / "club.json"
    secret = json.loads(kept.read_bytes())["access_token"]
    kept.write_bytes(content or kept.read_bytes()[:-20])
    said = run_here("run", club.pipeline, "--state-dir", club.state, environment=club.environment)
    assert said.code == 1 and said.err.count("\n") == 1, said
    assert str(kept) in said.err or "log in: ctct-etl account login club" in said.err
    assert secret not in said.out + said.err
    assert club.runs() == []
