"""The Atom documents of v1, as bytes and as values: what the conversations know of XML. Pure.

Glossary
    document   what an answer or a request carries: a feed, or one entry alone
    payload    the one element of the service's own namespace inside an entry's content: Contact, ContactList, ...
    full       the view of one contact by its id, with names, fields and lists [REC]
    limited    the view of a contact in a feed: without them [D-COLL]
"""

from __future__ import annotations

from ctct_etl.account.v1.atom_reading import Entry, Feed, Malformed, is_html, read_document, resolve
from ctct_etl.account.v1.atom_writing import changed_contact, new_contact, new_list

__all__ = [
    "Entry", "Feed", "Malformed", "changed_contact", "is_html", "new_contact", "new_list", "read_document", "resolve",
]  # fmt: skip
