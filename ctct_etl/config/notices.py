"""Whom a pipeline tells, read from its file alone: also where the rest of the configs is wrong, which is to be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ctct_etl.config.marked_yaml import Document, parse_yaml
from ctct_etl.config.pipeline import LoadName, Notice


@dataclass(frozen=True)
class Told:
    """pipeline, account: as the file names them, "" where it does not. notices: those that are sound."""

    pipeline: str = ""
    account: str = ""
    notices: tuple[Notice, ...] = ()


def read_notices(path: Path, environment: Mapping[str, str]) -> Told:
    """Return whom the pipeline at `path` tells: nobody, if it can't be read. Nothing is raised."""
    try:
        document = parse_yaml(path.read_bytes(), str(path), environment)
    except (OSError, ValueError):
        return Told()
    return Told(_name(document), _text(document, "account"), tuple(_sound_notices(document)))


def _sound_notices(document: Document) -> Iterator[Notice]:
    written = document.data.get("notify")
    for at, item in enumerate(written if isinstance(written, list) else ()):
        if any(place[:2] == ("notify", at) for place in document.unset):
            continue
        try:
            yield Notice.model_validate(item)
        except ValidationError:  # `check`, and the run itself, tell it with its place
            continue


def _name(document: Document) -> str:
    try:
        return TypeAdapter(LoadName).validate_python(document.data.get("name"))
    except ValidationError:
        return ""


def _text(document: Document, key: str) -> str:
    text = document.data.get(key)
    return text if isinstance(text, str) and (key,) not in document.unset else ""
