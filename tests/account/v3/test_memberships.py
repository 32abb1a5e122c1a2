import pytest

from ctct_etl.account.dialect import Response
from ctct_etl.account.entries import Entry, Load, make_operation, read_load
from ctct_etl.account.v3.memberships import send_memberships, settle_memberships
from ctct_etl.account.v3.memory import Memory
from ctct_etl.plan.tables import ADD_LISTS, ADD_TAGS, REMOVE_LISTS
from tests.account.plans import talk

ROUTES = (ADD_LISTS, REMOVE_LISTS, ADD_TAGS)


class Account:
    def __init__(self, contacts=(), left=(), created=(), status=201, activity=None):
        self.contacts = {one["contact_id"]: one for one in contacts}
        self.left, self.created, self.status = left, created, status
        self.activity = {"state": "completed"} if activity is None else activity  # {}: known no more
        self.sent = []

    def __call__(self, request):
        if request.method == "POST":
            self.sent.append((request.path, request.body))
            return Response(self.status, {"activity_id": "a1"} if self.status == 201 else [{"error_message": "no"}])
        if request.path.startswith("/activities/"):
            return Response(200, self.activity) if self.activity else Response(404, None)
        if request.path == "/activities":
            return Response(200, {"activities": []})
        if request.path.startswith("/contacts/"):
            found = self.contacts.get(request.path.removeprefix("/contacts/"))
            return Response(200, found) if found else Response(404, None)
        if "include_count" in request.query:
            return Response(200, {"contacts_count": 0})
        if "lists" in request.query or "tags" in request.query:
            return Response(200, {"contacts": list(self.contacts.values())})
        if "email" in request.query:
            found = [c for c in self.created if c["email_address"]["address"] == request.query["email"]]
            return Response(200, {"contacts": found})
        return Response(200, {"contacts": list(self.created if "created_after" in request.query else self.left)})


def person(name, status="implicit", lists=(), tags=()):
    mail = {"address": f"{name}@x.org", "permission_to_send": status}
    return {"contact_id": f"id-{name}", "email_address": mail, "list_memberships": list(lists), "taggings": list(tags)}


def operation(route, *names, known=True):
    entries = tuple(
        Entry(f"{name}@x.org", f"id-{name}" if known else "", "implicit" if known else "") for name in names
    )
    ids = ("t1",) if route == ADD_TAGS else ("l1", "l2")
    load = Load(entries, {}, "2026-11-23T22:00:00Z")
    return make_operation(route, Load(**{**vars(load), ("tags" if route == ADD_TAGS else "lists"): ids}))


def send(op, account, memory=None):
    said = talk(send_memberships(op, memory or Memory()), account)
    return said, {one.address: (one.result, one.words) for one in said.value.results}


@pytest.mark.parametrize("route", ROUTES)
def test_a_clean_job_is_done_for_all(route):
    account = Account()
    said, results = send(operation(route, "a", "b"), account)
    assert results == {"a@x.org": ("done", ""), "b@x.org": ("done", "")}
    ids = {"tag_ids": ["t1"]} if route == ADD_TAGS else {"list_ids": ["l1", "l2"]}
    assert account.sent == [(f"/activities/{route}", {"source": {"contact_ids": ["id-a", "id-b"]}, **ids})]
    noted = {"sent": 2, "out": {}}
    assert [each.detail for each in said.checkpoints] == [noted, {"activity_id": "a1", **noted}]


@pytest.mark.parametrize("route", [ADD_LISTS, ADD_TAGS])
def test_who_left_since_the_snapshot_is_taken_out(route):
    account = Account(left=[person("a", "unsubscribed"), person("z", "unsubscribed")])
    _, results = send(operation(route, "a", "b"), account)
    assert results["a@x.org"] == ("conflict", "changed in the account since the plan: now unsubscribed")
    assert account.sent[0][1]["source"]["contact_ids"] == ["id-b"]


def test_a_removal_asks_for_nobodys_departure():
    said, _ = send(operation(REMOVE_LISTS, "a"), Account())
    assert said.lines == ["POST /activities/remove_list_memberships", "GET /activities/a1"]


def test_ids_of_contacts_that_this_run_created_are_looked_up_once_for_all():
    memory = Memory()
    account = Account(created=[person("a"), person("b")])
    said, results = send(operation(ADD_TAGS, "a", "b", known=False), account, memory)
    assert set(results.values()) == {("done", "")}
    again, _ = send(operation(ADD_TAGS, "b", "a", known=False), account, memory)
    assert sum("created_after" in request.query for request in (*said.requests, *again.requests)) == 1


def test_a_contact_that_was_never_created_fails_and_the_others_go_on():
    account = Account(created=[person("a")])
    _, results = send(operation(ADD_TAGS, "a", "b", known=False), account)
    assert results == {"a@x.org": ("done", ""), "b@x.org": ("failed", "the account does not have this contact")}


def test_a_job_without_anybody_left_is_not_sent():
    account = Account()
    _, results = send(operation(ADD_TAGS, "a", known=False), account)
    assert (results["a@x.org"][0], account.sent) == ("failed", [])


@pytest.mark.parametrize("done", [1, None])  # the second counts nothing
def test_whom_a_job_with_errors_left_out_goes_again_and_gets_words_of_its_own(done):
    counts = {} if done is None else {"status": {"items_total_count": 2, "items_completed_count": done}}
    account = Account(
        contacts=[person("a", lists=["l1", "l2"]), person("b", lists=["l1"])],
        activity={"state": "completed", "activity_errors": ["some failed"], **counts},
    )
    said, results = send(operation(ADD_LISTS, "a", "b"), account)
    assert results == {"a@x.org": ("done", "")}
    (again,) = said.value.fallback
    assert again.addresses == ("b@x.org",)
    account.activity = {"state": "completed", "activity_errors": ["some failed"]}
    _, results = send(again, account)
    assert results == {"b@x.org": ("failed", "some failed")}


@pytest.mark.parametrize("total", [2, 1])  # the second knows nothing of the contact that it lost
def test_a_job_that_counts_fewer_than_it_was_given_is_judged_too(total):
    counts = {"items_total_count": total, "items_completed_count": 1}
    account = Account(
        contacts=[person("a"), person("b", lists=["l2"])], activity={"state": "completed", "status": counts}
    )
    said, results = send(operation(REMOVE_LISTS, "a", "b"), account)
    assert results == {"a@x.org": ("done", "")}
    assert [one.addresses for one in said.value.fallback] == [("b@x.org",)]


def test_nobody_is_put_on_a_list_again_when_a_job_reached_more_than_show_it():
    counts = {"items_total_count": 3, "items_completed_count": 2}
    account = Account(
        contacts=[person("a", lists=["l1", "l2"]), person("b"), person("c")],
        activity={"state": "completed", "activity_errors": ["one failed"], "status": counts},
    )
    said, results = send(operation(ADD_LISTS, "a", "b", "c"), account)
    assert set(results.values()) == {("done", "")}  # so that the memory knows that they were on it
    assert said.value.fallback == ()


def test_nobody_is_taken_off_a_list_again_when_a_job_reached_more_than_show_it():
    counts = {"items_total_count": 3, "items_completed_count": 2}
    account = Account(
        contacts=[person("a"), person("b", lists=["l1"]), person("c", lists=["l2"])],
        activity={"state": "completed", "activity_errors": ["one failed"], "status": counts},
    )
    said, results = send(operation(REMOVE_LISTS, "a", "b", "c"), account)
    assert {name: result for name, (result, _) in results.items()} == {
        "a@x.org": "done", "b@x.org": "conflict", "c@x.org": "conflict"
    }  # fmt: skip
    assert said.value.fallback == ()


def test_a_job_that_does_nothing_is_halved_until_so_many_did_nothing():
    account, memory = Account(contacts=[person("a"), person("b")], activity={"state": "failed"}), Memory()
    for _ in range(19):
        said, results = send(operation(ADD_LISTS, "a", "b"), account, memory)
        assert results == {}
        assert [one.addresses for one in said.value.fallback] == [("a@x.org",), ("b@x.org",)]
    said, results = send(operation(ADD_LISTS, "a", "b"), account, memory)
    words = ("failed", "the activity ended as failed")
    assert (results, said.value.fallback) == ({"a@x.org": words, "b@x.org": words}, ())


def test_a_refused_job_is_halved_down_to_the_contact_that_it_stumbles_on():
    said, results = send(operation(ADD_LISTS, "a", "b", "c"), Account(status=400))
    assert results == {}
    assert [one.addresses for one in said.value.fallback] == [("a@x.org",), ("b@x.org", "c@x.org")]
    _, results = send(said.value.fallback[0], Account(status=400))
    assert results == {"a@x.org": ("failed", "no")}


@pytest.mark.parametrize(
    ("route", "as_promised", "not_yet"),
    [
        (ADD_LISTS, person("a", lists=["l1", "l2", "l3"]), person("b", lists=["l1"])),
        (REMOVE_LISTS, person("a", lists=["l3"]), person("b", lists=["l1"])),
        (ADD_TAGS, person("a", tags=["t1"]), person("b")),
    ],
)
@pytest.mark.parametrize("activity", [{"state": "cancelled"}, {"state": "timed_out"}])
def test_settling_reads_who_is_as_promised_and_sends_the_others_again(route, as_promised, not_yet, activity):
    op = operation(route, "a", "b")
    account = Account(contacts=[as_promised, not_yet], activity=activity)
    said = talk(settle_memberships(op, {"activity_id": "a1"}, Memory()), account)
    assert {request.method for request in said.requests} == {"GET"}
    assert [(one.address, one.result) for one in said.value.results] == [("a@x.org", "done")]
    (again,) = said.value.fallback
    assert (again.route, again.addresses) == (route, ("b@x.org",))
    assert again.id != op.id


@pytest.mark.parametrize("detail", [{"sent": 2, "out": {}}, {"activity_id": "of weeks ago"}])
@pytest.mark.parametrize(
    ("route", "as_promised", "otherwise", "told"),
    [
        (ADD_LISTS, person("a", lists=["l1", "l2"]), person("b", lists=["l1"]), "done"),
        (REMOVE_LISTS, person("a"), person("b", lists=["l1"]), "conflict"),
    ],
)
def test_a_job_of_which_nothing_is_known_but_that_it_shows_is_not_sent_again(
    route, as_promised, otherwise, told, detail
):
    account = Account(contacts=[as_promised, otherwise], activity={})
    said = talk(settle_memberships(operation(route, "a", "b"), detail, Memory()), account)
    assert [(one.address, one.result) for one in said.value.results] == [("a@x.org", "done"), ("b@x.org", told)]
    assert said.value.fallback == ()


def test_tags_of_such_a_job_are_sent_again_since_nobody_tags_themselves():
    account = Account(contacts=[person("a", tags=["t1"]), person("b")])
    said = talk(settle_memberships(operation(ADD_TAGS, "a", "b"), {"sent": 2, "out": {}}, Memory()), account)
    assert [one.addresses for one in said.value.fallback] == [("b@x.org",)]


@pytest.mark.parametrize("route", ROUTES)
def test_of_a_job_that_was_never_sent_nothing_shows_and_nobody_is_done(route):
    op = operation(route, "a", "b")
    said = talk(settle_memberships(op, {}, Memory()), Account(contacts=[person("a", lists=["l1", "l2"]), person("b")]))
    assert (said.value.results, said.value.fallback, said.requests) == ((), (op,), [])


@pytest.mark.parametrize("state", ["completed", "cancelled", "timed_out", "failed"])
def test_nobody_is_put_back_after_a_job_that_counts_more_than_show_it_however_it_ended(state):
    counts = {"items_total_count": 2, "items_completed_count": 2}
    activity = {"state": state, "activity_errors": ["trouble"], "status": counts}
    account = Account(contacts=[person("a", lists=["l1", "l2"]), person("b", lists=["l1"])], activity=activity)
    said = talk(settle_memberships(operation(ADD_LISTS, "a", "b"), {"activity_id": "a1"}, Memory()), account)
    assert [(one.address, one.result) for one in said.value.results] == [("a@x.org", "done"), ("b@x.org", "done")]
    assert said.value.fallback == ()


def test_of_a_journal_that_does_not_say_who_was_left_out_everybody_is_looked_at():
    account = Account(contacts=[person("a"), person("b", lists=["l1", "l2"])])
    detail = {"activity_id": "a1", "sent": 1}
    said = talk(settle_memberships(operation(ADD_LISTS, "a", "b"), detail, Memory()), account)
    assert [(one.address, one.result) for one in said.value.results] == [("b@x.org", "done")]
    assert [one.addresses for one in said.value.fallback] == [("a@x.org",)]  # which reads again whether they left


def test_who_was_left_out_of_a_job_is_told_so_when_it_is_settled():
    account = Account(left=[person("a", "unsubscribed")], contacts=[person("b", lists=["l1", "l2"])])
    op = operation(ADD_LISTS, "a", "b")
    *_, sent = send(op, account)[0].checkpoints
    said = talk(settle_memberships(op, sent.detail, Memory()), account)
    words = "changed in the account since the plan: now unsubscribed"
    assert [(one.address, one.result, one.words) for one in said.value.results] == [
        ("a@x.org", "conflict", words), ("b@x.org", "done", "")
    ]  # fmt: skip


def test_who_leaves_the_list_after_a_job_that_reached_everybody_was_on_it_and_is_not_put_back():
    account = Account(contacts=[person("a", lists=["l1", "l2"]), person("b", lists=["l1"])])
    said = talk(settle_memberships(operation(ADD_LISTS, "a", "b"), {"activity_id": "a1"}, Memory()), account)
    assert [(one.address, one.result) for one in said.value.results] == [("a@x.org", "done"), ("b@x.org", "done")]
    assert said.value.fallback == ()


def test_a_job_of_which_nothing_shows_is_sent_again_as_it_was():
    op = operation(ADD_LISTS, "a", "b")
    said = talk(settle_memberships(op, {"sent": 2, "out": {}}, Memory()), Account(contacts=[person("a"), person("b")]))
    assert said.value.fallback == (op,)


def test_many_contacts_are_judged_by_the_pages_of_their_lists():
    names = [f"n{n:03}" for n in range(60)]
    account = Account(contacts=[person(name, lists=["l1", "l2"]) for name in names[:50]])
    account.activity = {"state": "cancelled"}
    said = talk(settle_memberships(operation(ADD_LISTS, *names), {"activity_id": "a1"}, Memory()), account)
    assert len(said.value.results) == 50
    assert len(read_load(said.value.fallback[0]).entries) == 10
    assert len(said.requests) == 2
