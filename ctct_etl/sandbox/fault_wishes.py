"""What a fault may be: the kinds, the keys of each, and how a wish is read.

Three sorts. A fault of the *answer* spoils one request's answer, or its way there. A *deed* changes the account
or its tokens round a request. A *fate* is what becomes of the bulk activity that a request queues.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .acting import check_deed
from .documents import Document

INSTEAD = ("throttled", "quota_exceeded", "500", "503", "html_200")
"""Answered in the service's stead: the request has no effect."""

UNHEARD = ("drop_before", "reset_before", "hang_before")
"""The request has no effect, and no answer."""

AFTERWARDS = ("drop_after", "reset_after", "hang_after", "truncated", "non_json")
"""The request has its whole effect, and the answer is lost or spoilt."""

ANSWERS = ("latency", *INSTEAD, *UNHEARD, *AFTERWARDS)
DEEDS = ("act", "token_expired", "token_revoked")
FATES = (
    "activity_stalled",
    "activity_failed",
    "activity_cancelled",
    "activity_timed_out",
    "activity_row_errors",
    "activity_rows_lost",
)
CHAOS = "chaos"
KINDS = (*ANSWERS, *DEEDS, *FATES, CHAOS)

TRANSIENT = tuple(kind for kind in ANSWERS if kind != "quota_exceeded" and not kind.startswith("hang"))
"""What is over when one asks again at once: what chaos draws from, unless told otherwise."""

COUNTERS = ("error_count", "correctable_count", "cannot_add_to_list_count")
"""Where an import counts rows that did not fare as they should."""

Sort = Literal["answer", "deed", "fate"]
Check = Callable[[str, Any], Any]


@dataclass(frozen=True)
class Wish:
    """A fault as it was asked for, defaults filled in. `own` holds the keys of its kind."""

    kind: str
    method: str = "*"
    path: str = "*"
    after: int = 0
    times: int | None = 1
    seed: int | str | None = None
    share: float = 1.0
    in_a_row: int | None = None
    own: Document = field(default_factory=dict)

    @property
    def sort(self) -> Sort:
        return "deed" if self.kind in DEEDS else "fate" if self.kind in FATES else "answer"

    def show(self) -> Document:
        match = {"method": self.method, "path": self.path}
        shown = {"kind": self.kind, "match": match, "after": self.after, "times": self.times}
        return shown | {"seed": self.seed, "share": self.share, "in_a_row": self.in_a_row} | self.own


def read_fault(given: Mapping[str, Any]) -> Wish:
    """Check a wish and fill in its defaults. Raises ValueError that says what is allowed."""
    kind = str(given.get("kind"))
    if kind not in KINDS:
        raise ValueError(f"kind {kind!r} is not one of {', '.join(KINDS)}")
    own = _OWN_KEYS.get(kind, {})
    _refuse_unknown(given, (*_COMMON, *own), f"of a fault {kind!r}")
    match = given.get("match") or {}
    if not isinstance(match, Mapping):
        raise ValueError("match must be an object with method and path")
    _refuse_unknown(match, ("method", "path"), "of match")
    seed = given.get("seed")
    if isinstance(seed, bool) or not isinstance(seed, int | str | None):
        raise ValueError("seed must be an integer or a text")
    if kind == CHAOS and seed is None:
        raise ValueError("chaos needs a seed, so that it can be repeated")
    share = None if given.get("share") is None else _number(1.0)("share", given["share"])
    if seed is None and (share not in (None, 1.0) or given.get("in_a_row") is not None):
        raise ValueError("share and in_a_row need a seed: without one every request is struck")
    by_chance = seed is not None and (kind in ANSWERS or kind == CHAOS)
    return Wish(
        kind,
        method=_text("method", match.get("method") or "*").upper(),
        path=_text("path", match.get("path") or "*"),
        after=_whole(0)("after", given.get("after") or 0),
        times=_or_none(_whole(1))("times", given.get("times", None if kind == CHAOS else 1)),
        seed=seed,
        share=(0.5 if by_chance else 1.0) if share is None else share,
        in_a_row=_or_none(_whole(1))("in_a_row", given.get("in_a_row")),
        own={key: check(key, given.get(key, default)) for key, (default, check) in own.items()},
    )


def list_own_keys(kind: str) -> list[str]:
    """The keys that this kind has beside those of every kind."""
    return list(_OWN_KEYS.get(kind, {}))


def _refuse_unknown(given: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    unknown = given.keys() - set(known)
    if unknown:
        raise ValueError(f"unknown keys {where}: {', '.join(sorted(unknown))}; known are {', '.join(known)}")


def _text(key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{key} must be a text, not {value!r}")
    return value


def _number(most: float) -> Check:
    def check(key: str, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
            raise ValueError(f"{key} must be a number from 0 to {most:g}, not {value!r}")
        return float(value)

    return check


def _whole(least: int) -> Check:
    def check(key: str, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise ValueError(f"{key} must be a whole number from {least} up, not {value!r}")
        return value

    return check


def _or_none(check: Check) -> Check:
    return lambda key, value: None if value is None else check(key, value)


def _one_of(*allowed: str) -> Check:
    def check(key: str, value: Any) -> str:
        if value not in allowed:
            raise ValueError(f"{key} must be one of {', '.join(allowed)}, not {value!r}")
        return str(value)

    return check


def _some_of(*allowed: str) -> Check:
    def check(key: str, value: Any) -> list[str]:
        if not isinstance(value, list | tuple) or not value or not set(map(str, value)) <= set(allowed):
            raise ValueError(f"{key} must be a list of some of {', '.join(allowed)}, not {value!r}")
        return list(map(str, value))

    return check


def _deed(key: str, value: Any) -> Document:
    if not isinstance(value, dict):
        raise ValueError(f"{key} must be a wish as POST act takes it, not {value!r}")
    check_deed(value)
    return dict(value)


_COMMON = ("kind", "match", "after", "times", "seed", "share", "in_a_row")
_SECONDS = _number(86_400.0)
_SHARE = _number(1.0)

_OWN_KEYS: dict[str, dict[str, tuple[Any, Check]]] = {
    "latency": {"seconds": (1.0, _SECONDS)},
    "hang_before": {"seconds": (None, _or_none(_SECONDS))},
    "hang_after": {"seconds": (None, _or_none(_SECONDS))},
    "act": {"act": (None, _deed), "when": ("before", _one_of("before", "after"))},
    "activity_stalled": {"seconds": (None, _or_none(_SECONDS))},
    **{kind: {"done": (0.0, _SHARE)} for kind in ("activity_failed", "activity_cancelled", "activity_timed_out")},
    "activity_row_errors": {"done": (0.5, _SHARE), "counter": ("error_count", _one_of(*COUNTERS))},
    "activity_rows_lost": {"done": (0.5, _SHARE)},
    CHAOS: {"kinds": (TRANSIENT, _some_of(*ANSWERS)), "seconds": (0.05, _SECONDS)},
}
"""Of each kind: key, default, check."""
