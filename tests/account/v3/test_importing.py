"""The import by hand: an account that says what the test wants, and remembers what it was sent."""

from dataclasses import replace

import pytest

from ctct_etl.account.dialect import Response
from ctct_etl.account.entries import Entry, Load, make_operation, read_load
from ctct_etl.account.v3.importing import send_import, settle_import
from ctct_etl.account.v3.memory import Memory
from ctct_etl.plan.tables import JSON_IMPORT
from tests.account.plans import talk

SINCE = "2026-11-23T22:00:00Z"


def person(address, first_name="New", status="implicit", lists=("l1",), id_=None, **more):
    return {
        "contact_id": id_ or f"id-{address}",
        "email_address": {"address": address, "permission_to_send": status},
        "first_name": first_name,
        "list_memberships": list(lists),
        **more,
    }


class Account:
    """Answers an import conversation. `shown` is what the account shows when it is read back."""

    def __init__(self, shown=(), left=(), came=(), members=(), alone=(), status=201, state="completed"):
        self.shown, self.left, self.came, self.members = shown, left, came, members
        self.alone = {one["contact_id"]: one for one in alone}
        self.status, self.state = status, state
        self.sent = []
        self.times = {"created_at": "2026-11-23T22:05:00Z", "completed_at": "2026-11-23T22:06:00.500Z"}

    def __call__(self, request):
        query = request.query
        if request.method == "POST":
            self.sent.append(request.body)
            words = [{"error_message": "bad row"}]
            return Response(self.status, {"activity_id": "a1"} if self.status == 201 else words)
        if request.path.startswith("/activities/"):
            return Response(200, {"state": self.state, **self.times})
        if request.path == "/activities":
            return Response(200, {"activities": []})
        if found := self.alone.get(request.path.removeprefix("/contacts/")):
            return Response(200, found)
        if request.path.startswith("/contacts/"):
            return Response(404, None)
        found = (
            self.members if "lists" in query
            else self.came if "include_count" in query
            else self.left if "optout_after" in query or "deleted" in query["status"]
            else self.shown
        )  # fmt: skip
        return Response(200, {"contacts": list(found), "contacts_count": len(found)})


def operation(*addresses, known=False, watched=(), before="Old"):
    entries = tuple(
        Entry(
            address,
            f"id-{address}" if known else "",
            "implicit" if known else "",
            before={"first_name": before if known else ""},
            after={"first_name": "New"},
            permission="" if known else "implicit",
        )
        for address in addresses
    )
    return make_operation(JSON_IMPORT, Load(entries, {}, SINCE, lists=("l1",), watched=watched))


def send(op, account):
    said = talk(send_import(op, Memory()), account)
    results = {one.address: (one.result, one.words) for one in said.value.results}
    followers = [(one.route, one.addresses, read_load(one)) for one in said.value.fallback]
    return said, results, followers


def test_who_is_read_back_as_promised_is_done():
    account = Account(shown=[person("a@x.org"), person("b@x.org")])
    said, results, followers = send(operation("a@x.org", "b@x.org"), account)
    assert results == {"a@x.org": ("done", ""), "b@x.org": ("done", "")}
    assert followers == []
    assert account.sent == [
        {
            "import_data": [{"email": "a@x.org", "first_name": "New"}, {"email": "b@x.org", "first_name": "New"}],
            "list_ids": ["l1"],
        }
    ]
    assert said.checkpoints[0].detail == {"activity_id": "a1", "out": {}}


def test_contacts_are_read_back_from_the_time_of_the_job_by_the_services_own_clock():
    said, _, _ = send(operation("a@x.org", known=True), Account(shown=[person("a@x.org")]))
    query = said.requests[-1].query
    assert (query["updated_after"], query["updated_before"]) == ("2026-11-23T22:04:59Z", "2026-11-23T22:06:02Z")
    assert query["status"] == "all"


def test_a_job_that_only_creates_is_read_back_by_what_was_created():
    said, _, _ = send(operation("a@x.org"), Account(shown=[person("a@x.org")]))
    query = said.requests[-1].query
    assert (query["created_after"], query["created_before"]) == ("2026-11-23T22:04:59Z", "2026-11-23T22:06:02Z")


def test_who_is_not_found_at_the_time_of_the_job_is_looked_for_a_minute_around_it():
    said, _, _ = send(operation("a@x.org", known=True), Account())
    *_, query, alone = (request.query for request in said.requests)
    assert (query["updated_after"], query["updated_before"]) == ("2026-11-23T22:04:00Z", "2026-11-23T22:07:01Z")
    assert said.requests[-1].path == "/contacts/id-a@x.org" and "updated_after" not in alone


def test_who_was_changed_after_the_window_is_read_alone_and_is_not_overwritten():
    late = person("a@x.org", first_name="Old", updated_at="2026-11-23T22:09:00Z")
    account = Account(alone=[late])
    _, results, followers = send(operation("a@x.org", known=True), account)
    assert results == {"a@x.org": ("conflict", "not as promised after the import: first_name")}
    assert followers == []


def test_a_job_that_does_not_tell_its_times_is_read_back_from_the_snapshot_less_the_overlap():
    account = Account(shown=[person("a@x.org")])
    account.times = {}
    said, _, _ = send(operation("a@x.org"), account)
    assert said.requests[-1].query["updated_after"] == "2026-11-23T21:50:00Z"
    assert "updated_before" not in said.requests[-1].query


def test_when_many_are_missing_everything_since_the_snapshot_is_read_before_they_go_single():
    class Skewed(Account):
        """Dates its updates outside of the job's time."""

        def __call__(self, request):
            if "created_before" in request.query:
                return Response(200, {"contacts": []})
            return super().__call__(request)

    addresses = [f"{n:02}@x.org" for n in range(30)]
    _, results, followers = send(operation(*addresses), Skewed(shown=[person(address) for address in addresses]))
    assert (set(results), followers) == (set(addresses), [])


def test_who_is_missing_goes_single():
    _, results, followers = send(operation("a@x.org", "b@x.org"), Account(shown=[person("b@x.org")]))
    assert results == {"b@x.org": ("done", "")}
    ((route, addresses, load),) = followers
    assert (route, addresses, load.entries[0].lists) == ("post_contact", ("a@x.org",), ("l1",))


def test_a_field_that_did_not_take_goes_single_and_no_other_with_it():
    shown = [person("a@x.org", first_name="Old")]
    _, results, followers = send(operation("a@x.org", known=True), Account(shown=shown))
    ((route, _, load),) = followers
    assert (results, route) == ({}, "put_contact")
    assert (load.entries[0].before, load.entries[0].after) == ({"first_name": "Old"}, {"first_name": "New"})


def test_a_list_that_did_not_take_is_added_single():
    _, results, followers = send(operation("a@x.org"), Account(shown=[person("a@x.org", lists=())]))
    ((route, _, load),) = followers
    assert (results, route, load.lists) == ({}, "add_list_memberships", ("l1",))
    assert load.entries[0].contact_id == "id-a@x.org"


def test_what_is_neither_as_before_nor_as_promised_is_a_conflict():
    _, results, followers = send(operation("a@x.org"), Account(shown=[person("a@x.org", first_name="Third")]))
    assert (results["a@x.org"][0], followers) == ("conflict", [])


def test_who_left_while_the_job_ran_is_a_conflict():
    _, results, followers = send(operation("a@x.org"), Account(shown=[person("a@x.org", status="unsubscribed")]))
    assert (results["a@x.org"][0], followers) == ("conflict", [])


@pytest.mark.parametrize("status", ["unsubscribed", "deleted", "pending_confirmation"])
@pytest.mark.parametrize("known", [True, False])
def test_who_left_since_the_snapshot_is_not_imported(status, known):
    more = {"deleted_at": "2026-11-23"} if status == "deleted" else {}
    gone = person("a@x.org", status="implicit" if more else status, **more)
    account = Account(shown=[person("b@x.org")], left=[gone])
    _, results, _ = send(operation("a@x.org", "b@x.org", known=known), account)
    assert results["a@x.org"] == ("conflict", f"changed in the account since the plan: now {status}")
    assert [row["email"] for row in account.sent[0]["import_data"]] == ["b@x.org"]


def test_who_came_since_the_snapshot_is_no_longer_created():
    account = Account(shown=[person("b@x.org")], came=[person("a@x.org")])
    _, results, _ = send(operation("a@x.org", "b@x.org"), account)
    assert results["a@x.org"] == ("conflict", "the account has this contact since the plan")
    assert [row["email"] for row in account.sent[0]["import_data"]] == ["b@x.org"]


def test_nothing_is_sent_when_nobody_is_left():
    account = Account(left=[person("a@x.org", status="unsubscribed")])
    _, results, _ = send(operation("a@x.org"), account)
    assert (results["a@x.org"][0], account.sent) == ("conflict", [])


def test_who_left_the_list_is_not_imported_onto_it_again():
    account = Account(
        shown=[person("b@x.org")],
        members=[person("b@x.org"), person("c@x.org")],
    )
    _, results, _ = send(operation("a@x.org", "b@x.org", known=True, watched=("l1",)), account)
    assert results == {"a@x.org": ("conflict", "left the list since the plan"), "b@x.org": ("done", "")}
    assert [row["email"] for row in account.sent[0]["import_data"]] == ["b@x.org"]


def test_the_members_of_the_list_are_the_last_thing_read_before_an_import_over_them_and_tell_all():
    account = Account(shown=[person("a@x.org")], members=[person("a@x.org")])
    said, _, _ = send(operation("a@x.org", known=True, watched=("l1",)), account)
    assert said.lines[:2] == ["GET /contacts", "POST /activities/contacts_json_import"]
    assert said.requests[0].query == {"status": "all", "limit": "500", "lists": "l1"}


def test_a_member_whose_permission_moved_is_not_imported():
    account = Account(shown=[person("b@x.org")], members=[person("a@x.org", status="unsubscribed"), person("b@x.org")])
    _, results, _ = send(operation("a@x.org", "b@x.org", known=True, watched=("l1",)), account)
    assert results["a@x.org"] == ("conflict", "changed in the account since the plan: now unsubscribed")


@pytest.mark.parametrize(
    ("rule", "ruled_out"), [({"if_in": ["l2"]}, {"a@x.org"}), ({"if_not_in": ["l2"]}, {"b@x.org"}), ({}, set())]
)
def test_a_member_whom_the_rule_leaves_alone_now_is_not_imported_and_no_more_is_read(rule, ruled_out):
    members = [person("a@x.org", lists=("l1",)), person("b@x.org", lists=("l1", "l2"))]
    job = operation("a@x.org", "b@x.org", known=True, watched=("l1",))
    job = replace(job, payload={**job.payload, "rule": rule})
    said, results, _ = send(job, Account(shown=members, members=members))
    assert {address for address, (result, words) in results.items() if "existing.update" in words} == ruled_out
    assert {address for address, (result, _) in results.items() if result == "conflict"} == ruled_out
    assert said.lines[:2] == ["GET /contacts", "POST /activities/contacts_json_import"]


def test_who_left_the_list_while_the_job_ran_is_not_put_back():
    account = Account(shown=[person("a@x.org", lists=())], members=[person("a@x.org")])
    _, results, followers = send(operation("a@x.org", known=True, watched=("l1",)), account)
    assert (results, followers) == ({"a@x.org": ("done", "")}, [])


def test_a_refused_import_is_halved():
    addresses = tuple(f"{n:02}@x.org" for n in range(25))
    _, results, followers = send(operation(*addresses), Account(status=400))
    assert results == {}
    assert [(route, some) for route, some, _ in followers] == [
        (JSON_IMPORT, addresses[:12]),
        (JSON_IMPORT, addresses[12:]),
    ]


@pytest.mark.parametrize("state", ["failed", "cancelled", "timed_out"])
def test_of_a_job_that_ended_badly_those_who_arrived_are_done_and_the_others_are_halved(state):
    addresses = tuple(f"{n:02}@x.org" for n in range(40))
    _, results, followers = send(
        operation(*addresses), Account(shown=[person(one) for one in addresses[:10]], state=state)
    )
    assert results == dict.fromkeys(addresses[:10], ("done", ""))
    assert [(route, some) for route, some, _ in followers] == [
        (JSON_IMPORT, addresses[10:25]),
        (JSON_IMPORT, addresses[25:]),
    ]


@pytest.mark.parametrize(
    ("known", "routes"), [(False, ["post_contact"]), (True, ["put_contact", "add_list_memberships"])]
)
def test_a_refused_import_of_one_goes_single(known, routes):
    _, _, followers = send(operation("a@x.org", known=known), Account(status=400))
    assert [route for route, _, _ in followers] == routes


def settle(op, detail, account):
    said = talk(settle_import(op, detail, Memory()), account)
    assert {request.method for request in said.requests} == {"GET"}
    return said.value


def test_a_job_of_which_nothing_shows_is_sent_again_as_it_was():
    op = operation("a@x.org", "b@x.org")
    assert settle(op, {}, Account()).fallback == (op,)


def test_a_job_that_shows_is_settled_without_its_id():
    answer = settle(operation("a@x.org"), {}, Account(shown=[person("a@x.org")]))
    assert ([one.result for one in answer.results], answer.fallback) == (["done"], ())


def test_only_those_are_imported_again_of_whom_nothing_shows():
    op = operation(*[f"{n:02}@x.org" for n in range(40)])
    answer = settle(op, {}, Account(shown=[person(f"{n:02}@x.org") for n in range(10)]))
    assert [one.address for one in answer.results] == [f"{n:02}@x.org" for n in range(10)]
    ((again),) = answer.fallback
    assert (again.route, again.addresses) == (JSON_IMPORT, tuple(f"{n:02}@x.org" for n in range(10, 40)))
    assert again.id != op.id


def test_after_a_job_with_a_known_id_the_missing_go_single():
    op = operation("a@x.org", "b@x.org")
    answer = settle(op, {"activity_id": "a1"}, Account(shown=[person("a@x.org")]))
    assert [one.address for one in answer.results] == ["a@x.org"]
    assert [(one.route, one.addresses) for one in answer.fallback] == [("post_contact", ("b@x.org",))]


# On the lists: nobody of a@, b@ and c@; b@ is unsubscribed, who are put on no list.
@pytest.mark.parametrize(
    ("kept_off", "done", "again"),
    [(0, ["a@x.org", "c@x.org"], []), (1, ["a@x.org", "c@x.org"], []), (2, ["a@x.org", "c@x.org"], []),
     (3, [], ["a@x.org", "c@x.org"]), (None, [], ["a@x.org", "c@x.org"])],
)  # fmt: skip
@pytest.mark.parametrize("settled", [False, True])
def test_who_left_the_list_after_a_job_that_listed_them_is_done_and_not_put_back(kept_off, done, again, settled):
    gone = person("b@x.org", lists=(), email_address={"address": "b@x.org", "permission_to_send": "unsubscribed"})
    account = Account(shown=[person("a@x.org", lists=()), gone, person("c@x.org", lists=()), person("d@x.org")])
    account.times["status"] = {"cannot_add_to_list_count": kept_off} if kept_off is not None else {}
    op = operation("a@x.org", "b@x.org", "c@x.org", "d@x.org")
    answer = settle(op, {"activity_id": "a1"}, account) if settled else send(op, account)[0].value
    assert [one.address for one in answer.results if one.result == "done"] == sorted([*done, "d@x.org"])
    assert [one.route for one in answer.fallback] == ["add_list_memberships"] * len(again)
    assert [one.addresses[0] for one in answer.fallback] == again


def test_who_is_on_no_list_after_a_job_that_failed_is_put_on_it():
    account = Account(shown=[person("a@x.org", lists=())], state="failed")
    account.times["status"] = {"cannot_add_to_list_count": 0}
    assert [one.route for one in send(operation("a@x.org"), account)[0].value.fallback] == ["add_list_memberships"]


def test_who_was_deleted_is_not_imported_even_if_the_update_time_did_not_move():
    class Forgetful(Account):
        """Does not move the update time of who is deleted."""

        def __call__(self, request):
            if request.query.get("status") == "deleted":
                return Response(200, {"contacts": [person("a@x.org", deleted_at="2026-11-23")]})
            return super().__call__(request)

    account = Forgetful(shown=[person("a@x.org"), person("b@x.org")])
    send(operation("a@x.org", "b@x.org", known=True), account)
    assert [row["email"] for row in account.sent[0]["import_data"]] == ["b@x.org"]


class Crowded(Account):
    """Has more newcomers than a page holds, and tells their number."""

    def __call__(self, request):
        if request.query.get("include_count"):
            link = {"next": {"href": "/v3/contacts?cursor=2"}}
            return Response(200, {"contacts": [person("p@x.org")], "contacts_count": 501, "_links": link})
        if "cursor" in request.path:
            return Response(200, {"contacts": [person("a@x.org")]})
        return super().__call__(request)


@pytest.mark.parametrize(("created", "sent"), [(501, ["a@x.org", "b@x.org"]), (500, ["b@x.org"])])
def test_newcomers_are_read_on_unless_they_are_just_as_many_as_this_run_created(created, sent):
    account = Crowded(shown=[person("a@x.org"), person("b@x.org")])
    talk(send_import(operation("a@x.org", "b@x.org"), Memory(created=created)), account)
    assert [row["email"] for row in account.sent[0]["import_data"]] == sent


def test_a_newcomer_that_was_read_once_is_known_when_the_next_job_counts():
    account, memory = Crowded(shown=[person("b@x.org")]), Memory(created=499)
    talk(send_import(operation("b@x.org"), memory), account)
    talk(send_import(operation("a@x.org", "c@x.org"), Memory(created=501, newcomers=memory.newcomers)), account)
    assert [[row["email"] for row in body["import_data"]] for body in account.sent] == [["b@x.org"], ["c@x.org"]]


def test_who_came_is_read_from_the_last_look_on_and_not_from_the_snapshot_again():
    class Dated(Crowded):
        def __call__(self, request):
            answer = super().__call__(request)
            return Response(answer.status, answer.body, "Mon, 23 Nov 2026 23:00:00 GMT")

    account, memory = Dated(shown=[person("b@x.org")]), Memory(created=501)
    talk(send_import(operation("b@x.org"), memory), account)
    memory.created = 500  # another has come since
    said = talk(send_import(operation("c@x.org"), memory), account)
    asked = [request.query["created_after"] for request in said.requests if "created_after" in request.query]
    assert asked[:2] == ["2026-11-23T21:50:00Z", "2026-11-23T22:50:00Z"]


def test_a_page_that_holds_all_who_came_is_counted_and_read_once():
    class Quiet(Account):
        """Tells how many came, and has them all on one page."""

        def __call__(self, request):
            if request.query.get("include_count"):
                return Response(
                    200, {"contacts": [person("z@x.org")], "contacts_count": 1}, "Mon, 23 Nov 2026 23:00:00 GMT"
                )
            return super().__call__(request)

    account, memory = Quiet(shown=[person("a@x.org"), person("b@x.org")]), Memory()
    for address in ("a@x.org", "b@x.org"):
        said = talk(send_import(operation(address), memory), account)
        looks = [r for r in said.requests if r.query.get("status") == "all" and "created_after" in r.query]
        assert len([r for r in looks if "created_before" not in r.query]) == 1
    assert memory.newcomers == {"z@x.org"}
