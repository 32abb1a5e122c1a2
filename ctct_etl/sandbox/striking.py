"""What a strike does to a request and to the account round it."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from .connections import cut, hang, reset
from .documents import Document
from .fates import KEY as FATE
from .fault_wishes import ANSWERS, FATES, INSTEAD, UNHEARD
from .faults import Strike
from .oauth import expire_access_token, revoke_tokens
from .service import Service

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


@dataclass(frozen=True)
class Reply:
    status: str
    headers: list[tuple[str, str]]
    body: bytes


def strike(
    service: Service, app: "WSGIApplication", strikes: list[Strike], environ: "WSGIEnvironment", start: "StartResponse"
) -> Iterable[bytes]:
    """Serve the request as the strikes have it. Raises ConnectionError where the connection ends."""
    hit = next((one for one in strikes if one.kind in ANSWERS), None)
    kind = hit.kind if hit else ""
    released = service.faults.released
    if hit and kind == "latency":
        released.wait(hit.fault.wish.own["seconds"])
    _do_deeds(service, strikes, environ, "before")
    fated = next((one for one in strikes if one.kind in FATES), None)
    waiting = environ[FATE] = [_tell_fate(fated)] if fated else []
    is_v1 = environ["PATH_INFO"].startswith(V1)
    instead = _INSTEAD | _INSTEAD_V1 if is_v1 else _INSTEAD
    reply = instead[kind] if kind in INSTEAD else None if kind in UNHEARD else _run(app, environ)
    if fated and waiting:
        service.faults.note_miss(fated.fault, "the request queued no activity")
    _do_deeds(service, strikes, environ, "after")
    if hit and kind.startswith("hang"):
        raise hang(environ, released, hit.fault.wish.own["seconds"])
    if reply is None or kind in _ENDS:
        raise (reset if kind.startswith("reset") else cut)(environ)
    if kind == "non_json":
        reply = _make_reply(reply.status, *(_NOISE_V1 if is_v1 else _NOISE))
    start(reply.status, reply.headers)
    return _send_half(reply.body, environ) if kind == "truncated" else [reply.body]


def _tell_fate(one: Strike) -> Document:
    wish = one.fault.wish
    return {"kind": wish.kind, "seed": wish.seed, **wish.own}


def _do_deeds(service: Service, strikes: list[Strike], environ: "WSGIEnvironment", when: str) -> None:
    for one in strikes:
        if not one.is_deed(when):
            continue
        try:
            _do(service, one, _read_authorization(environ))
        except ValueError as problem:  # nobody there, no such list: the request goes its way all the same
            service.faults.note_miss(one.fault, str(problem))


def _do(service: Service, one: Strike, authorization: str) -> None:
    if one.kind == "act":
        service.act(one.fault.wish.own["act"])
        return
    with service.store.writing() as db:
        (expire_access_token if one.kind == "token_expired" else revoke_tokens)(db, authorization)


def _read_authorization(environ: "WSGIEnvironment") -> str:
    """The header, or what stands for it in the query of a v1 request."""
    token = parse_qs(environ.get("QUERY_STRING", "")).get("access_token", [""])[0]
    return str(environ.get("HTTP_AUTHORIZATION") or (f"Bearer {token}" if token else ""))


def _run(app: "WSGIApplication", environ: "WSGIEnvironment") -> Reply:
    """Let the request have its whole effect, keeping the answer back."""
    kept: list[Any] = []

    def keep(status: str, headers: list[tuple[str, str]], *_: Any) -> Callable[[bytes], object]:
        kept[:] = [status, headers]
        return lambda _: None

    answer = app(environ, keep)
    content = b"".join(answer)
    close = getattr(answer, "close", None)
    if close:
        close()
    return Reply(kept[0], kept[1], content)


def _make_reply(status: str, body: bytes, kind: str = "application/json") -> Reply:
    return Reply(status, [("Content-Type", kind), ("Content-Length", str(len(body)))], body)


def _make_error(status: str, document: object) -> Reply:
    return _make_reply(status, json.dumps(document).encode())


def _send_half(content: bytes, environ: "WSGIEnvironment") -> Iterator[bytes]:
    yield content[: len(content) // 2]
    raise cut(environ)


_ENDS = ("drop_after", "reset_after")
_PAGE = b"<!DOCTYPE html>\n<html><body><h1>Please sign in to this network</h1></body></html>\n"
_NOISE = (b'{"contacts": [{"contact_id": \x00 not JSON', "application/json")
_NOISE_V1 = (b"<?xml version='1.0' encoding='UTF-8'?>\n<feed><entry>\x00 not XML", "application/atom+xml")

_INSTEAD = {
    "throttled": _make_error("429 TOO MANY REQUESTS", {"error_key": "throttled", "error_message": "Too Many Requests"}),
    "quota_exceeded": _make_error(
        "429 TOO MANY REQUESTS", {"error_key": "quota_exceeded", "error_message": "Limit Exceeded"}
    ),
    "500": _make_error(
        "500 INTERNAL SERVER ERROR", [{"error_message": "There was a problem with our internal service."}]
    ),
    "503": _make_error(
        "503 SERVICE UNAVAILABLE", [{"error_message": "Our internal service is temporarily unavailable."}]
    ),
    "html_200": _make_reply("200 OK", _PAGE, "text/html"),
}

V1 = "/ws/"
_INSTEAD_V1 = {
    "throttled": _make_error("403 FORBIDDEN", [{"error_key": "mashery.not.authorized.over.qps"}]),
    "quota_exceeded": _make_error("403 FORBIDDEN", [{"error_message": "Over rate limit"}]),
    "500": _make_reply("500 INTERNAL SERVER ERROR", b"Error 500: Internal Server Error", "text/plain"),
    "503": _make_reply("503 SERVICE UNAVAILABLE", b"Error 503: Service Unavailable", "text/plain"),
}
"""In the forms of v1, whose gateway answers 403 where v3 has 429; see `v1/errors.py`."""
