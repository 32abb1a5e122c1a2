"""Tokens: which are good, and how refresh tokens turn over.

Known from the start: client `sandbox-key` with secret `sandbox-secret`, access token `sandbox-token` (never
expires, all scopes; what a fault did to it is mended by the next start) and refresh token `sandbox-refresh`.
"""

import base64
import secrets
import sqlite3
from dataclasses import asdict, dataclass

from .clock import Clock
from .documents import dump, load
from .switches import Switches

CLIENT_ID = "sandbox-key"
CLIENT_SECRET = "sandbox-secret"
ACCESS_TOKEN = "sandbox-token"
REFRESH_TOKEN = "sandbox-refresh"
LOGIN = "sandbox-key%sandbox:sandbox"
"""Key, user and password, as v1 clients send them by Basic authentication."""
SCOPES = "contact_data account_read account_update offline_access"
UNUSED_REFRESH_S = 180 * 86_400
CODE_S = 300
NEVER = 1e11
"""Seconds since 1970, in three thousand years."""


@dataclass(frozen=True)
class Grant:
    """Who may do what until when. `used_at` is when a refresh token last served."""

    client_id: str
    scope: str
    expires_at: float
    used_at: float = 0.0
    redirect_uri: str = ""
    challenge: str = ""
    approved: bool = True


def read_bearer(db: sqlite3.Connection, header: str, now: float) -> Grant | None:
    """The grant of an Authorization header, None if it is missing, unknown or expired."""
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        return None
    grant = find_grant(db, "access", token.strip())
    return grant if grant and grant.expires_at > now else None


def find_grant(db: sqlite3.Connection, kind: str, token: str) -> Grant | None:
    row = db.execute("SELECT document FROM token WHERE token = ? AND kind = ?", (token, kind)).fetchone()
    return Grant(**load(row[0])) if row else None


def keep_grant(db: sqlite3.Connection, kind: str, token: str, grant: Grant) -> None:
    db.execute("INSERT OR REPLACE INTO token VALUES (?, ?, ?)", (token, kind, dump(asdict(grant))))


def drop_grant(db: sqlite3.Connection, token: str) -> None:
    db.execute("DELETE FROM token WHERE token = ?", (token,))


def plant_first_tokens(db: sqlite3.Connection, clock: Clock) -> None:
    """Make `sandbox-token` good, and once in the life of an account `sandbox-refresh`, which does not come back."""
    keep_grant(db, "access", ACCESS_TOKEN, Grant(CLIENT_ID, SCOPES, NEVER))
    keep_grant(db, "login", LOGIN, Grant(CLIENT_ID, SCOPES, NEVER))
    if db.execute("SELECT 1 FROM memory WHERE name = 'planted'").fetchone():
        return
    db.execute("INSERT INTO memory VALUES ('planted', 'yes')")
    keep_grant(db, "refresh", REFRESH_TOKEN, Grant(CLIENT_ID, SCOPES, 0.0, used_at=clock.now()))


def expire_access_token(db: sqlite3.Connection, header: str) -> None:
    """Make the access token of an Authorization header invalid from now on. Raises ValueError if it is none."""
    token = header.partition(" ")[2].strip()
    if find_grant(db, "access", token) is None:
        raise ValueError("the request bears no access token that is good")
    drop_grant(db, token)


def revoke_tokens(db: sqlite3.Connection, header: str) -> None:
    """Make all access and refresh tokens of a client invalid: its person has to log in again.

    The client is the one of the header's access token, else the one that the sandbox knows.
    """
    grant = find_grant(db, "access", header.partition(" ")[2].strip())
    client_id = grant.client_id if grant else CLIENT_ID
    if not sum(_drop_tokens(db, client_id, kind) for kind in ("access", "refresh", "login")):
        raise ValueError(f"{client_id} has no tokens that are good")


def issue_tokens(
    db: sqlite3.Connection, clock: Clock, switches: Switches, client_id: str, scope: str, refresh: str | None = None
) -> dict[str, object]:
    """A token answer. `refresh` is the refresh token that asks, if one does: it is rotated or kept."""
    now = clock.now()
    access = _make_access_token(client_id, scope, clock.date(), switches.token_seconds)
    keep_grant(db, "access", access, Grant(client_id, scope, now + switches.token_seconds))
    answer = {"token_type": "Bearer", "expires_in": switches.token_seconds, "access_token": access, "scope": scope}
    if "offline_access" in scope.split():
        if refresh is None or switches.refresh_mode == "rotating":
            _drop_tokens(db, client_id, "refresh")  # a new one makes all earlier ones invalid
            refresh = secrets.token_urlsafe(32)
        keep_grant(db, "refresh", refresh, Grant(client_id, scope, 0.0, used_at=now))
        answer["refresh_token"] = refresh
    return answer


def _drop_tokens(db: sqlite3.Connection, client_id: str, kind: str) -> int:
    """Make all tokens of this kind invalid that an application has; the number of them."""
    tokens = db.execute("SELECT token, document FROM token WHERE kind = ?", (kind,)).fetchall()
    own = [token for token, text in tokens if load(text)["client_id"] == client_id]
    for token in own:
        drop_grant(db, token)
    return len(own)


def _make_access_token(client_id: str, scope: str, now: float, seconds: int) -> str:
    """As long and of the shape of the service's (a JWT of about a thousand characters); its signature is noise."""
    claims = {
        "ver": 1,
        "jti": f"AT.{secrets.token_urlsafe(32)}",
        "iss": "https://identity.constantcontact.com/oauth2/aus1lm3ry9mF7x2Ja0h8",
        "aud": "https://api.cc.email/v3",
        "iat": int(now),
        "exp": int(now) + seconds,
        "cid": client_id,
        "uid": "sandbox-user",
        "scp": scope.split(),
        "sub": "sandbox",
        "platform_user_id": "sandbox-user",
    }
    parts = (dump({"alg": "RS256", "kid": "sandbox"}).encode(), dump(claims).encode(), secrets.token_bytes(256))
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
