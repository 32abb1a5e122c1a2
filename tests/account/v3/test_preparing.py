import pytest

from ctct_etl.account.dialect import Prerequisites, Response
from ctct_etl.account.v3.preparing import prepare_account
from ctct_etl.errors import AccountError, Unsettled
from tests.account.plans import talk
from tests.tables import snapshot

KNOWN = snapshot([{"email": "a@x.org"}], lists=["News"], tags=["vip"])
WANTED = Prerequisites(lists=("News", "Trips"), custom_fields=("Tier",), tags=("vip", "new"))


def prepare(answer, wanted=WANTED):
    return talk(prepare_account(wanted, KNOWN), answer)


def made(request):
    return Response(
        201,
        {
            "/contact_lists": {"list_id": "l9", "name": "Trips"},
            "/contact_custom_fields": {"custom_field_id": "c9", "label": "Tier", "name": "tier_x", "type": "string"},
            "/contact_tags": {"tag_id": "t9", "name": "new"},
        }[request.path],
    )


def test_only_what_is_missing_is_made():
    said = prepare(made)
    assert [(request.path, request.body) for request in said.requests] == [
        ("/contact_lists", {"name": "Trips"}),
        ("/contact_custom_fields", {"label": "Tier", "type": "string"}),
        ("/contact_tags", {"name": "new"}),
    ]
    after = said.value
    assert (after.lists["Trips"], after.lists["News"], after.tags["new"]) == ("l9", "list-News", "t9")
    assert (after.custom_fields["Tier"].id, after.custom_fields["Tier"].name) == ("c9", "tier_x")
    assert after.contacts["custom.Tier"].tolist() == [""]
    assert "custom.Tier" not in KNOWN.contacts


def test_nothing_wanted_is_nothing_sent():
    assert prepare(made, Prerequisites()).requests == []


def test_a_name_that_exists_meanwhile_is_looked_up():
    def answer(request):
        if request.method == "POST":
            return Response(409, [{"error_message": "exists"}])
        return Response(200, {"lists": [{"name": "Trips", "list_id": "theirs"}]})

    said = prepare(answer, Prerequisites(lists=("Trips",)))
    assert said.value.lists["Trips"] == "theirs"
    assert said.lines == ["POST /contact_lists", "GET /contact_lists"]


def test_a_name_that_is_refused_stops_with_the_services_own_words():
    with pytest.raises(AccountError, match="too many lists"):
        prepare(lambda request: Response(400, [{"error_message": "too many lists"}]), Prerequisites(lists=("Trips",)))


def test_a_409_that_can_not_be_found_stops():
    def answer(request):
        return Response(409, [{"error_message": "exists"}]) if request.method == "POST" else Response(200, {})

    with pytest.raises(AccountError, match="exists"):
        prepare(answer, Prerequisites(tags=("new",)))


@pytest.mark.parametrize("effect", [True, False])
def test_a_lost_answer_is_settled_by_looking(effect):
    tags = [{"name": "new", "tag_id": "t9"}] if effect else []
    replies = iter([Unsettled("lost"), Response(200, {"tags": tags}), Response(201, {"tag_id": "t9"})])
    said = prepare(lambda request: next(replies), Prerequisites(tags=("new",)))
    assert said.value.tags["new"] == "t9"
    assert said.lines == ["POST /contact_tags", "GET /contact_tags"] + ([] if effect else ["POST /contact_tags"])


def test_a_second_lost_answer_is_not_swallowed():
    def answer(request):
        return Unsettled("lost") if request.method == "POST" else Response(200, {"tags": []})

    with pytest.raises(Unsettled):
        prepare(answer, Prerequisites(tags=("new",)))


def test_the_sandbox_makes_them_and_the_plan_can_use_them(serve):
    served = serve([{"list": {"name": "News"}}])
    session, dialect = served.account.session, served.account.dialect
    after = session.converse(dialect.prepare(WANTED, served.snapshot()))
    again = served.snapshot()
    assert (again.lists, again.tags, again.custom_fields) == (after.lists, after.tags, after.custom_fields)
    assert set(again.lists) == {"News", "Trips"}
