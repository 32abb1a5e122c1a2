"""Addresses of a role and not of a person: info@, sales@, noreply@.

Several people read them or none does, and who consented is not who reads. A name counts only as a whole, up to a "+":
"sales.ann" and "infoteam" may be people. The names are those that RFC 2142 reserves for roles, and their like in
everyday use; words that are also first or last names (may, page, hope) are not among them.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.stages.arrow import NO_TEXT, TEXT

_SHARED = (
    # RFC 2142
    "info", "marketing", "sales", "support", "abuse", "noc", "security", "postmaster", "hostmaster", "usenet",
    "news", "webmaster", "www", "uucp", "ftp",
    # everyday use
    "admin", "administrator", "accounts", "accounting", "billing", "bookings", "careers", "contact", "contactus",
    "customerservice", "customersupport", "enquiries", "feedback", "finance", "frontdesk", "helpdesk", "hr",
    "inquiries", "invoices", "jobs", "mail", "office", "orders", "payroll", "press", "privacy", "purchasing",
    "reception", "recruitment", "reservations", "returns", "root", "service", "sysadmin", "team", "tickets",
    "unsubscribe", "webadmin",
    # German, French, Spanish
    "kontakt", "vertrieb", "buchhaltung", "verwaltung", "redaktion", "accueil", "secretariat", "contacto", "ventas",
    "administracion",
)  # fmt: skip
_UNREAD = ("noreply", "no-reply", "no_reply", "donotreply", "do-not-reply", "mailer-daemon", "devnull", "null",
           "bounce", "bounces")  # fmt: skip
_SHARED_FAULT = "is the address of a role, not of a person — ask for the person's own"
_UNREAD_FAULT = "is an address that nobody reads — ask for the person's own"


def suspect_roles(addresses: pa.Array) -> pa.Array:
    """Return for each canonical address what is odd about its name, null where nothing is or it is null.

    A fault goes on after the quoted address.
    """
    names = _first_part(_first_part(addresses, "@"), "+")
    unread = pc.is_in(names, value_set=pa.array(_UNREAD, TEXT))
    shared = pc.is_in(names, value_set=pa.array(_SHARED, TEXT))
    said = pc.if_else(shared, pa.scalar(_SHARED_FAULT, TEXT), NO_TEXT)
    return pc.if_else(unread, pa.scalar(_UNREAD_FAULT, TEXT), said)


def _first_part(texts: pa.Array, mark: str) -> pa.Array:
    return pc.list_element(pc.split_pattern(texts, mark, max_splits=1), 0)
