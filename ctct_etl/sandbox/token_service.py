"""The token host: authorize, device/authorize, token. Errors are OAuth's: `error`, `error_description`."""

import base64
import binascii
import hashlib
import secrets
import sqlite3
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, request

from . import oauth
from .documents import dump
from .oauth import CODE_S, Grant, find_grant, keep_grant
from .service import Service, this_service

routes = Blueprint("tokens", __name__)

PREFIX = "/oauth2/default/v1"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
DEVICE_S = 600


class TokenError(Exception):
    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(error)
        self.error, self.description, self.status = error, description, status


@routes.errorhandler(TokenError)
def answer_error(problem: TokenError) -> Response:
    return _answer({"error": problem.error, "error_description": problem.description}, problem.status)


@routes.post("/token")
def issue() -> Response:
    """Parameters in the form or in the query, as the guide and its readers do it."""
    service = this_service()
    wanted = request.values
    client_id, is_known = _read_client()
    if not is_known:
        raise TokenError("invalid_client", "The client id or secret is wrong.", 401)
    if not service.limits.allows_token_request(client_id):
        return _answer({"error_key": "throttled", "error_message": "Too Many Requests"}, 429)
    kind = wanted.get("grant_type", "")
    with service.store.writing() as db:
        if kind == "refresh_token":
            return _answer(_refresh(service, db, client_id, wanted.get("refresh_token", "")))
        if kind == "authorization_code":
            return _answer(_exchange_code(service, db, client_id))
        if kind == DEVICE_GRANT:
            return _answer(_exchange_device_code(service, db, client_id))
    raise TokenError("unsupported_grant_type", f"The grant type {kind!r} is not supported.")


@routes.get("/authorize")
def authorize() -> Response:
    """Where a person would log in and consent. Here the answer is yes, at once."""
    service, wanted = this_service(), request.args
    uri = wanted.get("redirect_uri", "")
    for name in ("redirect_uri", "state"):
        if not wanted.get(name):
            raise TokenError("invalid_request", f"{name} is missing.")
    if wanted.get("client_id") != oauth.CLIENT_ID or wanted.get("response_type") != "code":
        raise TokenError("invalid_request", "client_id or response_type is wrong.")
    if wanted.get("code_challenge") and wanted.get("code_challenge_method") != "S256":
        raise TokenError("invalid_request", "code_challenge_method must be S256.")
    code = secrets.token_urlsafe(32)
    expires = service.clock.now() + CODE_S
    challenge = wanted.get("code_challenge", "")
    grant = Grant(oauth.CLIENT_ID, wanted.get("scope", ""), expires, redirect_uri=uri, challenge=challenge)
    with service.store.writing() as db:
        keep_grant(db, "code", code, grant)
    joint = "&" if "?" in uri else "?"
    answer: Any = redirect(uri + joint + urlencode({"code": code, "state": wanted["state"]}))
    return Response(answer.get_data(), answer.status_code, answer.headers)


@routes.post("/device/authorize")
def authorize_device() -> Response:
    service = this_service()
    if request.values.get("client_id") != oauth.CLIENT_ID:
        raise TokenError("invalid_client", "The client id is wrong.", 401)
    device_code, user_code = secrets.token_urlsafe(32), secrets.token_hex(4).upper()
    scope = request.values.get("scope", "")
    grant = Grant(oauth.CLIENT_ID, scope, service.clock.now() + DEVICE_S, redirect_uri=user_code, approved=False)
    with service.store.writing() as db:
        keep_grant(db, "device", device_code, grant)
    page = f"{request.host_url.rstrip('/')}{PREFIX}/device"
    return _answer(
        {
            "device_code": device_code,
            "user_code": user_code,
            "verification_uri": page,
            "verification_uri_complete": f"{page}?user_code={user_code}",
            "expires_in": DEVICE_S,
            "interval": 1,
        }
    )


@routes.get("/device")
def approve_device() -> Response:
    """The page on which a person approves a device: opening it with the user code is the approval."""
    with this_service().store.writing() as db:
        for (token,) in db.execute("SELECT token FROM token WHERE kind = 'device'").fetchall():
            grant = find_grant(db, "device", token)
            if grant and grant.redirect_uri == request.args.get("user_code"):
                keep_grant(db, "device", token, replace(grant, approved=True))
                return _answer({"approved": True})
    raise TokenError("invalid_request", "There is no such user code.", 404)


def _read_client() -> tuple[str, bool]:
    """The client, and whether it proved itself: by HTTP Basic, or as a public client by its id alone."""
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        client_id = request.values.get("client_id", "")
        secret = request.values.get("client_secret", oauth.CLIENT_SECRET)
        return client_id, client_id == oauth.CLIENT_ID and secret == oauth.CLIENT_SECRET
    try:
        client_id, _, secret = base64.b64decode(encoded).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", False
    return client_id, (client_id, secret) == (oauth.CLIENT_ID, oauth.CLIENT_SECRET)


def _refresh(service: Service, db: sqlite3.Connection, client_id: str, token: str) -> dict[str, object]:
    grant = find_grant(db, "refresh", token)
    now = service.clock.now()
    if grant is None or grant.client_id != client_id or now - grant.used_at > oauth.UNUSED_REFRESH_S:
        raise TokenError("invalid_grant", "The refresh token is unknown, invalid or expired.")
    return oauth.issue_tokens(db, service.clock, service.switches, client_id, grant.scope, refresh=token)


def _exchange_code(service: Service, db: sqlite3.Connection, client_id: str) -> dict[str, object]:
    code, verifier = request.values.get("code", ""), request.values.get("code_verifier", "")
    grant = find_grant(db, "code", code)
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    if grant is None or grant.client_id != client_id or grant.expires_at <= service.clock.now():
        raise TokenError("invalid_grant", "The authorization code is invalid or has expired.")
    if grant.redirect_uri != request.values.get("redirect_uri"):
        raise TokenError("invalid_grant", "The redirect_uri is not the one that the code was made for.")
    if grant.challenge and grant.challenge != digest:
        raise TokenError("invalid_grant", "The code_verifier does not match the code_challenge.")
    oauth.drop_grant(db, code)
    return oauth.issue_tokens(db, service.clock, service.switches, client_id, grant.scope)


def _exchange_device_code(service: Service, db: sqlite3.Connection, client_id: str) -> dict[str, object]:
    code = request.values.get("device_code", "")
    grant = find_grant(db, "device", code)
    if grant is None or grant.client_id != client_id:
        raise TokenError("invalid_grant", "The device code is invalid.")
    if grant.expires_at <= service.clock.now():
        raise TokenError("expired_token", "The device code has expired.")
    if not grant.approved:
        raise TokenError("authorization_pending", "The person has not approved the device yet.")
    oauth.drop_grant(db, code)
    return oauth.issue_tokens(db, service.clock, service.switches, client_id, grant.scope)


def _answer(document: object, status: int = 200) -> Response:
    return Response(dump(document), status, content_type="application/json")
