"""Suites: files of expectations that several mappings share. Which a mapping names, and all expectations in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ctct_etl.config.expectations import Expected, Suite, SuiteFile, read_expectation
from ctct_etl.config.mapping import Mapping as FieldMapping
from ctct_etl.config.marked_yaml import Document, KeyPath
from ctct_etl.config.places import ConfigFile


@dataclass(frozen=True)
class ReadSuite:
    """A suite as read: the file as messages show it, and what it says; None where it has faults."""

    file: ConfigFile
    suite: Suite | None


def find_suites(document: Document) -> Iterator[tuple[KeyPath, str]]:
    """Return the suites that a mapping names, faults elsewhere in it aside: the place of each, and its path."""
    items = document.data.get("expectations") if isinstance(document.data, dict) else None
    for position, item in enumerate(items if isinstance(items, list) else ()):
        place = ("expectations", position, "suite")
        written = item.get("suite") if isinstance(item, dict) else None
        if isinstance(written, str) and written and "\0" not in written and place not in document.unset:
            yield place, written


def lay_out_expectations(mapping: FieldMapping, suites: Mapping[str, ReadSuite]) -> tuple[Expected, ...]:
    """Return the mapping's expectations with those of its suites where it names them. All of them are sound."""
    return tuple(_lay_out(mapping, suites))


def _lay_out(mapping: FieldMapping, suites: Mapping[str, ReadSuite]) -> Iterator[Expected]:
    for position, written in enumerate(mapping.expectations):
        if not isinstance(written, SuiteFile):
            yield read_expectation(written, "mapping", ("expectations", position))
            continue
        read = suites[str(written.suite)]
        assert read.suite is not None  # else there are problems
        for inner, expectation in enumerate(read.suite.expectations):
            yield read_expectation(expectation, read.file, ("expectations", inner))
