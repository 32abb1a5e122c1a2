"""JSON documents as the store keeps them, and the ids in them."""

import json
from collections.abc import Callable
from hashlib import md5
from typing import Any

Document = dict[str, Any]
"""A JSON object as the service speaks it. Its shape is the provider's business, hence Any."""

dump: Callable[[object], str] = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""JSON text without blanks, as it is stored and sent."""


def derive_id(*parts: object) -> str:
    """Make the UUID that these parts always give, so that two runs of one story show the same ids."""
    digest = md5("\x1f".join(map(str, parts)).encode(), usedforsecurity=False).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:]}"


def drop_nulls(document: Document) -> Document:
    """Leave out what has no value: the provider's document allows no null in an answer."""
    return {name: value for name, value in document.items() if value is not None}
