"""The mails that v1 calls cause. The forum contradicts itself on them: what is open is a switch."""

from ..catalog import Entry
from ..consent import Change
from ..mails import list_mail
from ..records import Contact


def greet_new(change: Change, contact: Contact, lists: list[Entry], source: str, cause: str = "POST contacts") -> None:
    """A new contact is asked to confirm, or welcomed [F-WELCOME, F-WELCOME3]."""
    address = str(contact.address)
    if contact.email["permission_to_send"] == "pending_confirmation":
        list_mail(change.db, change.stamp, "confirmation", address, cause)
    elif _is_welcomed(change, lists, source):
        list_mail(change.db, change.stamp, "welcome", address, cause)


def notify_update(change: Change, contact: Contact) -> None:
    """A contact's own update is told to the contact, who is not welcomed again [F-SEED, F-AUTOMAIL, F-WELCOME3]."""
    if change.switches.v1_update_notice:
        list_mail(change.db, change.stamp, "update_notice", str(contact.address), "PUT contacts by the contact")


def _is_welcomed(change: Change, lists: list[Entry], source: str) -> bool:
    rule, offered = change.switches.v1_welcome, change.switches.welcome_lists
    if rule == "sign_up_lists":
        return source == "Contact" and any("*" in offered or entry.name in offered for entry in lists)
    return rule == "every_create" or (rule == "by_contact" and source == "Contact")
