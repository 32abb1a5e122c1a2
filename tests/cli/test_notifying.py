"""`notify:`, as a night tells it: whom, when, in which words, and what happens where nobody can be told."""

from __future__ import annotations

import email
import email.policy
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ctct_etl.config import notice_targets
from ctct_etl.config.notice_targets import TargetRefused, open_target
from tests.cli.club import MAPPING, PIPELINE, Club
from tests.cli.listening import Webhook, listening, receiving_mail
from tests.cli.program import Said, end, run, run_here, start

TELLING = PIPELINE + 'guards: {max_rejected: 50%}\nnotify:\n  - {to: "${HOOK}", when: WHEN}\n'
GUARDED = "guards: {max_rejected: 50%, max_updates: 0}"


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with listening() as opened:
        yield opened


def configure(club: Club, hook: Webhook, when: str = "always") -> None:
    club.write(pipeline=TELLING.replace("WHEN", when))
    club.environment["HOOK"] = hook.url


def guard(club: Club) -> None:
    club.write(pipeline=club.pipeline.read_text("utf-8").replace("guards: {max_rejected: 50%}", GUARDED))


def unguard(club: Club) -> None:
    club.write(pipeline=club.pipeline.read_text("utf-8").replace(GUARDED, "guards: {max_rejected: 50%}"))


def night(club: Club, *words: object, program: bool = False) -> Said:
    go = run if program else run_here
    return go("run", club.pipeline, *words, "--state-dir", club.state, environment=club.environment)


def titles(hook: Webhook) -> list[str]:
    return [each["title"] for each in hook.got]


def test_a_webhook_is_told_by_post_how_the_run_ended(club: Club, hook: Webhook) -> None:
    configure(club, hook)
    said = night(club, program=True)
    assert (said.code, said.err) == (0, "")
    (told,) = hook.got
    assert (told["title"], told["type"]) == ("members: done", "success")
    assert told["message"].splitlines() == [
        "1 person was added and 1 changed.",
        "Account: club. 4 rows, 1 rejected.",
        "Read back: 2 of 2 as promised.",
        f"Exit code 0. Report: {said.last_line}",
    ]


def test_a_mail_server_gets_a_mail_of_the_same(club: Club) -> None:
    with receiving_mail() as box:
        address = f"mailto://127.0.0.1:{box.port}/?from=night@example.org&to=engineer@example.org"
        club.environment["HOOK"] = address
        club.write(pipeline=TELLING.replace("WHEN", "guard"))
        guard(club)
        assert night(club).code == 3
    (mail,) = box.mails
    message = email.message_from_string(mail, policy=email.policy.default)
    assert message["Subject"] == "members: stopped by a guard, nothing was sent"
    assert message["To"] is not None and "engineer@example.org" in message["To"]
    body = message.get_body(("plain", "html"))
    assert body is not None
    assert "Guard max_updates: 1 of 2 contacts" in body.get_content().replace("&nbsp;", " ")


def let_somebody_leave(club: Club) -> None:
    """The service takes the new contact, and somebody takes it off its list before it is read back: done in part."""
    club.strike("act", "POST", "/v3/contacts", when="after", act={
        "who": "person", "do": "leave_list", "address": "cy@example.com", "list": "Newsletter"
    })  # fmt: skip


def test_who_is_told_of_which_end(club: Club, hook: Webhook) -> None:
    stopped, partly = "members: stopped by a guard, nothing was sent", "members: done in part"
    good = "members: good again"
    expected = {
        "failure": [partly],
        "guard": [stopped],
        "recovery": [good],
        "[failure, recovery]": [partly, good],
        "always": [stopped, partly, good, "members: done"],
    }
    lines = "".join(f'  - {{to: "${{HOOK}}/{at}", when: {when}}}\n' for at, when in enumerate(expected))
    configure(club, hook)
    club.write(pipeline=f"{PIPELINE}guards: {{max_rejected: 50%}}\nnotify:\n{lines}")
    guard(club)
    assert night(club).code == 3
    unguard(club)
    let_somebody_leave(club)
    assert [night(club).code for _ in range(3)] == [4, 0, 0]
    for at, titles in enumerate(expected.values()):
        assert [
            each["title"] for path, each in zip(hook.paths, hook.got, strict=True) if path.endswith(f"/{at}")
        ] == titles


def test_by_default_failures_guards_and_recoveries_are_told(club: Club, hook: Webhook) -> None:
    configure(club, hook)
    club.write(pipeline=club.pipeline.read_text("utf-8").replace(", when: always", ""))
    guard(club)
    night(club)
    unguard(club)
    night(club)
    night(club)
    assert titles(hook) == ["members: stopped by a guard, nothing was sent", "members: good again"]


def test_a_dry_run_and_a_plan_tell_nobody(club: Club, hook: Webhook) -> None:
    configure(club, hook)
    night(club, "--dry-run")
    run_here("plan", club.pipeline, "--state-dir", club.state, environment=club.environment)
    assert hook.got == []


def test_a_source_that_can_t_be_read_is_told_without_a_report(club: Club, hook: Webhook) -> None:
    configure(club, hook, "failure")
    (club.folder / "members.csv").unlink()
    assert night(club).code == 1
    (told,) = hook.got
    assert (told["title"], told["type"]) == ("members: failed", "failure")
    assert told["message"].splitlines() == [
        "The source can't be read, or is not what the pipeline expects.",
        "Exit code 1. There is no report: read what the run said on stderr.",
    ]


def test_a_mapping_that_somebody_broke_is_told_by_its_places(club: Club, hook: Webhook) -> None:
    configure(club, hook, "failure")
    club.write(mapping=MAPPING.replace("first_name", "frist_name"))
    said = night(club)
    assert said.code == 2
    (told,) = hook.got
    assert told["title"] == "members: the configs are wrong"
    assert told["message"].splitlines()[0] == f"1 mistake in the configs: {said.err.partition(': ')[0]}."


def test_a_fault_of_the_pipeline_beside_its_notices_is_told_too(club: Club, hook: Webhook) -> None:
    configure(club, hook, "failure")
    club.write(pipeline=club.pipeline.read_text("utf-8") + "kep: 90d\n")
    assert night(club).code == 2
    assert titles(hook) == ["members: the configs are wrong"]


def test_a_cell_that_stops_the_run_is_not_repeated(club: Club, hook: Webhook) -> None:
    configure(club, hook, "failure")
    club.write(
        mapping=MAPPING.replace("first_name: First Name", "birthday: {column: First Name, type: date, invalid: stop}")
    )
    assert night(club).code == 1
    text = json.dumps(hook.got)
    assert len(hook.got) == 1 and "Ann" not in text and "@" not in text


def test_no_notice_holds_an_address_or_a_value(club: Club, hook: Webhook) -> None:
    configure(club, hook)
    let_somebody_leave(club)
    said = night(club)
    assert said.code == 4 and "cy@example.com" in said.out
    text = json.dumps(hook.got)
    assert "Read back: 1 of 2 as promised." in text
    assert not [word for word in ("@", "bob", "Stone", "Park", "Newsletter") if word in text]


def test_a_run_that_somebody_stops_is_told(club: Club, hook: Webhook) -> None:
    configure(club, hook, "failure")
    club.strike("latency", "GET", seconds=0.3)
    process = start("run", club.pipeline, "--state-dir", club.state, environment=club.environment)
    while not club.ask("requests"):
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    assert end(process).code == 143
    assert titles(hook) == ["members: ended by a signal (143)"]


def test_who_can_t_be_told_is_a_warning_and_a_note_and_never_changes_the_exit_code(club: Club, hook: Webhook) -> None:
    configure(club, hook)
    hook.answer = 503
    said = night(club, program=True)
    assert said.code == 0
    why = "it was refused, or could not be reached, HTTP status 503"
    words = f"notify, no. 1 (JSON), was not told how the run ended: {why}"
    assert said.err == f"ctct-etl: {words}\n"
    (directory,) = club.runs()
    assert json.loads((directory / "outcome.json").read_text("utf-8"))["not_told"] == [words]
    assert json.loads(run_here("show", directory, "--format", "json").out)["state"] == "done"


def test_no_secret_of_an_address_is_written_anywhere(club: Club, hook: Webhook) -> None:
    configure(club, hook)
    hook.answer = 404
    said = run("-v", "run", club.pipeline, "--state-dir", club.state, environment=club.environment)
    assert len(hook.got) == 1 and "t0ps3cret" in hook.paths[0]
    assert "t0ps3cret" not in said.out + said.err
    for path in club.state.rglob("*"):
        assert not path.is_file() or b"t0ps3cret" not in path.read_bytes(), path


def test_one_that_can_t_be_reached_does_not_keep_the_others_from_being_told(club: Club, hook: Webhook) -> None:
    configure(club, hook)
    text = club.pipeline.read_text("utf-8")
    club.write(pipeline=text.replace("notify:\n", 'notify:\n  - {to: "json://127.0.0.1:9/nobody", when: always}\n'))
    said = night(club)
    assert said.code == 0 and said.err.startswith("ctct-etl: notify, no. 1 (JSON), was not told")
    assert titles(hook) == ["members: done"]


def test_a_service_that_never_answers_holds_nobody_up(club: Club, hook: Webhook) -> None:
    configure(club, hook)
    hook.held = threading.Event()
    begun = time.monotonic()
    said = night(club, program=True)
    assert said.code == 0 and "was not told how the run ended" in said.err
    assert time.monotonic() - begun < 25


def test_a_redirect_is_not_followed(club: Club, hook: Webhook) -> None:
    configure(club, hook)
    with listening() as elsewhere:
        hook.answer, hook.to = 307, elsewhere.url
        said = night(club)
        assert said.code == 0 and elsewhere.got == []


def test_a_blank_address_tells_nobody(club: Club) -> None:
    club.write(pipeline=TELLING.replace("WHEN", "always").replace("${HOOK}", "${HOOK:-}"))
    said = night(club)
    assert (said.code, said.err) == (0, "")


def test_a_pipeline_that_can_t_be_read_at_all_tells_nobody_and_ends_as_ever(tmp_path: Path) -> None:
    path = tmp_path / "pipeline.yaml"
    path.write_text("notify: [", "utf-8")
    assert run_here("run", path, "--state-dir", tmp_path / "state").code == 2


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/hook",
        "http://localhost:8080/hook",
        "jsons://example.org/hook",
        "mailto://relay.example.org:25/?from=night@example.org&to=ann@example.org",
        "mailtos://user:word@mail.example.org/?to=ann@example.org",
        "https://hooks.slack.com/services/T1234567Z/B1234567Z/abcdefghijklmnopqrstuvwx",
    ],
)
def test_addresses_that_are_taken(address: str) -> None:
    assert open_target(address)


@pytest.mark.parametrize(
    "address",
    ["", "ann@example.org", "http://example.org/hook", "json://example.org", "foo://bar", "json://",
     "mailto://user:word@mail.example.org/?to=ann@example.org", "file:///etc/passwd"],
)  # fmt: skip
def test_addresses_that_are_refused_before_anything_is_read(address: str) -> None:
    with pytest.raises(TargetRefused) as refused:
        open_target(address)
    assert "example" not in str(refused.value)


def test_without_the_library_the_pipeline_is_refused_with_the_command_that_installs_it(club: Club) -> None:
    club.write(pipeline=PIPELINE + 'notify: [{to: "https://example.org/hook"}]\n')
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(sys.modules, "apprise", None)
        notice_targets._library.cache_clear()
        said = run_here("check", club.pipeline, "--state-dir", club.state, environment=club.environment)
    notice_targets._library.cache_clear()
    assert said.code == 2
    what = '"notify" needs the package apprise — install it: pip install "ctct-etl[notify]"'
    assert f"pipeline.yaml:5:15: {what}" in said.out


def test_a_pipeline_that_tells_nobody_never_loads_the_library(club: Club) -> None:
    program = """
import sys
from ctct_etl.cli import main
main(sys.argv[1:], standalone_mode=False)
print("apprise" in sys.modules)
"""
    words = [sys.executable, "-c", program, "run", str(club.pipeline), "--state-dir", str(club.state)]
    environment = {**os.environ, **club.environment}
    said = subprocess.run(words, capture_output=True, text=True, env=environment, check=True)
    assert said.stdout.splitlines()[-1] == "False"
