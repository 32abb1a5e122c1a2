"""What one night remembers for the next, over generated stories of edits, leavings and the source's own word."""

from __future__ import annotations

import json
import re
import urllib.request
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.promises.ledger import Asked, Ledger
from tests.promises.nights import Night, night_of, slow
from tests.promises.worlds import COLUMNS, World, as_csv

PEOPLE = ("ann@example.com", "bob@example.com", "cy@example.com")
NAMES = ("Ann", "Bob", "Cy", "Di")
MAPPING: dict[str, Any] = {
    "fields": {"email": "E-mail", "first_name": {"column": "First Name", "on_update": "respect_edits"}},
    "lists": ["Newsletter"],
}
GUARDS = {"guards": dict.fromkeys(("max_updates", "max_creates", "max_field_change", "max_shrink"), "99")}

# What happens to one person before a night: the source says another name, a person edits it, they leave the list.
EVENT = st.tuples(st.sampled_from(("source", "edit", "leave")), st.sampled_from(PEOPLE), st.sampled_from(NAMES))


def act(night: Night, **wish: object) -> None:
    body = json.dumps({"who": "person", **wish}).encode()
    request = urllib.request.Request(f"{night.url}/_sandbox/act", body, {"Content-Type": "application/json"})
    urllib.request.urlopen(request).close()


def write(night: Night, source: dict[str, str]) -> None:
    rows = [dict.fromkeys(COLUMNS, "") | {"E-mail": who, "First Name": name} for who, name in source.items()]
    (night.folder / "members.csv").write_text(as_csv(rows), "utf-8")


@slow
@given(st.lists(st.lists(EVENT, max_size=4), min_size=1, max_size=4))
def test_over_nights_edits_stay_who_left_stays_off_and_all_else_follows_the_source(story: list[list[Any]]) -> None:
    source = dict(zip(PEOPLE, NAMES, strict=False))
    with night_of(World([], [], MAPPING, GUARDS, [])) as night:
        write(night, source)
        night.run()
        expected, agreed, left = dict(source), dict(source), set()
        for events in story:
            for what, who, name in events:
                if what == "source":
                    source[who] = name
                elif what == "edit":
                    act(night, do="edit", address=who, fields={"first_name": name})
                    expected[who] = name
                elif who not in left:
                    act(night, do="leave_list", address=who, list="Newsletter")
                    left.add(who)
            write(night, source)
            night.run()
            for who in PEOPLE:
                if expected[who] in (agreed[who], source[who]):
                    expected[who] = agreed[who] = source[who]
            contacts = night.contacts()
            assert {who: contacts[who]["first_name"] for who in PEOPLE} == expected
            on_list = {who for who in PEOPLE if contacts[who]["by_name"]["lists"] == ["Newsletter"]}
            assert on_list == set(PEOPLE) - left


ANN: dict[str, Any] = {
    "email_address": {"address": PEOPLE[0], "permission_to_send": "implicit"},
    "first_name": "An",
    "list_memberships": ["Board"],
}
ONE_CONTACT = re.compile(r"^(/v3|/ws/customers/sandbox)/contacts/[^/]+$")


@pytest.mark.parametrize("dialect", ["v3", "v1"])
def test_who_joins_right_before_their_update_and_leaves_right_after_it_is_not_put_back(dialect: str) -> None:
    """The one read that saw them on the list is that of the update; over v1 the PUT holds the list besides."""
    applying = False
    fields = {"email": "E-mail", "first_name": "First Name"}
    world = World([], [ANN], {"fields": fields, "lists": ["Board"]}, GUARDS, [])

    def join(asked: Asked) -> None:
        if applying and asked.method == "GET" and ONE_CONTACT.match(asked.path) and not any(map(is_put, met.entries)):
            act(night, do="join_list", address=PEOPLE[0], list="Newsletter")

    def leave(asked: Asked) -> None:
        if applying and is_put(asked):
            act(night, do="leave_list", address=PEOPLE[0], list="Newsletter")

    met = Ledger(before=join, after=leave)
    with night_of(world, checker=met, dialect=dialect) as night:
        write(night, {PEOPLE[0]: "Ann"})
        planned = night.plan()
        applying = True
        night.apply(planned)
        assert night.contacts()[PEOPLE[0]]["first_name"] == "Ann"
        applying = False
        mapping = (night.folder / "mapping.yaml").read_text("utf-8")
        (night.folder / "mapping.yaml").write_text(mapping.replace("- Board", "- Board\n- Newsletter"), "utf-8")
        again = night.run()
        assert night.contacts()[PEOPLE[0]]["by_name"]["lists"] == ["Board"]
        assert again.plan.manifest["counts"]["unchanged"] == 1


def is_put(asked: Asked) -> bool:
    return asked.method == "PUT" and ONE_CONTACT.match(asked.path) is not None
