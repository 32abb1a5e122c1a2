"""Environment variables in config texts: `${VAR}`, `${VAR:-default}`, and `$${` for a literal `${`."""

from __future__ import annotations

import re
from collections.abc import Mapping

_VARIABLE = re.compile(r"\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")


def fill_in(text: str, environment: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Return `text` with its variables filled in, and the names of those that are unset without a default.

    A default stands for a variable that is unset or empty, as in a shell. Done after parsing and in one pass, so
    that a secret with `: `, `#` or `${` in it can neither break a file nor name another variable.
    """
    unset: list[str] = []

    def replace(match: re.Match[str]) -> str:
        name, default = match[1], match[2]
        if name is None:
            return "${"
        if environment.get(name):
            return environment[name]
        if default is not None:
            return str(default)
        if name in environment:
            return ""
        unset.append(name)
        return ""

    return _VARIABLE.sub(replace, text), tuple(unset)


def holds_variable(text: str) -> bool:
    """Tell whether `text` has a `${` that is not escaped."""
    return "${" in text.replace("$${", "")


def is_malformed(text: str) -> bool:
    """Tell whether `text` has a `${` that is neither a variable nor escaped."""
    return "${" in _VARIABLE.sub("", text)
