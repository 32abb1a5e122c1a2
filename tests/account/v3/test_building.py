import json

import pytest

from ctct_etl.account.entries import PHASES, Entry, Load, make_operation, read_load, take_out
from ctct_etl.account.v3.adapter import V3
from ctct_etl.columns import EMAIL, REMOVE, SKIP, UPDATE
from ctct_etl.plan.snapshot import CustomField
from ctct_etl.plan.tables import JSON_IMPORT, POST_CONTACT, PUT_CONTACT
from tests.account.plans import Act, plan_tables, routed
from tests.tables import snapshot

CUSTOMS = (CustomField("c1", "Note", "string", "note"), CustomField("c2", "Nameless", "string", ""))


def account(acts=()):
    people = [
        {EMAIL: act.email, "contact_id": f"id-{act.email}", "status": act.status, "lists": ["News"]}
        for act in acts
        if act.action != "create"
    ]
    return snapshot(people, lists=["News", "Trips"], tags=["vip"], custom_fields=CUSTOMS)


def build(acts):
    known = account(acts)
    tables = routed(plan_tables(acts, known), V3(), known)
    return V3().build(tables, known)


def shape(operations):
    return [(op.route, len(op.addresses)) for op in operations]


def creates(count, **more):
    return [Act(f"n{n:03}@x.org", changes={"first_name": "A"}, **({"add": ["News"]} | more)) for n in range(count)]


def test_a_mixed_plan_becomes_operations_in_the_order_in_which_they_are_sent():
    acts = creates(20, tags=["vip"])
    acts += [Act("post@x.org", changes={"birthday": "02-03"}, add=["News"], tags=["vip"])]
    acts += [Act(f"u{n:02}@x.org", UPDATE, {"first_name": ("", "B")}, wanted=["News"]) for n in range(20)]
    acts += [Act(f"w{n}@x.org", UPDATE, {"birthday": ("", "02-03")}, add=["Trips"]) for n in range(3)]
    acts += [Act("gone@x.org", REMOVE, remove=["News"]), Act("skipped@x.org", SKIP)]
    built = build(acts)
    assert shape(built) == [
        ("contacts_json_import", 20),
        ("contacts_json_import", 20),
        ("post_contact", 1),
        ("put_contact", 1),
        ("put_contact", 1),
        ("put_contact", 1),
        ("add_list_memberships", 3),
        ("remove_list_memberships", 1),
        ("contacts_taggings_add", 20),
    ]
    phases = [op.phase for op in built]
    assert phases == sorted(phases)
    assert len(set(phases)) == len(phases) - 1  # two of the updates may overlap


def test_the_same_plan_gives_the_same_operations_whenever_it_is_built():
    acts = [*creates(20), Act("u@x.org", UPDATE, {"first_name": ("", "B")})]
    first, second = build(acts), build(list(reversed(acts)))
    assert first == second
    assert len({op.id for op in first}) == len(first)


def test_another_moment_of_the_snapshot_gives_the_same_ids():
    load = Load((Entry("a@x.org"),), {}, "2026-01-01T00:00:00Z", lists=("l1",), recent=3)
    later = Load((Entry("a@x.org"),), {}, "2026-01-02T00:00:00Z", lists=("l1",), recent=4)
    assert make_operation(JSON_IMPORT, load).id == make_operation(JSON_IMPORT, later).id


@pytest.mark.parametrize(
    "other",
    [
        Load((Entry("b@x.org"),), {}, ""),
        Load((Entry("a@x.org", after={"first_name": "A"}),), {}, ""),
        Load((Entry("a@x.org"),), {}, "", lists=("l1",)),
        Load((Entry("a@x.org"),), {}, "", tags=("t1",)),
    ],
)
def test_another_content_gives_another_id(other):
    assert make_operation(PUT_CONTACT, other).id != make_operation(PUT_CONTACT, Load((Entry("a@x.org"),), {}, "")).id


def test_a_payload_is_plain_json_and_survives_the_journal():
    for operation in build([*creates(20), Act("u@x.org", UPDATE, {"custom.Note": ("", "B")}, add=["Trips"])]):
        assert json.loads(json.dumps(operation.payload)) == operation.payload
        assert [entry.address for entry in read_load(operation).entries] == list(operation.addresses)


def test_a_create_that_is_posted_carries_lists_and_tags_itself():
    (operation,) = build([Act("a@x.org", changes={"first_name": "A"}, add=["News"], tags=["vip"])])
    (entry,) = read_load(operation).entries
    assert (operation.route, entry.lists, entry.tags) == (POST_CONTACT, ("list-News",), ("tag-vip",))


def test_an_import_over_members_watches_who_leaves_the_list():
    acts = [Act(f"u{n:02}@x.org", UPDATE, {"first_name": ("", "B")}, wanted=["News"]) for n in range(20)]
    (operation,) = build(acts)
    load = read_load(operation)
    assert (load.lists, load.watched) == (("list-News",), ("list-News",))


def test_the_plans_rule_goes_with_what_is_judged_by_the_lists_of_its_contacts_right_before():
    watched = [Act(f"u{n:02}@x.org", UPDATE, {"first_name": ("", "B")}, wanted=["News"]) for n in range(20)]
    joining = [Act(f"v{n:02}@x.org", UPDATE, {"first_name": ("", "B")}, add=["Trips"]) for n in range(20)]
    acts = [*watched, *joining, Act("w@x.org", UPDATE, {"custom.Note": ("", "B")})]
    known = account(acts)
    tables = routed(plan_tables(acts, known), V3(), known)
    operations = V3().build(tables, known, {"if_in": ["News"]})
    ruled = {(one.route, bool(one.payload["watched"])): one.payload["rule"] for one in operations}
    assert ruled == {
        (JSON_IMPORT, True): {"if_in": ["list-News"]},
        (JSON_IMPORT, False): {},
        (PUT_CONTACT, False): {"if_in": ["list-News"]},
    }


def test_nobody_is_imported_whose_list_is_no_longer_theirs():
    acts = [Act(f"u{n:02}@x.org", UPDATE, {"first_name": ("", "B")}, wanted=["News"]) for n in range(20)]
    known = account(acts)
    tables = routed(plan_tables(acts, known), V3(), known)
    left = known.memberships.drop(index=0)
    operations = V3().build(tables, type(known)(**{**vars(known), "memberships": left}))
    assert shape(operations) == [(JSON_IMPORT, 19), (PUT_CONTACT, 1)]
    assert operations[1].addresses == ("u00@x.org",)


def test_a_custom_field_that_an_import_can_not_name_goes_single_with_its_lists():
    acts = [Act(f"u{n:02}@x.org", UPDATE, {"custom.Nameless": ("", "B")}, add=["Trips"]) for n in range(20)]
    acts += [Act(f"n{n:02}@x.org", changes={"custom.Nameless": "B"}, add=["Trips"]) for n in range(20)]
    built = shape(build(acts))
    assert built[:1] + built[-1:] == [(POST_CONTACT, 1), ("add_list_memberships", 20)]
    assert {route for route, _ in built} == {POST_CONTACT, PUT_CONTACT, "add_list_memberships"}


def test_jobs_carry_at_most_five_hundred_contacts():
    acts = [Act(f"u{n:04}@x.org", UPDATE, add=["Trips"]) for n in range(1_100)]
    assert [len(op.addresses) for op in build(acts)] == [500, 500, 100]


def test_a_plan_without_writes_has_no_operations():
    assert build([Act("a@x.org", SKIP)]) == []
    assert build([]) == []


def test_contacts_can_be_taken_out_of_an_operation():
    (operation,) = build([Act(f"u{n}@x.org", UPDATE, add=["Trips"]) for n in range(3)])
    less = take_out(operation, {"u1@x.org"})
    assert less is not None
    assert (less.id, less.addresses) == (operation.id, ("u0@x.org", "u2@x.org"))
    assert [entry.address for entry in read_load(less).entries] == ["u0@x.org", "u2@x.org"]
    assert take_out(operation, set(operation.addresses)) is None


def test_imports_of_two_windows_have_phases_of_their_own_since_each_counts_who_came():
    known = account()
    tables = routed(plan_tables(creates(30), known), V3(), known)
    phases = [{one.phase for one in V3().build(tables, known, window=window)} for window in (0, 1)]
    assert phases[0].isdisjoint(phases[1])
    assert max(*phases[0], *phases[1]) < PHASES[POST_CONTACT]
