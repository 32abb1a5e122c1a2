"""Every error that ctct_etl raises on purpose, split by what the person must do.

CtctError --+-- ConfigError     2  mend the YAML (all problems at once, each with file:line:column)
            +-- SourceError     1  mend the file
            +-- GuardTripped    3  read the report, accept
            +-- PlanRefused     1  edited, foreign or too old: plan again
            +-- CanaryFailed    1  read the report: the actions sent ahead did not do what the plan promised
            +-- StateError      1  mend the state directory (disk full, read-only, torn file)
            +-- EngineFailed    1  look at the cluster, then run again
            +-- QuotaUsedUp     5  resume after the time given
            +-- RunLocked       6  another run holds the account
            +-- Interrupted   130  it was asked to end while it waited for a job: resume, or run again
            +-- AccountError    1 -+- Denied    stop: credentials, scope, account
                                   +- Busy      the service is down or slow: repeat later
                                   |  +- TurnedAway  a write that has to wait: read anew what it rests on
                                   +- Rejected  this contact only; the run goes on
                                   +- Unsettled a write whose answer was lost: settle it by reading

Bad data is never an exception: it is an outcome of its row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar


class CtctError(Exception):
    """The base: a message that says what is wrong, where, and how to mend it."""

    exit_code: ClassVar[int] = 1


@dataclass(frozen=True, order=True)
class ConfigProblem:
    """One fault of a config file; line and column count from 1."""

    file: str
    line: int
    column: int
    what: str
    cure: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.what} — {self.cure}"


class ConfigError(CtctError):
    """The configs are wrong: every problem found, in the order of file and place."""

    exit_code = 2

    def __init__(self, problems: Iterable[ConfigProblem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


class UsageError(CtctError):
    """The command line asks for something that can't be."""

    exit_code = 2


class SourceError(CtctError):
    """A source can't be read, or is not what the pipeline expects."""


class GuardTripped(CtctError):
    """A plan does more than its guards allow; nothing was written."""

    exit_code = 3


class PlanRefused(CtctError):
    """A plan directory was edited, belongs to another account, or has an unknown schema version."""


class CanaryFailed(CtctError):
    """The actions that were sent ahead did not do what the plan promised; the rest was not sent."""


class StateError(CtctError):
    """The state directory can't be read or written."""


class EngineFailed(CtctError):
    """The cluster that was to do the work can't be reached, is not fit for it, or was lost."""


class QuotaUsedUp(CtctError):
    """The day's requests are used up; `resume_at` is ISO 8601, UTC."""

    exit_code = 5

    def __init__(self, message: str, resume_at: str) -> None:
        self.resume_at = resume_at
        super().__init__(message)


class RunLocked(CtctError):
    """Another run holds the account's lock."""

    exit_code = 6


class Interrupted(CtctError):
    """The run was asked to end while it waited for a job; the job goes on, and a resumed run settles it."""

    exit_code = 130


class AccountError(CtctError):
    """The service said no, or said nothing that can be understood."""


class Denied(AccountError):
    """Credentials, scope or account are wrong: the run stops."""


class Busy(AccountError):
    """The service is down, slow or throttling beyond patience: nothing was decided, repeat later."""


class TurnedAway(Busy):
    """A write that rests on what was read just before did nothing, and has to wait: read again before it is sent."""


class Rejected(AccountError):
    """The service refused this one request; `words` are its own, `status` is the HTTP status."""

    def __init__(self, words: str, status: int) -> None:
        self.words = words
        self.status = status
        super().__init__(f"{words} (HTTP {status})")


class Unsettled(AccountError):
    """A write was sent and its answer lost: only reading the account can say what became of it."""
