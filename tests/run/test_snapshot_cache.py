from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from ctct_etl.errors import StateError
from ctct_etl.plan.snapshot import CustomField, Snapshot
from ctct_etl.run.durable_files import new_directory
from ctct_etl.run.snapshot_cache import Age, CacheRefused, keep_cache, open_cache
from ctct_etl.run.state import StateDirectory
from tests.tables import snapshot

LEVEL = CustomField("f1", "Level", "single_select", "level", {"Gold": "2", "Basic": "1"})
AGE = Age("2026-11-20T22:00:00Z", 3)


def account(first_name: str = "Ann", fetched_at: str = "2026-11-23T22:00:00Z") -> Snapshot:
    contacts = [
        {"email": "a@x.org", "first_name": first_name, "custom.Level": "Gold", "lists": ["News"], "tags": ["vip"]},
        {"email": "b@x.org", "last_name": "Łę\n\t", "custom.Level": ""},
    ]
    return replace(
        snapshot(contacts, ["Empty"], custom_fields=[LEVEL]), fetched_at=fetched_at, excess={"status total": 2}
    )


@pytest.fixture
def state(tmp_path: Path) -> StateDirectory:
    return StateDirectory(tmp_path)


def keep(state: StateDirectory, one: Snapshot, age: Age = AGE) -> Path:
    """Keep it; return where."""
    keep_cache(state, "club", "v3", one, age)
    return state.account("club") / "snapshot"


def load(state: StateDirectory, columns: list[str] | None = None) -> Snapshot:
    cached = open_cache(state, "club", "v3")
    assert cached is not None
    return cached.load(columns)


def test_a_snapshot_comes_back_as_it_was_kept(state):
    keep(state, account())
    cached = open_cache(state, "club", "v3")
    back = cached.load()
    pd.testing.assert_frame_equal(back.contacts, account().contacts)
    pd.testing.assert_frame_equal(back.memberships, account().memberships, check_categorical=False)
    for name in ("lists", "tags", "custom_fields", "account", "fetched_at", "excess"):
        assert getattr(back, name) == getattr(account(), name)
    assert list(back.custom_fields["Level"].choices) == ["Gold", "Basic"]
    assert (cached.age, cached.contacts, cached.checked, cached.fetched_at) == (AGE, 2, True, "2026-11-23T22:00:00Z")


def test_an_account_without_contacts_comes_back_too(state):
    keep(state, snapshot([]))
    assert load(state).contacts.empty
    assert list(load(state).contacts) == list(snapshot([]).contacts)


def test_some_columns_may_be_read_alone_and_the_ids_come_with_them(state):
    keep(state, account())
    assert list(load(state, ["email", "no such field"]).contacts) == ["contact_id", "email"]


def test_there_is_none_before_the_first_and_none_of_another_name(state):
    assert open_cache(state, "club", "v3") is None
    keep(state, account())
    assert open_cache(state, "other", "v3") is None


def test_one_replaces_the_other_and_nothing_of_it_stays(state):
    keep(state, account())
    place = keep(state, account("Bob", "2026-11-24T22:00:00Z"))
    assert load(state).contacts["first_name"].tolist() == ["Bob", ""]
    assert len([each for each in place.iterdir() if each.is_dir()]) == 1


def test_an_older_one_does_not_replace_a_newer_one_of_the_same_account(state):
    keep(state, account("Bob", "2026-11-24T22:00:00Z"))
    keep(state, account("Ann", "2026-11-23T22:00:00Z"))
    assert load(state).contacts["first_name"].tolist() == ["Bob", ""]
    other = replace(account("Eve"), account={"encoded_account_id": "a2", "organization_name": "Other"})
    keep(state, other)
    assert load(state).contacts["first_name"].tolist() == ["Eve", ""]


def test_only_its_owner_can_read_it(state):
    place = keep(state, account())
    modes = {each.stat().st_mode & 0o777 for each in place.rglob("*") if each.is_file()}
    assert modes == {0o600}
    assert {each.stat().st_mode & 0o777 for each in (place, *place.glob("g-*"))} == {0o700}


def cut(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def change(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


@pytest.mark.parametrize("harm", [cut, change, Path.unlink, lambda path: path.write_bytes(b"")])
@pytest.mark.parametrize("name", ["contacts.parquet", "memberships.parquet"])
def test_a_torn_or_changed_table_is_refused(state, name: str, harm: Callable[[Path], None]):
    place = keep(state, account())
    harm(next(place.glob(f"g-*/{name}")))
    with pytest.raises(CacheRefused):
        open_cache(state, "club", "v3")


@pytest.mark.parametrize("harm", [cut, change, lambda path: path.write_bytes(b""), lambda path: path.write_text("[]")])
def test_a_torn_or_changed_card_is_refused(state, harm: Callable[[Path], None]):
    harm(keep(state, account()) / "current.json")
    with pytest.raises(CacheRefused):
        open_cache(state, "club", "v3")


def test_one_of_another_dialect_or_version_is_refused(state, monkeypatch):
    keep(state, account())
    with pytest.raises(CacheRefused, match="read by dialect v3"):
        open_cache(state, "club", "v1")
    monkeypatch.setattr("ctct_etl.run.snapshot_cache.SCHEMA_VERSION", 2)
    with pytest.raises(CacheRefused, match="another version"):
        open_cache(state, "club", "v3")


def test_a_cache_that_was_refused_is_replaced(state):
    change(keep(state, account()) / "current.json")
    keep(state, account("Bob"))
    assert load(state).contacts["first_name"].tolist() == ["Bob", ""]


def test_who_has_opened_it_reads_on_when_it_is_replaced(state):
    keep(state, account())
    cached = open_cache(state, "club", "v3")
    keep(state, account("Bob", "2026-11-24T22:00:00Z"))
    assert cached.load().contacts["first_name"].tolist() == ["Ann", ""]


def test_what_a_crash_left_half_written_is_cleared_away_and_the_old_one_stays(state):
    place = keep(state, account())
    with pytest.raises(KeyboardInterrupt), new_directory(place / "g-half") as part:
        (part / "contacts.parquet").write_bytes(b"PAR1")
        shutil.copytree(part, place / ".g-dead.part")  # what a killed process leaves
        raise KeyboardInterrupt
    assert load(state).contacts["first_name"].tolist() == ["Ann", ""]
    keep(state, account("Bob", "2026-11-24T22:00:00Z"))
    assert not (place / ".g-dead.part").exists()


def test_a_disk_that_refuses_is_told_with_its_place(state):
    (state.account("club") / "snapshot").write_text("a file stands here")
    with pytest.raises(StateError, match="snapshot"):
        keep(state, account())


def test_readers_and_writers_at_once_never_see_half_a_cache(state):
    keep(state, account("0"))
    faults: list[BaseException] = []

    def write(name: str) -> None:
        for number in range(8):
            keep(state, account(f"{name}{number}", f"2026-11-24T22:00:{number:02}Z"))

    def read() -> None:
        for _ in range(40):
            one = load(state)
            assert (len(one.contacts), len(one.memberships)) == (2, 2)

    def noting(work: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            try:
                work()
            except BaseException as fault:
                faults.append(fault)

        return run

    works = [lambda: write("a"), lambda: write("b"), read, read]
    threads = [threading.Thread(target=noting(work)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    card = json.loads((state.account("club") / "snapshot" / "current.json").read_bytes())
    assert card["fetched_at"] == "2026-11-24T22:00:07Z"
