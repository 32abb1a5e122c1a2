"""Addresses as an account holds them, written as the stages write them. Pure."""

from __future__ import annotations

import idna


def canonical_address(written: str) -> str:
    """Trimmed, lower case, the domain in its ASCII form."""
    text = written.strip().lower()
    if text.isascii() or "@" not in text:
        return text
    local, domain = text.rsplit("@", 1)
    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode('ascii')}"
    except idna.IDNAError:
        return text
