"""The sandbox has no operation of its own invention."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from flask import Flask

from ctct_etl.sandbox.v3 import mount
from tests.contract.checking import VARIABLE, WHY_SKIPPED, read_document

_PARAMETER, _BRACES = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>"), r"{\1}"

pytestmark = pytest.mark.skipif(VARIABLE not in os.environ, reason=WHY_SKIPPED)


def list_operations() -> set[str]:
    """The sandbox's routes, written as the document writes them."""
    app = Flask("operations", static_folder=None)
    mount(app)
    return {
        f"{method} {_PARAMETER.sub(_BRACES, rule.rule)}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_every_operation_of_the_sandbox_is_in_the_providers_document() -> None:
    document = read_document(Path(os.environ[VARIABLE]))
    base = document["basePath"]
    declared = {f"{method.upper()} {base}{path}" for path, calls in document["paths"].items() for method in calls}
    assert list_operations() <= declared
    assert len(list_operations()) >= 30
