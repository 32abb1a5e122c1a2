"""The import by hand: an account that says what the test wants, and remembers what it was sent."""

import pytest

from ctct_etl.account.dialect import Response
from ctct_etl.account.v3.entries import Entry, Load, make_operation, read_load
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

    def __init__(self, shown=(), left=(), came=(), members=(), member_count=0, status=201, deleted=0):
        self.shown, self.left, self.came, self.members = shown, left, came, members
        self.member_count, self.status, self.deleted = member_count, status, deleted
        self.sent = []
        self.times = {"created_at": "2026-11-23T22:05:00Z", "completed_at": "2026-11-23T22:06:00.500Z"}

    def __call__(self, request):
        query = request.query
        if request.method == "POST":
            self.sent.append(request.body)
            words = [{"error_message": "bad row"}]
            return Response(self.status, {"activity_id": "a1"} if self.status == 201 else words)
        if request.path.startswith("/activities/"):
            return Response(200, {"state": "completed", **self.times})
        if request.path == "/activities":
            return Response(200, {"activities": []})
        if request.path.startswith("/contact_lists/"):
            return Response(200, {"membership_count": self.member_count})
        if "include_count" in query:
            return Response(200, {"contacts_count": len(self.came) if "created_after" in query else self.deleted})
        found = (
            self.members if "lists" in query
            else self.came if "created_after" in query
            else self.left if "optout_after" in query or "deleted" in query["status"]
            else self.shown
        )  # fmt: skip
        return Response(200, {"contacts": list(found)})


def operation(*addresses, known=False, members=None, before="Old"):
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
    return make_operation(JSON_IMPORT, Load(entries, {}, SINCE, lists=("l1",), members=members or {}))


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
    assert said.checkpoints[0].detail == {"activity_id": "a1"}


def test_contacts_are_read_back_from_the_time_of_the_job_by_the_services_own_clock():
    said, _, _ = send(operation("a@x.org"), Account(shown=[person("a@x.org")]))
    query = said.requests[-1].query
    assert (query["updated_after"], query["updated_before"]) == ("2026-11-23T22:04:00Z", "2026-11-23T22:07:00Z")
    assert query["status"] == "all"


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
            if "updated_before" in request.query:
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
        member_count=2,
    )
    _, results, _ = send(operation("a@x.org", "b@x.org", known=True, members={"l1": 3}), account)
    assert results == {"a@x.org": ("conflict", "left the list since the plan"), "b@x.org": ("done", "")}
    assert [row["email"] for row in account.sent[0]["import_data"]] == ["b@x.org"]


def test_a_list_with_as_many_members_as_before_is_not_read():
    account = Account(shown=[person("a@x.org")], member_count=3)
    said, results, _ = send(operation("a@x.org", known=True, members={"l1": 3}), account)
    assert results == {"a@x.org": ("done", "")}
    assert not any("lists" in request.query for request in said.requests)


def test_who_left_the_list_while_the_job_ran_is_not_put_back():
    account = Account(shown=[person("a@x.org", lists=())], member_count=3)
    _, results, followers = send(operation("a@x.org", known=True, members={"l1": 3}), account)
    assert (results, followers) == ({"a@x.org": ("done", "")}, [])


def test_a_refused_import_is_halved():
    op = operation(*[f"{n}@x.org" for n in range(5)])
    _, results, followers = send(op, Account(status=400))
    assert results == {}
    assert [(route, addresses) for route, addresses, _ in followers] == [
        (JSON_IMPORT, ("0@x.org", "1@x.org")),
        (JSON_IMPORT, ("2@x.org", "3@x.org", "4@x.org")),
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


@pytest.mark.parametrize(("kept_off", "result", "again"), [(0, ["conflict"], []), (1, [], ["add_list_memberships"])])
def test_who_left_the_list_after_a_job_that_listed_all_is_not_put_back(kept_off, result, again):
    account = Account(shown=[person("a@x.org", lists=())])
    account.times["status"] = {"cannot_add_to_list_count": kept_off}
    answer = settle(operation("a@x.org"), {"activity_id": "a1"}, account)
    assert ([one.result for one in answer.results], [one.route for one in answer.fallback]) == (result, again)


@pytest.mark.parametrize(("deleted", "sent"), [(0, ["a@x.org", "b@x.org"]), (1, ["b@x.org"])])
def test_the_deleted_are_read_only_when_their_number_differs(deleted, sent):
    class Forgetful(Account):
        """Does not move the update time of who is deleted."""

        def __call__(self, request):
            if request.query.get("status") == "deleted" and "include_count" not in request.query:
                return Response(200, {"contacts": [person("a@x.org", deleted_at="2026-11-23")]})
            return super().__call__(request)

    account = Forgetful(shown=[person("a@x.org"), person("b@x.org")], deleted=deleted)
    send(operation("a@x.org", "b@x.org", known=True), account)
    assert [row["email"] for row in account.sent[0]["import_data"]] == sent
