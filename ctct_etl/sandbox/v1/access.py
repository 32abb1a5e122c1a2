"""What stands before every call of /ws: planned downtime, credentials, the gateway's limits, whose account it is."""

import base64
import binascii
import sqlite3

from flask import Response, request

from .. import oauth
from ..edge import ARRIVED
from ..service import Service, this_service
from .errors import DOWNTIME_PAGE, OVER_QPS, OVER_QUOTA, Refusal, forbidden, over_limit

PREFIX = "/ws/"
USER = "sandbox"
HOST = "http://api.constantcontact.com"
"""Ids begin with http, though the service answers on https alone [D-COLL, D-BASIC]."""

BASE = f"/ws/customers/{USER}"


def admit() -> Response | None:
    """Let the request of the moment in, or raise the refusal. Also does the bulk jobs that are due."""
    if not request.path.startswith(PREFIX):
        return None
    service = this_service()
    if service.switches.v1_downtime:
        return Response(DOWNTIME_PAGE, content_type="text/html")  # with status 200 [B-DOWNTIME]
    with service.store.reading() as db:
        api_key = _read_key(db, service.clock.now())
    if api_key is None:
        raise Refusal(401, "the credentials are not valid")
    _check_limits(service, api_key)
    _check_account(service)
    service.jobs.complete_due()
    return None


def _read_key(db: sqlite3.Connection, now: float) -> str | None:
    """The API key of whoever asks: by Basic, by a bearer token, or by a token in the query. None: nobody known."""
    header = request.headers.get("Authorization", "")
    if not header and "access_token" in request.args:
        header = f"Bearer {request.args['access_token']}"
    scheme, _, rest = header.partition(" ")
    if scheme.lower() == "basic":
        login = _read_login(rest.strip())
        grant = oauth.find_grant(db, "login", login) if login else None
    else:
        grant = oauth.read_bearer(db, header, now)
    return grant.client_id if grant else None


def _read_login(encoded: str) -> str | None:
    """`KEY%user:password` with the user in lower case, as clients write it [RB, PERL]."""
    try:
        login = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    who, _, password = login.partition(":")
    key, _, user = who.partition("%")
    return f"{key}%{user.lower()}:{password}"


def _check_limits(service: Service, api_key: str) -> None:
    if service.switches.v1_rate_limit == "none":
        return
    refusal = service.limits.judge(api_key, request.environ.get(ARRIVED))
    if refusal:
        raise over_limit(OVER_QPS if refusal == "throttled" else OVER_QUOTA)


def _check_account(service: Service) -> None:
    """The user in the path must be that of the credentials [F-403, D-ERR]."""
    parts = request.path.split("/")
    if len(parts) > 3 and parts[2] == "customers" and parts[3].lower() != USER:
        if service.switches.v1_foreign_path == 403:
            raise forbidden()
        raise Refusal(401, "the path names another account")
