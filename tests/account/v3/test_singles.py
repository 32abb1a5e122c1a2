from dataclasses import replace
from itertools import chain, repeat

import pytest

from ctct_etl.account.dialect import Response
from ctct_etl.account.entries import Entry, Load, make_operation, read_load
from ctct_etl.account.v3.adapter import V3
from ctct_etl.account.v3.comparing import ARRAYS
from ctct_etl.account.v3.memory import Memory
from ctct_etl.account.v3.singles import send_post, send_put, settle_post, settle_put
from ctct_etl.errors import Denied, Rejected, TurnedAway, Unsettled
from ctct_etl.plan.snapshot import CustomField
from ctct_etl.plan.tables import POST_CONTACT, PUT_CONTACT
from tests.account.plans import talk

ID = "11111111-1111-4111-8111-111111111111"
CUSTOMS = {"Tier": CustomField("c1", "Tier", "single_select", "tier", {"Gold": "1"})}
CONFLICT_WORDS = f"Validation failed: Email already exists for contact {ID}"
EVERYTHING = {*ARRAYS, "permission implicit"}  # what the service was seen to keep
CONFLICT_BODY = [{"error_key": "contacts.api.conflict", "error_message": CONFLICT_WORDS}]


def contact(first_name="Ann", status="implicit", lists=("l1",), address="ann@x.org", **more):
    return {
        "contact_id": ID,
        "email_address": {"address": address, "permission_to_send": status},
        "first_name": first_name,
        "list_memberships": list(lists),
        "taggings": ["t1"],
        **more,
    }


def post(after=None):
    entry = Entry("ann@x.org", after=after or {"first_name": "Ann"}, lists=("l1",), permission="implicit")
    return make_operation(POST_CONTACT, Load((entry,), CUSTOMS, "2026-01-01T00:00:00Z"))


def put(before="Ann", after="Anna", status="implicit", **fields):
    entry = Entry("ann@x.org", ID, status, before={"first_name": before, **dict.fromkeys(fields, "")},
                  after={"first_name": after, **fields})  # fmt: skip
    return make_operation(PUT_CONTACT, Load((entry,), CUSTOMS, "2026-01-01T00:00:00Z"))


def result(said):
    (one,) = said.value.results
    return one.result, one.words


class TestPost:
    def send(self, answer, found=None, by_id=None):
        def reply(request):
            if request.method == "POST":
                return answer
            if request.path == "/contacts":
                return Response(200, {"contacts": found or []})
            return Response(200, by_id) if by_id else Response(404, None)

        return talk(send_post(post(), Memory()), reply)

    def test_created_is_done_in_one_request(self):
        said = self.send(Response(201, {"contact_id": ID}))
        assert (result(said), said.lines) == (("done", ""), ["POST /contacts"])

    def test_a_refusal_is_told_in_the_services_own_words(self):
        said = self.send(Response(400, [{"error_message": "email is not valid"}]))
        assert result(said) == ("failed", "email is not valid")

    def test_a_409_over_our_own_lost_write_is_done(self):
        assert result(self.send(Response(409, CONFLICT_BODY), found=[contact()])) == ("done", "")

    @pytest.mark.parametrize(
        "other",
        [
            contact(first_name="Else"),
            contact(lists=()),
            contact(status="unsubscribed"),
            contact(status="explicit"),
            contact(deleted_at="2026-01-01"),
        ],
    )
    def test_a_409_over_another_contact_is_a_conflict_and_nothing_more_is_written(self, other):
        said = self.send(Response(409, CONFLICT_BODY), found=[other])
        assert result(said) == ("conflict", CONFLICT_WORDS)
        assert [line for line in said.lines if not line.startswith("GET")] == ["POST /contacts"]

    def test_a_contact_that_the_filter_does_not_find_is_read_by_the_id_in_the_words(self):
        said = self.send(Response(409, CONFLICT_BODY), by_id=contact(address="Ann@X.org"))
        assert result(said) == ("done", "")
        assert said.lines[-1] == f"GET /contacts/{ID}"

    def test_a_409_that_can_not_be_explained_is_a_conflict(self):
        assert result(self.send(Response(409, None))) == ("conflict", "HTTP 409 without a word")

    def test_an_unknown_choice_fails_without_a_request(self):
        said = talk(send_post(post({"custom.Tier": "Lead"}), Memory()), lambda request: Response(201, {}))
        assert (result(said)[0], said.lines) == ("failed", [])

    def test_a_lost_answer_leaves_the_conversation(self):
        with pytest.raises(Unsettled):
            talk(send_post(post(), Memory()), lambda request: Unsettled("lost"))


class TestSettlingAPost:
    def settle(self, found):
        return talk(settle_post(post()), lambda request: Response(200, {"contacts": found}))

    def test_the_address_is_looked_up_whatever_its_status(self):
        query = self.settle([]).requests[0].query
        assert (query["email"], query["status"]) == ("ann@x.org", "all")

    def test_an_absent_contact_is_sent_again(self):
        assert self.settle([]).value.fallback == (post(),)

    def test_a_contact_as_promised_is_done(self):
        assert result(self.settle([contact()])) == ("done", "")

    def test_another_contact_is_a_conflict(self):
        assert result(self.settle([contact("Else")]))[0] == "conflict"


class Mended:
    """Shows a contact before an update and after it, and keeps what it is sent."""

    def __init__(self, *shown):
        self.shown, self.put, self.posted = chain(shown, repeat(shown[-1])), [], []
        self.turned_away = iter(())  # answers to PUTs after the first
        self.jobs_turned_away = iter(())  # answers to POSTs

    def __call__(self, request):
        if request.method == "PUT":
            self.put.append(request.body)
            return Response(200, {}) if len(self.put) == 1 else next(self.turned_away, Response(200, {}))
        if request.method == "POST":
            if (turned_away := next(self.jobs_turned_away, None)) is not None:
                return turned_away
            self.posted.append((request.path, request.body))
        if "/activities/" in request.path:
            return Response(201, {"activity_id": "a1", "state": "completed"})
        return Response(200, next(self.shown))


class TestPut:
    def send(self, found, operation=None, answer=None, after=None, kept=EVERYTHING):
        reads = chain([found], repeat(after if after is not None else found))

        def reply(request):
            if request.method == "PUT":
                return answer or Response(200, {})
            if "/activities/" in request.path:
                return Response(201, {"activity_id": "a1", "state": "completed"})
            read = next(reads)
            return Response(404, None) if read is None else Response(200, read)

        return talk(send_put(operation or put(), set(kept)), reply)

    def test_the_contact_is_read_whole_kept_and_then_written(self):
        said = self.send(contact())
        assert said.lines == [f"GET /contacts/{ID}", f"PUT /contacts/{ID}"]
        assert said.requests[0].query["include"].count(",") == 4
        assert said.checkpoints[0].detail == {"before": contact()}
        assert said.value.before == {"ann@x.org": contact()}
        assert said.requests[1].body == {
            "email_address": {"address": "ann@x.org", "permission_to_send": "implicit"},
            "update_source": "Account",
            "first_name": "Anna",
        }

    @pytest.mark.parametrize(
        ("moved", "words"),
        [
            (contact("Else"), "first_name"),
            (contact(status="unsubscribed"), "implicit → unsubscribed"),
            (contact(status="explicit"), "implicit → explicit"),
            (contact(deleted_at="2026-01-01"), "deleted since the plan"),
            (contact(address="new@x.org"), "its address changed"),
            (None, "does not know this contact"),
        ],
    )
    def test_a_contact_that_moved_is_left_untouched(self, moved, words):
        said = self.send(moved)
        assert result(said)[0] == "conflict"
        assert words in result(said)[1]
        assert said.lines == [f"GET /contacts/{ID}"]

    @pytest.mark.parametrize(
        ("rule", "lists", "ours", "is_"),
        [
            ({"if_in_no_list": []}, (), (), "done"),
            ({"if_in_no_list": []}, ("l1",), (), "conflict"),
            ({"if_in_no_list": []}, ("l1",), ("l1",), "done"),
            ({"if_in": ["l1", "l2"]}, ("l2",), (), "done"),
            ({"if_in": ["l1"]}, ("l2",), (), "conflict"),
            ({"if_not_in": ["l1"]}, ("l2",), (), "done"),
            ({"if_not_in": ["l1"]}, ("l1", "l2"), (), "conflict"),
            ({"if_not_in": ["l1"]}, ("l1", "l2"), ("l1",), "done"),
        ],
    )
    def test_what_the_plan_rests_on_is_judged_again_by_the_lists_as_just_read(self, rule, lists, ours, is_):
        load = read_load(put())
        entry = replace(load.entries[0], ours=ours)
        operation = make_operation(PUT_CONTACT, replace(load, entries=(entry,), rule=rule))
        said = self.send(contact(lists=lists), operation)
        assert result(said)[0] == is_
        assert ("leaves it alone now" in result(said)[1]) == (is_ == "conflict")
        assert len(said.lines) == (1 if is_ == "conflict" else 2)

    def test_an_update_that_is_to_prove_it_is_read_back_whatever_was_proved_before(self):
        operation = make_operation(PUT_CONTACT, replace(read_load(put()), prove=True))
        after = contact("Anna")
        assert self.send(contact(), operation, after=after).lines[-1] == f"GET /contacts/{ID}"

    def test_a_contact_that_is_as_promised_already_needs_no_write(self):
        said = self.send(contact("Anna"))
        assert (result(said), said.lines) == (("done", ""), [f"GET /contacts/{ID}"])

    def test_a_contact_whose_other_fields_moved_is_written_with_them(self):
        said = self.send(contact(last_name="New"))
        assert said.requests[1].body["last_name"] == "New"

    @pytest.mark.parametrize(("status", "is_"), [(400, "failed"), (404, "failed"), (409, "conflict")])
    def test_a_refusal_is_told_in_the_services_own_words(self, status, is_):
        assert result(self.send(contact(), answer=Response(status, [{"error_message": "no"}]))) == (is_, "no")

    def test_an_unknown_choice_fails_without_a_write(self):
        said = self.send(contact(), operation=put(**{"custom.Tier": "Lead"}))
        assert (result(said)[0], said.lines) == ("failed", [f"GET /contacts/{ID}"])

    def test_the_first_put_is_read_back_whole(self):
        said = self.send(contact(), after=contact("Anna"), kept=())
        assert said.lines == [f"GET /contacts/{ID}", f"PUT /contacts/{ID}", f"GET /contacts/{ID}"]
        assert result(said) == ("done", "")

    @pytest.mark.parametrize(
        ("after", "lost"),
        [
            (contact("Anna", lists=()), "list_memberships"),
            (contact("Anna", taggings=[]), "taggings"),
            (contact("Anna", status="explicit"), "permission_to_send"),
            (contact("Anna", last_name=None), "last_name"),
            (contact("Anna", last_name="Lee", custom_fields=[]), "custom_fields"),
        ],
    )
    def test_a_service_that_drops_what_a_put_leaves_out_stops_the_run(self, after, lost):
        rich = contact(last_name="Lee", custom_fields=[{"custom_field_id": "other", "value": "x"}])
        after = {**rich, **after} if lost != "last_name" else {**rich, "first_name": "Anna", "last_name": None}
        with pytest.raises(Denied, match=lost):
            self.send(rich, after=after, kept=())

    @pytest.mark.parametrize(
        "after", [contact("Anna", status="unsubscribed", lists=()), contact("Anna", deleted_at="2026-01-01", lists=())]
    )
    def test_who_leaves_between_the_update_and_its_proof_is_left_gone_and_proves_nothing(self, after):
        kept = set()
        reads = iter([contact(), after])
        said = talk(send_put(put(), kept), lambda r: Response(200, {} if r.method == "PUT" else next(reads)))
        assert (said.lines.count(f"PUT /contacts/{ID}"), result(said), kept) == (1, ("done", ""), set())

    def test_who_leaves_their_last_list_at_that_moment_is_not_put_back_by_the_mending(self):
        account = Mended(contact(), contact("Anna", lists=()))
        with pytest.raises(Denied, match="list_memberships"):
            talk(send_put(put(), set()), account)
        assert [path for path, _ in account.posted] == []

    def test_a_service_that_drops_all_that_a_put_leaves_out_is_mended_by_what_was_there(self):
        before = contact(phone_numbers=[{"kind": "home", "phone_number": "212"}])
        account = Mended(before, contact("Anna", lists=(), taggings=[], company_name="Edited"))
        with pytest.raises(Denied):
            talk(send_put(put(), set()), account)
        assert account.put[-1]["phone_numbers"] == before["phone_numbers"]
        assert account.put[-1]["company_name"] == "Edited"
        assert [path for path, _ in account.posted] == [
            "/activities/add_list_memberships", "/activities/contacts_taggings_add",
        ]  # fmt: skip

    def test_a_mending_that_has_to_wait_reads_again_and_puts_back_nobody_who_left_meanwhile(self):
        account = Mended(
            contact(last_name="Lee"),
            contact("Anna", last_name=None),
            contact("Anna", last_name=None, company_name="1"),
            contact("Anna", last_name=None, company_name="2"),
            contact("Anna", last_name=None, status="unsubscribed"),
        )
        account.turned_away = iter([TurnedAway("it throttles")] * 2)
        with pytest.raises(Denied, match="last_name"):
            talk(send_put(put(), set()), account)
        assert [body.get("company_name") for body in account.put[1:]] == ["1", "2"]
        assert all(body["last_name"] == "Lee" for body in account.put[1:])

    def test_a_mending_that_has_to_wait_for_its_lists_puts_them_back_all_the_same(self):
        before = contact(phone_numbers=[{"kind": "home", "phone_number": "212"}])
        dropped = contact("Anna", lists=(), taggings=[])
        mended = contact("Anna", lists=(), taggings=[], phone_numbers=before["phone_numbers"])
        account = Mended(before, dropped, dropped, mended)
        account.jobs_turned_away = iter([TurnedAway("it throttles")])
        with pytest.raises(Denied, match="it was put back"):
            talk(send_put(put(), set()), account)
        assert [path for path, _ in account.posted] == [
            "/activities/add_list_memberships", "/activities/contacts_taggings_add",
        ]  # fmt: skip

    @pytest.mark.parametrize("fault", [TurnedAway("it throttles"), Unsettled("lost")])
    def test_a_mending_that_can_not_be_sent_or_told_stops_the_run_all_the_same(self, fault):
        account = Mended(contact(last_name="Lee"), contact("Anna", last_name=None))
        account.turned_away = repeat(fault)
        with pytest.raises(Denied, match="whether it was put back is not known"):
            talk(send_put(put(), set()), account)

    def test_the_writes_of_a_mending_rest_on_its_read(self):
        before = contact(phone_numbers=[{"kind": "home", "phone_number": "212"}])
        account, said = Mended(before, contact("Anna", lists=(), taggings=[])), []
        with pytest.raises(Denied):
            talk(send_put(put(), set()), lambda request: said.append(request) or account(request))
        assert {request.rests_on_read for request in said if request.method != "GET"} == {True}

    @pytest.mark.parametrize("change", [{"lists": ("l2",)}, {"last_name": "Edited"}])
    def test_what_a_person_changes_at_that_moment_is_no_fault_of_the_service(self, change):
        before = contact(last_name="Lee", lists=("l1", "l2"))
        said = self.send(
            before, after=contact("Anna", **{"last_name": "Lee", "lists": ("l1", "l2"), **change}), kept=()
        )
        assert (result(said), said.lines.count(f"PUT /contacts/{ID}")) == (("done", ""), 1)

    def test_a_contact_with_little_to_lose_proves_nothing_about_what_others_hold(self):
        kept = set()
        bare = contact(lists=(), taggings=[])
        reads = chain([bare], repeat({**bare, "first_name": "Anna"}))
        talk(send_put(put(), kept), lambda r: Response(200, {} if r.method == "PUT" else next(reads)))
        with pytest.raises(Denied, match="list_memberships, taggings"):
            self.send(contact(), after=contact("Anna", lists=(), taggings=[]), kept=kept)

    def test_what_the_update_sends_itself_is_not_at_stake(self):
        phones = [{"kind": "work", "phone_number": "212"}]
        update = put(**{"phone.home": "+12125552368"})
        said = self.send(contact(phone_numbers=phones), update, kept=EVERYTHING - {"phone_numbers"})
        assert said.lines == [f"GET /contacts/{ID}", f"PUT /contacts/{ID}"]

    def test_a_read_that_the_service_refuses_concerns_this_contact_only(self):
        with pytest.raises(Rejected, match="an invalid format"):
            talk(V3().send(put()), lambda request: Response(400, [{"error_message": "an invalid format"}]))

    def test_puts_are_read_back_until_one_has_proved_the_service(self):
        dialect = V3()
        answers = {"PUT": Response(200, {}), "GET": Response(200, contact())}
        conflict = talk(dialect.send(put(status="explicit")), lambda request: answers["GET"])
        assert result(conflict)[0] == "conflict"
        lengths = []
        for _ in range(2):
            reads = iter([contact(), contact("Anna")])
            said = talk(
                dialect.send(put()),
                lambda request, reads=reads: answers["PUT"] if request.method == "PUT" else Response(200, next(reads)),
            )
            lengths.append(len(said.lines))
        assert lengths == [3, 2]


class TestSettlingAPut:
    def settle(self, found, detail=None):
        reply = Response(200, found) if found else Response(404, None)
        return talk(settle_put(put(), detail or {}), lambda request: reply)

    def test_an_update_that_shows_is_done_and_keeps_its_before_image(self):
        said = self.settle(contact("Anna"), {"before": contact()})
        assert (result(said), said.value.before) == (("done", ""), {"ann@x.org": contact()})

    def test_an_update_that_does_not_show_is_sent_again(self):
        assert self.settle(contact("Ann")).value.fallback == (put(),)

    @pytest.mark.parametrize("found", [None, contact("Else"), contact("Ann", status="unsubscribed")])
    def test_anything_else_is_a_conflict(self, found):
        assert result(self.settle(found))[0] == "conflict"

    def test_settling_only_reads(self):
        for found in (contact("Anna"), contact("Ann"), contact("Else")):
            assert {request.method for request in self.settle(found).requests} == {"GET"}
