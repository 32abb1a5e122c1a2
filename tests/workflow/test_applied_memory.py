from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from ctct_etl import columns as c
from ctct_etl.plan.tables import PlanTables
from ctct_etl.run.state import StateDirectory
from ctct_etl.workflow.remembering import AppliedMemory, recall, recall_since, remember_seen
from tests.tables import memberships, snapshot

ANN, BOB, NEW = "ann@x.org", "bob@x.org", "new@x.org"
ACCOUNT = snapshot([{"email": ANN, "lists": ["News"]}, {"email": BOB, "lists": ["News"]}], lists=("News", "Board"))
PEOPLE = [ANN, BOB, NEW]
NONE = pd.DataFrame()
NOW = "2026-11-23T23:00:00Z"
MANIFEST = {"run": "run-1", "guards": [], "accepted": {}}


@pytest.fixture
def state(tmp_path: Path) -> StateDirectory:
    return StateDirectory(tmp_path)


NOBODY = pd.Series([], dtype="str")


def window(*changed: tuple[int, str, str]) -> PlanTables:
    """(position in PEOPLE, list, add or remove)"""
    members = memberships([(at, "list", name) for at, name, _ in changed])
    members = members.assign(**{c.CHANGE: pd.Categorical([how for *_, how in changed], categories=["add", "remove"])})
    actions = pd.DataFrame({c.EMAIL: pd.Series(PEOPLE, dtype="str")})
    changes = pd.DataFrame({c.CONTACT: [0], c.FIELD: pd.Categorical(["first_name"]), c.AFTER: ["Ann"]})
    return PlanTables(actions, changes, members, NONE, NONE)


def results(*ended: str) -> pd.DataFrame:
    words = ["sent, and lost" if result == "failed" else "" for result in ended]
    return pd.DataFrame({c.EMAIL: PEOPLE[: len(ended)], c.RESULT: ended, c.WORDS: words}).astype("str")


def held(state: StateDirectory) -> set[tuple[str, str]]:
    remembered = recall(state, "club", ACCOUNT, "p", NOW).memberships
    assert remembered is not None
    return set(remembered.itertuples(index=False, name=None))


def apply(state: StateDirectory, *windows: tuple[PlanTables, pd.DataFrame], run: str = "run-1") -> None:
    memory = AppliedMemory(state, "club", ACCOUNT, {"run": run, "accepted": {}}, settles=False)
    for tables, ended in windows:
        memory.add(tables, ended, NOBODY)
    memory.save(NOW)


def test_what_done_actions_added_is_remembered_and_what_failed_is_not(state: StateDirectory) -> None:
    apply(state, (window((0, "Board", "add"), (1, "Board", "add")), results("done", "failed")))
    assert held(state) == {(ANN, "News"), (BOB, "News"), (ANN, "Board")}


def test_whom_we_took_off_has_not_left(state: StateDirectory) -> None:
    apply(state, (window((0, "News", "remove"), (1, "News", "remove")), results("done", "conflict")))
    assert held(state) == {(BOB, "News")}


def test_lists_on_which_a_contact_was_seen_right_before_its_update_are_remembered_by_their_names(
    state: StateDirectory,
) -> None:
    memory = AppliedMemory(state, "club", ACCOUNT, {"run": "run-1", "accepted": {}}, settles=False)
    memory.see({ANN: [ACCOUNT.lists["Board"]], BOB: []})
    memory.save(NOW)
    assert held(state) == {(ANN, "News"), (BOB, "News"), (ANN, "Board")}


def test_several_windows_are_remembered_together(state: StateDirectory) -> None:
    apply(
        state, (window((0, "News", "remove")), results("done")), (window((2, "Board", "add")), results("", "", "done"))
    )
    assert held(state) == {(BOB, "News"), (NEW, "Board")}


def test_an_apply_that_was_killed_before_it_could_save_leaves_a_removal_as_a_leaving_which_harms_nobody(
    state: StateDirectory,
) -> None:
    remember_seen(state, "club", ACCOUNT, MANIFEST)
    AppliedMemory(state, "club", ACCOUNT, MANIFEST, settles=False).add(
        window((0, "News", "remove")), results("done"), NOBODY
    )
    assert (ANN, "News") in held(state)


def test_a_list_made_in_this_run_is_remembered_by_name_and_found_by_its_id_later(state: StateDirectory) -> None:
    apply(state, (window((2, "Fresh", "add")), results("", "", "done")))
    assert (NEW, "Fresh") in held(state)
    later = replace(ACCOUNT, lists={**ACCOUNT.lists, "Fresh": "list-Fresh"})
    remember_seen(state, "club", later, MANIFEST)
    renamed = replace(ACCOUNT, lists={"Renamed": "list-Fresh"})
    remembered = recall(state, "club", renamed, "p", NOW).memberships
    assert remembered is not None and (NEW, "Renamed") in set(remembered.itertuples(index=False, name=None))


def test_an_apply_asks_only_for_what_entered_the_memory_since_its_plan(state: StateDirectory) -> None:
    assert recall_since(state, "club", ACCOUNT, MANIFEST).empty
    remember_seen(state, "club", ACCOUNT, MANIFEST)
    plan = {"memory": {"version": recall(state, "club", ACCOUNT, "p", NOW).version}}
    apply(state, (window((2, "Board", "add")), results("", "", "done")))
    newer = recall_since(state, "club", ACCOUNT, plan)
    assert newer.to_numpy().tolist() == [[NEW, "Board"]]
    assert len(recall_since(state, "club", ACCOUNT, MANIFEST)) == 3  # a plan that knew nothing


def test_what_an_apply_adds_does_not_let_a_lost_memory_pass_for_a_whole_one(state: StateDirectory) -> None:
    remember_seen(state, "club", ACCOUNT, MANIFEST)
    shutil.rmtree(state.path / "accounts")
    apply(state, (window((0, "Board", "add")), results("done")))
    assert recall(state, "club", ACCOUNT, "p", NOW).lost
    accepted = {**MANIFEST, "accepted": {"state_lost": "1"}}
    remember_seen(state, "club", ACCOUNT, accepted)
    assert not recall(state, "club", ACCOUNT, "p", NOW).lost


def test_contacts_without_an_address_are_not_remembered(state: StateDirectory) -> None:
    remember_seen(state, "club", snapshot([{"email": "", "lists": ["News"]}]), MANIFEST)
    assert held(state) == set()
    assert recall(state, "club", ACCOUNT, "p", NOW).version == 0
