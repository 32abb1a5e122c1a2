"""Taking a run back over real HTTP: what others did meanwhile stays, and what can't be taken back is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ctct_etl.config.values import Limit
from ctct_etl.errors import PlanRefused, UsageError
from ctct_etl.workflow.applying import Wish, apply_directory
from ctct_etl.workflow.endings import Ended
from ctct_etl.workflow.reverting import revert_run
from ctct_etl.workflow.running import plan_pipeline, run_pipeline
from tests.cli.club import ACCOUNTS, MAPPING, MEMBERS, PIPELINE, Club, opened_club
from tests.workflow.test_running import ANY, context_of
from tests.workflow.test_settling import Killed
from tests.workflow.test_settling import context_of as dying

MANAGED = PIPELINE + "absent: {action: remove_from_lists}\nmanaged_lists: [Newsletter]\n"
YES = {**ANY, **{guard: Limit(count=100) for guard in ("max_removals", "unreadable_addresses", "max_rejected")}}


@pytest.fixture
def club(tmp_path: Path) -> Iterator[Club]:
    with opened_club(tmp_path) as opened:
        yield opened


def run(club: Club) -> Ended:
    return run_pipeline(context_of(club), club.pipeline, dry_run=False, accepted=YES)


def revert(club: Club, of: Ended | Path | str, **wish: Any) -> Ended:
    which = of.directory.name if isinstance(of, Ended) else str(of)
    return revert_run(context_of(club), which, out=None, accepted=YES, **wish)


def apply(club: Club, planned: Ended) -> Ended:
    return apply_directory(context_of(club), planned.directory, wish=Wish(), accepted={})


def reasons(planned: Ended) -> dict[str, tuple[str, str]]:
    """Address → action and its reason."""
    lines = (planned.directory / "actions.jsonl").read_text("utf-8").splitlines()
    return {line["address"]: (line["action"], line["reason"]) for line in map(json.loads, lines)}


def lists_of(club: Club, address: str) -> list[str]:
    names: list[str] = club.contacts()[address]["by_name"]["lists"]
    return names


def test_what_the_owner_edited_since_is_kept_and_the_rest_goes_back(club: Club) -> None:
    club.write(members=MEMBERS.replace("bob@example.com,Bob,Stone", "bob@example.com,Robert,Stone"))
    done = run(club)
    club.act("owner", "edit", "bob@example.com", fields={"first_name": "Rob"})
    planned = revert(club, done)
    assert reasons(planned)["bob@example.com"] == (
        "update", f"reverts run {done.directory.name}; kept, edited since the run: first_name"
    )  # fmt: skip
    apply(club, planned)
    bob = club.contacts()["bob@example.com"]
    assert (bob["first_name"], bob["last_name"]) == ("Rob", "Old")
    assert any("1 value edited since the run" in warning for warning in planned.report.warnings)


def test_who_unsubscribed_since_is_left_alone(club: Club) -> None:
    done = run(club)
    club.act("person", "unsubscribe", "bob@example.com")
    planned = revert(club, done)
    assert reasons(planned)["bob@example.com"] == ("skip", "left alone: unsubscribed since")
    apply(club, planned)
    bob = club.contacts()["bob@example.com"]
    assert (bob["last_name"], bob["email_address"]["permission_to_send"]) == ("Stone", "unsubscribed")


def test_who_unsubscribes_between_the_revert_and_its_apply_is_a_conflict(club: Club) -> None:
    planned = revert(club, run(club))
    club.act("person", "unsubscribe", "bob@example.com")
    ended = apply(club, planned)
    assert ended.outcome is not None and ended.outcome["results"]["update"]["conflict"] == 1
    assert club.contacts()["bob@example.com"]["email_address"]["permission_to_send"] == "unsubscribed"


def test_whom_the_run_took_off_a_list_is_put_back_and_a_second_revert_plans_nothing(club: Club) -> None:
    club.write(pipeline=MANAGED, members="E-mail,First Name,Last Name\nann@example.com,Ann,Lee\n")
    done = run(club)
    assert lists_of(club, "bob@example.com") == []
    apply(club, revert(club, done))
    assert lists_of(club, "bob@example.com") == ["Newsletter"]
    counts = revert(club, done).plan.manifest["counts"]["contacts"]
    assert (counts["update"], counts["remove"]) == (0, 0)


def test_who_came_back_and_left_since_is_not_put_back(club: Club) -> None:
    club.write(pipeline=MANAGED, members="E-mail,First Name,Last Name\nann@example.com,Ann,Lee\n")
    done = run(club)
    first = revert(club, done)
    apply(club, first)
    run_pipeline(context_of(club), write_only_ann(club), dry_run=False, accepted=YES)  # sees bob on the list again
    club.act("person", "leave_list", "bob@example.com", list="Newsletter")
    planned = revert(club, done)
    assert reasons(planned)["bob@example.com"][1] == "not put back on the list Newsletter: the person has left it since"


def write_only_ann(club: Club) -> Path:
    """A night that changes nobody and takes nobody off."""
    club.write(pipeline=PIPELINE, members="E-mail,First Name,Last Name\nann@example.com,Ann,Lee\n")
    return club.pipeline


def test_whom_a_revert_takes_off_a_list_has_not_left_it(club: Club) -> None:
    apply(club, revert(club, run(club)))
    assert lists_of(club, "cy@example.com") == []
    club.write(members=MEMBERS.replace("Cy,Park", "Cy,Parker"))  # the mended file
    run(club)
    assert lists_of(club, "cy@example.com") == ["Newsletter"]


def test_the_very_source_that_was_taken_back_is_not_loaded_again_unasked(club: Club) -> None:
    done = run(club)
    apply(club, revert(club, done))
    again = run(club)
    tripped = {guard["guard"] for guard in again.plan.manifest["guards"] if guard["tripped"]}
    assert (again.exit_code(), tripped) == (3, {"reverted"})
    assert club.contacts()["bob@example.com"]["last_name"] == "Old"


def test_what_a_revert_puts_back_is_no_edit_of_a_person(club: Club) -> None:
    club.write(mapping=MAPPING.replace("Last Name", "{column: Last Name, on_update: respect_edits}"))
    club.write(members=MEMBERS.replace("Stone", "Old"))
    run(club)  # sheet and account agree, which is remembered
    club.write(members=MEMBERS)
    apply(club, revert(club, run(club)))
    assert club.contacts()["bob@example.com"]["last_name"] == "Old"
    club.write(members=MEMBERS.replace("Stone", "Rock"))  # the mended file
    run(club)
    assert club.contacts()["bob@example.com"]["last_name"] == "Rock"


def test_a_revert_can_itself_be_reverted(club: Club) -> None:
    reverted = apply(club, revert(club, run(club)))
    apply(club, revert(club, reverted))
    assert club.contacts()["bob@example.com"]["last_name"] == "Stone"
    assert lists_of(club, "cy@example.com") == ["Newsletter"]


def test_a_created_contact_is_deleted_unless_somebody_touches_it_before_the_apply(club: Club) -> None:
    club.write(members=MEMBERS + "di@example.com,Di,Moss\n")
    planned = revert(club, run(club), delete_created=True)
    club.act("owner", "edit", "di@example.com", fields={"job_title": "Chair"})
    ended = apply(club, planned)
    assert ended.outcome is not None
    assert ended.outcome["results"]["remove"] == {"done": 1, "conflict": 1, "failed": 0, "pending": 0}
    contacts = club.contacts()
    assert "deleted_at" in contacts["cy@example.com"] and "deleted_at" not in contacts["di@example.com"]


def test_a_lost_answer_to_a_deletion_is_settled_by_reading(club: Club) -> None:
    planned = revert(club, run(club), delete_created=True)
    club.strike("drop_after", "DELETE", times=1)
    ended = apply(club, planned)
    assert ended.outcome is not None and ended.outcome["results"]["remove"]["done"] == 1
    assert [write.split()[0] for write in club.writes()].count("DELETE") == 1


def test_guards_judge_a_revert_by_the_pipelines_own_limits(club: Club) -> None:
    club.write(pipeline=PIPELINE + "guards: {max_updates: 0, max_field_change: 1000}\n")
    done = run(club)
    planned = revert_run(context_of(club), done.directory.name, out=None, accepted={})
    tripped = [guard["guard"] for guard in planned.plan.manifest["guards"] if guard["tripped"]]
    assert planned.exit_code() == 0 and tripped == []  # an accepted limit is nobody's own: the default counts again
    club.write(pipeline=PIPELINE + "guards: {max_updates: 1}\n", members=MEMBERS.replace("Stone", "Rock"))
    again = run_pipeline(context_of(club), club.pipeline, dry_run=False, accepted={"max_rejected": Limit(count=9)})
    limits = {guard["guard"]: guard["limit"] for guard in revert(club, again).plan.manifest["guards"]}
    assert (limits["max_updates"], limits["min_rows"]) == ("1", "0")


def test_a_plan_that_was_never_applied_is_refused(club: Club) -> None:
    planned = plan_pipeline(context_of(club), club.pipeline, out=None, accepted=YES)
    with pytest.raises(PlanRefused, match="never applied"):
        revert(club, planned)


def test_a_run_that_is_not_finished_is_refused_until_a_later_one_has_closed_it(club: Club) -> None:
    with pytest.raises(Killed):
        run_pipeline(dying(club, dies_at=1), club.pipeline, dry_run=False, accepted=YES)
    (killed,) = club.runs()
    with pytest.raises(PlanRefused, match="is not finished"):
        revert(club, killed)
    run(club)
    assert set(reasons(revert(club, killed))) == {"cy@example.com"}  # what it had done, and nothing else


def test_a_plan_that_was_edited_is_refused(club: Club) -> None:
    done = run(club)
    (done.directory / "actions.jsonl").write_text("", "utf-8")
    with pytest.raises(PlanRefused, match="was changed"):
        revert(club, done)


def test_a_run_that_is_not_there_is_wrong_usage_and_the_last_ones_are_named(club: Club) -> None:
    done = run(club)
    with pytest.raises(UsageError, match=f"the last runs are {done.directory.name}"):
        revert(club, "20200101T000000Z-0000")


def test_the_run_of_another_account_is_refused(club: Club, tmp_path: Path) -> None:
    done = run(club)
    (tmp_path / "other").mkdir()
    with opened_club(tmp_path / "other", "Hillside Club") as other:
        club.write(accounts=ACCOUNTS.replace("${CLUB_URL}", f"{other.url}/v3"))
        with pytest.raises(PlanRefused, match="Hillside Club"):
            revert(club, done)
