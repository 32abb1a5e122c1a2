import pytest

from ctct_etl.account.dialect import Response
from ctct_etl.account.v3.words import expect_object, words_of
from ctct_etl.errors import AccountError


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ([{"error_key": "contacts.api.conflict", "error_message": "Email exists"}], "Email exists"),
        ([{"error_message": "one"}, {"error_message": "two"}], "one; two"),
        ({"error_key": "unauthorized", "error_message": "Unauthorized"}, "Unauthorized"),
        ({"error_key": "only.a.key"}, "only.a.key"),
        ({"error": "invalid_grant", "error_description": "expired"}, "expired"),
        (["plain text"], "plain text"),
        (None, "HTTP 400 without a word"),
        ({}, "HTTP 400 without a word"),
        ([7], "HTTP 400 without a word"),
    ],
)
def test_the_services_words_are_found_in_every_known_shape(body, words):
    assert words_of(Response(400, body)) == words


def test_a_whole_page_is_cut():
    assert len(words_of(Response(400, "x" * 10_000))) == 500


@pytest.mark.parametrize("response", [Response(404, None), Response(200, ["no object"]), Response(200, None)])
def test_an_answer_that_is_no_object_is_an_error_that_names_what_was_read(response):
    with pytest.raises(AccountError, match="summary"):
        expect_object(response, "summary")
