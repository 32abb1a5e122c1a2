"""Who left a list is not put back: over several nights, through the real program and real HTTP."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import replace

import pytest

from ctct_etl.config.values import Limit
from ctct_etl.errors import StateError
from tests.promises.nights import Night, actions, night_of
from tests.promises.worlds import RICH


def act(night: Night, **wish: str) -> None:
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


def test_a_dry_run_remembers_nothing():
    with night_of(RICH) as night:
        night.dry_run()
        assert "first run with this account" in " ".join(night.dry_run().plan.manifest["warnings"])


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
