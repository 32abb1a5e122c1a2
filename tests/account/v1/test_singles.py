"""Single creates and updates against the sandbox: what is written, and when it is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ctct_etl.account.dialect import Request, Response
from ctct_etl.columns import CONFLICT, DONE, FAILED, REMOVE, UPDATE
from ctct_etl.errors import Denied
from tests.account.conformance import PEOPLE, person
from tests.account.conftest import Served
from tests.account.driving import apply, carry_out, lists_of, plan, read, values
from tests.account.plans import Act, talk

Old = Callable[..., Served]
LIVES = [line for line in PEOPLE if "custom_field" not in line]


def operations(served: Served, *acts: Act) -> list[Any]:
    before = read(served)
    return served.account.dialect.build(plan(served, acts, before), before)


def act_of(served: Served, who: str, do: str, address: str, **more: Any) -> None:
    served.window("POST", "act", {"who": who, "do": do, "address": address, **more})


def writes(served: Served) -> list[dict[str, Any]]:
    return [one for one in served.requests() if one["method"] != "GET"]


def test_a_create_by_the_owner_and_one_by_the_contact_say_so(old: Old) -> None:
    served = old(LIVES)
    acts = [Act("a@x.org", add=["News"]), Act("b@x.org", add=["News"], opt_in_source="contact")]
    carry_out(served, acts)
    sent = [one["body"] for one in writes(served)]
    assert [("ACTION_BY_CUSTOMER" in body, "ACTION_BY_CONTACT" in body) for body in map(str, sent)] == [
        (True, False), (False, True),
    ]  # fmt: skip


def test_a_contact_who_waits_for_confirmation_gets_fields_and_stays_unconfirmed(old: Old) -> None:
    waiting = person("w@x.org", email_address={"address": "w@x.org", "permission_to_send": "pending_confirmation"})
    served = old([*LIVES, waiting])
    act = Act("w@x.org", UPDATE, {"last_name": ("Lee", "Stone")})
    applied, before, after = carry_out(served, [act])
    assert applied.results == {"w@x.org": [DONE]}
    assert values(after, "w@x.org")["status"] == values(before, "w@x.org")["status"] == "pending_confirmation"
    assert lists_of(after, "w@x.org") == {"News", "Board"}


def test_an_update_echoes_what_no_mapping_names(old: Old) -> None:
    served = old([*LIVES, person("odd@x.org", v1={"Note": "a\nb", "MiddleName": "Q.", "CustomField9": "kept"})])
    _, before, after = carry_out(served, [Act("odd@x.org", UPDATE, {"last_name": ("Lee", "Stone")}, add=["Trips"])])
    shown = [one for one in served.window("GET", "contacts") if one["email_address"]["address"] == "odd@x.org"]
    assert shown[0]["v1"] == {"Note": "a\nb", "MiddleName": "Q.", "CustomField9": "kept"}
    changed = {k: v for k, v in values(after, "odd@x.org").items() if v != values(before, "odd@x.org").get(k)}
    assert changed.keys() == {"last_name", "updated_at"}


def test_who_left_a_list_since_the_plan_is_not_put_back_by_the_echo(old: Old) -> None:
    served = old(LIVES)
    ready = operations(served, Act("ann@x.org", UPDATE, {"last_name": ("Lee", "Stone")}, add=["Trips"]))
    act_of(served, "person", "leave_list", "ann@x.org", list="Board")
    assert apply(served, ready).results == {"ann@x.org": [DONE]}
    assert lists_of(read(served), "ann@x.org") == {"News", "Trips"}


def test_who_leaves_the_last_list_by_us_is_removed_and_stays_registered(old: Old) -> None:
    served = old(LIVES)
    applied, _, after = carry_out(served, [Act("ann@x.org", REMOVE, remove=["News", "Board"])])
    assert applied.results == {"ann@x.org": [DONE]}
    assert (lists_of(after, "ann@x.org"), values(after, "ann@x.org")["status"]) == (set(), "implicit")


def garble(served: Served, after: int = 0) -> None:
    served.window(
        "POST", "faults", {"kind": "non_json", "match": {"method": "GET", "path": "*/contacts/1"}, "after": after,
                           "times": None})  # fmt: skip


def test_nothing_is_laid_over_a_document_that_can_not_be_read_and_the_rest_goes_on(old: Old) -> None:
    served = old(LIVES)
    acts = [Act(who, UPDATE, {"last_name": ("Lee", "Stone")}) for who in ("ann@x.org", "cyd@x.org")]
    ready = operations(served, *acts)
    garble(served)
    applied = apply(served, ready)
    assert applied.results == {"ann@x.org": [CONFLICT], "cyd@x.org": [DONE]}
    assert "can't be understood" in applied.words["ann@x.org"]
    assert [one["path"].rpartition("/")[2] for one in writes(served)] == ["3"]


def test_a_lost_update_of_whom_nobody_can_read_since_is_a_conflict_and_not_sent_again(old: Old) -> None:
    served = old(LIVES)
    ready = operations(served, Act("ann@x.org", UPDATE, {"last_name": ("Lee", "Stone")}))
    served.window("POST", "faults", {"kind": "drop_after", "match": {"method": "PUT"}})
    garble(served, after=1)
    assert apply(served, ready).results == {"ann@x.org": [CONFLICT]}
    assert len(writes(served)) == 1


def test_an_update_after_which_nobody_can_read_the_contact_is_the_last(old: Old) -> None:
    served = old(LIVES)
    ready = operations(served, Act("ann@x.org", UPDATE, {"last_name": ("Lee", "Stone")}))
    garble(served, after=1)
    with pytest.raises(Denied, match="nobody can read of contact 1 since its update"):
        apply(served, ready)


def test_a_plan_that_rests_on_a_rule_stops_where_the_contact_breaks_it_now(old: Old) -> None:
    served = old(LIVES)
    before = read(served)
    tables = plan(served, [Act("cyd@x.org", UPDATE, {"last_name": ("Lee", "Stone")})], before)
    ready = served.account.dialect.build(tables, before, {"if_in_no_list": []})
    act_of(served, "person", "join_list", "cyd@x.org", list="News")
    applied = apply(served, ready)
    assert applied.results == {"cyd@x.org": [CONFLICT]}
    assert "existing.update leaves it alone" in applied.words["cyd@x.org"]


@pytest.mark.parametrize("status", [409, 403])
def test_a_create_that_meets_who_opted_out_is_a_conflict_and_changes_nothing(old: Old, status: int) -> None:
    served = old(LIVES, v1_do_not_mail_post=status)
    applied, before, after = carry_out(served, [Act("gone@x.org", changes={"first_name": "X"}, add=["News"])])
    assert applied.results == {"gone@x.org": [CONFLICT]}
    assert values(after, "gone@x.org") == values(before, "gone@x.org")


def test_a_refused_update_fails_in_the_services_words_and_the_rest_goes_on(old: Old) -> None:
    served = old([*LIVES, person("long@x.org", job_title="x" * 60)])  # longer than v1 takes: the echo is refused
    acts = [Act(who, UPDATE, {"last_name": ("Lee", "Stone")}) for who in ("ann@x.org", "long@x.org")]
    applied, _, after = carry_out(served, acts)
    assert applied.results == {"ann@x.org": [DONE], "long@x.org": [FAILED]}
    assert "JobTitle" in applied.words["long@x.org"]
    assert values(after, "long@x.org")["last_name"] == "Lee"


def test_a_value_that_no_document_can_carry_fails_before_anything_is_sent(old: Old) -> None:
    served = old(LIVES)
    acts = [Act("n@x.org", changes={"first_name": "a\x01b"}, add=["News"]),
            Act("ann@x.org", UPDATE, {"last_name": ("Lee", "\x02")})]  # fmt: skip
    applied, _, _ = carry_out(served, acts)
    assert applied.results == {"ann@x.org": [FAILED], "n@x.org": [FAILED]}
    assert writes(served) == []


def test_what_is_as_promised_already_is_done_without_a_write(old: Old) -> None:
    served = old(LIVES)
    ready = operations(served, Act("ann@x.org", UPDATE, {"last_name": ("Lee", "Stone")}, add=["Trips"]))
    apply(served, ready)
    count = len(writes(served))
    assert apply(served, ready).results == {"ann@x.org": [DONE]}
    assert len(writes(served)) == count


def test_the_first_update_of_each_status_is_read_back_and_the_others_are_not(old: Old) -> None:
    waiting = person("w@x.org", email_address={"address": "w@x.org", "permission_to_send": "pending_confirmation"})
    served = old([*LIVES, waiting])
    acts = [Act(who, UPDATE, {"last_name": ("Lee", "Stone")}) for who in ("ann@x.org", "bob+news@x.org", "w@x.org")]
    ready = operations(served, *acts)
    served.window("DELETE", "requests")
    apply(served, ready)
    asked = [f"{one['method']} {one['path'].rpartition('/')[2]}" for one in served.requests()]
    assert len([line for line in asked if line.startswith("GET")]) == 3 + 2
    assert ready[0].phase == ready[1].phase < ready[2].phase


def test_a_service_that_drops_what_an_update_held_stops_the_run(old: Old) -> None:
    served = old(LIVES)
    (ready,) = operations(served, Act("ann@x.org", UPDATE, {"last_name": ("Lee", "Stone")}))
    session, dialect = served.account.session, served.account.dialect
    answers: list[Response] = []

    def converse(request: Request) -> Response:
        response = session.converse(_one(request))
        answers.append(response)
        if request.method == "GET" and len(answers) > 1:  # the read back
            values_ = {name: "" if name == "HomePhone" else value for name, value in response.body.values.items()}
            return Response(
                200, type(response.body)(**{**vars(response.body), "values": values_}), place=response.place
            )
        return response

    with pytest.raises(Denied, match=r"did not keep .*HomePhone"):
        talk(dialect.send(ready), converse)


def _one(request: Request) -> Any:
    return (yield request)


def test_an_update_whose_answer_is_lost_and_after_which_a_person_acts_is_a_conflict(old: Old) -> None:
    served = old(LIVES)
    (ready,) = operations(served, Act("ann@x.org", UPDATE, add=["Trips"]))
    dialect, session = served.account.dialect, served.account.session
    detail: dict[str, Any] = {}
    session.converse(dialect.send(ready), lambda point: detail.update(point.detail))
    act_of(served, "person", "leave_list", "ann@x.org", list="Trips")
    answer = session.converse(dialect.settle(ready, detail))
    assert [(one.result, bool(one.words)) for one in answer.results] == [(CONFLICT, True)]
    assert answer.fallback == ()


def test_an_update_that_never_came_is_sent_again(old: Old) -> None:
    served = old(LIVES)
    (ready,) = operations(served, Act("ann@x.org", UPDATE, add=["Trips"]))
    answer = served.account.session.converse(served.account.dialect.settle(ready, {}))
    assert (answer.results, answer.fallback) == ((), (ready,))


def test_what_an_update_found_is_kept_though_nobody_can_read_what_became_of_it(old: Old) -> None:
    served = old(LIVES)
    (ready,) = operations(served, Act("ann@x.org", UPDATE, add=["Trips"]))
    dialect, session = served.account.dialect, served.account.session
    detail: dict[str, Any] = {}
    session.converse(dialect.send(ready), lambda point: detail.update(point.detail))
    served.window("POST", "faults", {"kind": "non_json", "match": {"path": "*/contacts/*"}, "times": None})
    answer = session.converse(dialect.settle(ready, detail))
    assert [(one.result, one.words.split(",")[0]) for one in answer.results] == [(CONFLICT, "its answer was lost")]
    assert answer.before == {"ann@x.org": detail["before"]}


def test_what_an_update_found_is_kept_where_it_ends_as_a_conflict(old: Old) -> None:
    served = old(LIVES)
    (ready,) = operations(served, Act("ann@x.org", UPDATE, {"last_name": ("Lee", "Stone")}, add=["Trips"]))
    dialect, session = served.account.dialect, served.account.session
    act_of(served, "person", "join_list", "ann@x.org", list="Trips")
    detail: dict[str, Any] = {}
    session.converse(dialect.send(ready), lambda point: detail.update(point.detail))
    act_of(served, "person", "leave_list", "ann@x.org", list="Trips")
    answer = session.converse(dialect.settle(ready, detail))
    assert [one.result for one in answer.results] == [CONFLICT]
    assert answer.before == {"ann@x.org": detail["before"]}
