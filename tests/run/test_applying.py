"""Apply: what the plan says, once, in order, or a clean stop."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ctct_etl import columns as c
from ctct_etl.account.dialect import Request, Together
from ctct_etl.errors import Busy, Denied, PlanRefused, QuotaUsedUp, Rejected, StateError
from ctct_etl.plan.tables import ADD_LISTS, Plan
from ctct_etl.run.applying import Applied, apply_plan
from ctct_etl.run.intending import Scope
from ctct_etl.run.journal import Journal, open_journal
from ctct_etl.run.totalling import count_results, total_results
from tests.run.fakes import FakeAccount, FakeDialect, FakeSession, InWindows, Killed, make_plan, see


def account() -> FakeAccount:
    return FakeAccount({"u1@x.org": "Old", "u2@x.org": "Old", "u3@x.org": "Old"}, {"News": set()})


def plan() -> Plan:
    return make_plan(
        creates={f"n{i}@x.org": f"New {i}" for i in range(4)},
        updates={f"u{i}@x.org": ("Old", f"Neu {i}") for i in (1, 2, 3)},
        added={"u1@x.org": ["News"], "n1@x.org": ["News"], "n3@x.org": ["Club"]},
        skipped=["s@x.org"],
        new_lists=["Club"],
    )


AS_PROMISED = (
    {**{f"n{i}@x.org": f"New {i}" for i in range(4)}, **{f"u{i}@x.org": f"Neu {i}" for i in (1, 2, 3)}},
    {"News": {"u1@x.org", "n1@x.org"}, "Club": {"n3@x.org"}},
)


@dataclass(frozen=True)
class Told(Applied):
    """How it ended, with what the journal says of every action."""

    results: pd.DataFrame
    counts: dict[str, dict[str, int]]


def apply(
    directory: Path, account: FakeAccount, session: FakeSession | None = None, dialect: Any = None,
    what: Plan | None = None, **options: Any,
) -> Told:  # fmt: skip
    applied_plan = InWindows(what or plan(), options.pop("window", 3))
    with open_journal(directory, "digest", "main") as journal:
        applied = apply_plan(
            applied_plan, see(account), dialect or FakeDialect(), session or FakeSession(account), journal, **options
        )
        return tell(applied, applied_plan, journal)


def tell(applied: Applied, plan: InWindows, journal: Journal) -> Told:
    parts = journal.parts()
    results = pd.concat([total_results(tables.actions, journal, parts) for tables in plan.windows()])
    return Told(applied.requests, applied.ended, applied.stopped, results, count_results(results))


def outcome(applied: Told) -> dict[str, str]:
    return dict(zip(applied.results[c.EMAIL], applied.results[c.RESULT], strict=True))


def words(applied: Told, address: str) -> str:
    return str(applied.results.set_index(c.EMAIL)[c.WORDS][address])


def test_a_plan_is_done_in_full(tmp_path: Path) -> None:
    there = account()
    applied = apply(tmp_path, there)
    assert (there.contacts, there.members) == AS_PROMISED
    assert applied.ended == "done" and applied.stopped is None
    assert set(outcome(applied).values()) == {c.DONE} and "s@x.org" not in outcome(applied)
    assert applied.counts[c.CREATE] == {c.DONE: 4, c.CONFLICT: 0, c.FAILED: 0, c.PENDING_RESULT: 0}
    assert applied.counts[c.UPDATE][c.DONE] == 3


def test_prerequisites_come_first_and_phases_one_after_the_other(tmp_path: Path) -> None:
    there = account()
    apply(tmp_path, there)
    kinds = [kind for kind, _ in there.writes]
    assert kinds == sorted(kinds, key=["make", "create", "put", "add"].index)


def test_requests_are_counted(tmp_path: Path) -> None:
    session = FakeSession(there := account())
    assert apply(tmp_path, there, session).requests == len(session.requests) > 0


def test_the_first_put_goes_alone(tmp_path: Path) -> None:
    there = FakeAccount({f"u{i}@x.org": "Old" for i in range(9)})
    what = make_plan(updates={f"u{i}@x.org": ("Old", "Neu") for i in range(9)})
    session = FakeSession(there)
    apply(tmp_path, there, session, what=what)
    assert [request.method for request in session.requests[:2]] == ["GET", "PUT"]


def test_the_first_put_goes_alone_where_all_follow_a_job_that_carried_nobody(tmp_path: Path) -> None:
    class Slow(FakeAccount):
        """A PUT takes its time: others would overtake it if they could."""

        def answer(self, request: Any) -> Any:
            if request.method == "PUT":
                time.sleep(0.02)
            return super().answer(request)

    creates = {f"n{i}@x.org": f"New {i}" for i in range(6)}
    session = FakeSession(there := Slow({}))
    applied = apply(tmp_path, there, session, FakeDialect(never_imported=creates), make_plan(creates=creates), window=9)
    assert applied.counts[c.CREATE][c.DONE] == 6
    kinds = [request.method for request in session.requests if request.path != "/import" and not request.wait_s]
    assert kinds[:2] == ["GET", "PUT"]


def test_the_run_stops_when_the_first_put_is_not_kept(tmp_path: Path) -> None:
    class Suspicious(FakeDialect):
        def send(self, operation: Any) -> Any:
            yield from super().send(operation)
            raise Denied("the service did not keep what the update left out")

    there = FakeAccount({f"u{i}@x.org": "Old" for i in range(9)})
    what = make_plan(updates={f"u{i}@x.org": ("Old", "Neu") for i in range(9)})
    applied = apply(tmp_path, there, dialect=Suspicious(), what=what)
    assert len(there.writes) == 1 and isinstance(applied.stopped, Denied)
    assert applied.counts[c.UPDATE][c.PENDING_RESULT] == 9


def test_who_moved_since_the_plan_is_a_conflict_and_the_rest_goes_on(tmp_path: Path) -> None:
    there = account()
    there.contacts |= {"u2@x.org": "Edited", "n0@x.org": "Came"}
    applied = apply(tmp_path, there)
    assert {a for a, result in outcome(applied).items() if result == c.CONFLICT} == {"u2@x.org", "n0@x.org"}
    assert words(applied, "u2@x.org") == 'first_name was "Old" in the plan and is "Edited"'
    assert there.contacts["u2@x.org"] == "Edited" and there.contacts["n0@x.org"] == "Came"
    assert applied.counts[c.UPDATE][c.DONE] == 2 and applied.counts[c.CREATE][c.DONE] == 3


def test_a_refused_contact_is_failed_in_the_services_words_and_left_out_of_later_phases(tmp_path: Path) -> None:
    there = account()
    there.refused = {"u1@x.org"}
    applied = apply(tmp_path, there)
    assert outcome(applied)["u1@x.org"] == c.FAILED and words(applied, "u1@x.org") == "no such state"
    assert ("add", "u1@x.org") not in there.writes and ("add", "n1@x.org") in there.writes
    assert applied.ended == "done"


def test_a_rejection_that_the_dialect_raises_concerns_that_operation_alone(tmp_path: Path) -> None:
    class Raising(FakeDialect):
        def send(self, operation: Any) -> Any:
            if "u2@x.org" in operation.addresses:
                raise Rejected("bad name", 400)
            return (yield from super().send(operation))

    applied = apply(tmp_path, account(), dialect=Raising())
    assert outcome(applied)["u2@x.org"] == c.FAILED and words(applied, "u2@x.org") == "bad name"
    assert applied.counts[c.UPDATE][c.DONE] == 2


def test_what_a_bulk_job_could_not_carry_follows_single(tmp_path: Path) -> None:
    there = account()
    applied = apply(tmp_path, there, dialect=FakeDialect(never_imported=["n1@x.org"]))
    assert (there.contacts, there.members) == AS_PROMISED
    assert ("put", "n1@x.org") in there.writes and applied.counts[c.CREATE][c.DONE] == 4


def test_followers_of_followers_end(tmp_path: Path) -> None:
    there = FakeAccount({"u@x.org": "Old"}, refused={"u@x.org"})
    what = make_plan(updates={"u@x.org": ("Old", "Neu")})
    applied = apply(tmp_path, there, dialect=FakeDialect(hopeless=True), what=what)
    assert outcome(applied) == {"u@x.org": c.FAILED} and words(applied, "u@x.org") == "no route carries this contact"


def test_a_lost_answer_is_settled_by_reading_and_nothing_is_sent_twice(tmp_path: Path) -> None:
    there = account()
    applied = apply(tmp_path, there, FakeSession(there, lose=lambda request: True), FakeDialect(), make_plan(
        creates={"n1@x.org": "New"}, updates={"u1@x.org": ("Old", "Neu")}, added={"u2@x.org": ["News"]}
    ))  # fmt: skip
    assert set(outcome(applied).values()) == {c.DONE}
    assert there.writes == [("create", "n1@x.org"), ("put", "u1@x.org"), ("add", "u2@x.org")]


def test_a_write_that_gets_lost_time_and_again_is_given_up(tmp_path: Path) -> None:
    there = FakeAccount({"u@x.org": "Old"}, forgets=True)
    session = FakeSession(there, lose=lambda request: True)
    applied = apply(tmp_path, there, session, what=make_plan(updates={"u@x.org": ("Old", "Neu")}))
    assert outcome(applied) == {"u@x.org": c.FAILED} and "each answer was lost" in words(applied, "u@x.org")


def fail(fault: BaseException) -> Any:
    def raise_it() -> None:
        raise fault

    return raise_it


@pytest.mark.parametrize(
    ("fault", "ended"),
    [(Denied("no"), "failed"), (Busy("down"), "failed"), (QuotaUsedUp("used up", "2026-11-24T00:00:00Z"), "quota")],
)
@pytest.mark.parametrize("at", range(1, 12))
def test_when_the_service_stops_the_run_the_rest_is_pending_and_can_be_resumed(
    tmp_path: Path, fault: Exception, ended: str, at: int
) -> None:
    there = account()
    applied = apply(tmp_path, there, FakeSession(there, script={at: fail(fault)}))
    assert applied.ended == ended and applied.stopped is fault
    assert c.PENDING_RESULT in outcome(applied).values() and c.FAILED not in outcome(applied).values()
    resumed = apply(tmp_path, there, resume=True)
    assert resumed.ended == "done" and (there.contacts, there.members) == AS_PROMISED
    assert len(there.writes) == len(set(there.writes))


def test_a_run_that_is_asked_to_end_before_the_rest_of_its_plan_is_recorded_is_not_done(tmp_path: Path) -> None:
    there, stop = account(), threading.Event()
    assert apply(tmp_path, there, scope=Scope(first=1)).ended == "done"
    stop.set()
    assert apply(tmp_path, there, resume=True, stop=stop).ended == "interrupted"
    assert apply(tmp_path, there, resume=True).ended == "done"
    assert (there.contacts, there.members) == AS_PROMISED


def test_a_read_that_is_refused_after_the_write_fails_nobody_who_was_written(tmp_path: Path) -> None:
    class Refusing(FakeDialect):
        def send(self, operation: Any) -> Any:
            answer = yield from super().send(operation)
            if operation.route == ADD_LISTS:
                return answer
            raise Rejected("no such page", 404)

    applied = apply(tmp_path, there := account(), dialect=Refusing())
    assert (there.contacts, there.members) == AS_PROMISED
    assert applied.counts[c.UPDATE][c.DONE] == 3 and applied.counts[c.CREATE][c.FAILED] == 0


def test_reads_side_by_side_are_counted_one_by_one(tmp_path: Path) -> None:
    class Together_(FakeDialect):
        def send(self, operation: Any) -> Any:
            yield Together((Request("GET", "/"), Request("GET", "/")))
            return (yield from super().send(operation))

    class Pairs(FakeSession):
        def _ask(self, step: Any) -> Any:
            return tuple(map(super()._ask, step.requests)) if isinstance(step, Together) else super()._ask(step)

    session = Pairs(there := account())
    assert apply(tmp_path, there, session, Together_()).requests == len(session.requests)


def test_twenty_refusals_in_a_row_stop_the_run(tmp_path: Path) -> None:
    names = [f"u{i:02}@x.org" for i in range(40)]
    there = FakeAccount(dict.fromkeys(names, "Old"), refused=set(names))
    applied = apply(tmp_path, there, what=make_plan(updates=dict.fromkeys(names, ("Old", "Neu"))), workers=1)
    assert applied.ended == "failed" and "20 operations in a row were refused" in str(applied.stopped)
    assert applied.counts[c.UPDATE] == {c.DONE: 0, c.CONFLICT: 0, c.FAILED: 20, c.PENDING_RESULT: 20}


def test_nineteen_refusals_then_a_success_then_nineteen_do_not_stop_it(tmp_path: Path) -> None:
    names = [f"u{i:02}@x.org" for i in range(39)]
    there = FakeAccount(dict.fromkeys(names, "Old"), refused=set(names) - {"u19@x.org"})
    applied = apply(tmp_path, there, what=make_plan(updates=dict.fromkeys(names, ("Old", "Neu"))), workers=1)
    assert applied.ended == "done" and applied.counts[c.UPDATE][c.FAILED] == 38


def test_a_stop_finishes_what_is_in_flight_and_leaves_the_rest_pending(tmp_path: Path) -> None:
    there, stop = account(), threading.Event()
    session = FakeSession(there, script={5: stop.set})
    applied = apply(tmp_path, there, session, stop=stop, workers=1)
    assert applied.ended == "interrupted" and applied.stopped is None
    assert c.PENDING_RESULT in outcome(applied).values()
    assert apply(tmp_path, there, resume=True).ended == "done" and (there.contacts, there.members) == AS_PROMISED


def test_a_stop_before_the_first_request_sends_nothing_and_makes_no_list(tmp_path: Path) -> None:
    there, stop = account(), threading.Event()
    stop.set()
    session = FakeSession(there)
    applied = apply(tmp_path, there, session, stop=stop)
    assert (applied.ended, session.requests, there.writes) == ("interrupted", [], [])
    assert set(outcome(applied).values()) == {c.PENDING_RESULT}
    assert apply(tmp_path, there, resume=True).ended == "done" and (there.contacts, there.members) == AS_PROMISED


def test_a_stop_does_not_wait_for_a_job_to_end(tmp_path: Path) -> None:
    there, stop = account(), threading.Event()
    session = FakeSession(there, script={2: stop.set})  # the import is posted; its poll would come next
    applied = apply(tmp_path, there, session, stop=stop, workers=1)
    assert [request.path for request in session.requests] == ["/lists", "/import"]
    assert applied.ended == "interrupted"
    apply(tmp_path, there, resume=True)
    assert len(there.writes) == len(set(there.writes))


def test_a_plan_that_was_begun_needs_resume(tmp_path: Path) -> None:
    there = account()
    apply(tmp_path, there)
    with pytest.raises(PlanRefused, match="--resume"):
        apply(tmp_path, there)


def test_resuming_a_plan_that_is_through_sends_nothing(tmp_path: Path) -> None:
    there = account()
    first = apply(tmp_path, there)
    session = FakeSession(there)
    again = apply(tmp_path, there, session, resume=True)
    assert session.requests == [] and outcome(again) == outcome(first)


def test_who_moves_between_interruption_and_resumption_is_left_alone(tmp_path: Path) -> None:
    there = account()
    apply(tmp_path, there, FakeSession(there, script={2: fail(Busy("down"))}))
    there.contacts["u3@x.org"] = "Edited"
    applied = apply(tmp_path, there, resume=True)
    assert outcome(applied)["u3@x.org"] == c.CONFLICT and there.contacts["u3@x.org"] == "Edited"
    assert [result for a, result in outcome(applied).items() if a != "u3@x.org"] == [c.DONE] * 6


def test_who_was_half_done_and_is_gone_at_resumption_is_left_alone(tmp_path: Path) -> None:
    there = FakeAccount({"u1@x.org": "Old"}, {"News": set()})
    what = make_plan(updates={"u1@x.org": ("Old", "Neu")}, added={"u1@x.org": ["News"]})
    apply(tmp_path, there, FakeSession(there, script={3: fail(Busy("down"))}), what=what)
    with open_journal(tmp_path, "digest", "main") as journal:
        journal.replace({})  # the list's job was sent in vain and is settled: nothing is intended any more
    del there.contacts["u1@x.org"]
    applied = apply(tmp_path, there, what=what, resume=True)
    assert outcome(applied) == {"u1@x.org": c.CONFLICT}


def test_progress_is_told_as_operations_are_answered(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    apply(tmp_path, account(), progress=lambda done, total: told.append((done, total)), window=99)
    assert told[-1] == (7, 7) and [done for done, _ in told] == sorted(done for done, _ in told)


def test_a_contact_of_which_nothing_is_said_is_failed(tmp_path: Path) -> None:
    class Silent(FakeDialect):
        def send(self, operation: Any) -> Any:
            answer = yield from super().send(operation)
            return type(answer)(tuple(r for r in answer.results if r.address != "n2@x.org"), answer.before)

    applied = apply(tmp_path, account(), dialect=Silent())
    assert outcome(applied)["n2@x.org"] == c.FAILED and "nothing was said" in words(applied, "n2@x.org")


def test_a_fault_of_the_program_is_not_hidden(tmp_path: Path) -> None:
    class Broken(FakeDialect):
        def send(self, operation: Any) -> Any:
            raise ZeroDivisionError
            yield

    with pytest.raises(ZeroDivisionError):
        apply(tmp_path, account(), dialect=Broken())


def test_a_journal_that_can_not_be_written_stops_the_run_before_the_request(tmp_path: Path) -> None:
    class FullDisk(Journal):
        def sent(self, operation: Any) -> None:
            raise StateError("journal: disk full")

    there = account()
    with open_journal(tmp_path, "digest", "main") as journal:
        journal.__class__ = FullDisk
        applied = apply_plan(plan(), see(there), FakeDialect(), FakeSession(there), journal)
    assert isinstance(applied.stopped, StateError) and there.writes == [("make", "Club")]


# -- a part of the plan -----------------------------------------------------------------------------------


def test_a_part_of_the_plan_is_done_and_the_rest_stays_pending(tmp_path: Path) -> None:
    there = account()
    applied = apply(tmp_path, there, scope=Scope(frozenset({c.CREATE})))
    assert applied.ended == "done"
    assert applied.counts[c.CREATE][c.DONE] == 4 and applied.counts[c.UPDATE][c.PENDING_RESULT] == 3
    assert {kind for kind, _ in there.writes} == {"make", "create", "add"} and there.contacts["u1@x.org"] == "Old"
    rest = apply(tmp_path, there, resume=True)
    assert set(outcome(rest).values()) == {c.DONE} and (there.contacts, there.members) == AS_PROMISED
    assert len(there.writes) == len(set(there.writes))


@pytest.mark.parametrize("first", range(1, 9))
def test_the_first_actions_go_ahead_across_windows_and_the_rest_follows(tmp_path: Path, first: int) -> None:
    there = account()
    applied = apply(tmp_path, there, scope=Scope(first=first))
    done = [address for address, result in outcome(applied).items() if result == c.DONE]
    assert done == sorted(outcome(applied))[:first]
    apply(tmp_path, there, resume=True)
    assert (there.contacts, there.members) == AS_PROMISED and len(there.writes) == len(set(there.writes))


def test_who_moves_before_the_rest_is_recorded_is_a_conflict(tmp_path: Path) -> None:
    there = account()
    apply(tmp_path, there, scope=Scope(frozenset({c.CREATE})))
    there.contacts["u2@x.org"] = "Edited"
    applied = apply(tmp_path, there, resume=True)
    assert outcome(applied)["u2@x.org"] == c.CONFLICT and there.contacts["u2@x.org"] == "Edited"


@pytest.mark.parametrize("size", range(1, 9))
def test_the_end_is_the_same_however_many_actions_are_held_at_a_time(tmp_path: Path, size: int) -> None:
    there = account()
    applied = apply(tmp_path, there, window=size)
    assert (there.contacts, there.members) == AS_PROMISED
    assert list(outcome(applied)) == sorted(outcome(applied)) and set(outcome(applied).values()) == {c.DONE}


def test_an_action_that_no_operation_carries_has_failed(tmp_path: Path) -> None:
    class Forgetful(FakeDialect):
        def build(self, tables: Any, snapshot: Any, rests_on: Any = None, *, window: int = 0) -> Any:
            return [each for each in super().build(tables, snapshot) if "u3@x.org" not in each.addresses]

    applied = apply(tmp_path, account(), dialect=Forgetful())
    assert (outcome(applied)["u3@x.org"], words(applied, "u3@x.org")) == (c.FAILED, "no operation carries it")


# -- killed anywhere -------------------------------------------------------------------------------------


class DyingJournal(Journal):
    """Dies at its k-th transaction: before it, or after it was committed."""

    die_at = 0
    after_commit = False
    session: FakeSession

    def _transaction(self) -> Any:
        if self.session.dead:
            raise Killed
        type(self).die_at -= 1
        if self.die_at != 0:
            return super()._transaction()
        if not self.after_commit:
            self.session.dead = True
            raise Killed
        return self._die_after(super()._transaction())

    def _die_after(self, transaction: Any) -> Any:
        outer = self

        class Dying:
            def __enter__(self) -> Any:
                return transaction.__enter__()

            def __exit__(self, *fault: Any) -> None:
                transaction.__exit__(*fault)
                outer.session.dead = True
                raise Killed

        return Dying()


def run_until_killed(
    directory: Path, there: FakeAccount, session: FakeSession, journal_dies_at: int, after: bool
) -> bool:
    """Apply; say whether it was killed."""
    with open_journal(directory, "digest", "main") as journal:
        dying = type("Dying", (DyingJournal,), {"die_at": journal_dies_at, "after_commit": after, "session": session})
        journal.__class__ = dying
        dialect = FakeDialect(never_imported=["n1@x.org"])
        try:
            apply_plan(InWindows(plan(), 3), see(there), dialect, session, journal, resume=True, workers=2)
        except Killed:
            return True
    return False


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    kills=st.lists(st.tuples(st.sampled_from(["journal", "request"]), st.integers(1, 45), st.booleans()), max_size=3),
    refused=st.sets(st.sampled_from(["u2@x.org"])),
)
def test_killed_anywhere_and_resumed_it_ends_the_same_and_nothing_happens_twice(
    tmp_path_factory: pytest.TempPathFactory, kills: list[tuple[str, int, bool]], refused: set[str]
) -> None:
    unbroken = account()
    unbroken.refused = set(refused)
    broken = dict(unbroken.contacts), {name: set(them) for name, them in unbroken.members.items()}
    there = FakeAccount(*broken, refused=set(refused))
    dialect = FakeDialect(never_imported=["n1@x.org"])
    expected = apply(tmp_path_factory.mktemp("unbroken"), unbroken, dialect=dialect)
    directory = tmp_path_factory.mktemp("broken")
    for where, number, after in kills:
        session = FakeSession(there, die_at=number if where == "request" else None, die_after_effect=after)
        run_until_killed(directory, there, session, number if where == "journal" else -1, after)
    resumed = apply(directory, there, dialect=dialect, resume=True)
    assert (there.contacts, there.members) == (unbroken.contacts, unbroken.members)
    assert len(there.writes) == len(set(there.writes))
    assert resumed.ended == "done" and outcome(resumed) == outcome(expected)
