"""The checker catches what it is for. These run without the provider's document."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest

from tests.contract.checking import Checker, Contract, Exchange
from tests.contract.known_faults import ABSENT, Fault

PERSON = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "maxLength": 5},
        "born": {"type": "string", "format": "date"},
        "seen": {"type": "string", "format": "date-time"},
        "key": {"type": "string", "format": "uuid"},
    },
}
DOCUMENT: dict[str, Any] = {
    "basePath": "/v3",
    "definitions": {"Person": PERSON},
    "paths": {
        "/people/{id}": {
            "get": {"responses": {"200": {"schema": {"$ref": "#/definitions/Person"}}, "404": {}}},
            "put": {
                "consumes": ["application/json"],
                "parameters": [
                    {"name": "id", "in": "path", "type": "string"},
                    {"name": "body", "in": "body", "schema": {"$ref": "#/definitions/Person"}},
                ],
                "responses": {"204": {}, "400": {}},
            },
        },
        "/people": {
            "get": {
                "parameters": [
                    {"name": "limit", "in": "query", "type": "integer", "maximum": 10},
                    {"name": "sort", "in": "query", "type": "string", "format": "csv", "enum": ["a", "b"]},
                ],
                "responses": {"200": {}},
            }
        },
        "/people/count": {"get": {"responses": {"200": {}}}},
    },
}


def deviations(
    method: str, path: str, status: int = 200, query: str = "", body: Any = None, answer: Any = None
) -> list[str]:
    sent, got = (b"" if part is None else json.dumps(part).encode() for part in (body, answer))
    kind = "application/json"
    exchange = Exchange(method, "/v3" + path, query, kind if sent else "", sent, status, kind, got)
    return [f"{deviation.side}: {deviation.what}" for deviation in Contract(DOCUMENT).check(exchange)]


def test_an_exchange_as_declared_has_no_deviation() -> None:
    person = {
        "name": "Ann",
        "born": "2000-02-03",
        "seen": "2026-01-02T03:04:05Z",
        "key": "1" * 8 + "-1111" * 3 + "-" + "1" * 12,
    }
    assert deviations("GET", "/people/7", answer=person) == []
    assert deviations("PUT", "/people/7", 204, body=person) == []
    assert deviations("GET", "/people", query="limit=10&sort=a,b") == []


@pytest.mark.parametrize(("method", "path"), [("GET", "/persons"), ("POST", "/people"), ("GET", "/people/7/more")])
def test_an_unknown_operation_is_a_deviation(method: str, path: str) -> None:
    assert deviations(method, path) == ["request: no such operation"]


@pytest.mark.parametrize(
    ("query", "what"),
    [
        ("lmit=3", "request: parameter lmit is not declared"),
        ("limit=many", "request: parameter limit: 'many' is not of type integer"),
        ("limit=11", "request: parameter limit: 11 is greater than the maximum of 10"),
        ("sort=a,c", "request: parameter sort: 'c' is not one of ['a', 'b']"),
    ],
)
def test_a_wrong_query_is_a_deviation(query: str, what: str) -> None:
    assert deviations("GET", "/people", query=query) == [what]


@pytest.mark.parametrize(
    ("person", "what"),
    [
        ({}, "body: 'name' is a required property"),
        ({"name": None}, "name: None is not of type 'string'"),
        ({"name": "Annabel"}, "name: 'Annabel' is too long"),
        ({"name": "Ann", "nmae": 1}, "body: Additional properties are not allowed ('nmae' was unexpected)"),
        ({"name": "Ann", "born": "03/02/2000"}, "born: '03/02/2000' is not a 'date'"),
        ({"name": "Ann", "seen": "2026-01-02T03:04:05"}, "seen: '2026-01-02T03:04:05' is not a 'date-time'"),
        ({"name": "Ann", "key": "7"}, "key: '7' is not a 'uuid'"),
    ],
)
def test_a_wrong_body_is_a_deviation_on_either_side(person: dict[str, Any], what: str) -> None:
    assert deviations("PUT", "/people/7", 204, body=person) == [f"request: {what}"]
    assert deviations("GET", "/people/7", answer=person) == [f"answer: {what}"]


def test_an_undeclared_status_is_a_deviation() -> None:
    assert deviations("GET", "/people/7", 409) == ["answer: status 409 is not declared"]


def test_a_fixed_path_is_not_taken_for_a_parameter() -> None:
    found = Contract(DOCUMENT).find_operation("GET", "/people/count")
    assert found is not None and found[0] == "GET /people/count"


def test_a_fault_of_the_document_is_mended_by_its_patch() -> None:
    fault = Fault(("paths", "*", "*", "responses", "409"), ABSENT, {}, "left out")
    exchange = Exchange("GET", "/v3/people", "", "", b"", 409, "", b"")
    assert list(Contract(DOCUMENT, [fault]).check(exchange)) == []


def test_the_middleware_checks_what_passes_and_counts_what_succeeded() -> None:
    checker = Checker(Contract(DOCUMENT))
    _ask(checker, "/v3/people/7", "200 OK", b'{"name": "Ann"}')
    _ask(checker, "/elsewhere", "200 OK", b"")
    checker.assert_clean()
    assert checker.exercised == {"GET /people/{id}"}
    _ask(checker, "/v3/people/7", "200 OK", b'{"name": 5}')
    with pytest.raises(AssertionError, match="name: 5 is not of type 'string'"):
        checker.assert_clean(refused_may_deviate=True)


def test_a_wrong_request_may_pass_only_if_it_was_refused() -> None:
    checker = Checker(Contract(DOCUMENT))
    _ask(checker, "/v3/persons", "404 NOT FOUND", b"")
    checker.assert_clean(refused_may_deviate=True)
    with pytest.raises(AssertionError, match="no such operation"):
        checker.assert_clean()


def _ask(checker: Checker, path: str, status: str, answer: bytes) -> None:
    def app(environ: dict[str, Any], start: Any) -> list[bytes]:
        start(status, [("Content-Type", "application/json")])
        return [answer]

    environ = {"PATH_INFO": path, "REQUEST_METHOD": "GET", "wsgi.input": BytesIO(), "QUERY_STRING": ""}
    assert checker.wrap(app)(environ, lambda status, headers: None) == [answer]
