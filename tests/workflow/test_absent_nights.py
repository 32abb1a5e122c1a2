"""People whom the source no longer has, night after night, through the real program and real HTTP."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ctct_etl.columns import REASON
from ctct_etl.config.values import Limit
from ctct_etl.errors import GuardTripped
from ctct_etl.workflow.endings import Ended
from tests.promises.nights import Night, actions, night_of
from tests.promises.worlds import LEAVING, World, as_csv
from tests.sampling import in_proof

GONE = ["absent@example.com", "away@example.com"]


def world(*extra: str, **pipeline: Any) -> World:
    """Of the account's people only two are in the source no more; `extra` are cells of further rows."""
    rows = [row for row in LEAVING.rows if row["E-mail"].startswith("new")]
    rows += [{**rows[0], "E-mail": cell} for cell in (*extra, *_others())]
    return replace(LEAVING, rows=rows, pipeline={**LEAVING.pipeline, **pipeline})


def _others() -> list[str]:
    known = [contact["email_address"]["address"] for contact in LEAVING.account]
    return [address for address in known if address not in (*GONE, "never@example.com")]


def lists_of(night: Night, address: str) -> list[str]:
    found: list[str] = night.contacts()[address]["by_name"]["lists"]
    return found


def removals(ended: Ended) -> dict[str, Any]:
    return {action["address"]: action for action in actions(ended) if action["action"] == "remove"}


def test_they_are_taken_off_the_managed_lists_and_off_no_other() -> None:
    with night_of(world()) as night:
        before = night.contacts()
        ended = night.run()
        assert sorted(removals(ended)) == GONE
        assert removals(ended)["absent@example.com"]["lists"] == {"add": [], "remove": ["Board", "Newsletter"]}
        assert lists_of(night, "absent@example.com") == ["Travel Club"]
        assert lists_of(night, "away@example.com") == []
        assert night.contacts()["away@example.com"]["by_name"]["tags"] == ["vip"]
        assert night.contacts()["never@example.com"] == before["never@example.com"]
        assert ended.plan.manifest["counts"]["contacts"]["remove"] == 2
        assert ended.plan.manifest["warnings"][-1] == (
            "1 contact on managed lists, in the source no more, left alone: suppress"
        )
        assert [a for a in actions(night.run()) if a["action"] != "skip"] == []


def test_the_report_shows_who_is_taken_off_what_and_sums_them_apart_from_the_rows() -> None:
    with night_of(world()) as night:
        report = night.plan().report
        shown = report.changes[report.changes["action"] == "remove"]
        assert shown[["email", "field", "before", "after"]].to_numpy().tolist() == [
            ["absent@example.com", "list", "Board", ""],
            ["absent@example.com", "list", "Newsletter", ""],
            ["away@example.com", "list", "Newsletter", ""],
        ]
        assert set(shown[REASON]) == {"absent.action: remove_from_lists; no row of the source has this address"}
        assert report.count_contacts("remove") == 2
        assert sum(outcome.count for outcome in report.outcomes) == report.rows == len(world().rows)


def test_a_row_without_a_readable_address_stops_the_night_until_a_person_says_yes() -> None:
    with night_of(world("nobody")) as night:
        stopped = night.run()
        assert stopped.exit_code() == 3
        assert [g["guard"] for g in stopped.plan.manifest["guards"] if g["tripped"]] == ["unreadable_addresses"]
        assert not [request for request in night.requests() if request["method"] != "GET"]
        with pytest.raises(GuardTripped, match="unreadable_addresses: 1 rows"):
            night.apply(stopped)
        applied = night.apply(stopped, {"unreadable_addresses": Limit(count=1)})
        assert applied.exit_code() == 0
        assert applied.outcome is not None and applied.outcome["accepted"] == {"unreadable_addresses": "1"}
        assert lists_of(night, "away@example.com") == []


def test_too_many_removals_stop_the_night() -> None:
    guards = {**LEAVING.pipeline["guards"], "max_removals": "1"}
    with night_of(world(guards=guards)) as night:
        stopped = night.run()
        assert stopped.exit_code() == 3
        (guard,) = [g for g in stopped.plan.manifest["guards"] if g["tripped"]]
        assert (guard["guard"], guard["value"]) == ("max_removals", 2)
        assert lists_of(night, "away@example.com") == ["Newsletter"]


def test_who_joined_another_managed_list_since_the_plan_is_still_taken_off_those_of_the_plan() -> None:
    with night_of(world()) as night:
        planned = night.plan()
        night.act(do="join_list", address="away@example.com", list="Board")
        assert night.apply(planned).exit_code() == 0
        assert lists_of(night, "away@example.com") == ["Board"]


def test_who_left_by_themselves_since_the_plan_is_a_conflict_and_comes_off_nothing_else() -> None:
    with night_of(world()) as night:
        planned = night.plan()
        night.act(do="unsubscribe", address="absent@example.com")
        applied = night.apply(planned)
        assert applied.exit_code() == 4
        assert applied.outcome is not None
        assert [each["address"] for each in applied.outcome["not_done"]] == ["absent@example.com"]


def test_kept_ones_are_counted_and_nothing_happens_to_them() -> None:
    with night_of(world(absent={"action": "keep"})) as night:
        ended = night.run()
        assert removals(ended) == {}
        assert lists_of(night, "away@example.com") == ["Newsletter"]
        assert (
            "2 contacts on managed lists, in the source no more, left alone: absent.action: keep"
            in (ended.plan.manifest["warnings"])
        )


def test_an_empty_sheet_takes_nobody_off_without_a_persons_yes() -> None:
    guards = {"max_removals": "10%"}
    with night_of(replace(world(guards=guards), rows=[])) as night:
        (night.folder / "members.csv").write_text(as_csv([]), "utf-8")
        stopped = night.run()
        tripped = {guard["guard"] for guard in stopped.plan.manifest["guards"] if guard["tripped"]}
        assert stopped.exit_code() == 3 and "max_removals" in tripped


@pytest.mark.parametrize("full", [False, *in_proof(None)])
@pytest.mark.parametrize("dialect", ["v3", "v1"])
def test_whom_we_took_off_ourselves_is_put_on_the_list_again_when_the_source_has_them_back(
    dialect: str, full: bool | None
) -> None:
    start = world()
    tagless = replace(start, mapping={**start.mapping, "tags": []})
    with night_of(start if dialect == "v3" else tagless, dialect=dialect) as night:
        night.full = full
        night.run()
        assert lists_of(night, "away@example.com") == []
        night.run()  # a night in which nothing happens to them must not make a leaving of it
        back = world("away@example.com")
        (night.folder / "members.csv").write_text(as_csv(back.rows), "utf-8")
        ended = night.run()
        assert lists_of(night, "away@example.com") == ["Newsletter"]
        assert ended.plan.manifest["changes"]["left"] == {}


def test_whoever_was_taken_off_came_back_and_left_by_themselves_is_not_put_back() -> None:
    with night_of(world()) as night:
        night.run()
        (night.folder / "members.csv").write_text(as_csv(world("away@example.com").rows), "utf-8")
        night.run()
        night.act(do="leave_list", address="away@example.com", list="Newsletter")
        ended = night.run()
        assert lists_of(night, "away@example.com") == []
        assert ended.plan.manifest["changes"]["left"] == {"Newsletter": 1}
