"""Carry out one operation: send it, or settle what was sent before, and record what became of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeVar

from ctct_etl.account.dialect import Answer, Checkpoint, Conversation, Dialect, Request, Result, Together
from ctct_etl.columns import FAILED
from ctct_etl.errors import AccountError, Busy, Interrupted, Rejected, Unsettled
from ctct_etl.run.journal import SENT, Entry, Journal

# A refused bulk job is halved until the one contact that it stumbles on stands alone: 2^16 > 40,000, then single.
MOST_GENERATIONS = 20
# So often is an operation sent whose answer gets lost, over all resumptions.
MOST_SENDINGS = 10

T = TypeVar("T")


class Session(Protocol):
    def converse(
        self, conversation: Conversation[T], on_checkpoint: Callable[[Checkpoint], None] | None = None
    ) -> T: ...


class Sender:
    """Carries out operations; any thread may ask it to."""

    def __init__(self, dialect: Dialect, session: Session, journal: Journal, stop: threading.Event) -> None:
        self._dialect = dialect
        self._session = session
        self._journal = journal
        self._stop = stop
        self._lock = threading.Lock()
        self._uncounted = 0
        self.put_proved = False  # a PUT of this process was read back whole by its dialect

    def carry_out(self, entry: Entry) -> Answer:
        """Send an intended operation, settle a sent one; return its answer, which is in the journal.

        Raises Denied, Busy, QuotaUsedUp and Interrupted, with the operation left as sent; StateError.
        """
        if entry.state == SENT:
            return self._settle(entry, entry.detail)
        operation, detail = entry.operation, dict[str, Any]()

        def keep(checkpoint: Checkpoint) -> None:
            self._journal.checkpoint(operation, checkpoint.detail)
            detail.clear()
            detail.update(checkpoint.detail)

        self._journal.sent(operation)
        try:
            answer = self.converse(self._dialect.send(operation), keep)
        except Rejected as refused:
            if detail:  # it is a read after the write that was refused
                return self._settle(entry, detail)
            answer = _fail(operation.addresses, refused.words)
        except Unsettled:
            return self._settle(entry, detail)
        self.put_proved = self.put_proved or answer.proved
        return self._record(entry, answer)

    def converse(self, conversation: Conversation[T], keep: Callable[[Checkpoint], None] | None = None) -> T:
        return self._session.converse(self._watch(conversation), keep)

    def take_count(self) -> int:
        """Requests asked for that the journal has not counted yet."""
        with self._lock:
            count, self._uncounted = self._uncounted, 0
        return count

    def _settle(self, entry: Entry, detail: Mapping[str, Any]) -> Answer:
        try:
            answer = self.converse(self._dialect.settle(entry.operation, detail))
        except Rejected as refused:
            answer = _fail(entry.operation.addresses, f"sent, and can't be read back: {refused.words}")
        except Unsettled as lost:  # only reads were asked for
            raise Busy(f"the account can't be read: {lost} — resume later") from lost
        if answer.fallback and entry.sendings >= MOST_SENDINGS:
            answer = _give_up(answer, f"sent {entry.sendings} times, and each answer was lost")
        return self._record(entry, answer, again=True)

    def _record(self, entry: Entry, answer: Answer, *, again: bool = False) -> Answer:
        if answer.fallback and not again and entry.generation >= MOST_GENERATIONS:
            answer = _give_up(answer, "no route carries this contact")
        spoken = {result.address for result in answer.results}
        spoken.update(address for follower in answer.fallback for address in follower.addresses)
        silent = _fail((a for a in entry.operation.addresses if a not in spoken), "nothing was said of this contact")
        answer = Answer((*answer.results, *silent.results), answer.before, answer.fallback)
        self._journal.answer(entry, answer, self.take_count(), again=again)
        return answer

    def _watch(self, conversation: Conversation[T]) -> Conversation[T]:
        """Count the requests, and end a conversation that would poll on when the run was asked to end."""
        reply: Any = None
        fault: AccountError | None = None
        try:
            while True:
                step = conversation.send(reply) if fault is None else conversation.throw(fault)
                reply, fault = None, None
                for request in _requests_of(step):
                    self._admit(request)
                try:
                    reply = yield step
                except AccountError as lost:
                    fault = lost
        except StopIteration as end:
            value: T = end.value
            return value
        finally:
            conversation.close()

    def _admit(self, request: Request) -> None:
        if request.wait_s > 0 and self._stop.is_set():
            raise Interrupted("stopped while a job of the account was awaited — the next run settles it")
        with self._lock:
            self._uncounted += 1


def _requests_of(step: Request | Together | Checkpoint) -> tuple[Request, ...]:
    if isinstance(step, Together):
        return step.requests
    return (step,) if isinstance(step, Request) else ()


def _fail(addresses: Iterable[str], words: str) -> Answer:
    return Answer(tuple(Result(address, FAILED, words) for address in addresses))


def _give_up(answer: Answer, words: str) -> Answer:
    """The answer with its followers' addresses failed."""
    carried = dict.fromkeys(address for follower in answer.fallback for address in follower.addresses)
    return Answer((*answer.results, *_fail(carried, words).results), answer.before)
