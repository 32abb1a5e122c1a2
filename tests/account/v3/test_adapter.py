"""The whole adapter against the sandbox: the account ends as the plan promises, and nothing else moves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ctct_etl.account.dialect import Operation, Request
from ctct_etl.columns import CONTACT, EMAIL, KIND, NAME, REMOVE, UPDATE
from ctct_etl.errors import Denied, Unsettled
from ctct_etl.plan.snapshot import Snapshot
from tests.account.plans import Act, plan_tables, routed

FAULTS = ("drop_before", "drop_after", "500", "throttled")  # test_session.py has all kinds
WHOLE = {
    "address.work.street": "1 Main St",
    "address.work.city": "Salem",
    "address.work.state": "MA",
    "address.work.postal_code": "01970",
    "address.work.country": "US",
}


@dataclass
class Applied:
    results: dict[str, list[str]] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    before: dict[str, Any] = field(default_factory=dict)


def apply(served, operations: list[Operation]) -> Applied:
    """What a run does, at its simplest: send; settle what was lost; then what must follow."""
    dialect, session = served.account.dialect, served.account.session
    applied = Applied()
    left = list(operations)
    while left:
        operation = left.pop(0)
        detail: dict[str, Any] = {}
        try:
            answer = session.converse(dialect.send(operation), lambda point, d=detail: d.update(point.detail))
        except Unsettled:
            answer = session.converse(dialect.settle(operation, detail))
        for one in answer.results:
            applied.results.setdefault(one.address, []).append(one.result)
            applied.words += [one.words] if one.words else []
        applied.before.update(answer.before)
        left = [*answer.fallback, *left]
    return applied


def run(served, acts) -> tuple[Applied, Snapshot, Snapshot]:
    before = served.snapshot()
    tables = routed(plan_tables(acts, before), served.account.dialect, before)
    applied = apply(served, served.account.dialect.build(tables, before))
    return applied, before, served.snapshot()


def held(snapshot: Snapshot) -> dict[str, set[tuple[str, str]]]:
    emails = snapshot.contacts[EMAIL].tolist()
    result: dict[str, set[tuple[str, str]]] = {email: set() for email in emails}
    rows = snapshot.memberships.astype({KIND: "str", NAME: "str"})
    for at, kind, name in zip(rows[CONTACT], rows[KIND], rows[NAME], strict=True):
        result[emails[at]].add((kind, name))
    return result


def promised(acts, before: Snapshot) -> tuple[pd.DataFrame, dict[str, set[tuple[str, str]]]]:
    """The account after the plan: fields and memberships by address."""
    fields = _fields(before)
    member = held(before)
    for act in acts:
        if act.email not in fields.index:
            fields.loc[act.email] = ""
            fields.loc[act.email, "status"] = act.permission
        for name, value in act.changes.items():
            fields.loc[act.email, name] = value if isinstance(value, str) else value[1]
        lists = member.setdefault(act.email, set())
        lists |= {("list", name) for name in act.add} | {("tag", name) for name in act.tags}
        lists -= {("list", name) for name in act.remove}
    return fields.sort_index(), member


def _fields(snapshot: Snapshot) -> pd.DataFrame:
    kept = [
        name
        for name in snapshot.contacts
        if name not in ("contact_id", "created_at", "updated_at") and not name.startswith("opt_")
    ]
    return snapshot.contacts[kept].set_index(EMAIL).sort_index()


def assert_as_promised(acts, before, after):
    fields, member = promised(acts, before)
    pd.testing.assert_frame_equal(_fields(after), fields)
    assert held(after) == member


def person(n, **more):
    return {
        "email_address": {"address": f"U{n:02}@Example.com", "permission_to_send": "implicit"},
        "first_name": f"F{n}",
        "last_name": "Lee",
        "job_title": "x" * 60,
        "birthday_month": 5,
        "birthday_day": 6,
        "list_memberships": ["News"],
        "taggings": ["old"],
        "custom_fields": {"Tier": "Basic", "Note": "kept"},
        "phone_numbers": [{"kind": "mobile", "phone_number": "(508) 555-0100"}],
        "street_addresses": [{"kind": "home", "street": "1 Elm", "postal_code": "01970", "country": "US"}],
        **more,
    }


DEFINITIONS = [
    {"list": {"name": "Trips"}},
    {"tag": {"name": "vip"}},
    {"custom_field": {"label": "Tier", "type": "single_select", "choices": ["Basic", "Gold"]}},
    {"custom_field": {"label": "Note", "type": "string"}},
]
ACCOUNT = [*DEFINITIONS, *(person(n, job_title="Owner") for n in range(30))]


def mixed_plan():
    acts = [
        Act(
            f"n{n:02}@x.org", changes={"first_name": f"N{n}", "custom.Note": "é李", **WHOLE}, add=["News"], tags=["vip"]
        )
        for n in range(14)
    ]
    acts += [Act("p1@x.org", changes={"birthday": "02-29", "custom.Tier": "Gold"}, add=["Trips"], tags=["vip"])]
    acts += [Act("p2@x.org", changes={"phone.home": "+442079460958"}, permission="explicit")]
    acts += [Act(f"u{n:02}@example.com", UPDATE, {"first_name": (f"F{n}", "Z")}, wanted=["News"]) for n in range(12)]
    acts += [
        Act("u20@example.com", UPDATE, {"birthday": ("05-06", ""), "last_name": ("Lee", "")}, add=["Trips"]),
        Act("u21@example.com", UPDATE, {"custom.Tier": ("Basic", "Gold"), "custom.Note": ("kept", "")}, tags=["vip"]),
        Act(
            "u22@example.com",
            UPDATE,
            {"address.home.street": ("1 Elm", "2 Oak"), "phone.mobile": ("(508) 555-0100", "")},
        ),
        Act("u23@example.com", UPDATE, add=["Trips"], tags=["vip"]),
        Act("u24@example.com", REMOVE, remove=["News"]),
    ]
    return acts


def test_a_mixed_plan_leaves_the_account_as_promised_and_a_before_image_of_every_put(serve):
    served = serve(ACCOUNT)
    acts = mixed_plan()
    applied, before, after = run(served, acts)
    assert applied.words == []
    assert set(applied.results) == {act.email for act in acts}
    assert_as_promised(acts, before, after)
    assert set(applied.before) == {"u20@example.com", "u21@example.com", "u22@example.com"}
    assert served.window("GET", "mails") == []


SWITCHES = [
    {"list_change_moves_updated_at": True, "tag_change_moves_updated_at": True},
    {"stored_case": "lower", "email_filter_case": "insensitive", "null_properties": True},
    {"import_blank": "ignore", "import_partial_address": "merged", "import_choice": "by_label"},
    {"import_home_country": "home_country", "custom_field_name": "keep", "conflict_body": "no_id"},
    {"put_omitted_permission": "kept", "put_echo_resubscribes": False, "repeated_kinds": "accepted"},
    {"status_default": "not_deleted", "custom_values": "free"},
    {"activity_seconds": 0.3, "confirmed_opt_in": True, "welcome_lists": ("News", "Trips")},
]


@pytest.mark.parametrize("switches", SWITCHES, ids=lambda switches: next(iter(switches)))
def test_whatever_the_sources_leave_open_the_end_is_the_same(serve, switches):
    served = serve(ACCOUNT, **switches)
    applied, before, after = run(served, mixed_plan())
    assert applied.words == []
    assert_as_promised(mixed_plan(), before, after)
    assert served.window("GET", "mails") == []


def test_a_service_that_clears_what_a_put_leaves_out_is_found_out_at_the_first_contact_and_that_one_is_mended(serve):
    served = serve(ACCOUNT, put_omitted_arrays="cleared")
    before = served.snapshot()
    acts = [Act(f"u{n:02}@example.com", UPDATE, {"birthday": ("05-06", "")}) for n in range(5)]
    with pytest.raises(Denied, match="list_memberships"):
        run(served, acts)
    written = {(r["method"], r["path"]) for r in served.requests() if r["method"] == "PUT"}
    assert len(written) == 1
    assert_as_promised(acts[:1], before, served.snapshot())


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("after", [0, 1, 3])
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_an_answer_lost_on_the_way_changes_nothing_of_the_end(serve, kind, after, method):
    served = serve(ACCOUNT)
    before = served.snapshot()
    acts = mixed_plan()
    tables = routed(plan_tables(acts, before), served.account.dialect, before)
    match = {"method": method, "path": "/v3/*"}
    served.window("POST", "faults", {"kind": kind, "match": match, "after": after, "times": 1})
    served.window("DELETE", "requests")
    applied = apply(served, served.account.dialect.build(tables, before))
    assert applied.words == []
    assert_as_promised(acts, before, served.snapshot())


@pytest.mark.parametrize("kind", FAULTS)
def test_reads_that_fail_on_the_way_change_nothing_of_the_end(serve, kind):
    served = serve(ACCOUNT)
    before = served.snapshot()
    acts = mixed_plan()
    tables = routed(plan_tables(acts, before), served.account.dialect, before)
    fault = {
        "kind": kind,
        "match": {"method": "GET", "path": "/v3/*"},
        "times": 8,
        "seed": 7,
        "share": 0.3,
        "in_a_row": 3,
    }
    served.window("POST", "faults", fault)
    applied = apply(served, served.account.dialect.build(tables, before))
    assert applied.words == []
    assert_as_promised(acts, before, served.snapshot())


DEPARTURES = [
    {"who": "person", "do": "unsubscribe"},
    {"who": "owner", "do": "delete"},
    {"who": "person", "do": "leave_list", "list": "News"},
]


@pytest.mark.parametrize("departure", DEPARTURES, ids=lambda one: one["do"])
@pytest.mark.parametrize(
    "change",
    [
        {"changes": {"first_name": ("F{n}", "Z")}, "wanted": ["News"]},
        {"changes": {"birthday": ("05-06", "")}},
        {"add": ["Trips"]},
        {"tags": ["vip"]},
    ],
    ids=["import", "put", "list", "tag"],
)
def test_nobody_who_left_after_the_snapshot_comes_back(serve, departure, change):
    served = serve(ACCOUNT)
    before = served.snapshot()
    acts = []
    for n in range(15):
        changes = {k: (v[0].format(n=n), v[1]) for k, v in change.get("changes", {}).items()}
        acts.append(Act(f"u{n:02}@example.com", UPDATE, **{**change, "changes": changes}))
    tables = routed(plan_tables(acts, before), served.account.dialect, before)
    served.window("POST", "act", {**departure, "address": "U03@Example.com"})
    gone = served.snapshot()
    apply(served, served.account.dialect.build(tables, before))
    after = served.snapshot()
    status = after.contacts.set_index(EMAIL)["status"]
    assert status["u03@example.com"] == gone.contacts.set_index(EMAIL)["status"]["u03@example.com"]
    was, now = held(gone)["u03@example.com"], held(after)["u03@example.com"]
    joined = {("list", name) for name in change.get("add", ())} if departure["do"] == "leave_list" else set()
    assert {pair for pair in now - was if pair[0] == "list"} == joined
    assert ("list", "News") not in now


def test_who_leaves_a_list_while_another_joins_it_is_not_put_back(serve):
    """The number of members is as before: only who they are tells it."""
    served = serve([*ACCOUNT, person(99, list_memberships=["Trips"])])
    before = served.snapshot()
    acts = [Act(f"u{n:02}@example.com", UPDATE, {"first_name": (f"F{n}", "Z")}, wanted=["News"]) for n in range(12)]
    tables = routed(plan_tables(acts, before), served.account.dialect, before)
    served.window("POST", "act", {"who": "person", "do": "leave_list", "list": "News", "address": "U03@Example.com"})
    served.window("POST", "act", {"who": "person", "do": "join_list", "list": "News", "address": "U99@Example.com"})
    applied = apply(served, served.account.dialect.build(tables, before))
    assert applied.results["u03@example.com"] == ["conflict"]
    assert ("list", "News") not in held(served.snapshot())["u03@example.com"]


def test_who_is_deleted_while_another_comes_back_is_not_revived(serve):
    served = serve([*ACCOUNT, person(98, deleted_at="2025-03-01", list_memberships=[])])
    before = served.snapshot()
    acts = [Act(f"u{n:02}@example.com", UPDATE, {"first_name": (f"F{n}", "Z")}, add=["Trips"]) for n in range(12)]
    tables = routed(plan_tables(acts, before), served.account.dialect, before)
    served.window("POST", "act", {"who": "owner", "do": "delete", "address": "U03@Example.com"})
    body = {"email_address": {"address": "U98@Example.com"}, "update_source": "Account", "list_memberships": []}
    contacts = before.contacts.set_index(EMAIL)["contact_id"]
    lists = [before.lists["Trips"]]
    answer = served.account.session.converse(
        one_request("PUT", f"/contacts/{contacts['u98@example.com']}", body | {"list_memberships": lists})
    )
    assert answer.ok
    applied = apply(served, served.account.dialect.build(tables, before))
    assert applied.results["u03@example.com"] == ["conflict"]
    assert served.snapshot().contacts.set_index(EMAIL)["status"]["u03@example.com"] == "deleted"


def one_request(method, path, body):
    return (yield Request(method, path, body=body))


values = {
    "first_name": st.sampled_from(["", "Ann", "李"]),
    "birthday": st.sampled_from(["", "02-29"]),
    "phone.mobile": st.sampled_from(["", "+12125552368"]),
    "address.home.street": st.sampled_from(["", "2 Oak"]),
    "address.work.city": st.sampled_from(["", "Salem"]),
    "custom.Tier": st.sampled_from(["", "Gold"]),
    "custom.Note": st.sampled_from(["", "new"]),
}


@st.composite
def updates(draw, snapshot):
    contacts = snapshot.contacts.set_index(EMAIL)
    acts = []
    for n in draw(st.sets(st.integers(0, 29), max_size=29)):
        email = f"u{n:02}@example.com"
        wanted = draw(st.fixed_dictionaries({}, optional=values))
        changes = {
            name: (contacts.loc[email, name], value)
            for name, value in wanted.items()
            if contacts.loc[email, name] != value
        }
        add = draw(st.sampled_from([(), ("Trips",)]))
        tags = draw(st.sampled_from([(), ("vip",)]))
        if changes or add or tags:
            acts.append(Act(email, UPDATE, changes, add=add, tags=tags, wanted=["News", *add]))
    for n in range(draw(st.integers(0, 15))):
        changes = draw(st.fixed_dictionaries({}, optional={k: v.filter(bool) for k, v in values.items()}))
        acts.append(Act(f"n{n:02}@x.org", changes=changes, add=draw(st.sampled_from([("News",), ()])), tags=("vip",)))
    return acts


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=settings().max_examples // 3)
@given(data=st.data())
def test_whatever_the_plan_the_account_then_is_as_promised(serve, data):
    served = serve(ACCOUNT)
    acts = data.draw(updates(served.snapshot()))
    applied, before, after = run(served, acts)
    assert applied.words == []
    assert_as_promised(acts, before, after)
