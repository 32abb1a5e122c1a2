"""Where a session gets its access token from, and a new one when the account refuses the one it has."""

from __future__ import annotations

from typing import Protocol

from ctct_etl.errors import Denied


class Tokens(Protocol):
    """Any thread may ask. `cure` is what a person does when the account refuses whatever comes from here."""

    @property
    def cure(self) -> str: ...

    def access(self) -> str:
        """Return an access token that is good, as far as this machine can know. Raises Denied and Busy."""
        ...

    def renew(self, refused: str) -> str:
        """Return another token than the one that the account refused. Raises Denied and Busy."""
        ...


class FixedToken:
    """A token that somebody wrote into the accounts file: there is no other."""

    cure = "renew access_token in accounts.yaml"

    def __init__(self, token: str) -> None:
        self._token = token

    def access(self) -> str:
        return self._token

    def renew(self, refused: str) -> str:
        raise Denied(f"the account refuses the access token (HTTP 401) — {self.cure}")
