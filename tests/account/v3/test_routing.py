"""The table of (action, contact) → route and reason."""

import pandas as pd
import pytest

from ctct_etl.account.v3.costing import import_cost
from ctct_etl.account.v3.routing import choose_routes
from ctct_etl.columns import EMAIL, REMOVE, SKIP, UPDATE
from ctct_etl.plan.snapshot import CustomField
from ctct_etl.plan.tables import ROUTE, ROUTE_REASON
from tests.account.plans import Act, plan_tables
from tests.tables import snapshot

MANY = 30
WHOLE = {
    "address.home.street": "1 Main",
    "address.home.city": "Salem",
    "address.home.state": "MA",
    "address.home.postal_code": "01970",
    "address.home.country": "US",
}
PART = {name: value for name, value in WHOLE.items() if not name.endswith("state")}
CUSTOMS = (
    CustomField("c1", "Note", "string", "note"),
    CustomField("c2", "Tier", "single_select", "tier", {"Gold": "1"}),
    CustomField("c3", "Since", "date", "since"),
    CustomField("c4", "Essay", "text_area", "essay"),
)
IMPORT, POST, PUT = "contacts_json_import", "post_contact", "put_contact"
ADDS, REMOVES, TAGS = "add_list_memberships", "remove_list_memberships", "contacts_taggings_add"
BULK = "contacts for the same lists"


def account(acts, import_list=None):
    """An account that has every contact that the acts update, on the list News."""
    people = [
        {EMAIL: a.email, "contact_id": f"id-{a.email}", "status": a.status, "lists": ["News"]}
        for a in acts
        if a.action != "create"
    ]
    lists = ["News", "Trips", *([import_list] if import_list else [])]
    return snapshot(people, lists=lists, tags=["vip"], custom_fields=CUSTOMS)


def route_many(make, import_list=None):
    """Route MANY acts alike; return the one route and reason that they share."""
    acts = [make(f"p{n:02}@x.org") for n in range(MANY)]
    known = account(acts, import_list)
    routes = choose_routes(plan_tables(acts, known), known, import_list)
    assert len(routes.drop_duplicates()) == 1
    return tuple(routes.iloc[0])


def create(changes=None, **more):
    return lambda email: Act(email, changes=changes or {"first_name": "Ann"}, **({"add": ["News"]} | more))


def update(changes=None, **more):
    return lambda email: Act(email, UPDATE, changes=changes or {"first_name": ("", "Ann")}, **more)


TABLE = {
    # creates
    "a create with names": (create(), IMPORT, BULK),
    "with a tag": (create(tags=["vip"]), f"{IMPORT}+{TAGS}", BULK),
    "with a text custom field": (create({"custom.Note": "hi"}), IMPORT, BULK),
    "with a custom field that is still to be made": (create({"custom.New": "hi"}), IMPORT, BULK),
    "with a US phone": (create({"phone.home": "+1 (212) 555-2368"}), IMPORT, BULK),
    "with a whole postal address": (create(WHOLE), IMPORT, BULK),
    "explicit": (create(permission="explicit"), POST, "explicit permission"),
    "the contact's own act": (create(opt_in_source="contact"), POST, "own act"),
    "on no list": (create(add=[]), POST, "no list"),
    "with a tag and no list": (create(add=[], tags=["vip"]), POST, "no list"),
    "with part of an address": (create(PART), POST, "address.home.city: part of a postal address"),
    "with a foreign phone": (create({"phone.home": "+442079460958"}), POST, "phone.home: a phone from outside"),
    "with a phone without a country": (create({"phone.home": "2125552368"}), POST, "phone.home: a phone from outside"),
    "with a birthday": (create({"birthday": "02-03"}), POST, "birthday: a date"),
    "with an anniversary": (create({"anniversary": "2020-02-03"}), POST, "anniversary: a date"),
    "with a choice": (create({"custom.Tier": "Gold"}), POST, "custom.Tier: a custom field of type single_select"),
    "with a date of the account's own": (create({"custom.Since": "2020-01-01"}), POST, "of type date"),
    "with a long text": (create({"custom.Essay": "…"}), POST, "of type text_area"),
    # updates of fields
    "an update of names, on a wanted list": (update(wanted=["News"]), IMPORT, BULK),
    "of a text custom field": (update({"custom.Note": ("a", "b")}, wanted=["News"]), IMPORT, BULK),
    "of a US phone": (update({"phone.home": ("", "+12125552368")}, wanted=["News"]), IMPORT, BULK),
    "with a list to add": (update(add=["Trips"]), IMPORT, BULK),
    "with a tag to add": (update(wanted=["News"], tags=["vip"]), f"{IMPORT}+{TAGS}", BULK),
    "wanted on a list that they left": (update(wanted=["Trips"]), PUT, "no list that the mapping wants"),
    "of a contact whom the mapping wants nowhere": (update(), PUT, "no list that the mapping wants"),
    "a clear": (update({"first_name": ("Ann", "")}, wanted=["News"]), PUT, "first_name: a clear"),
    "of a whole address": (update(WHOLE, wanted=["News"]), PUT, "address.home.city: a postal address"),
    "of a foreign phone": (update({"phone.home": ("", "+4420")}, wanted=["News"]), PUT, "phone.home: a phone from"),
    "of a birthday": (update({"birthday": ("", "02-03")}, wanted=["News"]), PUT, "birthday: a date"),
    "of a choice": (update({"custom.Tier": ("", "Gold")}, wanted=["News"]), PUT, "single_select"),
    "of a birthday, with a list to add": (update({"birthday": ("", "02-03")}, add=["Trips"]), f"{PUT}+{ADDS}", "date"),
    "of somebody pending": (update(wanted=["News"], status="pending_confirmation"), PUT, "not confirmed"),
    "of somebody on hold": (update(wanted=["News"], status="temp_hold"), PUT, "not confirmed"),
    "of somebody not set": (update(wanted=["News"], status="not_set"), PUT, "not confirmed"),
    # memberships only
    "a list to add": (lambda email: Act(email, UPDATE, add=["Trips"]), ADDS, "only lists or tags"),
    "a tag to add": (lambda email: Act(email, UPDATE, tags=["vip"]), TAGS, "only lists or tags"),
    "both": (lambda email: Act(email, UPDATE, add=["Trips"], tags=["vip"]), f"{ADDS}+{TAGS}", "only lists or tags"),
    "a removal": (lambda email: Act(email, REMOVE, remove=["News"]), REMOVES, "only lists or tags"),
    # nothing
    "a skip": (lambda email: Act(email, SKIP), "", ""),
}


@pytest.mark.parametrize(("make", "route", "reason"), TABLE.values(), ids=TABLE.keys())
def test_the_route_of(make, route, reason):
    found = route_many(make)
    assert found[0] == route
    assert reason in found[1]
    assert bool(reason) == bool(found[1])


def test_an_address_of_fifty_characters_is_imported_and_one_more_is_not():
    acts = [Act(f"{'x' * (44 + n % 2)}@x.{n:03}", changes={"first_name": "A"}, add=["News"]) for n in range(60)]
    routes = choose_routes(plan_tables(acts), account([]))
    lengths = plan_tables(acts).actions[EMAIL].str.len()
    assert set(routes[ROUTE][lengths == 50]) == {IMPORT}
    assert set(routes[ROUTE][lengths == 51]) == {POST}


def test_updates_without_a_wanted_list_ride_the_accounts_import_list():
    assert route_many(update(), import_list="Loads")[0] == IMPORT


def test_an_import_list_that_the_account_does_not_have_carries_nobody():
    acts = [update()(f"p{n:02}@x.org") for n in range(MANY)]
    known = account(acts)
    assert set(choose_routes(plan_tables(acts, known), known, "Loads")[ROUTE]) == {PUT}


@pytest.mark.parametrize("size", range(1, 20))
def test_a_group_is_imported_exactly_when_that_is_cheaper(size):
    acts = [create()(f"p{n:02}@x.org") for n in range(size)]
    route = choose_routes(plan_tables(acts), account([]))[ROUTE].unique().tolist()
    assert route == [IMPORT if import_cost(size) < size else POST]


def test_groups_are_counted_by_their_set_of_lists():
    acts = [create()(f"a{n:02}@x.org") for n in range(20)]
    acts += [create(add=["News", "Trips"])(f"b{n:02}@x.org") for n in range(3)]
    routes = choose_routes(plan_tables(acts), account([]))
    assert routes[ROUTE].tolist() == [IMPORT] * 20 + [POST] * 3
    assert routes[ROUTE_REASON].iloc[-1] == "3 contacts for the same lists: 10 requests in bulk, 3 one by one"


def test_a_plan_without_actions_has_no_routes():
    routes = choose_routes(plan_tables([]), account([]))
    assert (len(routes), list(routes)) == (0, [ROUTE, ROUTE_REASON])


def test_the_tables_are_left_as_they_were():
    acts = [create()("a@x.org"), update(wanted=["News"])("b@x.org")]
    known = account(acts)
    tables = plan_tables(acts, known)
    before = [table.copy() for table in vars(tables).values()]
    choose_routes(tables, known)
    for old, new in zip(before, vars(tables).values(), strict=True):
        pd.testing.assert_frame_equal(old, new)
