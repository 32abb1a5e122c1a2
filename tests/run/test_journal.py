from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ctct_etl.account.dialect import Answer, Operation, Result
from ctct_etl.columns import CONFLICT, DONE, EMAIL, FAILED, RESULT, WORDS
from ctct_etl.errors import PlanRefused, StateError
from ctct_etl.run.journal import ANSWERED, INTENDED, JOURNAL, SENT, Entry, Intent, Journal, open_journal
from ctct_etl.run.journal_reading import TOUCHED, WAITING
from ctct_etl.run.journal_schema import MIGRATIONS


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with open_journal(tmp_path, "digest", "main") as opened:
        yield opened


def operation(name: str, phase: int = 1, *addresses: str) -> Operation:
    return Operation(name, "put_contact", phase, addresses or (f"{name}@x.org",), {"name": name, "é": [1, None]})


def intend(journal: Journal, *operations: Operation) -> None:
    journal.intend([Intent(operations)])


def entry(journal: Journal, name: str) -> Entry:
    (found,) = [each for each in journal.entries() if each.operation.id == name]
    return found


def results_of(journal: Journal) -> list[Result]:
    told = journal.standing("", "\U0010ffff").dropna(subset=[RESULT])
    return [Result(*row) for row in told.reset_index()[[EMAIL, RESULT, WORDS]].itertuples(index=False)]


def names(entries: Iterable[Entry]) -> list[str]:
    return [each.operation.id for each in entries]


def test_an_operation_is_intended_then_sent_then_answered(journal: Journal) -> None:
    intend(journal, operation("a"))
    assert entry(journal, "a") == Entry(operation("a"), INTENDED, {}, generation=0, sendings=0, number=1)
    journal.sent(operation("a"))
    journal.checkpoint(operation("a"), {"activity_id": "7"})
    assert entry(journal, "a") == Entry(operation("a"), SENT, {"activity_id": "7"}, generation=0, sendings=1, number=1)
    journal.answer(entry(journal, "a"), Answer((Result("a@x.org", DONE),), {"a@x.org": {"first_name": "Old"}}), 3)
    assert list(journal.entries()) == [] and journal.count() == (1, 1)
    assert results_of(journal) == [Result("a@x.org", DONE)] and journal.images() == {"a@x.org": {"first_name": "Old"}}
    assert journal.requests() == 3


def test_half_of_a_surrogate_pair_in_a_contact_is_kept(journal: Journal) -> None:
    intend(journal, operation("a"))
    journal.checkpoint(operation("a"), {"before": {"first_name": "\ud83d"}})
    assert entry(journal, "a").detail == {"before": {"first_name": "\ud83d"}}


def test_every_step_is_there_when_the_journal_is_opened_by_another(tmp_path: Path, journal: Journal) -> None:
    def state() -> str:
        reader = sqlite3.connect(tmp_path / JOURNAL)
        ((found,),) = reader.execute("SELECT state FROM operations").fetchall()
        reader.close()
        return str(found)

    intend(journal, operation("a"))
    assert state() == INTENDED
    journal.sent(operation("a"))
    assert state() == SENT
    journal.answer(entry(journal, "a"), Answer(()))
    assert state() == ANSWERED


def test_a_commit_survives_a_power_cut(journal: Journal) -> None:
    assert journal._value("PRAGMA synchronous") == 2  # FULL
    assert journal._value("PRAGMA journal_mode") == "wal"


def test_operations_come_by_phase_then_as_they_were_intended(journal: Journal) -> None:
    intend(journal, operation("late", 2), operation("b", 1), operation("a", 1))
    assert names(journal.entries(1)) == ["b", "a"] and names(journal.entries()) == ["b", "a", "late"]
    for name in ("a", "b"):
        journal.answer(entry(journal, name), Answer(()))
    assert journal.lowest_phase() == 2


def test_what_is_intended_while_operations_are_handed_out_waits_until_they_are_asked_for_again(
    journal: Journal,
) -> None:
    intend(journal, operation("a"), operation("b"))
    handed_out = journal.entries()
    next(handed_out)
    journal.answer(entry(journal, "a"), Answer((), fallback=(operation("c"),)))
    assert names(handed_out) == ["b"] and names(journal.entries()) == ["b", "c"]


def test_followers_of_a_send_are_of_the_next_generation(journal: Journal) -> None:
    intend(journal, operation("a"))
    journal.answer(entry(journal, "a"), Answer((), fallback=(operation("b"),)))
    journal.answer(entry(journal, "b"), Answer((), fallback=(operation("c"),)))
    assert entry(journal, "c").generation == 2


def test_what_settling_sends_again_is_of_the_same_generation_and_may_be_the_operation_itself(journal: Journal) -> None:
    intend(journal, operation("a", 1, "x@x.org", "y@x.org"))
    journal.sent(operation("a"))
    journal.checkpoint(operation("a"), {"activity_id": "7"})
    again = operation("a", 1, "y@x.org")
    journal.answer(entry(journal, "a"), Answer((Result("x@x.org", DONE),), fallback=(again,)), again=True)
    assert entry(journal, "a") == Entry(again, INTENDED, {}, generation=0, sendings=1, number=1)
    assert results_of(journal) == [Result("x@x.org", DONE)]


def test_a_follower_that_is_in_the_journal_already_is_not_sent_twice(journal: Journal) -> None:
    intend(journal, operation("a"), operation("b"))
    journal.answer(entry(journal, "b"), Answer(()))
    journal.answer(entry(journal, "a"), Answer((), fallback=(operation("b"),)))
    assert list(journal.entries()) == []


def test_a_fault_while_an_answer_is_recorded_records_nothing_of_it(journal: Journal) -> None:
    intend(journal, operation("a"))
    unheard = Answer((Result("a@x.org", DONE),), before={"a@x.org": {1, 2}})  # a set is no JSON
    with pytest.raises(TypeError):
        journal.answer(entry(journal, "a"), unheard)
    assert results_of(journal) == [] and entry(journal, "a").state == INTENDED


def test_an_intended_operation_is_narrowed_and_a_sent_one_is_not(journal: Journal) -> None:
    intend(journal, operation("a"), operation("b"), operation("c"))
    journal.sent(operation("c"))
    narrow = operation("a", 1, "left@x.org")
    journal.replace({"a": narrow, "b": None, "c": None}, [Result("b@x.org", CONFLICT, "moved")])
    assert [each.operation for each in journal.entries()] == [narrow, operation("c")]
    assert results_of(journal) == [Result("b@x.org", CONFLICT, "moved")]


def test_addresses_are_told_by_what_became_of_them(journal: Journal) -> None:
    decided = [Result("m@x.org", CONFLICT, "moved")]
    journal.intend([Intent([operation(name) for name in "abcd"], decided)])
    for name, result in (("a", DONE), ("b", FAILED)):
        journal.sent(operation(name))
        journal.answer(entry(journal, name), Answer((Result(f"{name}@x.org", result, "no"),)))
    journal.sent(operation("c"))
    standing = journal.standing("a@x.org", "z@x.org")
    assert list(standing.index) == [f"{name}@x.org" for name in "abcdm"]
    assert list(standing.index[standing[WAITING]]) == ["c@x.org", "d@x.org"]
    assert list(standing.index[standing[TOUCHED]]) == ["a@x.org", "b@x.org", "c@x.org"]
    assert standing[RESULT].fillna("").tolist() == [DONE, FAILED, "", "", CONFLICT]
    assert list(journal.standing("b@x.org", "c@x.org").index) == ["b@x.org", "c@x.org"]


def test_the_earliest_image_of_a_contact_is_kept(journal: Journal) -> None:
    intend(journal, operation("a", 1, "x@x.org"), operation("b", 2, "x@x.org"))
    journal.answer(entry(journal, "b"), Answer((), before={"x@x.org": "second"}))
    journal.answer(entry(journal, "a"), Answer((), before={"x@x.org": "first"}))
    assert journal.images() == {"x@x.org": "first"}


def test_a_journal_says_whether_its_plan_was_begun_and_how_it_ended(tmp_path: Path) -> None:
    with open_journal(tmp_path, "digest", "main") as journal:
        assert not journal.is_begun()
        intend(journal)
        journal.end("quota")
    with open_journal(tmp_path, "digest", "main") as journal:
        assert journal.is_begun() and journal.how_it_ended() == "quota"


@pytest.mark.parametrize(("digest", "account"), [("other", "main"), ("digest", "other")])
def test_the_journal_of_another_plan_or_account_is_refused(tmp_path: Path, digest: str, account: str) -> None:
    with open_journal(tmp_path, "digest", "main"):
        pass
    with pytest.raises(PlanRefused, match="another plan or account"), open_journal(tmp_path, digest, account):
        pytest.fail("opened")


def test_its_files_are_private(tmp_path: Path, journal: Journal) -> None:
    intend(journal, operation("a"))
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


@pytest.mark.parametrize(
    "harm", [b"not a database, but long enough to be taken for one" * 99, b"SQLite format 3\0" * 99]
)
def test_a_torn_journal_names_itself_and_the_cure(tmp_path: Path, harm: bytes) -> None:
    (tmp_path / JOURNAL).write_bytes(harm)
    with pytest.raises(StateError, match=rf"{JOURNAL}: .* — "), open_journal(tmp_path, "digest", "main"):
        pytest.fail("opened")


def test_pages_torn_in_the_middle_are_found(tmp_path: Path) -> None:
    with open_journal(tmp_path, "digest", "main") as journal:
        intend(journal, *(operation(f"o{n}") for n in range(500)))
    content = bytearray((tmp_path / JOURNAL).read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    (tmp_path / JOURNAL).write_bytes(content)
    with pytest.raises(StateError, match="is torn"), open_journal(tmp_path, "digest", "main") as journal:
        journal.unfinished()


def test_a_journal_from_the_future_is_refused(tmp_path: Path) -> None:
    future = sqlite3.connect(tmp_path / JOURNAL)
    future.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    future.close()
    with pytest.raises(StateError, match="newer ctct-etl"), open_journal(tmp_path, "digest", "main"):
        pytest.fail("opened")


def test_a_place_without_a_directory_names_itself(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="gone"), open_journal(tmp_path / "gone", "digest", "main"):
        pytest.fail("opened")


def test_many_threads_may_write_at_once(journal: Journal) -> None:
    operations = [operation(f"o{n}") for n in range(60)]
    intend(journal, *operations)
    entries = list(journal.entries())

    def carry_out(each: Entry) -> None:
        journal.sent(each.operation)
        journal.checkpoint(each.operation, {"n": 1})
        journal.answer(each, Answer((Result(each.operation.addresses[0], DONE),)), 1)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(carry_out, entries))
    assert journal.count() == (60, 60) and len(results_of(journal)) == journal.requests() == 60
