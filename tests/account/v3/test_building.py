import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctct_etl.account.encoding import encode_body
from ctct_etl.account.v3 import building, routing
from ctct_etl.account.v3.adapter import V3
from ctct_etl.account.v3.bodies import import_body
from ctct_etl.account.v3.building import chunk_import
from ctct_etl.account.v3.entries import Entry, Load, make_operation, read_load, take_out
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
    return [(op.phase, op.route, len(op.addresses)) for op in operations]


def creates(count, **more):
    return [Act(f"n{n:03}@x.org", changes={"first_name": "A"}, **({"add": ["News"]} | more)) for n in range(count)]


def test_a_mixed_plan_becomes_operations_in_the_order_in_which_they_are_sent():
    acts = creates(20, tags=["vip"])
    acts += [Act("post@x.org", changes={"birthday": "02-03"}, add=["News"], tags=["vip"])]
    acts += [Act(f"u{n:02}@x.org", UPDATE, {"first_name": ("", "B")}, wanted=["News"]) for n in range(20)]
    acts += [Act(f"w{n}@x.org", UPDATE, {"birthday": ("", "02-03")}, add=["Trips"]) for n in range(3)]
    acts += [Act("gone@x.org", REMOVE, remove=["News"]), Act("skipped@x.org", SKIP)]
    assert shape(build(acts)) == [
        (1, "contacts_json_import", 20),
        (2, "contacts_json_import", 20),
        (3, "post_contact", 1),
        (4, "put_contact", 1),
        (5, "put_contact", 1),
        (5, "put_contact", 1),
        (6, "add_list_memberships", 3),
        (7, "remove_list_memberships", 1),
        (8, "contacts_taggings_add", 20),
    ]


def test_the_same_plan_gives_the_same_operations_whenever_it_is_built():
    acts = [*creates(20), Act("u@x.org", UPDATE, {"first_name": ("", "B")})]
    first, second = build(acts), build(list(reversed(acts)))
    assert first == second
    assert len({op.id for op in first}) == len(first)


def test_another_moment_of_the_snapshot_gives_the_same_ids():
    load = Load((Entry("a@x.org"),), {}, "2026-01-01T00:00:00Z", lists=("l1",), members={"l1": 3})
    later = Load((Entry("a@x.org"),), {}, "2026-01-02T00:00:00Z", lists=("l1",), members={"l1": 4})
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


def test_an_import_over_members_watches_how_many_the_list_had():
    acts = [Act(f"u{n:02}@x.org", UPDATE, {"first_name": ("", "B")}, wanted=["News"]) for n in range(20)]
    (operation,) = build(acts)
    load = read_load(operation)
    assert (load.lists, load.members) == (("list-News",), {"list-News": 20})


def test_nobody_is_imported_whose_list_is_no_longer_theirs():
    acts = [Act(f"u{n:02}@x.org", UPDATE, {"first_name": ("", "B")}, wanted=["News"]) for n in range(20)]
    known = account(acts)
    tables = routed(plan_tables(acts, known), V3(), known)
    left = known.memberships.drop(index=0)
    operations = V3().build(tables, type(known)(**{**vars(known), "memberships": left}))
    assert shape(operations) == [(1, JSON_IMPORT, 19), (4, PUT_CONTACT, 1)]
    assert operations[1].addresses == ("u00@x.org",)


def test_a_custom_field_that_an_import_can_not_name_goes_single_with_its_lists():
    acts = [Act(f"u{n:02}@x.org", UPDATE, {"custom.Nameless": ("", "B")}, add=["Trips"]) for n in range(20)]
    acts += [Act(f"n{n:02}@x.org", changes={"custom.Nameless": "B"}, add=["Trips"]) for n in range(20)]
    built = shape(build(acts))
    assert built[:1] + built[-1:] == [(3, POST_CONTACT, 1), (6, "add_list_memberships", 20)]
    assert {route for _, route, _ in built} == {POST_CONTACT, PUT_CONTACT, "add_list_memberships"}


def test_jobs_carry_at_most_five_hundred_contacts():
    acts = [Act(f"u{n:04}@x.org", UPDATE, add=["Trips"]) for n in range(1_100)]
    assert [len(op.addresses) for op in build(acts)] == [500, 500, 100]


def test_a_plan_without_writes_has_no_operations():
    assert build([Act("a@x.org", SKIP)]) == []
    assert build([]) == []


names = st.text(alphabet='aé李\U0001f600"\\\n', max_size=50)


@given(st.lists(names, min_size=1, max_size=30), st.integers(1, 10))
def test_every_chunk_fits_measured_in_bytes_as_sent(values, most):
    entries = [Entry(f"n{n}@x.org", after={"first_name": value}) for n, value in enumerate(values)]
    load = Load((), {}, "")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "IMPORT_MOST_CONTACTS", most)
        patch.setattr(building, "IMPORT_MOST_BYTES", 4_096 + 500)
        chunks = list(chunk_import(entries, load))
    assert [entry for chunk in chunks for entry in chunk] == entries
    for chunk in chunks:
        assert len(chunk) <= most
        assert len(encode_body(import_body(chunk, ["l" * 36] * 50, {}))) <= 4_096 + 500 or len(chunk) == 1


def test_imports_stay_under_the_limits_of_the_service():
    assert building.IMPORT_MOST_CONTACTS < 39_999
    assert building.IMPORT_MOST_BYTES < 4_000_000
    assert routing.IMPORT_LONGEST_ADDRESS == 50


def test_contacts_can_be_taken_out_of_an_operation():
    (operation,) = build([Act(f"u{n}@x.org", UPDATE, add=["Trips"]) for n in range(3)])
    less = take_out(operation, {"u1@x.org"})
    assert less is not None
    assert (less.id, less.addresses) == (operation.id, ("u0@x.org", "u2@x.org"))
    assert [entry.address for entry in read_load(less).entries] == ["u0@x.org", "u2@x.org"]
    assert take_out(operation, set(operation.addresses)) is None
