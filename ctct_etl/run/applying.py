"""Apply a plan: what it says, or stop. Nothing is decided anew here (design 7).

Phases run one after the other; within one, operations overlap. Every operation is in the journal before it is sent and
after it is answered, so that a run which was killed anywhere goes on where it was.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

import pandas as pd

from ctct_etl.account.dialect import Answer, Dialect, Prerequisites, Result
from ctct_etl.columns import CONFLICT, DONE, EMAIL, FAILED, WORDS
from ctct_etl.errors import AccountError, CtctError, PlanRefused, QuotaUsedUp, StateError
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import PUT_CONTACT, Plan, PlanTables
from ctct_etl.run.journal import INTENDED, Entry, Journal
from ctct_etl.run.refreshing import find_conflicts, find_leavers, leave_out, leave_out_details
from ctct_etl.run.sending import Interrupted, Sender, Session
from ctct_etl.run.totalling import count_results, total_results

Progress = Callable[[int, int], None]  # operations answered, operations in all

ENDED_DONE, ENDED_FAILED, ENDED_QUOTA, ENDED_INTERRUPTED = "done", "failed", "quota", "interrupted"
MOST_REFUSALS = 20  # in a row: then it is not the contacts that are wrong


@dataclass(frozen=True)
class Applied:
    """How it ended. Unless `ended` is "done", what is pending can be resumed.

    results: one row a writing action, in the plan's order: EMAIL · ACTION · RESULT · WORDS, all str.
    counts: action → result → count, every writing action and every result.
    requests: asked for by this plan, over all resumptions; repeats by the session are not in it.
    stopped: why it ended early; None when it was interrupted, or went through.
    """

    results: pd.DataFrame
    counts: Mapping[str, Mapping[str, int]]
    requests: int
    ended: str
    stopped: CtctError | None


def apply_plan(
    plan: Plan,
    snapshot: Snapshot,
    dialect: Dialect,
    session: Session,
    journal: Journal,
    *,
    remembered: pd.DataFrame | None = None,
    resume: bool = False,
    workers: int = 8,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
) -> Applied:
    """Do what `plan` says to the account, which `snapshot` shows as it is now.

    Contacts that moved since the plan are conflicts, and left alone; so are those who left a list since, by what is
    `remembered` (see find_leavers; None where the plan was made a moment ago). When the service stops the run
    (credentials, quota, outage, 20 refusals in a row) or `stop` is set, requests in flight are finished and recorded,
    and the rest stays pending. Raises PlanRefused if the plan was begun before and `resume` is not given.
    """
    stop = stop or threading.Event()
    sender = Sender(dialect, session, journal, stop)
    course = _Course(stop)
    try:
        if course.is_over():  # asked to end before it began: not even a list is made
            return _conclude(plan, journal, sender, course)
        _intend(plan, snapshot, dialect, sender, journal, remembered, resume)
        while not course.is_over() and (entries := _narrow(journal, dialect)):
            for wave in _split_off_first_put(entries, sender):
                _run(wave, sender, course, workers, lambda: progress and progress(*journal.count()))
                if course.is_over():
                    break
    except PlanRefused:
        raise
    except CtctError as fault:
        course.stopped = course.stopped or fault
    return _conclude(plan, journal, sender, course)


def _intend(
    plan: Plan,
    snapshot: Snapshot,
    dialect: Dialect,
    sender: Sender,
    journal: Journal,
    remembered: pd.DataFrame | None,
    resume: bool,
) -> None:
    """Record all operations of the plan; when that is done already, find out what moved since."""
    if not journal.is_begun():
        conflicts = _results([find_conflicts(plan.tables, snapshot), *_left(plan.tables, snapshot, remembered)])
        tables = leave_out(plan.tables, {result.address for result in conflicts})
        wanted = Prerequisites(**{kind: tuple(names) for kind, names in plan.manifest["prerequisites"].items()})
        if wanted != Prerequisites():
            snapshot = sender.converse(dialect.prepare(wanted, snapshot))
        journal.intend(dialect.build(tables, snapshot), conflicts)
        return
    if not resume:
        raise PlanRefused("this plan was begun before — apply it with --resume, or plan again")
    # What we have sent has changed the contacts ourselves: of those it only counts that they are still there.
    everybody, waiting, touched = set(plan.tables.actions[EMAIL]), journal.waiting(), journal.touched()
    untouched = leave_out(plan.tables, everybody - (waiting - touched))
    underway = leave_out_details(leave_out(plan.tables, everybody - (waiting & touched)))
    moved = [find_conflicts(tables, snapshot) for tables in (untouched, underway)]
    left = _left(leave_out(plan.tables, everybody - waiting), snapshot, remembered)
    journal.replace({}, _results([*moved, *left]))


def _left(tables: PlanTables, snapshot: Snapshot, remembered: pd.DataFrame | None) -> list[pd.DataFrame]:
    return [] if remembered is None else [find_leavers(tables, snapshot, remembered)]


def _results(found: Iterable[pd.DataFrame]) -> list[Result]:
    """One conflict a contact, by the first words about it."""
    conflicts = pd.concat(found).drop_duplicates(EMAIL)
    pairs = zip(conflicts[EMAIL], conflicts[WORDS], strict=True)
    return [Result(address, CONFLICT, words) for address, words in pairs]


def _narrow(journal: Journal, dialect: Dialect) -> list[Entry]:
    """The next phase's operations, none of them carrying a contact that failed or moved before."""
    entries, given_up = journal.next_phase(), journal.given_up()
    narrowed = {
        entry.operation.id: dialect.without(entry.operation, out)
        for entry in entries
        if entry.state == INTENDED and (out := given_up.intersection(entry.operation.addresses))
    }
    if not narrowed:
        return entries
    journal.replace(narrowed)
    return _narrow(journal, dialect) if None in narrowed.values() else journal.next_phase()


def _split_off_first_put(entries: list[Entry], sender: Sender) -> Iterable[list[Entry]]:
    """Waves: one PUT at a time until one was read back whole by its dialect, then all the rest together."""
    rest = list(entries)
    while not sender.put_proved and (put := next((e for e in rest if e.operation.route == PUT_CONTACT), None)):
        rest.remove(put)
        yield [put]
    yield rest


class _Course:
    """How the run fares: whether it is over, and why."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._refusals = 0
        self.stopped: CtctError | None = None
        self.interrupted = False

    def is_over(self) -> bool:
        self.interrupted = self.interrupted or self._stop.is_set()
        return self.stopped is not None or self.interrupted

    def note(self, future: Future[Answer]) -> None:
        """Take in how an operation ended. Faults of the program itself come out as they are."""
        try:
            results = future.result().results
        except Interrupted:
            self.interrupted = True
        except CtctError as fault:
            self.stopped = self.stopped or fault
        else:
            self._count_refusals(results)

    def _count_refusals(self, results: Iterable[Result]) -> None:
        words = {result.result: result.words for result in results}
        if DONE in words:
            self._refusals = 0
        elif FAILED in words:
            self._refusals += 1
        if self._refusals >= MOST_REFUSALS and self.stopped is None:
            self.stopped = AccountError(
                f'{self._refusals} operations in a row were refused, the last with "{words[FAILED]}"'
                " — look at the account and the plan, then resume"
            )


def _run(entries: list[Entry], sender: Sender, course: _Course, workers: int, tell: Callable[[], object]) -> None:
    """Carry out operations, at most `workers` at once, and start none when the run is over."""
    waiting = iter(entries)
    running: set[Future[Answer]] = set()
    with ThreadPoolExecutor(max_workers=workers) as pool:
        while True:
            while len(running) < workers and not course.is_over() and (entry := next(waiting, None)):
                running.add(pool.submit(sender.carry_out, entry))
            if not running:
                return
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                course.note(future)
            tell()


def _conclude(plan: Plan, journal: Journal, sender: Sender, course: _Course) -> Applied:
    ended = _name_end(course, journal)
    with contextlib.suppress(StateError):  # a full disk is why it stopped; what was recorded can still be read
        journal.count_requests(sender.take_count())
        journal.end(ended)
    results = total_results(plan.tables.actions, journal)
    return Applied(results, count_results(results), journal.requests(), ended, course.stopped)


def _name_end(course: _Course, journal: Journal) -> str:
    if isinstance(course.stopped, QuotaUsedUp):
        return ENDED_QUOTA
    if course.stopped is not None:
        return ENDED_FAILED
    # A signal that came after the last answer interrupts nothing.
    return ENDED_INTERRUPTED if course.interrupted and not _is_through(journal) else ENDED_DONE


def _is_through(journal: Journal) -> bool:
    answered, total = journal.count()
    return journal.is_begun() and answered == total
