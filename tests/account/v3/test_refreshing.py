from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ctct_etl import columns as c
from ctct_etl.account.dialect import Request, Response
from ctct_etl.plan.changed import Stale
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import JSON_IMPORT, ROUTE
from tests.account.plans import Act, plan_tables, routed
from tests.account.v3.histories import PEOPLE, SEED, SETTINGS, World, deeds, held, world_of
from tests.sandbox.calling import contact

OPT_IN = {c.OPT_IN_DATE, c.OPT_IN_SOURCE}


def differences(refreshed: Snapshot, whole: Snapshot) -> list[str]:
    """Where a refreshed snapshot differs from one that was read whole, the two documented blind spots left out."""
    assert refreshed.lists == whole.lists
    assert refreshed.tags == whole.tags
    assert list(refreshed.custom_fields.items()) == list(whole.custom_fields.items())
    assert refreshed.account == whole.account
    assert list(refreshed.contacts) == list(whole.contacts)
    assert set(refreshed.contacts.dtypes.astype("str")) <= {"str"}
    ours, theirs = (one.contacts.set_index(c.CONTACT_ID).sort_index() for one in (refreshed, whole))
    assert ours.index.tolist() == theirs.index.tolist()
    moved = ours[c.UPDATED_AT] != theirs[c.UPDATED_AT]
    found = [f"updated_at {id_}" for id_ in ours.index[moved]]
    for name in ours:
        if name not in OPT_IN:
            found += [f"{name} {id_}" for id_ in ours.index[ours[name] != theirs[name]]]
    return found + unseen(held(refreshed), held(whole))


def unseen(ours: set[tuple[str, str, str]], theirs: set[tuple[str, str, str]]) -> list[str]:
    """Memberships that differ, but for as many joined as left: that no count can show."""
    more, less = (Counter((kind, name) for _, kind, name in one) for one in (ours - theirs, theirs - ours))
    return [f"{kind} {name}" for kind, name in {*more, *less} if more[kind, name] != less[kind, name]]


@pytest.mark.parametrize("switches", SETTINGS, ids=lambda each: "".join("01"[value] for value in each.values()))
@settings(suppress_health_check=list(HealthCheck), max_examples=settings().max_examples // 5)
@given(histories=st.lists(deeds(), min_size=1, max_size=3))
def test_a_refreshed_snapshot_is_what_reading_everything_gives(switches, histories):
    with world_of(**switches) as world:
        known = world.read_whole()
        for history in histories:
            world.wait(3600)
            world.happen(history)
            refreshed = world.refresh(known)
            whole = world.fetch()
            if isinstance(refreshed, Stale):
                known = world.read_whole()
            else:
                assert differences(refreshed, whole) == []
                known = refreshed


def test_a_quiet_refresh_costs_nine_requests():
    with world_of() as world:
        known = world.read_whole()
        world.wait(3600)
        sent = asked(world, lambda: world.refresh(known))
    assert [path for path, _ in sent] == [
        "/account/summary",
        "/contact_lists",
        "/contact_custom_fields",
        "/contact_tags",
        f"/contacts/{sent[4][0].rpartition('/')[2]}",
        "/contacts",
        "/contacts",
        "/contacts/counts",
        "/contacts",
    ]
    assert "updated_after" in sent[5][1]
    assert "optout_after" in sent[6][1]
    assert sent[8][1]["status"] == "deleted"


def test_who_leaves_a_list_without_a_date_is_seen_by_the_number_of_its_members():
    with world_of() as world:
        known, found = world.read_whole(), []
        club = known.lists["Club"]
        world.wait(3600)
        world.happen([("act", "leave_list", PEOPLE[0], "Club")])
        sent = asked(world, lambda: found.append(world.refresh(known)))
        assert [query["lists"] for _, query in sent[9:]] == [club]
        assert members(found[0], "Club") == {PEOPLE[2]}
        assert differences(found[0], world.fetch()) == []


def test_a_deletion_without_a_date_is_seen_by_the_number_of_the_deleted():
    with world_of(delete_moves_updated_at=False) as world:
        known = world.read_whole()
        world.wait(3600)
        world.happen([("act", "delete", PEOPLE[0], None)])
        refreshed = world.refresh(known)
        assert statuses(refreshed)[PEOPLE[0]] == c.DELETED
        assert differences(refreshed, world.fetch()) == []


def test_an_answered_opt_in_mail_moves_no_date_and_makes_the_snapshot_stale():
    with world_of() as world:
        known = world.read_whole()
        world.wait(3600)
        world.happen([("act", "confirm", PEOPLE[5], None)])
        assert world.refresh(known) == Stale("the account's number of contacts does not agree (explicit, pending)")


def test_one_who_leaves_a_list_while_another_joins_it_is_seen_by_reading_everything_only():
    with world_of(list_change_moves_updated_at=False) as world:
        known = world.read_whole()
        world.wait(3600)
        world.happen([("act", "leave_list", PEOPLE[1], "News"), ("act", "join_list", PEOPLE[6], "News")])
        assert members(world.refresh(known), "News") == {PEOPLE[0], PEOPLE[1]}
        assert members(world.read_whole(), "News") == {PEOPLE[0], PEOPLE[6]}


def test_who_unsubscribes_and_comes_back_within_one_interval_keeps_the_older_opt_in_date_until_everything_is_read():
    with world_of(unsubscribe_clears_lists=False) as world:
        known = world.read_whole()
        world.wait(3600)
        id_ = known.contacts[c.CONTACT_ID][known.contacts[c.EMAIL] == PEOPLE[2]].item()
        world.happen([("act", "unsubscribe", PEOPLE[2], None)])
        world.caller.put(f"/contacts/resubscribe/{id_}", {"list_ids": [known.lists["News"]]})
        world.happen([("act", "confirm", PEOPLE[2], None)])
        refreshed, whole = world.refresh(known), world.fetch()
    assert differences(refreshed, whole) == []  # which leaves that date out
    assert statuses(refreshed)[PEOPLE[2]] == statuses(whole)[PEOPLE[2]] == c.EXPLICIT


def test_a_machine_whose_clock_is_a_day_ahead_misses_nothing():
    with world_of() as world:
        world.ahead_by(86_400)
        known = world.read_whole()
        world.wait(3600)
        world.happen([("put", PEOPLE[0], "Bob", None, "")])
        assert differences(world.refresh(known), world.fetch()) == []


def test_who_signs_up_while_the_refresh_runs_does_not_make_it_stale():
    with world_of() as world:
        known = world.read_whole()
        world.wait(3600)

        def join_before_the_numbers_are_told(request: Request, response: Response) -> Response:
            if "optout_after" in request.query and "joined" not in vars(world):
                world.joined = True
                world.happen([("post", "late@example.com", ["News"])])
            return response

        refreshed = world.refresh(known, join_before_the_numbers_are_told)
        assert "late@example.com" in statuses(refreshed)


def test_an_account_that_counts_in_its_own_way_is_refreshed_all_the_same():
    with world_of() as world:
        known = world.refresh(world.fetch(), count_otherwise)
        assert known.excess == {"status total": 5, **{f"list {id_}": 1 for id_ in sorted(known.lists.values())}}
        world.wait(3600)
        world.happen([("act", "join_list", PEOPLE[6], "News"), ("put", PEOPLE[6], "Bob", None, "")])
        refreshed = world.refresh(known, count_otherwise)
        assert differences(refreshed, world.fetch()) == []
        assert refreshed.excess == known.excess


def test_a_list_that_differs_for_good_is_read_again_once():
    with world_of() as world:
        known = world.read_whole()
        once = world.refresh(known, count_otherwise_by_list)
        assert len(asked(world, lambda: world.refresh(once, count_otherwise_by_list))) == 9


def test_another_account_under_the_same_name_is_told_apart():
    with world_of() as world:
        known = world.read_whole()
        known.account["encoded_account_id"] = "another"
        assert world.refresh(known) == Stale("the cache is another account's")


def test_an_account_that_was_put_back_to_an_earlier_state_is_told_apart():
    with world_of() as before, world_of() as world:
        before.happen([("put", PEOPLE[0], "Bob", None, "")])
        known = before.read_whole()
        assert world.refresh(known) == Stale("the account was put back to an earlier state")


def test_a_small_account_is_not_asked_at_all():
    with world_of() as world:
        known = world.read_whole()
        refresh = world.dialect.refresh(known)
        with pytest.raises(StopIteration) as end:
            next(refresh)
    assert end.value.value == Stale("a refresh would cost no fewer requests")


def test_lists_that_cost_more_to_read_again_than_everything_make_it_stale():
    with world_of() as world:
        known = world.read_whole()
        world.wait(3600)
        world.happen([("act", "leave_list", PEOPLE[0], "Club")])
        crowded = lambda request, response: doctored_lists(response, 100_000)  # noqa: E731
        assert world.refresh(known, crowded) == Stale("so many lists changed that reading everything costs less")


def test_who_left_unseen_is_not_put_back_by_an_import_over_the_members_of_the_list():
    crowd = [contact(f"m{number}@example.com", list_memberships=["News"]) for number in range(12)]
    with world_of([*SEED, *crowd], list_change_moves_updated_at=False) as world:
        known = world.read_whole()
        world.wait(3600)
        world.happen([("act", "leave_list", "m0@example.com", "News"), ("act", "join_list", PEOPLE[6], "News")])
        refreshed = world.refresh(known)
        assert "m0@example.com" in members(refreshed, "News")  # nothing shows that
        renamed = [Act(f"m{n}@example.com", c.UPDATE, {c.FIRST_NAME: "Mo"}, wanted=["News"]) for n in range(12)]
        tables = routed(plan_tables(renamed, refreshed), world.dialect, refreshed)
        assert set(tables.actions[ROUTE]) == {JSON_IMPORT}
        (job,) = world.dialect.build(tables, refreshed)
        sent = []
        asked_for = asked(world, lambda: sent.append(world.account.session.converse(world.dialect.send(job))))
        results = {result.address: result.result for result in sent[0].results}
        assert results == dict.fromkeys((act.email for act in renamed), c.DONE) | {"m0@example.com": c.CONFLICT}
        assert "m0@example.com" not in members(world.fetch(), "News")
        assert [query["lists"] for _, query in asked_for if "lists" in (query or {})] == [known.lists["News"]]


def asked(world: World, refresh: Callable[[], object]) -> list[tuple[str, dict[str, str]]]:
    """(path, query) of every request that `refresh` sends."""
    world.caller.window("DELETE", "requests")
    refresh()
    return [(one["path"].removeprefix("/v3"), one["query"]) for one in world.caller.window("GET", "requests")]


def statuses(snapshot: Snapshot) -> dict[str, str]:
    return dict(zip(snapshot.contacts[c.EMAIL], snapshot.contacts[c.STATUS], strict=True))


def members(snapshot: Snapshot, name: str) -> set[str]:
    addresses = dict(zip(snapshot.contacts[c.CONTACT_ID], snapshot.contacts[c.EMAIL], strict=True))
    return {addresses[id_] for id_, _, one in held(snapshot) if one == name}


def count_otherwise(request: Request, response: Response) -> Response:
    if request.path == "/contacts/counts":
        response.body["total"] += 5
    return count_otherwise_by_list(request, response)


def count_otherwise_by_list(request: Request, response: Response) -> Response:
    return doctored_lists(response, 1)


def doctored_lists(response: Response, more: int) -> Response:
    for one in response.body.get("lists", ()):
        one["membership_count"] += more
    return response
