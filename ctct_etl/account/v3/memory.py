"""What one process has learnt while sending: never needed to be right, only to spare requests."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Memory:
    ids: dict[str, str] = field(default_factory=dict)  # address → contact id, of contacts that were read back
    swept: bool = False  # the contacts created since the snapshot have been read
    kept: set[str] = field(default_factory=set)  # what a PUT, read back whole, was seen to leave as it was
