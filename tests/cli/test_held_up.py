"""Who leaves while the service holds a write up: what the write rests on is read anew, and nobody is put back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.club import ACCOUNTS, V1_ACCOUNTS, opened_club
from tests.cli.program import run_here

UPDATE = {"v3": "/v3/contacts/*", "v1": "/ws/customers/sandbox/contacts/*"}


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)


@pytest.mark.parametrize("dialect", UPDATE)
@pytest.mark.parametrize("deed", [{"do": "unsubscribe"}, {"do": "leave_list", "list": "Newsletter"}])
def test_who_leaves_while_an_update_waits_for_the_pace_stays_gone(
    tmp_path: Path, dialect: str, deed: dict[str, str]
) -> None:
    with opened_club(tmp_path) as club:
        club.write(accounts={"v3": ACCOUNTS, "v1": V1_ACCOUNTS}[dialect])
        club.strike("throttled", "PUT", UPDATE[dialect])
        club.strike("act", "PUT", UPDATE[dialect], act={"who": "person", "address": "bob@example.com", **deed})
        said = run_here("run", club.pipeline, "--state-dir", club.state, environment=club.environment)
        assert club.struck() == 2
        bob = club.contacts()["bob@example.com"]
    gone = deed["do"] == "unsubscribe"
    assert bob["by_name"]["lists"] == []
    assert (bob["email_address"]["permission_to_send"] == "unsubscribed") == gone
    assert said.code == (4 if gone else 0), said.out + said.err
    assert bob["last_name"] == ("Old" if gone else "Stone")
