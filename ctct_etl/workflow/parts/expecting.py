"""Quality gates of a plan that is made in parts: those that judge each row by itself, or the header alone.

One that looks at all rows together (a mean, what is unique, `mostly`, numbers or dates by what most cells are) can't be
judged in a part, and is refused: a run must not pass by another measure only because it ran on more machines.
"""

from __future__ import annotations

from collections.abc import Iterable

from ctct_etl.checks.asking import BY_ROW
from ctct_etl.config.checks import is_watched
from ctct_etl.config.expectation_table import Judges
from ctct_etl.config.expectations import Expected
from ctct_etl.config.loading import LoadedConfig
from ctct_etl.config.mapping import Mapping
from ctct_etl.errors import ConfigError
from ctct_etl.workflow.expecting import Gates


def refuse_gates_of_the_whole(config: LoadedConfig) -> None:
    """Raise ConfigError for every expectation that only one process can judge."""
    problems = []
    for expected in config.expectations:
        if why := _why_of_the_whole(expected):
            what = f"{expected.name} {why}, and --engine dask has them in parts"
            cure = "run it by --engine one, or remove it"
            problems.append(config.places.problem((*expected.path, "expect"), what, cure, file=expected.file))
    if problems:
        raise ConfigError(problems)


def _why_of_the_whole(expected: Expected) -> str:
    if expected.known.judges is Judges.HEADER:
        return ""
    if expected.known.judges is Judges.WHOLE or expected.name not in BY_ROW:
        return "looks at all rows together"
    return "with `mostly` looks at all rows together" if expected.arguments.get("mostly", 1.0) < 1.0 else ""


def say_columns_unseen(mapping: Mapping) -> tuple[str, ...]:
    """Say which looks at whole columns were not taken, of those that the mapping leaves on: they are warnings alone."""
    looks = [check for check in ("ambiguous_dates", "swapped_columns") if is_watched(mapping.checks, check)]
    if not looks:
        return ()
    return (f"columns were not looked at as a whole ({', '.join(looks)}): preview and --engine one do that",)


def join_gates(parts: Iterable[Gates]) -> Gates:
    """What expectations say of all parts: each says it once, for every part sees the same header."""
    every = list(parts)
    return Gates(*(_once([each for part in every for each in getattr(part, kind)])
                   for kind in ("stops", "warnings", "broken")))  # fmt: skip


def _once(said: Iterable[tuple[Expected, str]]) -> tuple[tuple[Expected, str], ...]:
    return tuple({(each[0].file, each[0].path): each for each in said}.values())
