"""The mails that the service would send because of a call. The sandbox lists them and sends none."""

import sqlite3
from typing import Literal

from .documents import Document, dump, load

MailKind = Literal["welcome", "confirmation", "resubscribe", "update_notice"]


def list_mail(db: sqlite3.Connection, stamp: str, kind: MailKind, address: str, cause: str) -> None:
    """Note one mail. `cause` is the call or rule that sends it."""
    mail = {"time": stamp, "kind": kind, "address": address, "cause": cause}
    db.execute("INSERT INTO mail(document) VALUES (?)", (dump(mail),))


def read_mails(db: sqlite3.Connection) -> list[Document]:
    return [load(row[0]) for row in db.execute("SELECT document FROM mail ORDER BY no")]
