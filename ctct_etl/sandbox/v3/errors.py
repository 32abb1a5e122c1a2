"""Refusals in the service's own shapes.

Keys are those that are known; where the sources know no key for a case the nearest known one stands in.
"""

from typing import Any

from flask import Response
from werkzeug.exceptions import HTTPException

from ..documents import dump

INVALID = "contacts.api.validation.error"
CONFLICT = "contacts.api.conflict"
NOT_FOUND = "contacts.api.not_found"


class Refusal(Exception):
    """Ends the request with this status and body."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(status, body)
        self.status, self.body = status, body


def answer(document: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return answer_text(dump(document), status, headers)


def answer_text(text: str, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(text, status, headers, content_type="application/json")


def refuse(status: int, key: str, message: str) -> Refusal:
    """The array form, which most endpoints use."""
    return Refusal(status, [{"error_key": key, "error_message": message}])


def refuse_bare(status: int, key: str, message: str) -> Refusal:
    """The bare object of 401 and 429."""
    return Refusal(status, {"error_key": key, "error_message": message})


def invalid(*violations: str) -> Refusal:
    """400; several violations are joined by commas in one message, as the service does."""
    return refuse(400, INVALID, ", ".join(violations))


def not_found(what: str) -> Refusal:
    return refuse(404, NOT_FOUND, f"{what} was not found.")


def conflict(message: str) -> Refusal:
    return refuse(409, CONFLICT, message)


def answer_refusal(refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal), "registered for refusals only"
    return answer(refusal.body, refusal.status)


def answer_queue_full(problem: Exception) -> Response:
    """The contract has prose only for it, no key."""
    message = "Too many requests. You exceeded 1,000 queued activities for this user account."
    return answer([{"error_message": message}], 429)


def answer_http_error(error: Exception) -> Response:
    """What Flask itself refuses (unknown path, wrong method), in the service's shape."""
    assert isinstance(error, HTTPException), "registered for HTTP errors only"
    return answer([{"error_key": NOT_FOUND, "error_message": str(error.description)}], error.code or 500)
