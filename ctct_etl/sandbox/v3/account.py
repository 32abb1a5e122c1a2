"""/account: whose account this is, and what the user may do in it."""

from flask import Blueprint, Response

from ..documents import derive_id, load
from ..service import this_service
from .errors import answer
from .paging import read_choices, read_query

routes = Blueprint("account", __name__)

DEFAULT = {
    "organization_name": "Sandbox Club",
    "contact_email": "owner@example.com",
    "first_name": "Sandy",
    "last_name": "Box",
    "country_code": "us",  # as it was observed; the contract says upper case
    "state_code": "MA",
    "time_zone_id": "US/Eastern",
    "website": "https://www.example.com",
}
EXTRAS = {
    "physical_address": {
        "address_line1": "1 Example Street",
        "city": "Waltham",
        "state_code": "MA",
        "postal_code": "02451",
        "country_code": "us",
    },
    "company_logo": {"url": "https://www.example.com/logo.png"},
}
PRIVILEGES = ("account:read", "contacts:lists:read", "contacts:lists:write", "contacts:read", "contacts:write")


@routes.get("/account/summary")
def read_summary() -> Response:
    extras = read_choices(read_query(("extra_fields",)), "extra_fields", tuple(EXTRAS))
    told = load(this_service().store.recall("account") or "{}")
    summary = {**DEFAULT, **EXTRAS, **told}
    summary.setdefault("encoded_account_id", "a07e" + derive_id(summary["organization_name"])[:8])
    hidden = set(EXTRAS) - set(extras)
    return answer({name: value for name, value in summary.items() if name not in hidden})


@routes.get("/account/user/privileges")
def read_privileges() -> Response:
    """A Campaign Creator reads lists and no contacts."""
    is_owner = this_service().switches.user_role == "owner"
    names = PRIVILEGES if is_owner else PRIVILEGES[:2]
    return answer([{"privilege_id": number, "privilege_name": name} for number, name in enumerate(names, start=1)])
