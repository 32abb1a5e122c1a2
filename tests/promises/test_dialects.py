"""Promise 9: the same source and the same start give the same end over v1 and v3, for all that both can express.

What only one of them can say is left out of these worlds: tags, dates, other phones and addresses; who was deleted, is
on hold or has no permission set; people who are to be on no list, whom v1 can't create.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from ctct_etl.sandbox.switches import list_switches
from tests.promises.every_route import known
from tests.promises.nights import Night, actions, night_of, or_pass_by, slow
from tests.promises.reading import consent_of, fields_of, memberships_of
from tests.promises.worlds import LEAVING, PEOPLE, RICH, STRANGERS, World, contact, row

COMMON = ("first_name", "last_name", "job_title", "company_name", "phone.home", "phone.work", "custom.Shoe")
BOTH = ("implicit", "explicit", "unsubscribed", "pending_confirmation")
# What the sources of v1 leave open, and what every request is refused under.
OPEN = {
    name: allowed
    for name, (_, allowed) in list_switches().items()
    if name.startswith("v1_") and allowed and name not in ("v1_downtime", "v1_rate_limit", "v1_foreign_path")
}
NUMBERS = {"custom_fields": {"Shoe": "1"}}
GUARDS = dict.fromkeys(
    ("max_updates", "max_creates", "max_removals", "max_rejected", "max_clears", "max_field_change",
     "unreadable_addresses"), "100000"
) | {"min_rows": "0"}  # fmt: skip

few = settings(
    slow,
    phases=[Phase.explicit, Phase.generate],
    max_examples=2 if settings.get_current_profile_name() == "sampled" else 200,
)


@st.composite
def people(draw: st.DrawFn, address: str) -> dict[str, Any]:
    """A contact that both dialects can tell."""
    found = draw(contact(address).filter(lambda one: one["email_address"]["permission_to_send"] in BOTH
                                         and "deleted_at" not in one))  # fmt: skip
    numbers = draw(st.lists(st.sampled_from(("home", "work", "mobile")), unique=True, max_size=2))
    found["phone_numbers"] = [{"kind": kind, "phone_number": "212.555.2368"} for kind in numbers]
    found["custom_fields"] = draw(st.sampled_from(({}, {"Shoe": "42"}, {"Level": "Gold", "Shoe": "Ann Lee"})))
    return found


@st.composite
def worlds(draw: st.DrawFn) -> World:
    pick = st.sampled_from
    policy = pick(("overwrite", "fill", "never"))

    def ruled(**rule: Any) -> dict[str, Any]:
        return {**rule, "on_update": draw(policy), "blank": draw(pick(("keep", "clear")))}

    optional = {
        "last_name": ruled(column="Last Name"),
        "job_title": ruled(column="Tier"),
        "phone.home": ruled(column="Cell", type="phone", region="US"),
        "custom.Shoe": ruled(column="Volunteer"),
        "address.home.street": ruled(column="Street"),
        "address.home.city": ruled(column="City"),
        "address.home.state": ruled(column="State"),
        "address.home.postal_code": ruled(column="ZIP"),
        "address.home.country": {"column": "Country", "on_update": draw(policy)},
    }
    fields = {"email": "E-mail", "first_name": ruled(column="First Name")}
    fields |= {name: rule for name, rule in optional.items() if draw(st.booleans())}
    lists: list[Any] = ["Newsletter"]
    if draw(st.booleans()):
        lists.append({"column": "Interests", "split": ";", "values": {"Trips": "Travel Club", "Books": "Book Circle"}})
    rule = draw(
        pick(("always", "always", "never", "if_in_no_list", {"if_in": ["Newsletter"]}, {"if_not_in": ["Board"]}))
    )
    pipeline: dict[str, Any] = {"existing": {"update": rule}, "guards": GUARDS}
    if rule not in ("never", "if_in_no_list") and draw(st.booleans()):
        pipeline |= {"managed_lists": ["Newsletter", "Board"], "absent": {"action": "remove_from_lists"}}
    members = draw(st.lists(pick(PEOPLE), unique=True, max_size=8))
    return World(
        rows=draw(st.lists(row(), min_size=draw(pick((0, 2, 8, 16))), max_size=20)),
        account=[draw(people(address)) for address in (*members, *STRANGERS)],
        mapping={"fields": fields, "lists": lists},
        pipeline=pipeline,
        suppressed=draw(st.lists(pick(PEOPLE), max_size=1)),
    )


def ends_of(night: Night) -> dict[str, Any]:
    """Address → what both dialects can tell of the contact, by the account itself."""
    return {
        address: {
            "fields": {name: value for name, value in fields_of(one).items()
                       if name in COMMON or name.startswith("address.home.")},
            "lists": memberships_of(one),  # tags too: nobody's may change
            "mailed": consent_of(one)[0] in ("implicit", "explicit"),
        }
        for address, one in night.contacts().items()
    }  # fmt: skip


def nights(world: World, dialect: str, switches: Mapping[str, object]) -> tuple[dict[str, Any], list[str]]:
    """The end of a night after which there is nothing left to do, and the routes that it took."""
    world = replace(world, service=NUMBERS if dialect == "v1" else {})
    with night_of(world, switches=switches, dialect=dialect) as night:
        ended = or_pass_by(night.run)
        assert ended.outcome is None or ended.outcome["not_done"] == [], (dialect, switches)
        end = ends_of(night)
        routes = [route for action in actions(ended) for route in (action["route"] or "").split("+")]
        again = night.run()
        assert [action for action in actions(again) if action["action"] != "skip"] == [], (dialect, switches)
        assert ends_of(night) == end
    return end, routes


def without_tags(world: World) -> World:
    return replace(world, mapping={**world.mapping, "tags": []})


MANY = replace(
    without_tags(RICH),
    rows=[*RICH.rows, *({**RICH.rows[0], "E-mail": f"more{n:02}@example.com"} for n in range(30))],
    pipeline={"guards": GUARDS},
)


# So many are taken off a list that v1 does it by a bulk activity.
ABSENT = replace(
    without_tags(LEAVING),
    account=[*LEAVING.account, *(known(f"absent{n:02}@example.com", lists=("Newsletter", "Board")) for n in range(30))],
    pipeline={**LEAVING.pipeline, "guards": GUARDS},
)


def test_the_same_source_and_start_give_the_same_end_over_both_dialects():
    routes: Counter[str] = Counter()
    switches = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in OPEN.items()})

    @few
    @example(MANY, {})
    @example(ABSENT, {})
    @given(worlds(), switches)
    def hold(world: World, switches: Mapping[str, object]) -> None:
        v3, _ = nights(world, "v3", {})
        v1, taken = nights(world, "v1", switches)
        routes.update(taken)
        assert v1 == v3, switches

    hold()
    assert set(routes) >= {"add_contacts", "post_contact", "put_whole_contact", "remove_contacts_from_lists"}, routes
