from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctct_etl.plan.tables import PlanTables, cut_windows
from ctct_etl.run.action_lines import write_action_lines
from ctct_etl.run.merging import load_tables, merge_rows, merge_tables, spill_tables
from ctct_etl.run.spilling import load, load_share, open_scratch, spill, spill_shares
from tests.run.fakes import make_plan


def plan_of(addresses: list[str]) -> PlanTables:
    names = sorted(addresses)
    half = len(names) // 2
    return make_plan(
        creates={name: f"N {name}" for name in names[:half]},
        updates={name: ("Old", f"U {name}") for name in names[half:]},
        added={name: ["News", f"L{len(name)}"] for name in names[::3]},
    ).tables


def lines(tables: PlanTables) -> list[bytes]:
    return b"".join(write_action_lines(tables)).splitlines()


@settings(max_examples=15 if settings.get_current_profile_name() == "sampled" else 400)
@given(
    st.sets(st.text(st.sampled_from("abc.é"), min_size=1, max_size=4), max_size=25),
    st.integers(1, 5),
    st.integers(1, 9),
    st.randoms(use_true_random=False),
)
def test_parts_are_merged_in_the_order_of_addresses_so_many_at_a_time(tmp_path_factory, names, parts, size, dice):
    folder = tmp_path_factory.mktemp("parts")
    addresses = [f"{name}@x.org" for name in names]
    shares: list[list[str]] = [[] for _ in range(parts)]
    for address in addresses:
        dice.choice(shares).append(address)
    for at, share in enumerate(shares):
        spill_tables(folder / str(at), plan_of(share))
    windows = list(merge_tables([folder / str(at) for at in range(parts)], size))
    counts = [len(window.actions) for window in windows]
    assert all(count == size for count in counts[:-1]) and sum(counts) == len(addresses)
    merged = [line for window in windows for line in lines(window)]
    every = {line for share in shares for line in lines(plan_of(share))}
    assert set(merged) == every and len(merged) == len(addresses)
    found = [address for window in windows for address in window.actions["email"]]
    assert found == sorted(addresses, key=lambda text: text.encode())


def test_a_window_is_what_cutting_the_whole_plan_gives(tmp_path: Path):
    whole = plan_of([f"p{n:02}@x.org" for n in range(20)])
    spill_tables(tmp_path / "part", whole)
    for ours, theirs in zip(merge_tables([tmp_path / "part"], 7), cut_windows(whole, 7), strict=True):
        assert lines(ours) == lines(theirs)
    assert lines(load_tables(tmp_path / "part")) == lines(whole)


def test_rows_of_all_parts_come_by_their_number(tmp_path: Path):
    numbers = np.random.default_rng(1).permutation(50)
    for at in range(3):
        own = np.sort(numbers[at::3])
        spill(tmp_path / str(at), pd.DataFrame({"n": own, "text": pd.Series([f"t{n}" for n in own], dtype="str")}))
    parts = list(merge_rows([tmp_path / str(at) for at in range(3)], "n", 20, 50))
    assert [len(part) for part in parts] == [20, 20, 10]
    together = pd.concat(parts, ignore_index=True)
    assert together["n"].tolist() == list(range(50)) and together["text"].tolist() == [f"t{n}" for n in range(50)]


def test_no_rows_at_all_are_one_part_with_their_dtypes(tmp_path: Path):
    frame = pd.DataFrame({"n": np.zeros(0, np.int64), "kind": pd.Categorical([], categories=["a"])})
    spill(tmp_path / "a", frame)
    (empty,) = merge_rows([tmp_path / "a"], "n", 20, 0)
    assert empty["kind"].dtype == "category"


def test_shares_are_read_one_by_one_an_empty_one_too(tmp_path: Path):
    import pyarrow as pa

    table = pa.table({"text": pa.array(["a", "b", "c"], pa.large_string())})
    spill_shares(tmp_path / "shares", [table.slice(0, 2), table.slice(0, 0), table.slice(2)])
    assert [load_share(tmp_path / "shares", at)["text"].to_pylist() for at in range(3)] == [["a", "b"], [], ["c"]]


def test_what_is_spilled_is_private_whole_and_the_same_when_it_is_done_twice(tmp_path: Path):
    frame = pd.DataFrame({"text": pd.Series(["a", None], dtype="str"), "flag": [True, False]})
    for _ in range(2):
        spill(tmp_path / "frame", frame)
    pd.testing.assert_frame_equal(load(tmp_path / "frame"), frame)
    assert [path.name for path in tmp_path.iterdir()] == ["frame"]
    assert (tmp_path / "frame").stat().st_mode & 0o777 == 0o600


def test_the_scratch_directory_is_private_beside_the_plan_and_gone_after_a_failure_too(tmp_path: Path):
    with pytest.raises(ValueError, match="fails"), open_scratch(tmp_path / "runs" / "plan") as scratch:
        assert scratch.parent == tmp_path / "runs" and scratch.stat().st_mode & 0o777 == 0o700
        (scratch / "file").touch()
        raise ValueError("it fails")
    assert list((tmp_path / "runs").iterdir()) == []
