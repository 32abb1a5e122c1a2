"""YAML in, plain text data and places out. The only file that knows `yaml`.

Every scalar arrives as text, whatever it looks like (`NO`, `on`, `01`, `1:30`, `2020-01-01`, `null`): the schema
types it. A plain key without a value (`sheet:`) arrives as None. Tags are refused, so nothing is ever constructed;
aliases are followed within bounds; merges (`<<`) are refused. Lines and columns count from 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from ctct_etl.config.interpolation import fill_in, holds_variable, is_malformed
from ctct_etl.config.yaml_faults import explain_encoding, explain_syntax
from ctct_etl.errors import ConfigProblem

MAX_BYTES = 1 << 20
MAX_DEPTH = 40
MAX_NODES = 100_000  # after aliases are followed: an alias bomb doubles with every line

KeyPath: TypeAlias = tuple[str | int, ...]
Place: TypeAlias = tuple[int, int]  # line, column
_Anchorable: TypeAlias = ScalarEvent | MappingStartEvent | SequenceStartEvent


@dataclass(frozen=True)
class Entry:
    """Where a key and its value stand; an item of a list has no key of its own, so both places are the value's."""

    key: Place
    value: Place
    written: str | None = field(default=None, repr=False)  # a scalar as the file has it, variables not filled in


@dataclass(frozen=True)
class Document:
    """One config file: its data, the place of every part of it, and what is wrong with it as YAML.

    unset: for each scalar that names environment variables which are not set and have no default, their names.
    """

    file: str
    data: Any = field(repr=False)
    entries: Mapping[KeyPath, Entry] = field(repr=False)
    problems: tuple[ConfigProblem, ...] = ()
    unset: Mapping[KeyPath, tuple[str, ...]] = field(default_factory=dict)

    @property
    def is_broken(self) -> bool:
        """Whether the file could not be followed to its end, so that it says nothing."""
        return not self.entries

    def find(self, path: KeyPath) -> Entry:
        """Return the entry at `path`, or the nearest one above it."""
        while path not in self.entries and path:
            path = path[:-1]
        return self.entries.get(path, Entry((1, 1), (1, 1)))

    def problem(self, path: KeyPath, what: str, cure: str, *, key: bool = False) -> ConfigProblem:
        entry = self.find(path)
        return ConfigProblem(self.file, *(entry.key if key else entry.value), what, cure)


def parse_yaml(content: bytes, file: str, environment: Mapping[str, str]) -> Document:
    """Parse one config file whose top level is a mapping; what is wrong stands in `problems`, nothing is raised."""
    fault = explain_encoding(content, MAX_BYTES)
    if fault:
        return _broken(ConfigProblem(file, *fault))
    builder = _Builder(file, content.decode("utf-8-sig"), environment)
    try:
        data = builder.read_document()
    except yaml.YAMLError as error:
        return _broken(ConfigProblem(file, *explain_syntax(error, content.decode("utf-8-sig"))), builder.problems)
    except _Unreadable as error:
        return _broken(error.problem, builder.problems)
    return Document(file, data, builder.entries, tuple(builder.problems), builder.unset)


def _broken(problem: ConfigProblem, earlier: list[ConfigProblem] | None = None) -> Document:
    return Document(problem.file, {}, {}, (*(earlier or ()), problem))


class _Unreadable(Exception):
    """The document can't be followed any further."""

    def __init__(self, problem: ConfigProblem) -> None:
        self.problem = problem
        super().__init__(str(problem))


@dataclass
class _Anchored:
    """What an anchor marks: its events, played again at each alias; None while it is still open."""

    events: list[Event] | None = None


class _Builder:
    """Reads the events of one document into data, noting places on the way.

    Events rather than nodes: the parser keeps no recursion of its own, so depth is bounded here before it hurts,
    and an alias has the place where it is used. The parser in plain Python is used even where a faster one is
    installed, so that every machine names the same place for the same fault.
    """

    def __init__(self, file: str, text: str, environment: Mapping[str, str]) -> None:
        self.file = file
        self.environment = environment
        self.entries: dict[KeyPath, Entry] = {}
        self.problems: list[ConfigProblem] = []
        self.unset: dict[KeyPath, tuple[str, ...]] = {}
        self._events: Iterator[Event] = yaml.parse(text, Loader=yaml.SafeLoader)
        self._anchors: dict[str, _Anchored] = {}
        self._nodes = 0

    def read_document(self) -> Any:
        events = self._events
        if not any(isinstance(event, DocumentStartEvent) for event in events):
            raise self._stop((1, 1), "the file is empty", "write its keys, or take them from the example")
        first = next(events)
        if not isinstance(first, MappingStartEvent):
            raise self._stop(_start(first), "the file does not hold keys and values", "begin with `key: value`")
        data = self._read_node(first, events, (), _start(first), 0)
        next(events)  # the document's end
        for event in events:
            if isinstance(event, DocumentStartEvent):
                raise self._stop(_start(event), "a second document begins here", "keep one document in a file")
        return data

    def _read_node(self, event: Event, events: Iterator[Event], path: KeyPath, key: Place, depth: int) -> Any:
        place = _start(event)
        self._count(place, depth)
        if isinstance(event, AliasEvent):
            return self._read_alias(event, path, key, depth)
        assert isinstance(event, ScalarEvent | MappingStartEvent | SequenceStartEvent)
        self._refuse_tag(event)
        if isinstance(event, ScalarEvent):
            self._anchor(event, [event])
            return self._read_scalar(event, path, key, place)
        self.entries[path] = Entry(key, place)
        recorded = _Recorder(event, events)
        if event.anchor:
            self._anchors[event.anchor] = _Anchored()
        read = self._read_mapping if isinstance(event, MappingStartEvent) else self._read_list
        data = read(recorded, path, depth)
        self._anchor(event, recorded.events)
        return data

    def _read_mapping(self, events: Iterator[Event], path: KeyPath, depth: int) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for event in events:
            if isinstance(event, MappingEndEvent):
                break
            place = _start(event)
            key = self._read_key(event)
            if key in data:
                line = self.entries[(*path, key)].key[0]
                self._note(place, f'key "{key}" is given twice (first on line {line})', "remove one of the two")
                # Read aside, so that the places of the first one stay.
                self._read_node(next(events), events, (*path, f"{key} (line {place[0]})"), place, depth + 1)
                continue
            data[key] = self._read_node(next(events), events, (*path, key), place, depth + 1)
        return data

    def _read_list(self, events: Iterator[Event], path: KeyPath, depth: int) -> list[Any]:
        data: list[Any] = []
        for event in events:
            if isinstance(event, SequenceEndEvent):
                break
            data.append(self._read_node(event, events, (*path, len(data)), _start(event), depth + 1))
        return data

    def _read_key(self, event: Event) -> str:
        place = _start(event)
        if isinstance(event, AliasEvent):
            raise self._stop(place, "an alias (*name) stands for a key", "write the key out; quote it if it has a *")
        if not isinstance(event, ScalarEvent):
            raise self._stop(place, "a key is itself a list or a mapping", "quote it if it is text: [ ] and { }")
        self._refuse_tag(event)
        if event.value == "<<" and event.implicit[0]:
            raise self._stop(place, "merges (<<) are not supported", "write the keys out")
        key = str(event.value)
        if holds_variable(key):
            self._note(place, "a key holds ${...}", "write the key itself; $${ is a literal ${")
        return key.replace("$${", "${")

    def _read_scalar(self, event: ScalarEvent, path: KeyPath, key: Place, place: Place) -> str | None:
        self.entries[path] = Entry(key, place, event.value)
        if event.value == "" and event.style is None:
            return None
        text, unset = fill_in(str(event.value), self.environment)
        if is_malformed(str(event.value)):
            self._note(place, "a ${ that begins no variable", "write ${NAME} or ${NAME:-default}; $${ is a literal ${")
        if unset:
            self.unset[path] = unset
        return text

    def _read_alias(self, event: AliasEvent, path: KeyPath, key: Place, depth: int) -> Any:
        # No message names an alias or a tag: a password that begins with * or ! would be told.
        anchored = self._anchors.get(str(event.anchor))
        if anchored is None:
            raise self._stop(
                _start(event), "an alias (*name) has no anchor (&name) before it", "quote a text that begins with *"
            )
        if anchored.events is None:
            raise self._stop(_start(event), "an alias (*name) stands inside its own anchor", "write the value out")
        replay = iter(anchored.events)
        return self._read_node(next(replay), replay, path, key, depth)

    def _anchor(self, event: _Anchorable, events: list[Event]) -> None:
        if event.anchor:
            self._anchors[event.anchor] = _Anchored([_without_anchor(event), *events[1:]])

    def _refuse_tag(self, event: Event) -> None:
        tag = getattr(event, "tag", None)
        if tag is None:
            return
        if tag.startswith("tag:yaml.org,2002:"):
            kind = tag.removeprefix("tag:yaml.org,2002:")
            raise self._stop(_start(event), f"the tag !!{kind} is not allowed", "remove it: every value is plain text")
        raise self._stop(_start(event), "a tag (!name) is not allowed", "quote a text that begins with !")

    def _count(self, place: Place, depth: int) -> None:
        self._nodes += 1
        if depth > MAX_DEPTH:
            raise self._stop(place, f"nested more than {MAX_DEPTH} deep", "a config needs no such depth")
        if self._nodes > MAX_NODES:
            raise self._stop(place, f"more than {MAX_NODES:,} values once aliases are followed", "write fewer")

    def _note(self, place: Place, what: str, cure: str) -> None:
        self.problems.append(ConfigProblem(self.file, *place, what, cure))

    def _stop(self, place: Place, what: str, cure: str) -> _Unreadable:
        return _Unreadable(ConfigProblem(self.file, *place, what, cure))


class _Recorder:
    """Passes events on and keeps them, so that an alias can play them again."""

    def __init__(self, first: Event, events: Iterator[Event]) -> None:
        self.events = [first]
        self._source = events

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        event = next(self._source)
        self.events.append(event)
        return event


def _start(event: Event) -> Place:
    assert event.start_mark is not None  # the parser marks all that it yields
    return event.start_mark.line + 1, event.start_mark.column + 1


def _without_anchor(event: _Anchorable) -> Event:
    # Played again, the event would open its own anchor and take itself for an alias inside it.
    if isinstance(event, ScalarEvent):
        return ScalarEvent(
            None, event.tag, event.implicit, event.value, event.start_mark, event.end_mark, style=event.style
        )
    kind = MappingStartEvent if isinstance(event, MappingStartEvent) else SequenceStartEvent
    return kind(None, event.tag, event.implicit, event.start_mark, event.end_mark)
