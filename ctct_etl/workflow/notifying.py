"""Tell people how a run ended, as the pipeline says; what can't be told is a warning, and never changes the run."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from ctct_etl.config.notice_targets import TargetRefused, open_target
from ctct_etl.config.notices import Told, read_notices
from ctct_etl.errors import StateError
from ctct_etl.report.notices import Notice, write_fault_notice, write_notice
from ctct_etl.run.last_endings import note_ending
from ctct_etl.run.state import StateDirectory
from ctct_etl.workflow.context import Context, moment
from ctct_etl.workflow.endings import CHANGES, GUARD_TRIPPED, Ended
from ctct_etl.workflow.outcomes import keep_outcome

LONGEST_S = 20.0  # that a run waits for all its notices together

_GOOD = (0, CHANGES)
_STATUS = re.compile(r"error=([1-5][0-9]{2})\b")


def tell_end(context: Context, path: Path, ended: Ended, code: int) -> list[str]:
    """Tell how the run of the pipeline at `path` ended; return what could not be told, in words, for stderr.

    It is noted in the run's outcome too, where there is one.
    """
    told = read_notices(path, context.environment)
    if not told.notices:
        return []
    events, warnings = _note(context, told, code)
    notice = write_notice(ended.report, code, ended.page, recovered="recovery" in events)
    warnings += _send(told, events, notice)
    if warnings and ended.outcome is not None:
        try:
            keep_outcome(ended.directory, {**ended.outcome, "not_told": warnings})
        except StateError as fault:
            warnings.append(str(fault))
    return warnings


def tell_fault(context: Context, path: Path, fault: BaseException, code: int) -> list[str]:
    """Tell that the run ended by `fault`, before it had a report."""
    told = read_notices(path, context.environment)
    if not told.notices:
        return []
    events, warnings = _note(context, told, code)
    return warnings + _send(told, events, write_fault_notice(told.pipeline, fault, code))


def _note(context: Context, told: Told, code: int) -> tuple[frozenset[str], list[str]]:
    """What the end is called, in the words of `when`; and why the next one may not be known as a recovery."""
    event = "guard" if code == GUARD_TRIPPED else "failure"
    events = {"always"} if code in _GOOD else {"always", event}
    if not told.pipeline or not told.account:
        return frozenset(events), []
    try:
        state = StateDirectory(context.state)
        before = note_ending(state, told.account, told.pipeline, code, moment(context.now()))
    except StateError as fault:
        return frozenset(events), [f"how this run ended could not be noted: {fault}"]
    if code in _GOOD and before not in _GOOD:
        events.add("recovery")
    return frozenset(events), []


def _send(told: Told, events: frozenset[str], notice: Notice) -> list[str]:
    letters = [
        _Letter(at, address, notice)
        for at, each in enumerate(told.notices)
        if events & set(each.when) and (address := each.to.get_secret_value())
    ]
    if not letters:
        return []
    watch = _Statuses()
    logger = logging.getLogger("apprise")
    logger.addHandler(watch)
    until = time.monotonic() + LONGEST_S
    for letter in letters:
        letter.start()
    for letter in letters:
        letter.join(max(0.0, until - time.monotonic()))
    logger.removeHandler(watch)
    return [letter.say_failure(watch.seen) for letter in letters if not letter.was_taken]


class _Letter(threading.Thread):
    """One notice on its way. A service that never answers must not keep the program from ending: hence a daemon."""

    def __init__(self, at: int, address: str, notice: Notice) -> None:
        super().__init__(name=f"notice-{at}", daemon=True)
        self._at, self._address, self._notice = at, address, notice
        self._service, self._why = "", f"no answer within {LONGEST_S:g} s"
        self.was_taken = False

    def run(self) -> None:
        notice = self._notice
        try:
            target = open_target(self._address)
            self._service = f" ({target.service_name})"
            self.was_taken = target.notify(
                body=notice.body, title=notice.title, notify_type=notice.kind, body_format="text"
            )
            self._why = "it was refused, or could not be reached"
        except TargetRefused as fault:
            self._why = str(fault)
        except Exception as fault:  # of a library that speaks to 170 services; its words may hold the address
            self._why = type(fault).__name__

    def say_failure(self, statuses: Mapping[str, str]) -> str:
        status = f", HTTP status {statuses[self.name]}" if self.name in statuses else ""
        return f"notify, no. {self._at + 1}{self._service}, was not told how the run ended: {self._why}{status}"


class _Statuses(logging.Handler):
    """The HTTP status that a service refused with, by thread: all that is taken from the library's log."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[str, str] = {}

    def emit(self, record: logging.LogRecord) -> None:
        status = _STATUS.search(record.getMessage())
        if status and record.threadName:
            self.seen[record.threadName] = status[1]
