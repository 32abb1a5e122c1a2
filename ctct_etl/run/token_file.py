"""The tokens of one account as a file of mode 0600, replaced whole, and its lock."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ctct_etl.account.tokens import Held
from ctct_etl.errors import Busy, StateError
from ctct_etl.run.durable_files import PRIVATE_FILE, explain_disk_faults, write_durably

_LONGEST_WAIT_S = 600.0  # a token host that answers slowly and badly keeps a refresher for some minutes
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class TokenFile:
    """Implements TokenStore. Tokens that were made for another client id are nobody's."""

    def __init__(self, path: Path, client_id: str) -> None:
        self.path = path
        self._client = hashlib.sha256(client_id.encode()).hexdigest()

    @contextmanager
    def lock(self) -> Iterator[None]:
        # An instance for each holder: one instance would let a second thread of this process in.
        place = self.path.with_suffix(".lock")
        lock = FileLock(place, timeout=_LONGEST_WAIT_S, mode=PRIVATE_FILE, thread_local=False)
        with explain_disk_faults(place):
            try:
                lock.acquire()
            except Timeout:
                raise Busy(f"another process has been renewing the login for too long ({place}) — try later") from None
        try:
            yield
        finally:
            lock.release()

    def read(self) -> Held | None:
        """The tokens that are kept; None if nobody logged in. Raises StateError, also where others can read them."""
        with explain_disk_faults(self.path):
            try:
                with self.path.open("rb") as stream:
                    mode, content = os.fstat(stream.fileno()).st_mode, stream.read()
            except FileNotFoundError:
                return None
        if os.name == "posix" and mode & _OTHERS:
            raise StateError(
                f"{self.path}: other users may read these tokens — chmod 600 it; if somebody may have, log in again"
            )
        return self._parse(content)

    def write(self, held: Held) -> None:
        kept = {
            "client": self._client,
            "access_token": held.access_token,
            "refresh_token": held.refresh_token,
            "obtained_at": held.obtained_at,
            "expires_in": held.expires_in,
        }
        write_durably(self.path, json.dumps(kept, sort_keys=True).encode())

    def _parse(self, content: bytes) -> Held | None:
        try:
            kept = json.loads(content)
            if kept["client"] != self._client:
                return None
            life = kept["expires_in"]
            return Held(
                str(kept["access_token"]),
                str(kept["refresh_token"]),
                float(kept["obtained_at"]),
                None if life is None else float(life),
            )
        except (ValueError, TypeError, KeyError):  # its words would hold the tokens
            raise StateError(f"{self.path}: holds no tokens that can be read — delete it, and log in again") from None
