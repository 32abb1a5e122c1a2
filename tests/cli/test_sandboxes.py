"""`sandbox serve | seed | reset`: the emulator as a command."""

from __future__ import annotations

import json
import signal
import urllib.parse
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cli.club import write_seed
from tests.cli.program import end, run, run_here, start


@contextmanager
def served(state: Path, *words: object) -> Iterator[str]:
    """Serve on a free port for the length of the block; give the URL that is printed when it is ready."""
    process = start("sandbox", "serve", "--port", 0, "--state", state, *words)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().removesuffix("\n")
    finally:
        process.send_signal(signal.SIGTERM)
        said = end(process)
    assert (said.code, said.out, said.err) == (0, "", "")  # one line, and a clean end


def get(url: str, token: str = "sandbox-token") -> Any:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}", "Accept": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def addresses(state: Path) -> list[str]:
    with served(state, "--no-limits") as url:
        return sorted(each["email_address"]["address"] for each in get(f"{url}/_sandbox/contacts"))


def test_serving_prints_one_line_with_its_url_when_it_is_ready_and_ends_by_sigterm(tmp_path: Path) -> None:
    with served(tmp_path / "club.sqlite", "--seed", write_seed(tmp_path / "seed.jsonl")) as url:
        assert url.startswith("http://127.0.0.1:")
        found = get(f"{url}/v3/contacts")["contacts"]
        assert sorted(each["email_address"]["address"] for each in found) == ["ann@example.com", "bob@example.com"]


def test_the_client_that_is_known_from_the_start_gets_a_token_that_is_accepted(tmp_path: Path) -> None:
    with served(tmp_path / "club.sqlite") as url:
        request = urllib.request.Request(
            f"{url}/oauth2/default/v1/token",
            urllib.parse.urlencode({"grant_type": "refresh_token", "refresh_token": "sandbox-refresh"}).encode(),
            {"Authorization": f"Basic {b64encode(b'sandbox-key:sandbox-secret').decode()}",
             "Content-Type": "application/x-www-form-urlencoded"},
        )  # fmt: skip
        with urllib.request.urlopen(request, timeout=10) as answer:
            token = json.load(answer)["access_token"]
        assert token != "sandbox-token"
        assert get(f"{url}/v3/contacts", token)["contacts"] == []


def test_a_served_account_outlives_its_server(tmp_path: Path) -> None:
    state = tmp_path / "club.sqlite"
    with served(state, "--seed", write_seed(tmp_path / "seed.jsonl")) as url:
        wish = {"who": "owner", "do": "edit", "address": "ann@example.com", "fields": {"last_name": "Later"}}
        urllib.request.urlopen(f"{url}/_sandbox/act", json.dumps(wish).encode(), timeout=10).close()
    with served(state, "--seed", tmp_path / "seed.jsonl") as url:  # not seeded twice
        names = {each["email_address"]["address"]: each["last_name"] for each in get(f"{url}/_sandbox/contacts")}
    assert names == {"ann@example.com": "Later", "bob@example.com": "Old"}


def test_seed_fills_and_reset_empties_or_begins_anew(tmp_path: Path) -> None:
    state, seed = tmp_path / "club.sqlite", write_seed(tmp_path / "seed.jsonl")
    said = run("sandbox", "seed", "--state", state, "--seed", seed)
    assert (said.code, said.out, said.err) == (0, f"{state}: filled from {seed}\n", "")
    assert addresses(state) == ["ann@example.com", "bob@example.com"]
    said = run_here("sandbox", "reset", "--state", state)
    assert (said.code, said.out) == (0, f"{state}: reset\n")
    assert addresses(state) == []
    assert run_here("sandbox", "reset", "--state", state, "--seed", seed).code == 0
    assert addresses(state) == ["ann@example.com", "bob@example.com"]


@pytest.mark.parametrize("words", [("serve", "--port", 0), ("seed",), ("reset",)])
def test_a_file_that_is_no_sandbox_is_left_as_it_is(tmp_path: Path, words: tuple[object, ...]) -> None:
    members, seed = tmp_path / "members.csv", write_seed(tmp_path / "seed.jsonl")
    members.write_text("E-mail\nann@example.com\n", "utf-8")
    said = run_here("sandbox", *words, "--state", members, "--seed", seed)
    assert (said.code, said.out) == (1, "")
    assert said.err == (
        f"ctct-etl: {members}: is not a sandbox's database, and was left as it is — name another file\n"
    )
    assert members.read_text("utf-8") == "E-mail\nann@example.com\n"


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with served(tmp_path / "one.sqlite") as url:
        said = run("sandbox", "serve", "--port", url.rpartition(":")[2], "--state", tmp_path / "two.sqlite")
    assert (said.code, said.out) == (1, "")
    assert "in use" in said.err and "Traceback" not in said.err
