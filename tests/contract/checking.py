"""Checks every exchange with the sandbox against the provider's own OpenAPI (Swagger 2.0) document.

    checker = Checker.from_environment()            # None without CTCT_OPENAPI
    with start_sandbox(wrap=checker.wrap if checker else None) as sandbox:
        ...                                         # the program, or a test, at work
    checker.assert_clean()
    assert checker.exercised >= OPERATIONS_OF_THE_PROGRAM

A request is checked for path, method, query parameters, content type and body; an answer for its status and
body. Undeclared properties are deviations too. What is wrong in the document itself is in `known_faults.py`.
"""

from __future__ import annotations

import copy
import json
import os
import re
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import jsonschema
import yaml

from tests.contract.known_faults import ABSENT, KNOWN_FAULTS, Fault

VARIABLE = "CTCT_OPENAPI"
WHY_SKIPPED = f"needs the provider's OpenAPI file: set {VARIABLE} to its path"

_FORMATS = jsonschema.FormatChecker(formats=())
_TYPES: dict[str, Callable[[str], Any]] = {
    "integer": int,
    "number": float,
    "boolean": {"true": True, "false": False}.__getitem__,
}


@_FORMATS.checks("uuid", raises=ValueError)
def _is_uuid(value: object) -> bool:
    return not isinstance(value, str) or str(uuid.UUID(value)) == value.lower()


@_FORMATS.checks("date", raises=ValueError)
def _is_date(value: object) -> bool:
    return not isinstance(value, str) or bool(date.fromisoformat(value))


@_FORMATS.checks("date-time", raises=ValueError)
def _is_moment(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@dataclass(frozen=True)
class Exchange:
    method: str
    path: str
    query: str
    content_type: str
    body: bytes
    status: int
    answer_type: str
    answer: bytes


@dataclass(frozen=True)
class Deviation:
    operation: str
    side: str  # request | answer
    what: str
    status: int

    def __str__(self) -> str:
        return f"{self.operation} ({self.status}), {self.side}: {self.what}"


class Contract:
    """The document, mended by the table of its known faults."""

    def __init__(self, document: dict[str, Any], faults: Iterable[Fault] = ()) -> None:
        document = copy.deepcopy(document)
        for fault in faults:
            for holder, key in find_places(document, fault.place):
                _put(holder, key, fault.truth)
        for schema in _find_schemas(document):
            if "properties" in schema:
                schema.setdefault("additionalProperties", False)
        self.base = str(document.get("basePath", ""))
        self._definitions = document.get("definitions", {})
        self._paths = [(_shape(path), path, calls) for path, calls in document["paths"].items()]
        # A fixed segment beats a parameter: /contacts/counts is not a contact called "counts".
        self._paths.sort(key=lambda item: item[1].count("{"))

    def find_operation(self, method: str, path: str) -> tuple[str, dict[str, Any]] | None:
        """The operation's name ("GET /contacts/{contact_id}") and declaration."""
        for shape, template, calls in self._paths:
            if shape.fullmatch(path) and method.lower() in calls:
                return f"{method} {template}", calls[method.lower()]
        return None

    def check(self, exchange: Exchange) -> Iterator[Deviation]:
        """Everything in the exchange that the document does not say."""
        found = self.find_operation(exchange.method, exchange.path.removeprefix(self.base))
        if found is None:
            yield Deviation(f"{exchange.method} {exchange.path}", "request", "no such operation", exchange.status)
            return
        name, operation = found
        for what in self._check_request(operation, exchange):
            yield Deviation(name, "request", what, exchange.status)
        for what in self._check_answer(operation, exchange):
            yield Deviation(name, "answer", what, exchange.status)

    def _check_request(self, operation: dict[str, Any], exchange: Exchange) -> Iterator[str]:
        parameters = operation.get("parameters", [])
        yield from self._check_query([part for part in parameters if part["in"] == "query"], exchange.query)
        bodies = [part for part in parameters if part["in"] == "body"]
        if bodies:
            yield from self._check_kind(operation.get("consumes") or ["application/json"], exchange.content_type)
            yield from self._check_json(bodies[0]["schema"], exchange.body)
        elif any(part["in"] == "formData" for part in parameters):
            yield from self._check_kind(operation["consumes"], exchange.content_type)
        elif exchange.body:
            yield "has a body, none is declared"

    def _check_query(self, declared: list[dict[str, Any]], query: str) -> Iterator[str]:
        by_name = {part["name"]: part for part in declared}
        sent = dict(parse_qsl(query, keep_blank_values=True))
        for name, part in by_name.items():
            if part.get("required") and name not in sent:
                yield f"parameter {name} is missing"
        for name, text in sent.items():
            if name not in by_name:
                yield f"parameter {name} is not declared"
                continue
            part = by_name[name]
            is_csv = part.get("format") == "csv"
            schema = {key: part[key] for key in ("type", "enum", "minimum", "maximum") if key in part}
            for piece in text.split(",") if is_csv else [text]:
                yield from (f"parameter {name}: {what}" for what in self._check_parameter(schema, piece))

    def _check_parameter(self, schema: dict[str, Any], text: str) -> Iterator[str]:
        try:
            value = _TYPES.get(schema["type"], str)(text)
        except (ValueError, KeyError):
            yield f"{text!r} is not of type {schema['type']}"
            return
        if isinstance(value, str):  # `maximum` on a text is meant as a number of items, and says nothing formally
            schema = {key: part for key, part in schema.items() if key not in ("minimum", "maximum")}
        yield from (error.message for error in jsonschema.Draft4Validator(schema).iter_errors(value))

    def _check_kind(self, declared: list[str], kind: str) -> Iterator[str]:
        if kind.partition(";")[0].strip() not in (*declared, "*/*"):
            yield f"content type {kind!r} is none of {declared}"

    def _check_json(self, schema: dict[str, Any], content: bytes) -> Iterator[str]:
        try:
            value = json.loads(content)
        except ValueError:
            yield "the body is not JSON"
            return
        whole = {**schema, "definitions": self._definitions}
        validator = jsonschema.Draft4Validator(whole, format_checker=_FORMATS)
        for error in validator.iter_errors(value):
            yield f"{'.'.join(map(str, error.absolute_path)) or 'body'}: {error.message[:200]}"

    def _check_answer(self, operation: dict[str, Any], exchange: Exchange) -> Iterator[str]:
        declared = operation["responses"].get(str(exchange.status))
        if declared is None:
            yield f"status {exchange.status} is not declared"
            return
        if exchange.status == 204 and exchange.answer:
            yield "has a body, 204 can't"
        if "schema" in declared and exchange.status < 300:
            kinds = operation.get("produces") or ["application/json"]
            yield from self._check_kind(kinds, exchange.answer_type)
            if kinds == ["application/json"]:
                yield from self._check_json(declared["schema"], exchange.answer)


class Checker:
    """WSGI middleware that checks what passes. Threads may pass through it at once."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._lock = threading.Lock()
        self.exercised: set[str] = set()
        """Operations that were answered with success, such as "GET /contacts/{contact_id}"."""
        self.deviations: list[Deviation] = []

    @classmethod
    def from_environment(cls) -> Checker | None:
        """A checker over the document that CTCT_OPENAPI names; None when it names none."""
        path = os.environ.get(VARIABLE)
        return cls(read_contract(Path(path))) if path else None

    def wrap(self, app: Any) -> Any:
        def checked(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = BytesIO(body)
            told: dict[str, Any] = {}

            def note(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
                told.update(status=int(status[:3]), kind=dict(headers).get("Content-Type", ""))
                return start(status, headers, *rest)

            pieces = app(environ, note)
            answer = b"".join(pieces)
            if hasattr(pieces, "close"):
                pieces.close()
            self._take(environ, body, told, answer)
            return [answer]

        return checked

    def assert_clean(self, refused_may_deviate: bool = False) -> None:
        """Raise AssertionError naming the deviations. `refused_may_deviate`: a test sends wrong requests on
        purpose, so a request that was refused (4xx) may be wrong, and only then."""
        wrong = [
            deviation
            for deviation in self.deviations
            if not (refused_may_deviate and deviation.side == "request" and 400 <= deviation.status < 500)
        ]
        unique = list(dict.fromkeys(map(str, wrong)))
        assert not unique, "not as the provider's document says:\n  " + "\n  ".join(unique[:20])

    def _take(self, environ: dict[str, Any], body: bytes, told: dict[str, Any], answer: bytes) -> None:
        path = environ["PATH_INFO"]
        if not path.startswith(self._contract.base + "/"):
            return
        exchange = Exchange(
            method=environ["REQUEST_METHOD"],
            path=path,
            query=environ.get("QUERY_STRING", ""),
            content_type=environ.get("CONTENT_TYPE", ""),
            body=body,
            status=told["status"],
            answer_type=told["kind"],
            answer=answer,
        )
        deviations = list(self._contract.check(exchange))
        found = self._contract.find_operation(exchange.method, path.removeprefix(self._contract.base))
        with self._lock:
            self.deviations += deviations
            if found and exchange.status < 300:
                self.exercised.add(found[0])


def read_document(path: Path) -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document: dict[str, Any] = yaml.load(path.read_bytes(), Loader=loader)
    return document


_CONTRACTS: dict[Path, Contract] = {}


def read_contract(path: Path) -> Contract:
    """The mended document; read once in a process, for it takes seconds."""
    if path not in _CONTRACTS:
        _CONTRACTS[path] = Contract(read_document(path), KNOWN_FAULTS)
    return _CONTRACTS[path]


def find_places(document: Any, place: tuple[str, ...]) -> list[tuple[Any, Any]]:
    """Holders and keys that a fault's place means."""
    holders = [document]
    for key in place[:-1]:
        if key == "*":
            holders = [part for holder in holders for part in holder.values() if isinstance(part, dict)]
        else:
            holders = [holder[int(key)] if isinstance(holder, list) else holder[key] for holder in holders]
    return [(holder, place[-1]) for holder in holders]


def read_place(holder: Any, key: str) -> Any:
    """What the document says at a place, ABSENT for nothing."""
    if key == "+":
        return ABSENT
    return holder.get(key, ABSENT)


def _put(holder: Any, key: str, truth: Any) -> None:
    if key == "+":
        holder.append(truth)
    elif key != "429" or key not in holder:
        holder[key] = truth


def _shape(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(path)))


def _find_schemas(part: Any) -> Iterator[dict[str, Any]]:
    """All objects in the document that may be schemas."""
    if isinstance(part, dict):
        if part.get("type") == "object" and isinstance(part.get("properties"), dict):
            yield part
        for value in part.values():
            yield from _find_schemas(value)
    elif isinstance(part, list):
        for value in part:
            yield from _find_schemas(value)
