"""What one night remembers for the next, over generated stories of edits, leavings and the source's own word."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

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
