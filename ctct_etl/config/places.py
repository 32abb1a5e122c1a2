"""Where every part of the configs stands, for later checks: columns of the source, lists of the account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from ctct_etl.config.marked_yaml import Document, KeyPath, Place
from ctct_etl.errors import ConfigProblem

ConfigFile: TypeAlias = str  # "pipeline", "mapping", "accounts", or a suite's path as messages show it


@dataclass(frozen=True)
class Places:
    """The places of keys and values in the config files. It holds no values, so that no secret can leave it."""

    files: Mapping[ConfigFile, str]
    _places: Mapping[ConfigFile, Mapping[KeyPath, tuple[Place, Place]]] = field(repr=False)

    @classmethod
    def of(cls, documents: Mapping[ConfigFile, Document]) -> Places:
        return cls(
            {name: document.file for name, document in documents.items()},
            {
                name: {path: (entry.key, entry.value) for path, entry in document.entries.items()}
                for name, document in documents.items()
            },
        )

    def problem(
        self, path: KeyPath, what: str, cure: str, *, file: ConfigFile = "mapping", key: bool = False
    ) -> ConfigProblem:
        """Make a problem at the value of `path` (with `key`: at its key); what is not written down points at the
        nearest part above it, so `("fields", "email", "column")` also finds the short form `email: E-mail`."""
        places = self._places[file]
        while path not in places and path:
            path = path[:-1]
        at_key, at_value = places.get(path, ((1, 1), (1, 1)))
        return ConfigProblem(self.files[file], *(at_key if key else at_value), what, cure)
