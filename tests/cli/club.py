"""A club of few people: its sheet, its three config files, and its account, served by a sandbox of its own.

Of the four rows of the sheet one is as the account has it (ann), one differs (bob), one is new (cy), one is unreadable.
"""

from __future__ import annotations

import json
import sqlite3
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ctct_etl.sandbox import start_sandbox

MEMBERS = """\
E-mail,First Name,Last Name
ann@example.com,Ann,Lee
bob@example.com,Bob,Stone
cy@example.com,Cy,Park
nobody,No,Body
"""
PIPELINE = """\
name: members
account: club
source: {path: members.csv}
mapping: mapping.yaml
"""
MAPPING = """\
fields:
  email: E-mail
  first_name: First Name
  last_name: Last Name
lists: [Newsletter]
"""
ACCOUNTS = """\
accounts:
  club: {dialect: v3, client_id: sandbox-key, access_token: "${CLUB_TOKEN}", base_url: "${CLUB_URL}",
    requests_per_second: 1000}
"""
V1_ACCOUNTS = """\
accounts:
  club: {dialect: v1, username: sandbox, api_key: sandbox-key, password: sandbox, base_url: "${CLUB_V1_URL}",
    custom_fields: {Level: 1}, requests_per_second: 1000}
"""
FILES = {"members.csv": MEMBERS, "pipeline.yaml": PIPELINE, "mapping.yaml": MAPPING, "accounts.yaml": ACCOUNTS}
SEED: tuple[dict[str, Any], ...] = (
    {"list": {"name": "Newsletter"}},
    {"custom_field": {"label": "Level", "type": "single_select", "choices": ["Basic", "Gold"]}},
    {"email_address": {"address": "ann@example.com", "permission_to_send": "implicit"}, "first_name": "Ann",
     "last_name": "Lee", "list_memberships": ["Newsletter"]},
    {"email_address": {"address": "bob@example.com", "permission_to_send": "implicit"}, "first_name": "Bob",
     "last_name": "Old", "list_memberships": ["Newsletter"]},
)  # fmt: skip
TOKEN = "sandbox-token"


@dataclass(frozen=True)
class Club:
    """Where everything is: pipeline, state directory, the account's address and what configs name by variables."""

    folder: Path
    url: str
    environment: dict[str, str]

    @property
    def pipeline(self) -> Path:
        return self.folder / "pipeline.yaml"

    @property
    def accounts(self) -> Path:
        return self.folder / "accounts.yaml"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def runs(self) -> list[Path]:
        """What lies in the state's runs, the oldest first, whatever it is."""
        return sorted((self.state / "runs").glob("*")) if (self.state / "runs").is_dir() else []

    def write(self, **files: str) -> None:
        """Write files anew: `pipeline=` is pipeline.yaml, and `members=` is members.csv."""
        for name, text in files.items():
            (self.folder / f"{name}.{'csv' if name == 'members' else 'yaml'}").write_text(text, "utf-8")

    def contacts(self) -> dict[str, dict[str, Any]]:
        """The account's contacts by address."""
        return {each["email_address"]["address"]: each for each in self.ask("contacts")}

    def writes(self) -> list[str]:
        """What the account was sent besides GETs."""
        return [f"{each['method']} {each['path']}" for each in self.ask("requests") if each["method"] != "GET"]

    def strike(self, kind: str, method: str = "*", path: str = "*", **how: Any) -> None:
        """Let a fault strike: see docs/sandbox.md."""
        self.ask("faults", {"kind": kind, "match": {"method": method, "path": path}, **how})

    def struck(self) -> int:
        """How often faults have struck."""
        return sum(fault["hits"] for fault in self.ask("faults"))

    def calm(self) -> None:
        """Take all faults back, and let go whatever waits because of one."""
        urllib.request.urlopen(
            urllib.request.Request(f"{self.url}/_sandbox/faults", method="DELETE"), timeout=10
        ).close()

    def act(self, who: str, deed: str, address: str, **how: Any) -> None:
        """Let a person, or the account's owner, do something."""
        self.ask("act", {"who": who, "do": deed, "address": address, **how})

    def pass_midnight(self) -> None:
        """Let what was counted be of yesterday."""
        with closing(sqlite3.connect(self.state / "requests.sqlite", isolation_level=None)) as counted:
            for table in ("requests", "used_up"):
                counted.execute(f"UPDATE {table} SET day = date(day, '-1 day')")

    def ask(self, what: str, wish: dict[str, Any] | None = None) -> Any:
        body = None if wish is None else json.dumps(wish).encode()
        with urllib.request.urlopen(f"{self.url}/_sandbox/{what}", body, timeout=10) as answer:
            return json.load(answer)


@contextmanager
def opened_club(folder: Path, organization: str = "Riverside Club") -> Iterator[Club]:
    """Write the club's files into `folder` and serve its account, for the length of the block."""
    seed = write_seed(folder / "seed.jsonl", organization)
    with start_sandbox(seed=seed, limits=False, switches={"activity_seconds": 0.0}) as sandbox:
        yield write_club(folder, sandbox.url)


def write_club(folder: Path, url: str) -> Club:
    """Write the club's files into `folder`; its account is served at `url`."""
    for name, text in FILES.items():
        (folder / name).write_text(text, "utf-8")
    write_seed(folder / "seed.jsonl")
    return Club(folder, url, {"CLUB_TOKEN": TOKEN, "CLUB_URL": f"{url}/v3", "CLUB_V1_URL": f"{url}/ws"})


def write_seed(path: Path, organization: str = "Riverside Club") -> Path:
    lines = ({"account": {"organization_name": organization}}, *SEED)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return path
