"""What one process has learnt while talking: never needed to be right, only to spare requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class Memory:
    list_ids: dict[str, str] = field(default_factory=dict)  # number → id of a list, as the service writes it
    kept: set[str] = field(default_factory=set)  # statuses of contacts of whom a PUT, read back whole, kept everything

    def learn_lists(self, ids: Mapping[str, str]) -> None:
        self.list_ids.update(ids)
