"""The promises of docs/promises.md, over generated worlds, the real program and real HTTP."""

from __future__ import annotations

from collections import Counter

from hypothesis import example, given

from tests.promises.holding import hold_to_plan
from tests.promises.nights import action_lines, actions, night_of, or_pass_by, slow
from tests.promises.worlds import LEAVING, RICH, World, as_csv, worlds


@slow
@example(RICH)
@given(worlds())
def test_every_source_row_has_exactly_one_outcome_with_a_reason(world: World):
    with night_of(world) as night:
        plan = or_pass_by(night.plan).plan
        counts = plan.manifest["counts"]
        blank = sum(1 for row in world.rows if not any(value.strip() for value in row.values()))
        assert len(plan.rows) == len(world.rows) - blank == counts["rows"]
        assert counts["rows"] == sum(
            counts[outcome] for outcome in ("rejected", "merged", "unchanged", "skip", "create", "update")
        )
        assert plan.rows["@reason"].str.len().gt(3).all()
        assert not plan.rows[["@file", "@row"]].duplicated().any()


@slow
@example(RICH)
@given(worlds())
def test_a_dry_run_sends_nothing_but_reads_and_changes_nothing(world: World):
    with night_of(world) as night:
        before = night.contacts()
        or_pass_by(night.plan)
        night.dry_run()
        assert {request["method"] for request in night.requests()} == {"GET"}
        assert night.contacts() == before
        assert night.mails() == []


def test_after_a_run_the_account_equals_the_plan_and_a_second_run_plans_nothing():
    seen: Counter[str] = Counter()

    @slow
    @example(RICH)
    @example(LEAVING)
    @given(worlds())
    def hold(world: World) -> None:
        with night_of(world) as night:
            before = night.contacts()
            ended = or_pass_by(night.run)
            after = night.contacts()
            assert ended.outcome is None or ended.outcome["not_done"] == []
            hold_to_plan(before, after, actions(ended))
            for action in actions(ended):
                if action["action"] == "skip":
                    continue
                seen.update(
                    [
                        action["action"],
                        *action["route"].split("+"),
                        *("cleared" for v in action["after"].values() if not v),
                    ]
                )
            seen.update(ended.plan.rows["@outcome"])
            again = night.run()
            assert [action for action in actions(again) if action["action"] != "skip"] == []
            assert again.outcome is None

    hold()
    routes = {"contacts_json_import", "post_contact", "put_contact", "add_list_memberships", "contacts_taggings_add",
              "remove_list_memberships"}  # fmt: skip
    outcomes = {"rejected", "merged", "unchanged", "skip", "create", "update", "remove"}
    assert set(seen) >= routes | outcomes | {"cleared"}, f"the worlds never showed {routes | outcomes - set(seen)}"


@slow
@example(RICH)
@given(worlds())
def test_the_same_inputs_make_the_same_bytes_whatever_the_order_of_files(world: World):
    with night_of(world) as night:
        first = action_lines(or_pass_by(night.plan))
        assert action_lines(night.plan()) == first
        half = len(world.rows) // 2
        split = night.folder / "split"
        split.mkdir()
        document = night.pipeline.read_text("utf-8").replace("members.csv", "split/*.csv")
        plans = []
        for order in ((0, 1), (1, 0)):  # the order in which files are made is the order in which a folder lists them
            for old in split.iterdir():
                old.unlink()
            parts = (world.rows[:half], world.rows[half:])
            for part in order:
                (split / f"part-{part}.csv").write_text(as_csv(parts[part]), "utf-8")
            (night.folder / "split.yaml").write_text(document, "utf-8")
            whole, night.pipeline = night.pipeline, night.folder / "split.yaml"
            plans.append(action_lines(night.plan()))
            night.pipeline = whole
        assert plans[0] == plans[1]


SECRETS = ("sandbox-token", "sandbox-secret")


@slow
@example(RICH)
@given(worlds())
def test_no_secret_is_in_anything_that_a_run_writes(world: World):
    with night_of(world) as night:
        or_pass_by(night.run)
        for path in sorted((night.folder / "state").rglob("*")):
            if path.is_file():
                content = path.read_bytes()
                assert not any(secret.encode() in content for secret in SECRETS), path
                assert path.stat().st_mode & 0o077 == 0, f"{path} can be read by others"


@slow
@example(RICH)
@given(worlds())
def test_the_same_account_makes_the_same_bytes_whether_it_was_refreshed_or_read_whole(world: World):
    with night_of(world) as night:
        night.full = False
        or_pass_by(night.plan)
        for number, address in enumerate(sorted(night.contacts())):
            if "@" in address:
                night.act(who="owner", address=address, **_DEEDS[number % len(_DEEDS)])
        refreshed = night.plan()
        night.full = True
        whole = night.plan()
        assert [ended.plan.manifest["snapshot"]["how"] for ended in (refreshed, whole)] == ["refreshed", "full"]
        assert action_lines(refreshed) == action_lines(whole)
        assert refreshed.plan.manifest["counts"] == whole.plan.manifest["counts"]


_DEEDS = (
    {"do": "join_list", "list": "Travel Club"},
    {"do": "unsubscribe"},
    {"do": "delete"},
    {"do": "leave_list", "list": "Newsletter"},
)
