"""What stands before every call of /v3: token, limits, privileges, content type."""

import re
import uuid
from typing import Any

from flask import request

from .. import oauth
from ..consent import Change
from ..documents import Document, load
from ..edge import ARRIVED
from ..fates import take_fate
from ..service import Service, this_service
from .errors import invalid, not_found, refuse, refuse_bare

PREFIX = "/v3/"

_CONTACT_PRIVILEGES = ("contacts", "contact_custom_fields", "contact_tags", "activities", "contact_exports")
_JSON_TYPES = ("application/json", "*/*")
UUID_SHAPE = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def admit() -> None:
    """Let the request of the moment in, or raise the refusal. Also does the bulk jobs that are due."""
    if not request.path.startswith(PREFIX):
        return
    service = this_service()
    with service.store.reading() as db:
        grant = oauth.read_bearer(db, request.headers.get("Authorization", ""), service.clock.now())
    if grant is None:
        raise refuse_bare(401, "unauthorized", "Unauthorized")
    _check_limits(service, grant.client_id)
    _check_privileges(service, grant.scope)
    _check_content_type()
    service.jobs.complete_due()


def read_body() -> Document:
    """The JSON object that was sent. Raises a 400 for anything else."""
    try:
        body = load(request.get_data())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise invalid("The request body is not a valid JSON object")
    return body


def check_id(value: str, name: str) -> str:
    """The id in lower case; 404 in the service's words when it is no UUID at all."""
    if not UUID_SHAPE.fullmatch(value):
        raise refuse(404, "contacts.api.not_found", f"{name} is in an invalid format.")
    return str(uuid.UUID(value))


def read_ids(document: Document, key: str, most: int, least: int = 0) -> list[str]:
    """An array of ids in a body. Raises a 400 that names the key."""
    ids: Any = document.get(key, [])
    if not isinstance(ids, list) or not all(isinstance(part, str) and UUID_SHAPE.fullmatch(part) for part in ids):
        raise invalid(f"{key} must be an array of ids")
    if not least <= len(ids) <= most:
        raise invalid(f"{key} must have {least} to {most} ids")
    return [part.lower() for part in ids]


def require(found: Any, what: str) -> Any:
    """The thing found, or a 404."""
    if found is None:
        raise not_found(what)
    return found


def queue_job(change: Change, kind: str, payload: Document, **shown: str) -> Document:
    """Queue a bulk activity, with the fate that a fault has in store for it. Raises QueueFull."""
    return this_service().jobs.queue(change.db, kind, payload, take_fate(request.environ), **shown)


def _check_limits(service: Service, api_key: str) -> None:
    refusal = service.limits.judge(api_key, request.environ.get(ARRIVED))
    if refusal == "throttled":
        raise refuse_bare(429, "throttled", "Too Many Requests")
    if refusal == "quota_exceeded":
        raise refuse_bare(429, "quota_exceeded", "Limit Exceeded")


def _check_privileges(service: Service, scope: str) -> None:
    area = request.path.split("/")[2]
    if request.path == "/v3/account/user/privileges":
        return
    needed = "account_read" if area == "account" else "contact_data"
    may_not = service.switches.user_role == "campaign_creator" and (
        area in _CONTACT_PRIVILEGES or (area == "contact_lists" and request.method != "GET")
    )
    if needed not in scope.split() or may_not:
        raise refuse_bare(403, "unauthorized", "Unauthorized")


def _check_content_type() -> None:
    """JSON endpoints take JSON only. An unset Content-Type is refused too, where there is a body."""
    if request.method not in ("POST", "PUT") or request.path.endswith("/contacts_file_import"):
        return
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind not in _JSON_TYPES:
        raise refuse(415, "contacts.api.validation.error", "Content-Type must be application/json")
