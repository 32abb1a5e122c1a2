"""Who left a list is not put back: over several nights, through the real program and real HTTP."""

from __future__ import annotations

import json
import shutil
import urllib.request
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pandas as pd
import pytest

from ctct_etl.config.values import Limit
from ctct_etl.errors import PlanRefused, StateError
from ctct_etl.run.locking import lock_account
from ctct_etl.run.pipeline_runs import remember_reverted
from ctct_etl.run.state import StateDirectory
from ctct_etl.workflow.endings import Ended
from tests.promises.nights import Night, actions, night_of
from tests.promises.worlds import COLUMNS, RICH, World


def act(night: Night, **wish: object) -> None:
    body = json.dumps({"who": "person", **wish}).encode()
    request = urllib.request.Request(f"{night.url}/_sandbox/act", body, {"Content-Type": "application/json"})
    urllib.request.urlopen(request).close()


def lists_of(night: Night, address: str) -> list[str]:
    return night.contacts()[address]["by_name"]["lists"]


@pytest.mark.parametrize("address", ["new3@example.com", "old3@example.com"])  # written by us, and only seen
def test_whoever_leaves_a_list_between_two_nights_is_not_put_back(address):
    with night_of(RICH) as night:
        first = night.run()
        assert "first run with this account" in " ".join(first.plan.manifest["warnings"])
        act(night, do="leave_list", address=address, list="Newsletter")
        second = night.run()
        assert lists_of(night, address) == []
        assert actions(second) == [action for action in actions(second) if action["action"] == "skip"]
        assert second.plan.manifest["changes"]["left"] == {"Newsletter": 1}
        assert second.plan.manifest["warnings"][-1] == "1 left the list Newsletter and is not put back"
        rows = second.plan.rows.set_index("email")
        assert rows.loc[address, "@reason"] == (
            "the account already says the same; left the list Newsletter: not added again"
        )


def tripped(ended: Ended) -> list[str]:
    return [guard["guard"] for guard in ended.plan.manifest["guards"] if guard["tripped"]]


def test_a_memory_that_is_gone_stops_every_run_until_a_person_accepts_that():
    with night_of(RICH) as night:
        night.run()
        shutil.rmtree(night.folder / "state" / "accounts")
        act(night, do="leave_list", address="old3@example.com", list="Newsletter")
        assert tripped(night.dry_run()) == ["state_lost"]
        for _ in range(2):  # nothing that a stopped run saw may pass for the memory that was lost
            stopped = night.run()
            assert (stopped.exit_code(), tripped(stopped)) == (3, ["state_lost"])
        assert lists_of(night, "old3@example.com") == []
        assert night.run({"state_lost": Limit(count=1)}).exit_code() == 0
        act(night, do="leave_list", address="old4@example.com", list="Newsletter")
        again = night.run()
        assert (tripped(again), again.plan.manifest["changes"]["left"]) == ([], {"Newsletter": 1})


def test_a_plan_is_refused_when_the_memory_was_lost_since_it_was_made():
    with night_of(RICH) as night:
        night.run()
        act(night, do="edit", address="old3@example.com", fields={"first_name": "Eve"})
        planned = night.plan()
        shutil.rmtree(night.folder / "state" / "accounts")
        with pytest.raises(PlanRefused, match="plan again"):
            night.apply(planned)


def test_an_older_copy_of_the_memory_stops_the_run():
    with night_of(RICH) as night:
        night.run()
        (memory,) = (night.folder / "state").rglob("memberships-*.parquet")
        old = memory.read_bytes()
        act(night, do="edit", address="old3@example.com", fields={"first_name": "Eve"})
        add_row(night, "later@example.com")
        night.run()
        memory.write_bytes(old)
        assert tripped(night.run()) == ["state_lost"]


def test_a_source_that_shrank_since_the_last_good_run_stops_the_run():
    with night_of(RICH) as night:
        assert "no earlier run" in figure(night.run(), "max_shrink")
        lines = (night.folder / "members.csv").read_text("utf-8").splitlines(keepends=True)
        (night.folder / "members.csv").write_text("".join(lines[:-6]), "utf-8")
        stopped = night.run()
        assert tripped(stopped) == ["max_shrink"]
        assert figure(stopped, "max_shrink") == "6 of 28 rows of the last good run are there no longer (21.4%)"
        assert night.run({"max_shrink": Limit(count=6)}).exit_code() == 0
        assert figure(night.run(), "max_shrink") == "0 of 22 rows of the last good run are there no longer (0.0%)"


def test_a_field_that_is_suddenly_blank_is_told_against_the_last_good_run():
    with night_of(RICH) as night:
        first = night.run().plan.manifest
        assert first["fields"]["contacts"] >= 20 and not any("last good run" in each for each in first["warnings"])
        source = pd.read_csv(night.folder / "members.csv", dtype="str", keep_default_na=False)
        source.assign(**{"First Name": ""}).to_csv(night.folder / "members.csv", index=False)
        (told,) = (each for each in night.dry_run().plan.manifest["warnings"] if "last good run" in each)
        assert told.startswith('first_name ("First Name") is blank for 100% of')


def test_a_source_whose_run_was_reverted_stops_the_run_until_a_person_accepts_it_once():
    with night_of(RICH) as night:
        manifest = night.run().plan.manifest
        sha256 = [file["sha256"] for file in manifest["source"]["files"]]
        account = manifest["account"]
        remember_reverted(StateDirectory(night.folder / "state"), "club", account, "world", manifest["run"], sha256)
        assert tripped(night.run()) == ["reverted"]
        assert night.run({"reverted": Limit(count=1)}).exit_code() == 0
        assert tripped(night.run()) == []


def figure(ended: Ended, name: str) -> str:
    (found,) = (guard["figure"] for guard in ended.plan.manifest["guards"] if guard["guard"] == name)
    return str(found)


def add_row(night: Night, address: str) -> None:
    lines = (night.folder / "members.csv").read_text("utf-8").splitlines(keepends=True)
    (night.folder / "members.csv").write_text("".join([*lines, lines[1].replace("new0@example.com", address)]), "utf-8")


RESPECT = replace(
    RICH,
    mapping=RICH.mapping
    | {"fields": {"email": "E-mail", "first_name": {"column": "First Name", "on_update": "respect_edits"}}},
)


def test_an_edit_in_the_account_stays_and_is_reported_and_what_nobody_edited_follows_the_source():
    with night_of(RESPECT) as night:
        first = night.run()
        # Nothing was known: whose "Anna" is that the account has of these, nobody can tell.
        assert first.plan.manifest["changes"]["kept_edits"] == {"first_name": 9}
        act(night, do="edit", address="new1@example.com", fields={"first_name": "Eve"})
        members = (night.folder / "members.csv").read_text("utf-8")
        for address in ("new1@example.com", "new2@example.com", "joins@example.com"):
            members = members.replace(f'"{address}","Ann"', f'"{address}","Zoe"')
        (night.folder / "members.csv").write_text(members, "utf-8")
        second = night.run()
        names = {address: contact["first_name"] for address, contact in night.contacts().items()}
        assert (names["new1@example.com"], names["new2@example.com"], names["joins@example.com"]) == (
            "Eve",
            "Zoe",
            "Zoe",
        )
        assert second.plan.manifest["changes"]["kept_edits"] == {"first_name": 10}
        rows = second.plan.rows.set_index("email")
        assert rows.loc["new1@example.com", "@reason"] == (
            "the account already says the same; edited in the account: first_name kept"
        )


def test_values_that_a_plan_wrote_are_remembered_when_it_is_applied_later():
    with night_of(RESPECT) as night:
        night.apply(night.plan())
        members = (night.folder / "members.csv").read_text("utf-8")
        (night.folder / "members.csv").write_text(
            members.replace('"new2@example.com","Ann"', '"new2@example.com","Zoe"'), "utf-8"
        )
        night.run()
        assert night.contacts()["new2@example.com"]["first_name"] == "Zoe"


class Refusing:
    """A service that refuses every contact whose first name is Nero."""

    def wrap(self, app):
        def answer(environ, start):
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = BytesIO(body)
            if b'"Nero"' not in body:
                return app(environ, start)
            start("400 Bad Request", [("Content-Type", "application/json")])
            return [json.dumps([{"error_key": "contacts.api.x", "error_message": "no emperors"}]).encode()]

        return answer


def test_whom_the_service_refused_is_left_alone_for_seven_days_unless_the_row_changes():
    nero = {column: "" for column in COLUMNS} | {"E-mail": "nero@example.com", "First Name": "Nero"}
    ann = nero | {"E-mail": "ann@example.com", "First Name": "Ann"}
    world = World([nero, ann], [], {"fields": {"email": "E-mail", "first_name": "First Name"}}, {}, [])

    def outcome(**how: bool) -> str:
        ended = night.run(**how)
        reached = sum(request["method"] == "POST" and request["status"] == 201 for request in night.requests())
        (row,) = (row for row in ended.plan.rows.itertuples(index=False, name=None) if row[3] == "nero@example.com")
        return f"{row[4]}, {reached} reached the account, exit {ended.exit_code()}"

    with night_of(world, Refusing()) as night:
        assert outcome() == "create, 1 reached the account, exit 4"
        night.now += timedelta(days=1)
        again = night.run()
        assert again.exit_code() == 0
        assert again.plan.rows["@reason"].tolist()[0] == (
            'refused by the service on 2026-11-23 with "no emperors": left alone until 2026-11-30'
        )
        assert any("--retry-refused" in warning for warning in again.plan.manifest["warnings"])
        assert outcome(retry_refused=True) == "create, 1 reached the account, exit 4"
        night.now += timedelta(days=7)
        assert outcome() == "create, 1 reached the account, exit 4"
        night.now += timedelta(days=1)
        assert outcome() == "skip, 1 reached the account, exit 0"
        members = (night.folder / "members.csv").read_text("utf-8").replace("Nero", "Noreen")
        (night.folder / "members.csv").write_text(members, "utf-8")
        assert outcome() == "create, 2 reached the account, exit 0"


READD = replace(RICH, mapping=RICH.mapping | {"lists": [{"list": "Newsletter", "readd": "true"}]})


def test_whoever_left_is_put_back_only_by_readd_and_by_a_persons_yes():
    with night_of(READD) as night:
        night.run()
        act(night, do="leave_list", address="old3@example.com", list="Newsletter")
        stopped = night.run()
        assert stopped.exit_code() == 3
        assert [guard["guard"] for guard in stopped.plan.manifest["guards"] if guard["tripped"]] == ["max_readds"]
        assert lists_of(night, "old3@example.com") == []
        accepted = night.run({"max_readds": Limit(count=1)})
        assert accepted.plan.manifest["changes"]["readded"] == {"Newsletter": 1}
        assert "1 left the list Newsletter and is put back, as `readd` says" in accepted.plan.manifest["warnings"]
        assert lists_of(night, "old3@example.com") == ["Newsletter"]


def test_readd_puts_back_by_a_plan_that_is_applied_later_too():
    with night_of(READD) as night:
        night.run()
        act(night, do="leave_list", address="old3@example.com", list="Newsletter")
        applied = night.apply(night.plan({"max_readds": Limit(count=1)}))
        assert applied.outcome is not None and applied.outcome["not_done"] == []
        assert lists_of(night, "old3@example.com") == ["Newsletter"]


def test_a_plan_from_before_somebody_joined_and_left_does_not_put_them_back():
    with night_of(replace(RICH, mapping=RICH.mapping | {"tags": []})) as night:
        old = night.plan()
        night.run()
        act(night, do="leave_list", address="joins@example.com", list="Travel Club")
        applied = night.apply(old)
        assert "Travel Club" not in lists_of(night, "joins@example.com")
        assert applied.outcome is not None
        told = {each["address"]: each["words"] for each in applied.outcome["not_done"]}
        assert told["joins@example.com"] == 'left the list "Travel Club" since the plan'


@pytest.mark.parametrize("full", [None, False])
def test_whoever_leaves_between_a_plan_and_its_apply_is_not_put_back_the_night_after(full):
    with night_of(RICH) as night:
        night.full = full
        planned = night.plan()
        act(night, do="leave_list", address="old3@example.com", list="Newsletter")
        night.apply(planned)
        night.run()
        assert lists_of(night, "old3@example.com") == []


def test_one_who_left_still_has_fields_changed_by_a_route_that_puts_nobody_on_that_list():
    with night_of(RICH) as night:
        night.run()
        act(night, do="leave_list", address="old3@example.com", list="Newsletter")
        members = (
            (night.folder / "members.csv")
            .read_text("utf-8")
            .replace('"old3@example.com","Ann"', '"old3@example.com","Eve"')
        )
        (night.folder / "members.csv").write_text(members, "utf-8")
        second = night.run()
        (action,) = (action for action in actions(second) if action["action"] != "skip")
        assert (action["after"], action["lists"]["add"], action["wanted"]["lists"]) == ({"first_name": "Eve"}, [], [])
        assert action["route"] == "put_contact"
        assert night.contacts()["old3@example.com"]["first_name"] == "Eve"
        assert lists_of(night, "old3@example.com") == []


def test_a_dry_run_remembers_whom_it_saw_on_a_list():
    with night_of(RICH) as night:
        assert "first run with this account" in " ".join(night.dry_run().plan.manifest["warnings"])
        act(night, do="leave_list", address="old3@example.com", list="Newsletter")
        night.run()
        assert lists_of(night, "old3@example.com") == []


def test_a_plan_is_made_while_a_run_holds_the_account():
    with night_of(RICH) as night, lock_account(StateDirectory(night.folder / "state"), "club", "another"):
        assert actions(night.plan())


def test_a_memory_that_cannot_be_read_stops_the_run_because_it_would_put_people_back():
    with night_of(RICH) as night:
        night.run()
        (memory,) = (night.folder / "state").rglob("memberships-*.parquet")
        memory.write_bytes(b"torn")
        with pytest.raises(StateError, match="who left which list"):
            night.run()


def test_whoever_left_a_list_is_not_put_back_when_the_list_has_another_name():
    with night_of(RICH) as night:
        night.run()
        act(night, do="leave_list", address="old3@example.com", list="Newsletter")
        rename_list(night, "Newsletter", "News")
        mapping = night.folder / "mapping.yaml"
        mapping.write_text(mapping.read_text("utf-8").replace("Newsletter", "News"), "utf-8")
        second = night.run()
        assert lists_of(night, "old3@example.com") == []
        assert second.plan.manifest["changes"]["left"] == {"News": 1}


def rename_list(night: Night, old: str, new: str) -> None:
    headers = {"Authorization": "Bearer sandbox-token", "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(f"{night.url}/v3/contact_lists", headers=headers)) as answer:
        (wanted,) = (each for each in json.load(answer)["lists"] if each["name"] == old)
    url = f"{night.url}/v3/contact_lists/{wanted['list_id']}"
    body = json.dumps({"name": new}).encode()
    urllib.request.urlopen(urllib.request.Request(url, body, headers, method="PUT")).close()
