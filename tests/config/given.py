"""Sound config files, and a folder with any of them changed: what the tests of the configs begin with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ctct_etl.config.loading import LoadedConfig, load_pipeline
from ctct_etl.errors import ConfigError, ConfigProblem

PIPELINE = """\
name: members
account: sandbox
source: {path: members.csv}
mapping: mapping.yaml
"""
MAPPING = """\
fields:
  email: E-mail
"""
SUITE = """\
expectations:
  - {expect: expect_column_values_to_be_unique, column: E-mail}
"""
ACCOUNTS = """\
accounts:
  sandbox: {dialect: v3, sandbox: seed.jsonl}
"""
FILES = {"pipeline": PIPELINE, "mapping": MAPPING, "suite": SUITE, "accounts": ACCOUNTS}


def write_configs(folder: Path, **changed: str | bytes | dict[str, Any]) -> Path:
    """Write the files, with other text, bytes or data for those named; return the pipeline's path.

    A suite that is given is named by the mapping, unless that is given too.
    """
    if "suite" in changed:
        changed = {"mapping": MAPPING + "expectations: [{suite: suite.yaml}]\n", **changed}
    for name, text in {**FILES, **changed}.items():
        content = json.dumps(text) if isinstance(text, dict) else text
        path = folder / f"{name}.yaml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (folder / "seed.jsonl").touch()
    (folder / "never.csv").touch()
    return folder / "pipeline.yaml"


def load(
    folder: Path, environment: Mapping[str, str] | None = None, **changed: str | bytes | dict[str, Any]
) -> LoadedConfig:
    """Load the three files from `folder`, with those named changed."""
    return load_pipeline(write_configs(folder, **changed), None, environment or {})


def problems(
    folder: Path, environment: Mapping[str, str] | None = None, **changed: str | bytes | dict[str, Any]
) -> tuple[ConfigProblem, ...]:
    """Return what is wrong with the three files; nothing if they load."""
    try:
        load(folder, environment, **changed)
    except ConfigError as error:
        return error.problems
    return ()


def told(
    folder: Path, environment: Mapping[str, str] | None = None, **changed: str | bytes | dict[str, Any]
) -> list[str]:
    """The same as a person reads it, without the folder."""
    return [str(problem).replace(f"{folder}/", "") for problem in problems(folder, environment, **changed)]
