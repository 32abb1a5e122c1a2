"""The memory of an account: recalled as one before a plan is made, and added to by what was seen and written."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from ctct_etl.columns import (
    ADD,
    AFTER,
    CHANGE,
    CONTACT,
    CONTENT,
    DONE,
    EMAIL,
    FAILED,
    FIELD,
    KIND,
    LIST,
    NAME,
    REMOVE_FROM,
    RESULT,
    REVERTS,
    VALUE,
    WORDS,
)
from ctct_etl.errors import PlanRefused
from ctct_etl.plan.remembered import Remembered, none_known, none_refused
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import PlanTables
from ctct_etl.run.known_accounts import find_loss, note_known, read_known
from ctct_etl.run.memory import OFF, SINCE, newest_version, read_memberships, remember_memberships
from ctct_etl.run.pipeline_runs import read_figures, read_pipeline, remember_good_run, remember_reverted
from ctct_etl.run.refreshing import leave_out
from ctct_etl.run.refusals import is_refusal, read_refusals, remember_refusals
from ctct_etl.run.state import StateDirectory
from ctct_etl.run.written_values import read_values, remember_values
from ctct_etl.stages.refusing import key_contents
from ctct_etl.workflow.pairing import (
    join_pairs,
    make_pairs,
    no_pairs,
    pairs_by_id,
    pairs_by_name,
    seen_pairs,
    superseded_pairs,
)


def recall(
    state: StateDirectory,
    name: str,
    snapshot: Snapshot,
    pipeline: str,
    now: str,
    sha256: Collection[str] = (),
    *,
    retry_refused: bool = False,
    respects: bool = False,
) -> Remembered:
    """Return all that is remembered of the account of `snapshot`, each list under its name there, and of `pipeline`.

    name: the account's in accounts.yaml. now: ISO 8601, UTC. sha256: of the files of the source. retry_refused: no
    refusal holds anybody up. respects: whether any field respects edits, so that the values matter. Raises StateError.
    """
    held = read_memberships(state, name, snapshot.account)
    runs = read_pipeline(state, name, snapshot.account, pipeline)
    return Remembered(
        memberships=_with_seen(held, snapshot),
        version=newest_version(held),
        lost=find_loss(state, name, snapshot.account, None if held is None else newest_version(held)),
        good_rows=runs.rows,
        good_fields=runs.fields,
        reverted=runs.find_reverted(sha256),
        values=read_values(state, name, snapshot.account) if respects else none_known(),
        refusals=none_refused() if retry_refused else read_refusals(state, name, snapshot.account, now),
    )


def recall_since(state: StateDirectory, name: str, snapshot: Snapshot, manifest: Mapping[str, Any]) -> pd.DataFrame:
    """Return EMAIL, NAME of the memberships that entered the memory after the plan of `manifest` was made.

    What was known before, that plan has weighed: it asks for none of it, unless the mapping says `readd: true`.
    Raises StateError.
    """
    held = read_memberships(state, name, snapshot.account)
    newer = held if held is None else held[(held[SINCE] > manifest.get("memory", {}).get("version", 0)).to_numpy()]
    named = _named(newer, snapshot)
    return named if named is not None else no_pairs()


def remember_seen(state: StateDirectory, name: str, snapshot: Snapshot, manifest: Mapping[str, Any]) -> None:
    """Remember every list membership of `snapshot`.

    manifest: of the plan at hand. Where its guard `state_lost` has tripped nothing is remembered: a memory that begins
    anew looks whole on the next night. Raises StateError; PlanRefused if the memory was lost since the plan was made.
    """
    if any(guard["guard"] == "state_lost" and guard["tripped"] for guard in manifest["guards"]):
        return
    lost = find_lost(state, name, snapshot)
    if lost and "state_lost" not in manifest["accepted"]:
        raise PlanRefused(f"since the plan was made the memory of this account was lost: {lost} — plan again")
    _remember(state, name, snapshot, [seen_pairs(snapshot)])


def remember_agreed(state: StateDirectory, name: str, snapshot: Snapshot, values: Mapping[str, pd.DataFrame]) -> None:
    """Remember on what source and account agree: field → EMAIL, VALUE str, an address once. Raises StateError."""
    if values:
        remember_values(state, name, snapshot.account, values)


def remember_good(state: StateDirectory, name: str, snapshot: Snapshot, manifest: Mapping[str, Any]) -> None:
    """Remember that the plan of `manifest` went through; of a revert, before it sends, that its source is taken back.

    A revert of a revert has no source. Raises StateError.
    """
    sha256 = [file["sha256"] for file in manifest["source"]["files"]]
    if reverts := manifest.get(REVERTS):
        remember_reverted(state, name, snapshot.account, manifest["pipeline"]["name"], reverts, sha256)
        return
    rows = int(manifest["counts"]["rows"])
    fields = read_figures(manifest.get("fields"))
    pipeline, run = manifest["pipeline"]["name"], manifest["run"]
    remember_good_run(state, name, snapshot.account, pipeline, run, rows, sha256, fields)


class AppliedMemory:
    """Collects what an apply wrote, a window of the plan at a time, and adds it to the memory at once.

    An action that is not done adds what is known to have been done of it. A run that is killed loses its own removals,
    since their people may have come back before it is settled: whom it took off counts as one who left, and is not put
    back.
    """

    def __init__(
        self, state: StateDirectory, name: str, snapshot: Snapshot, manifest: Mapping[str, Any], *, settles: bool
    ) -> None:
        """manifest: of the plan that is applied. snapshot: as the apply saw the account when it began. settles: it is
        one that was killed, and is closed.
        """
        self._state = state
        self._name = name
        self._snapshot = snapshot
        self._settles = settles
        self._run = str(manifest["run"])
        # A run that is settled before the next one plans must not let a lost memory pass for a whole one.
        self._knows_loss = "state_lost" in manifest["accepted"]
        self._held: list[pd.DataFrame] = []
        self._read: list[pd.DataFrame] = []
        self._taken: list[pd.DataFrame] = []
        self._refused: list[pd.DataFrame] = []
        self._done: list[pd.Series] = []
        self._fields = manifest.get("memory", {}).get("respect_edits", [])
        self._written: list[pd.DataFrame] = []

    def add(self, tables: PlanTables, results: pd.DataFrame, listed: pd.Series) -> None:
        """Take in a part of the plan and what became of it: EMAIL, RESULT, WORDS str, of its writing actions.

        listed: addresses of whom it put on all their lists, though the action as a whole may not be done.
        """
        done = results[EMAIL][(results[RESULT] == DONE).to_numpy()]
        self._held.append(_changed(tables, ADD, pd.concat([done, listed])))
        if not self._settles:
            self._taken.append(_changed(tables, REMOVE_FROM, done))
        self._done.append(done)
        self._refused.append(_refused(tables, results))
        self._written.append(_written(tables, done, self._fields))

    def see(self, lists: Mapping[str, Collection[str]]) -> None:
        """Take in who was on which lists, by id, when read for an update. Who joined one only after the first look may
        leave it before the next: over v1 our own PUT holds it besides.
        """
        names = {identity: name for name, identity in self._snapshot.lists.items()}
        seen = [(address, names.get(each, each)) for address, ids in lists.items() for each in ids]
        self._read.append(make_pairs(*(pd.Series([pair[at] for pair in seen], dtype="str") for at in (0, 1))))

    def save(self, now: str, after: Snapshot | None = None) -> None:
        """Write the memory; now: ISO 8601, UTC, the day of its refusals. Raises StateError.

        after: the account as it was read back: who joined a list meanwhile was seen there, and may leave it before the
        next look.
        """
        if self._knows_loss or not find_lost(self._state, self._name, self._snapshot):
            held = [seen_pairs(self._snapshot), *self._held]
            _remember(self._state, self._name, self._snapshot, held, self._taken, self._read, self._run)
            if after is not None:
                _remember(self._state, self._name, after, [seen_pairs(after)])
        refused = pd.concat([none_refused()[[EMAIL, WORDS, CONTENT]], *self._refused], ignore_index=True)
        remember_refusals(self._state, self._name, self._snapshot.account, refused, self._done, now)
        if self._fields:
            written = pd.concat(self._written, ignore_index=True)
            by_field = {field: written[(written[FIELD] == field).to_numpy()] for field in self._fields}
            remember_agreed(self._state, self._name, self._snapshot, by_field)


def _remember(
    state: StateDirectory,
    name: str,
    snapshot: Snapshot,
    held: list[pd.DataFrame],
    taken: list[pd.DataFrame] | None = None,
    read: list[pd.DataFrame] | None = None,
    by: str = "",
) -> None:
    above = read_known(state, snapshot.account).get(name, 0)
    together, off, images, superseded = (
        pairs_by_id(join_pairs(parts or ()), snapshot) for parts in (held, taken, read, [superseded_pairs(snapshot)])
    )
    version = remember_memberships(
        state, name, snapshot.account, together, off,
        read=images, superseded=superseded, by=by, ids=snapshot.lists, above=above,
    )  # fmt: skip
    note_known(state, name, snapshot.account, version)


def find_lost(state: StateDirectory, name: str, snapshot: Snapshot) -> str:
    """Say what of the memory of memberships is lost, in words; "" for nothing. Raises StateError."""
    held = read_memberships(state, name, snapshot.account)
    return find_loss(state, name, snapshot.account, None if held is None else newest_version(held))


def _with_seen(held: pd.DataFrame | None, snapshot: Snapshot) -> pd.DataFrame | None:
    """What is remembered, and what an earlier look of this very reading showed: a run plans before it remembers.

    Such a look may be older than what we took off ourselves: of that it says nothing.
    """
    named, seen = _named(held, snapshot), superseded_pairs(snapshot)
    if seen.empty:
        return named
    if held is None or named is None:
        return seen
    off = pd.MultiIndex.from_frame(pairs_by_name(held[held[OFF].to_numpy()], snapshot).astype("str"))
    return join_pairs([named, seen[~pd.MultiIndex.from_frame(seen.astype("str")).isin(off)]])


def _changed(tables: PlanTables, change: str, done: pd.Series) -> pd.DataFrame:
    """The memberships of lists that done actions put on, or took off."""
    members = tables.memberships
    lists = members[((members[KIND] == LIST) & (members[CHANGE] == change)).to_numpy()]
    written = make_pairs(tables.actions[EMAIL].take(lists[CONTACT].to_numpy()), lists[NAME])
    return written[written[EMAIL].isin(done).to_numpy()]


def _refused(tables: PlanTables, results: pd.DataFrame) -> pd.DataFrame:
    """EMAIL, WORDS, CONTENT of the actions that the service refused."""
    failed = results[(results[RESULT] == FAILED).to_numpy()]
    words = failed[is_refusal(failed[WORDS])].set_index(EMAIL)[WORDS]
    if words.empty:
        return none_refused()[[EMAIL, WORDS, CONTENT]]
    others = tables.actions[EMAIL][~tables.actions[EMAIL].isin(words.index)]
    kept = leave_out(tables, set(others))
    told = words.reindex(kept.actions[EMAIL]).array
    return pd.DataFrame({EMAIL: kept.actions[EMAIL].array, WORDS: told, CONTENT: key_contents(kept)})


def _written(tables: PlanTables, done: pd.Series, fields: Collection[str]) -> pd.DataFrame:
    """EMAIL, FIELD, VALUE of the values of these fields that done actions wrote."""
    changes = tables.changes[tables.changes[FIELD].isin(list(fields)).to_numpy()]
    written = pd.DataFrame(
        {
            EMAIL: tables.actions[EMAIL].take(changes[CONTACT].to_numpy()).array,
            FIELD: changes[FIELD].astype("str").array,
            VALUE: changes[AFTER].array,
        }
    )
    return written[written[EMAIL].isin(done).to_numpy()]


def _named(held: pd.DataFrame | None, snapshot: Snapshot) -> pd.DataFrame | None:
    return None if held is None else pairs_by_name(held[~held[OFF].to_numpy()], snapshot)
