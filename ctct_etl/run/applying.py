"""Apply a plan: what it says, or stop. Nothing is decided anew here (design 7).

Phases run one after the other; within one, operations overlap. Every operation is in the journal before it is sent and
after it is answered, so that a run which was killed anywhere goes on where it was.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

import pandas as pd

from ctct_etl.account.dialect import Answer, Dialect, Operation, Result
from ctct_etl.columns import DONE, FAILED
from ctct_etl.errors import AccountError, CtctError, Interrupted, PlanRefused, QuotaUsedUp, StateError
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import PUT_CONTACT, PUT_WHOLE, WINDOW, Planned
from ctct_etl.run.intending import EVERYTHING, Scope, intend_plan
from ctct_etl.run.journal import CLOSED, Entry, Journal
from ctct_etl.run.sending import Sender, Session

Progress = Callable[[int, int], None]  # operations answered, operations in all

ENDED_DONE, ENDED_FAILED, ENDED_QUOTA, ENDED_INTERRUPTED = "done", "failed", "quota", "interrupted"
_TELL_EVERY_S = 0.5
_PUTS = (PUT_CONTACT, PUT_WHOLE)
MOST_REFUSALS = 20  # in a row: then it is not the contacts that are wrong


@dataclass(frozen=True)
class Applied:
    """How it ended. Unless `ended` is "done", what is pending can be resumed; what became of whom is in the journal.

    requests: asked for by this plan, over all resumptions; repeats by the session are not in it.
    stopped: why it ended early; None when it was interrupted, or went through.
    """

    requests: int
    ended: str
    stopped: CtctError | None


def apply_plan(
    plan: Planned,
    snapshot: Snapshot,
    dialect: Dialect,
    session: Session,
    journal: Journal,
    *,
    remembered: pd.DataFrame | None = None,
    resume: bool = False,
    scope: Scope = EVERYTHING,
    workers: int = 8,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
) -> Applied:
    """Do what `plan` says, as far as `scope` goes, to the account, which `snapshot` shows as it is now.

    Contacts that moved since the plan are conflicts, and left alone; so are those who left a list since, by what is
    `remembered` (see find_leavers; None where the plan was made a moment ago). When the service stops the run
    (credentials, quota, outage, 20 refusals in a row) or `stop` is set, requests in flight are finished and recorded,
    and the rest stays pending. Raises PlanRefused if the plan was begun before and `resume` is not given.
    """
    course = _Course(stop or threading.Event())
    sender = Sender(dialect, session, journal, course.stop)
    try:
        if course.is_over():  # asked to end before it began: not even a list is made
            return _conclude(journal, sender, course)
        refuse_another_begin(journal, resume)
        intend_plan(plan, snapshot, dialect, sender.converse, journal, remembered, scope)
        course.intended = True
        while not course.is_over() and (phase := _open_phase(journal, dialect)) is not None:
            for wave in _split_off_first_put(journal, phase, sender, course):
                _run(wave, sender, course, workers, _teller(journal, progress))
    except PlanRefused:
        raise
    except Interrupted:
        course.interrupted = True
    except CtctError as fault:
        course.stopped = course.stopped or fault
    return _conclude(journal, sender, course)


def refuse_another_begin(journal: Journal, resume: bool) -> None:
    """Raise PlanRefused for a plan that was begun before, unless that is meant, and for one that is closed."""
    if journal.how_it_ended() == CLOSED:
        raise PlanRefused("this plan was interrupted, and a later run has closed it — plan again")
    if journal.is_begun() and not resume:
        raise PlanRefused("this plan was begun before — apply it with --resume, or plan again")


def _open_phase(journal: Journal, dialect: Dialect) -> int | None:
    """The phase of the next wave, none of its operations carrying a contact that failed or moved; None at the end."""
    while (phase := journal.lowest_phase()) is not None:
        narrowed = {
            entry.operation.id: dialect.without(entry.operation, out) for entry, out in journal.overtaken(phase)
        }
        if not narrowed:
            break
        journal.replace(narrowed)
    return phase


def _split_off_first_put(journal: Journal, phase: int, sender: Sender, course: _Course) -> Iterator[Iterator[Entry]]:
    """Waves: one PUT at a time until one was read back whole by its dialect, then all that is there by then."""
    for route in _PUTS:
        for put in journal.entries(phase, route):
            if sender.put_proved or course.is_over():
                break
            yield iter([put])
    if not course.is_over():
        yield journal.entries(phase)


def _teller(journal: Journal, progress: Progress | None) -> Callable[[bool], None]:
    """Tell how far it is: at the end of a wave, and meanwhile not more often than a person looks."""
    last = 0.0

    def tell(at_the_end: bool) -> None:
        nonlocal last
        if progress is not None and (at_the_end or time.monotonic() - last > _TELL_EVERY_S):
            last = time.monotonic()
            progress(*journal.count())

    return tell


class _Course:
    """How the run fares: whether it is over, and why."""

    def __init__(self, stop: threading.Event) -> None:
        self.stop = stop
        self._refusals = 0
        self.stopped: CtctError | None = None
        self.interrupted = False
        self.intended = False  # what is asked for stands in the journal

    def is_over(self) -> bool:
        self.interrupted = self.interrupted or self.stop.is_set()
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


def _run(entries: Iterator[Entry], sender: Sender, course: _Course, workers: int, tell: Callable[[bool], None]) -> None:
    """Carry out operations, at most `workers` at once, and start none when the run is over.

    Bulk jobs carry tens of thousands of contacts: no more of those are in flight than two full ones hold.
    """
    running: dict[Future[Answer], Operation] = {}
    following = next(entries, None)
    with ThreadPoolExecutor(max_workers=workers) as pool:
        while True:
            while following is not None and len(running) < workers and not course.is_over():
                if running and not _fits_beside(following.operation, running.values(), sender):
                    break
                running[pool.submit(sender.carry_out, following)] = following.operation
                following = next(entries, None)
            if not running:
                return tell(True)
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                del running[future]
                course.note(future)
            tell(False)


def _fits_beside(operation: Operation, others: Collection[Operation], sender: Sender) -> bool:
    """False for what is too much at once, and for a PUT beside another as long as none was read back whole.

    PUTs are followers of a bulk job too, which left somebody out.
    """
    if operation.route in _PUTS and not sender.put_proved and any(other.route in _PUTS for other in others):
        return False
    return sum(len(other.addresses) for other in others) + len(operation.addresses) <= WINDOW


def _conclude(journal: Journal, sender: Sender, course: _Course) -> Applied:
    ended = _name_end(course, journal)
    with contextlib.suppress(StateError):  # a full disk is why it stopped; what was recorded can still be read
        journal.count_requests(sender.take_count())
        journal.end(ended)
    return Applied(journal.requests(), ended, course.stopped)


def _name_end(course: _Course, journal: Journal) -> str:
    if isinstance(course.stopped, QuotaUsedUp):
        return ENDED_QUOTA
    if course.stopped is not None:
        return ENDED_FAILED
    # A signal that came after the last answer interrupts nothing.
    is_through = course.intended and _is_through(journal)
    return ENDED_INTERRUPTED if course.interrupted and not is_through else ENDED_DONE


def _is_through(journal: Journal) -> bool:
    answered, total = journal.count()
    return journal.is_begun() and answered == total
