from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctct_etl.errors import ConfigError, SourceError
from tests.config.given import MAPPING, PIPELINE
from tests.tables import snapshot
from tests.workflow.given import night_world
from tests.workflow.parts.dividing import assert_same, engine, plan_both_ways

ACCOUNT = snapshot(
    [
        *({"email": f"p{n:02}@example.org", "first_name": "P", "lists": ["News"]} for n in range(12)),
        {"email": "twin@example.org"},
        {"email": "twin@example.org"},
        {"email": ""},
        {"email": "off@example.org", "status": "unsubscribed", "opt_out.date": "2026-01-02T00:00:00Z"},
    ],
    lists=("News", "Chess", "Trips"),
    tags=("vip",),
)
ROWS = [
    "P01@example.org,Pia,31.1.2020,Chess,y,2026-01-05",
    "p02@example.org,Pit,,Trips;Chess,,",
    "nobody,Nob,1.2.2020,,,2026-01-05",
    " p01@example.org,Pam,,Trips,,2026-01-07",
    "new@example.org,Neu,,,,",
    ",Blank,,Chess,,",
    ",,,,,",
    "p03@example.org; p04@example.org,Two,,,,",
    "twin@example.org,Twin,,,,",
    "off@example.org,Off,,,,",
    "new@example.org,New,32.1.2020,Chess,,2026-01-05",
    "never@example.org,Never,,,,",
    "p05@example.org,P,,,y,",
]
HEADER = "E-mail,First,Joined,Interests,No mail,Updated\n"
RULES = """
  anniversary: {column: Joined, format: "%d.%m.%Y", invalid: reject}
lists: [{column: Interests, split: ";"}, {list: News, when: {column: First, not_blank: true}}]
tags: [vip]
opted_out: {column: No mail, in: [y]}
dedupe: {prefer: PREFER, merge: MERGE}
checks: {ambiguous_dates: off, swapped_columns: off}
"""
MANAGED = "absent: {action: remove_from_lists}\nmanaged_lists: [News]\nsuppress: [never.csv]\n"


def hold(folder: Path, rows: list[str], using, prefer: str = "last", merge: str = "fill_blanks", **changed: str):
    folder.mkdir(exist_ok=True)
    (folder / "never.csv").write_text("mail\nnever@example.org\n", "utf-8")
    mapping = MAPPING + RULES.replace("PREFER", prefer).replace("MERGE", merge)
    configs = {"mapping": mapping, "pipeline": PIPELINE + MANAGED, **changed}
    world = night_world(folder, HEADER + "".join(f"{row}\n" for row in rows), ACCOUNT, **configs)
    one, parted = plan_both_ways(*world, {}, using)
    assert_same(one, parted)
    return one


@settings(max_examples=4 if settings.get_current_profile_name() == "sampled" else 400)
@given(
    st.lists(st.sampled_from(ROWS), max_size=24),
    st.sampled_from(["last", "first", "most_complete", "{newest: Updated}", "{oldest: Updated}"]),
    st.sampled_from(["winner_only", "fill_blanks"]),
    st.sampled_from([90, 200, 100_000]),
    st.sampled_from([10, 1000]),
)
def test_a_plan_made_in_parts_is_the_one_that_one_process_makes(tmp_path_factory, rows, prefer, merge, block, part):
    hold(tmp_path_factory.mktemp("night"), rows, engine(block, part), prefer, merge)


def test_what_is_compared_is_worth_comparing(tmp_path: Path):
    one = hold(tmp_path, ROWS, engine(100, 2))
    assert set(one.rows["@outcome"]) == {"merged", "rejected", "create", "update", "skip", "unchanged"}
    assert b'"action":"remove"' in one.actions and one.rejects is not None and len(one.problems)


def test_a_source_of_several_files_is_shared_by_address_and_not_by_file(tmp_path: Path):
    (tmp_path / "members-2.csv").write_text(HEADER + "p01@example.org,Last,,,,\n", "utf-8")
    (tmp_path / "members-3.csv").write_text(
        "First,E-mail,Extra\nEx,p02@example.org,x\n\nEy,new@example.org,\n", "utf-8"
    )
    pipeline = (PIPELINE + MANAGED).replace("members.csv", "members*.csv")
    one = hold(tmp_path, ROWS, engine(120, 3), pipeline=pipeline)
    assert one.rows["@file"].nunique() == 3


def test_looks_at_whole_columns_are_told_to_be_left_out_where_they_are_on(tmp_path: Path):
    world = night_world(tmp_path, HEADER + ROWS[0] + "\n", ACCOUNT, mapping=MAPPING, pipeline=PIPELINE)
    one, parted = plan_both_ways(*world, {}, engine())
    told = [words for words in parted.manifest["warnings"] if words not in one.manifest["warnings"]]
    assert told == [
        "columns were not looked at as a whole (ambiguous_dates, swapped_columns): preview and --engine one do that"
    ]
    assert_same(one, replace(parted, manifest={**parted.manifest, "warnings": one.manifest["warnings"]}))


@pytest.mark.parametrize(
    ("suite", "words"),
    [
        ("{expect: expect_column_values_to_be_unique, column: E-mail}", "looks at all rows together"),
        ("{expect: expect_column_mean_to_be_between, column: First, min_value: 1}", "looks at all rows together"),
        ("{expect: expect_column_values_to_not_be_null, column: First, mostly: 0.5}", "with `mostly` looks at all"),
    ],
)
def test_a_gate_of_all_rows_together_is_refused_by_its_place(tmp_path: Path, suite: str, words: str):
    mapping = MAPPING + f"expectations:\n  - {suite}\n"
    world = night_world(tmp_path, HEADER, ACCOUNT, mapping=mapping, pipeline=PIPELINE)
    with pytest.raises(ConfigError) as caught:
        _plan(world, engine(), tmp_path)
    (problem,) = caught.value.problems
    assert words in problem.what and problem.line == 4 and "--engine one" in problem.cure


def test_the_cells_that_stop_a_run_are_told_as_one_process_tells_them(tmp_path: Path):
    mapping = MAPPING + "  anniversary: {column: Joined, invalid: stop}\n"
    words = []
    for using in (None, engine(100, 2)):
        world = night_world(tmp_path, HEADER + "".join(f"q{n}@example.org,Q,soon,,,\n" for n in range(9)), ACCOUNT,
                            mapping=mapping, pipeline=PIPELINE)  # fmt: skip
        with pytest.raises(SourceError) as caught:
            _plan(world, using, tmp_path)
        words.append(str(caught.value))
    assert words[0] == words[1]


def test_a_list_that_the_account_does_not_have_is_told_with_the_first_row_that_names_it(tmp_path: Path):
    rows = [*(f"q{n}@example.org,Q,,News,,\n" for n in range(5)), *(f"r{n}@example.org,R,,Bowls,,\n" for n in range(5))]
    words = []
    for using in (None, engine(100, 2)):
        mapping = MAPPING + 'lists: [{column: Interests, split: ";"}]\n'
        world = night_world(tmp_path, HEADER + "".join(rows), ACCOUNT, mapping=mapping, pipeline=PIPELINE)
        with pytest.raises(ConfigError) as caught:
            _plan(world, using, tmp_path)
        words.append(str(caught.value))
    assert words[0] == words[1] and "row 7" in words[0]


def _plan(world, using, folder: Path) -> None:
    from ctct_etl.workflow.parts.planning import make_plan_in_parts
    from ctct_etl.workflow.planning import make_plan

    if using is None:
        make_plan(*world, "run-1", {})
        return
    with make_plan_in_parts(world[0], using, *world[1:], "run-1", {}, folder / "plan"):
        raise AssertionError("it should have been refused")
