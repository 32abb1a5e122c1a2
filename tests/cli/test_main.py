"""The command as a whole: what starting costs, how it ends when interrupted or wrong, and what it never says."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version

import pytest

import ctct_etl.workflow.running
from tests.cli.club import Club
from tests.cli.program import PROGRAM, end, run, run_here, start
from tests.sampling import in_proof

COMMANDS = {
    "account", "apply", "check", "explain", "history", "plan", "preview", "rehearse", "revert", "run", "sandbox",
    "schema", "show",
}  # fmt: skip
HEAVY = ("pandas", "numpy", "pyarrow", "pydantic", "flask", "werkzeug", "requests", "rich", "jinja2", "sqlite3",
         "great_expectations")  # fmt: skip
LOADED = f"""
import sys
from ctct_etl.cli import main
for words in (["--help"], ["--version"], *([name, "--help"] for name in sorted(main.commands))):
    try:
        main(words, prog_name="ctct-etl")
    except SystemExit as end:
        assert end.code == 0, words
print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
"""


SIGNALS = [(signal.SIGTERM, 143), *in_proof((signal.SIGINT, 130))]  # one handler has both


def wait_until(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


def test_what_is_printed_and_finds_no_room_is_no_success() -> None:
    with open("/dev/full", "w") as full:
        ended = subprocess.run([PROGRAM, "schema"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr == "ctct-etl: there is no room for what it prints — make some, or send it elsewhere\n"


@pytest.mark.parametrize("closed", ["1>&-", "2>&-", "1>&- 2>&-"])
def test_the_exit_code_is_the_same_where_nobody_listens(closed: str) -> None:
    ended = subprocess.run(["sh", "-c", f"{PROGRAM} --version {closed}"], capture_output=True, check=False)
    assert ended.returncode == 0


# -- starting ------------------------------------------------------------------------------------------------


def test_help_names_every_command_on_stdout() -> None:
    said = run("--help")
    assert (said.code, said.err) == (0, "")
    commands = said.out.partition("Commands:")[2]
    assert {line.split()[0] for line in commands.splitlines() if line.strip()} == COMMANDS


def test_no_help_of_any_command_loads_what_is_heavy() -> None:
    answer = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    assert answer.stderr.strip() == "[]", "import it inside the command that needs it"


def test_the_version_is_that_of_the_package() -> None:
    assert run_here("--version").out == f"ctct-etl, version {version('ctct-etl')}\n"


@pytest.mark.parametrize("words", [(), ("runn",), ("run",), ("run", "--dry"), ("account",), ("sandbox", "stop")])
def test_wrong_usage_ends_with_2_and_says_so_on_stderr(words: tuple[str, ...]) -> None:
    said = run_here(*words)
    assert said.code == 2
    assert "Usage: ctct-etl" in said.err and said.out == ""


# -- logs ----------------------------------------------------------------------------------------------------


def test_verbose_logs_requests_on_stderr_without_addresses_values_or_the_token(club: Club) -> None:
    said = run("-v", "run", club.pipeline, "--state-dir", club.state, environment=club.environment)
    assert said.code == 0
    assert "POST /contacts 201" in said.err and "GET /contacts" in said.err
    for secret in ("example.com", "Stone", "Park", club.environment["CLUB_TOKEN"]):
        assert secret not in said.err
    assert "POST /contacts" not in said.out


@pytest.mark.parametrize("kind", [RuntimeError, OSError])
def test_a_fault_of_the_program_is_told_by_its_place_without_the_words_that_may_hold_a_secret(
    kind: type[Exception], club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_: object, **__: object) -> None:
        raise kind("t0ps3cret of ann@example.com")

    monkeypatch.setattr(ctct_etl.workflow.running, "make_plan", stumble)
    said = run_here("run", club.pipeline, "--state-dir", club.state, environment=club.environment)
    assert (said.code, said.out) == (1, "")
    assert said.err.endswith(
        f"ctct-etl: a fault of the program itself ({kind.__name__}) — please report it, with the lines above\n"
    )
    assert 'test_main.py", line' in said.err and "in stumble" in said.err
    assert "t0ps3cret of" not in said.err.replace('raise kind("t0ps3cret of ann@example.com")', "")


def test_a_reader_that_goes_away_is_no_fault_to_report() -> None:
    process = start("schema")
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(30) == 1


# -- ending --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("by", "code"), SIGNALS)
def test_a_run_that_is_interrupted_before_it_sends_anything_ends_at_once(
    club: Club, by: signal.Signals, code: int
) -> None:
    club.strike("latency", "GET", "*/contacts", seconds=20)
    process = start("run", club.pipeline, "--state-dir", club.state, environment=club.environment)
    wait_until(club.struck)
    asked = time.monotonic()
    process.send_signal(by)
    said = end(process)
    assert (said.code, said.out, said.err) == (code, "", "")
    assert time.monotonic() - asked < 20 and club.runs() == []
    assert run_here("run", club.pipeline, "--state-dir", club.state, environment=club.environment).code == 0


@pytest.mark.parametrize(("by", "code"), SIGNALS)
def test_a_plan_that_is_interrupted_leaves_nothing_half_written(club: Club, by: signal.Signals, code: int) -> None:
    club.strike("latency", "GET", "*/contacts", seconds=3)
    plan = club.folder / "plans" / "one"
    process = start("plan", club.pipeline, "--out", plan, "--state-dir", club.state, environment=club.environment)
    wait_until(club.struck)
    process.send_signal(by)
    said = end(process)
    assert (said.code, said.out, said.err) == (code, "", "")
    assert not plan.parent.exists() or list(plan.parent.iterdir()) == []


@pytest.mark.parametrize(("by", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_an_interrupted_run_finishes_what_is_in_flight_and_goes_on_later(
    club: Club, by: signal.Signals, code: int
) -> None:
    club.strike("latency", "POST", "*/contacts", seconds=1.5)
    process = start("run", club.pipeline, "--route", "single", "--state-dir", club.state, environment=club.environment)
    wait_until(club.struck)
    process.send_signal(by)
    said = end(process)
    assert said.code == code
    assert said.err == "ctct-etl: stopping after the requests in flight; once more to stop at once\n"
    directory = club.runs()[0]
    assert said.out.splitlines()[-2:] == [
        f"to go on: ctct-etl apply {directory} --resume --state-dir {club.state}", str(directory / "report.html"),
    ]  # fmt: skip
    assert "cy@example.com" in club.contacts()  # was in flight, and its answer was waited for
    resumed = run_here("apply", directory, "--resume", "--state-dir", club.state, environment=club.environment)
    assert resumed.code == 0
    assert club.contacts()["bob@example.com"]["last_name"] == "Stone"
    assert club.writes().count("POST /v3/contacts") == 1


@pytest.mark.parametrize(("by", "code"), SIGNALS)
def test_a_run_that_is_interrupted_while_it_settles_a_killed_one_says_so_and_the_next_one_settles_it(
    club: Club, by: signal.Signals, code: int
) -> None:
    people = [f"person{number}@example.com" for number in range(40)]
    club.write(members="E-mail,First Name,Last Name\n" + "".join(f"{each},Per,Son\n" for each in people))
    club.strike("activity_stalled", "POST", "*/contacts_json_import")
    words = ("run", club.pipeline, "--state-dir", club.state, "--accept=max_creates=40")
    killed = start(*words, environment=club.environment)
    wait_until(club.struck)
    killed.kill()
    end(killed)
    polled = club.struck()
    club.strike("latency", "GET", "*/activities/*", seconds=0.2)
    settling = start(*words, environment=club.environment)
    wait_until(lambda: club.struck() > polled)
    settling.send_signal(by)
    said = end(settling)
    assert (said.code, said.out) == (code, "")
    assert said.err.splitlines()[-1].startswith("ctct-etl: stopped while a job of the account was awaited")
    club.calm()
    assert "was interrupted: what it had sent is settled" in run_here(*words, environment=club.environment).out
    assert set(people) <= set(club.contacts())
    assert [write for write in club.writes() if "import" in write] == ["POST /v3/activities/contacts_json_import"]


def test_a_second_signal_ends_a_run_at_once_and_resuming_sends_nothing_twice(club: Club) -> None:
    club.strike("latency", "POST", "*/contacts", seconds=8)
    process = start("run", club.pipeline, "--state-dir", club.state, environment=club.environment)
    wait_until(club.struck)
    asked = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    assert "once more to stop at once" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    assert end(process).code == 130
    assert time.monotonic() - asked < 8  # before the answer
    words = ("apply", club.runs()[0], "--resume", "--state-dir", club.state)
    assert run_here(*words, environment=club.environment).code == 0
    assert sorted(club.contacts()) == ["ann@example.com", "bob@example.com", "cy@example.com"]


def test_a_run_that_finds_the_account_taken_ends_with_6_and_one_that_waits_gets_its_turn(club: Club) -> None:
    club.strike("latency", "GET", "*/contacts", seconds=3)
    words = ("run", club.pipeline, "--state-dir", club.state)
    first = start(*words, environment=club.environment)
    wait_until(club.struck)
    taken = run_here(*words, environment=club.environment)
    assert (taken.code, taken.out) == (6, "")
    assert taken.err.startswith("ctct-etl: another run holds the account: run ")
    assert f"process {first.pid}" in taken.err
    assert taken.err.endswith("— let it end, or --wait for it\n")
    waited = run_here(*words, "--wait", "1m", environment=club.environment)
    assert waited.code == 0 and "Nothing to do" in waited.out
    assert end(first).code == 0
