"""A contact that only has an identity yet: what both dialects and the import begin with."""

from .consent import Change, start_email
from .documents import Document, derive_id
from .records import Contact, address_key, next_seq


def start_contact(change: Change, address: str | None, permission: str, source: str) -> Contact:
    """Opted in by `source` (Contact or Account), if there is an address."""
    contact_id = derive_id("contact", next_seq(change.db), address_key(address or ""))
    core: Document = {"contact_id": contact_id}
    if address:
        core["email_address"] = start_email(change, address, permission, source)
    core.update(update_source=source, create_source=source, created_at=change.stamp, updated_at=change.stamp)
    return Contact(core)
