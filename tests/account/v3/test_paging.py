import pytest

from ctct_etl.account.dialect import Request, Response
from ctct_etl.account.v3.paging import read_items
from ctct_etl.errors import AccountError
from tests.account.plans import talk


def page(items, href=None):
    return Response(200, {"contacts": items, **({"_links": {"next": {"href": href}}} if href else {})})


def test_links_are_followed_verbatim_from_the_root():
    pages = iter([page([{"n": 1}], "/v3/contacts?cursor=bGltaXQ9NQ=="), page([{"n": 2}])])
    said = talk(read_items("/contacts", "contacts", {"limit": "5"}), lambda request: next(pages))
    assert said.value == [{"n": 1}, {"n": 2}]
    assert said.requests == [
        Request("GET", "/contacts", {"limit": "5"}),
        Request("GET", "/v3/contacts?cursor=bGltaXQ9NQ==", from_root=True),
    ]


def test_a_link_with_a_host_loses_it_so_that_the_token_stays_here():
    pages = iter([page([], "https://elsewhere.example/v3/contacts?cursor=x"), page([])])
    said = talk(read_items("/contacts", "contacts", {}), lambda request: next(pages))
    assert said.requests[1].path == "/v3/contacts?cursor=x"


@pytest.mark.parametrize("href", ["/v3/account/summary?x=1", "/v3/../admin/contacts", "https://elsewhere.example/"])
def test_a_link_to_another_place_stops(href):
    with pytest.raises(AccountError, match="another place"):
        talk(read_items("/contacts", "contacts", {}), lambda request: page([], href))


def test_pages_that_go_in_a_circle_stop():
    with pytest.raises(AccountError, match="circle"):
        talk(read_items("/contacts", "contacts", {}), lambda request: page([], "/v3/contacts?cursor=x"))


@pytest.mark.parametrize("links", [None, {}, {"next": None}, {"next": {}}, {"next": {"href": ""}}, []])
def test_every_shape_of_no_next_link_is_the_last_page(links):
    body = {"contacts": [{"n": 1}, None, "text"], "_links": links}
    assert talk(read_items("/contacts", "contacts", {}), lambda request: Response(200, body)).value == [{"n": 1}]


def test_a_collection_that_is_null_is_empty():
    said = talk(read_items("/contacts", "contacts", {}), lambda request: Response(200, {"contacts": None}))
    assert said.value == []
