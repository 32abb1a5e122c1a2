"""Refusals in the form of the v1 service: one line of plain text, `Error 400: ...` [F-ATOM400, F-LASTLIST].

That form is known of 400 only, and a page of HTML of 403 [F-403]; the bodies of the other statuses are not known, and
the sandbox gives them the form of the 400.
"""

from flask import Response
from werkzeug.exceptions import HTTPException

FORBIDDEN_PAGE = "<html><head><title>403 Forbidden</title></head><body><h1>Forbidden</h1></body></html>\n"
DOWNTIME_PAGE = "<html><head><title>Maintenance</title></head><body><h1>We will be back soon</h1></body></html>\n"

OVER_QPS = '[{"error_key":"mashery.not.authorized.over.qps","error_message":"Over queries per second limit"}]'
OVER_QUOTA = '[{"error_message":"Over rate limit"}]'
"""The gateway's own bodies [F-RATE]; the key of the first is what later clients look for."""


class Refusal(Exception):
    """Ends the request with this status and message."""

    def __init__(self, status: int, message: str, page: str | None = None) -> None:
        super().__init__(status, message)
        self.status, self.message, self.page = status, message, page


def invalid(message: str) -> Refusal:
    return Refusal(400, message)


def not_found(what: str) -> Refusal:
    return Refusal(404, f"{what} was not found")


def forbidden() -> Refusal:
    """The web server's page, which stands before the service [F-403]."""
    return Refusal(403, "Forbidden", FORBIDDEN_PAGE)


def over_limit(page: str) -> Refusal:
    return Refusal(403, "Over limit", page)


def answer_refusal(refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal), "registered for refusals only"
    if refusal.page is not None:
        kind = "application/json" if refusal.page.startswith("[") else "text/html"
        return Response(refusal.page, refusal.status, content_type=kind)
    return _answer_line(refusal.status, refusal.message)


def answer_http_error(error: HTTPException) -> Response:
    """What Flask itself refuses; a method that a resource does not know is 415 here [D-ERR]."""
    if error.code == 405:
        return _answer_line(415, "the method is not supported by this resource")
    return _answer_line(error.code or 500, str(error.name))


def _answer_line(status: int, message: str) -> Response:
    line = " ".join(message.split())
    headers = {"WWW-Authenticate": 'Basic realm="api.constantcontact.com"'} if status == 401 else None
    return Response(f"Error {status}: {line}", status, headers, content_type="text/plain; charset=utf-8")
