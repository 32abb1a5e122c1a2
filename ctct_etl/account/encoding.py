"""How a request's body becomes bytes: one place, so that what a dialect measures is what the session sends."""

from __future__ import annotations

import json
from typing import Any

# ASCII escapes would make names in other scripts up to three times as long.
_PLAIN = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_ESCAPED = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), allow_nan=False)


def encode_body(body: Any) -> bytes:
    """JSON, compact, UTF-8; with ASCII escapes where half of a surrogate pair, once read, has to be echoed."""
    try:
        return _PLAIN.encode(body).encode("utf-8")
    except UnicodeEncodeError:
        return _ESCAPED.encode(body).encode("ascii")
