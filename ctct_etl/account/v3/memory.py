"""What one process has learnt while sending: never needed to be right, only to spare requests."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Final

# Ids are looked up soon after they were learnt; a plan may create millions.
_MOST_IDS: Final = 200_000


@dataclass
class Memory:
    ids: dict[str, str] = field(default_factory=dict)  # address → contact id, of contacts that this run created
    swept: bool = False  # the contacts created since the snapshot have been read
    kept: set[str] = field(default_factory=set)  # what a PUT, read back whole, was seen to leave as it was
    created: int = 0  # contacts of which it is known that they were created since the snapshot
    newcomers: set[str] = field(default_factory=set)  # addresses that others may have created since the snapshot
    fruitless: int = 0  # jobs in a row that changed lists or tags of nobody
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def learn(self, address: str, contact_id: str) -> None:
        """Keep an id; of very many the oldest are forgotten."""
        with self._lock:
            self.ids[address] = contact_id
            if len(self.ids) > _MOST_IDS:
                del self.ids[next(iter(self.ids))]

    def count_created(self, contacts: int) -> None:
        with self._lock:
            self.created += contacts

    def count_job(self, *, fruitful: bool) -> None:
        with self._lock:
            self.fruitless = 0 if fruitful else self.fruitless + 1
