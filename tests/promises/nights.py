"""One night over real HTTP: a generated world in files, a served sandbox, and the program run as a user runs it."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from hypothesis import HealthCheck, assume, settings

from ctct_etl.config.values import Limit
from ctct_etl.errors import AccountError, ConfigError, QuotaUsedUp
from ctct_etl.sandbox import Sandbox, start_sandbox
from ctct_etl.workflow.applying import Wish, apply_directory
from ctct_etl.workflow.context import Context
from ctct_etl.workflow.endings import Ended
from ctct_etl.workflow.rehearsing import Rehearsed, rehearse_plan
from ctct_etl.workflow.reverting import revert_run
from ctct_etl.workflow.running import plan_pipeline, run_pipeline
from tests.promises.worlds import World, write_seed, write_world

MOST_RESUMPTIONS = 12
# The clock and the dice of a plan's name: two plans of one world may differ in nothing else.
NOW = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)


class Wrapping(Protocol):
    """Stands between the program and the sandbox: a checker of what is said, or a service with a will of its own."""

    def wrap(self, app: Any) -> Any: ...


@dataclass
class Night:
    """A world at work. `contacts` are keyed by their address in lower case, those without one by their id."""

    folder: Path
    sandbox: Sandbox
    pipeline: Path
    runs: int = field(default=0)
    now: datetime = NOW
    full: bool | None = None  # as of Context: None reads an account as small as these whole, every time

    @property
    def url(self) -> str:
        return self.sandbox.url

    def plan(self, accepted: Mapping[str, Limit] | None = None) -> Ended:
        return plan_pipeline(self.context(), self.pipeline, out=None, accepted=accepted or {})

    def dry_run(self) -> Ended:
        return run_pipeline(self.context(), self.pipeline, dry_run=True, accepted={})

    def run(self, accepted: Mapping[str, Limit] | None = None, *, retry_refused: bool = False) -> Ended:
        return run_pipeline(
            self.context(), self.pipeline, dry_run=False, accepted=accepted or {}, retry_refused=retry_refused
        )

    def apply(self, planned: Ended, accepted: Mapping[str, Limit] | None = None) -> Ended:
        return apply_directory(self.context(), planned.directory, wish=Wish(), accepted=accepted or {})

    def run_to_its_end(self) -> Ended:
        """Run, and resume for as long as the service makes it end early."""
        return self._go_on(self.run)

    def plan_to_its_end(self) -> Ended:
        return self._go_on(self.plan)

    def apply_to_its_end(self, planned: Ended) -> Ended:
        return self._go_on(lambda: self.apply(planned))

    def _go_on(self, begin: Callable[[], Ended]) -> Ended:
        ended = None
        for _ in range(MOST_RESUMPTIONS):
            try:
                ended = begin() if ended is None else self.resume(ended)
            except (AccountError, QuotaUsedUp):  # it could not even read the account
                continue
            if ended.outcome is None or ended.outcome["ended"] in ("done", "part"):
                return ended
        raise AssertionError(f"it never came to its end: {ended and ended.advice}")

    def resume(self, ended: Ended) -> Ended:
        return apply_directory(self.context(), ended.directory, wish=Wish(resume=True), accepted={})

    def act(self, who: str = "person", **wish: str) -> None:
        """Let a person, or the account's owner, do something: see docs/sandbox.md."""
        body = json.dumps({"who": who, **wish}).encode()
        request = urllib.request.Request(f"{self.url}/_sandbox/act", body, {"Content-Type": "application/json"})
        urllib.request.urlopen(request).close()

    def revert(self, ended: Ended, **wish: Any) -> Ended:
        """Make the plan that takes a run back; its guards are said yes to."""
        yes = dict.fromkeys(("max_updates", "max_removals", "max_field_change"), Limit(count=100_000))
        return revert_run(self.context(), str(ended.directory), out=None, accepted=yes, **wish)

    def rehearse(self, planned: Ended) -> Rehearsed:
        return rehearse_plan(self.context(), planned.directory, accepted={})

    def contacts(self) -> dict[str, dict[str, Any]]:
        found = {}
        for contact in self._get("contacts"):
            address = (contact.get("email_address") or {}).get("address", "")
            found[address.lower() or contact["contact_id"]] = contact
        return found

    def requests(self) -> list[dict[str, Any]]:
        return list(self._get("requests"))

    def mails(self) -> list[dict[str, Any]]:
        return list(self._get("mails"))

    def context(self) -> Context:
        self.runs += 1
        token, run = f"{self.runs:04x}", self.folder / "state"
        return Context(
            environment={}, state=run, full=self.full, now=lambda: self.now, token=lambda: token,
            sleep=lambda seconds: None,
        )  # fmt: skip

    def _get(self, what: str) -> Any:
        with urllib.request.urlopen(f"{self.url}/_sandbox/{what}") as answer:
            return json.load(answer)


@contextmanager
def night_of(
    world: World,
    checker: Wrapping | None = None,
    switches: Mapping[str, object] | None = None,
    dialect: str = "v3",
) -> Iterator[Night]:
    """Serve the world's account and write its files, for the length of the block."""
    with TemporaryDirectory() as place:
        folder = Path(place)
        seed = write_seed(world, folder / "seed.jsonl")
        wrap = checker.wrap if checker is not None else None
        with start_sandbox(
            seed=seed, limits=False, switches={"activity_seconds": 0.0, **(switches or {})}, wrap=wrap
        ) as sandbox:
            yield Night(folder, sandbox, write_world(world, folder, sandbox.url, dialect))


def action_lines(ended: Ended) -> bytes:
    return (ended.directory / "actions.jsonl").read_bytes()


def actions(ended: Ended) -> list[dict[str, Any]]:
    return [json.loads(line) for line in action_lines(ended).decode("utf-8").splitlines()]


# A night over HTTP takes a second: fewer of them where the tests are sampled, as many as of anything in the proof.
slow = settings(
    max_examples=2 if settings.get_current_profile_name() == "sampled" else 200,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


def or_pass_by(step: Callable[[], Ended]) -> Ended:
    """A world whose cells name a list that the account does not have is refused as a whole: no night to look at."""
    try:
        return step()
    except ConfigError as error:
        assume("the account has no" not in str(error))
        raise
