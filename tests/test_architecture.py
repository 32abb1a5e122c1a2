"""The walls of the package, read off its syntax trees. Each message is the cure, not only the fault."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.modules import PACKAGE, ROOT, Function, Module, read_modules

# A module imports only from parts of a lower rank; parts of one rank are neighbours and don't know each other.
RANKS = {
    "errors": 0, "columns": 0,
    "plan": 1, "config": 1, "engine": 1,
    "account": 2, "stages": 2, "checks": 2, "sources": 2,
    "run": 3, "report": 3,
    "workflow": 4,
    "cli": 5, "__main__": 6,
}  # fmt: skip
SANDBOX = "sandbox"
MAY_START_THE_SANDBOX = {"workflow", "cli"}

# Heavy or foreign packages, and where alone each is known.
HOMES = {
    "great_expectations": ("checks/expectations.py",),
    "lxml": ("account/v1/atom_reading.py", "account/v1/atom_writing.py", "sandbox/"),
    "requests": ("account/exchange.py", "account/connecting.py", "sources/remote.py"),
    "tenacity": ("account/repeating.py",),
    "yaml": ("config/marked_yaml.py",),
    "apprise": ("config/notice_targets.py",),
    "pydantic": ("config/",),
    "flask": ("sandbox/",),
    "werkzeug": ("sandbox/",),
    "click": ("cli/",),
    "platformdirs": ("cli/",),
    "rich": ("cli/", "report/"),
    "jinja2": ("report/",),
    "python_calamine": ("sources/",),
    "fsspec": ("sources/",),
    "sqlite3": ("run/", "sandbox/", "sources/", "account/key_table.py"),
    "filelock": ("run/",),
    "dask": ("engine/cluster.py",),
    "distributed": ("engine/cluster.py",),
    "openpyxl": (),  # reads slowly and keeps no text as it stands: the tests' own
}
PURE = ("columns", "plan", "stages")
IMPURE = {
    "os", "pathlib", "io", "tempfile", "shutil", "time", "random", "secrets", "socket", "subprocess", "logging",
    "sqlite3", "requests", "threading",
}  # fmt: skip
CLOCKS = ("datetime.now", "datetime.today", "datetime.utcnow", "date.today", "Timestamp.now", "Timestamp.today")
ONLY_CLI = {"print", "os.environ", "os.getenv", "sys.exit", "exit", "quit", "SystemExit", "os._exit"}
# What `ctct-etl --help` must not load.
HEAVY = (
    "pandas", "numpy", "pyarrow", "pydantic", "flask", "requests", "rich", "jinja2", "great_expectations", "apprise",
    "distributed",
)  # fmt: skip

LONGEST_MODULE, LONGEST_FUNCTION = 300, 40
MAY_BE_LONG: dict[str, str] = {}  # "path" or "path:function", and the reason
# Only data, no behaviour: nothing to specify.
NEEDS_NO_SPEC = {"plan/tables.py", "plan/snapshot.py", "plan/remembered.py"}

FORBIDDEN = {
    r"/wor[k]/|/roo[t]/|/home/[a-z]+/|[.]librar[y]\b": "it names a machine: say it in the project's own words",
    r"/share[d]/reference": "it names a place that only some machines have: say what the project must know here",
    r"index-ur[l]|pypi[.]or[g]|find-link[s]": "it names a package index: which one is used is the machine's business",
    r"\b(TOD[O]|FIXM[E]|XX[X])\b": "decide it, or write an issue",
}
MAY_NAME_ITS_NEIGHBOUR = {".ci/run"}
# Made by tools, not by people.
MADE = {
    ".git", ".venv", ".demo", ".bench", ".hypothesis", ".mypy_cache", ".ruff_cache", ".pytest_cache", "build", "dist",
}  # fmt: skip

MODULES = read_modules()


def find_crossings(module: Module) -> Iterator[str]:
    """Imports that go up, or to a neighbour."""
    for found in module.own_imports:
        part = f"{found.name}.".split(".")[1]
        if part == module.part or not part:
            continue
        where = f"{module.path}:{found.line} imports {found.name}: "
        if module.part == SANDBOX:
            yield where + "the sandbox shares no code with its clients; write it again on its own side"
        elif part == SANDBOX:
            if module.part not in MAY_START_THE_SANDBOX:
                yield where + "only workflow and cli start the sandbox; talk to it over HTTP"
        elif RANKS[part] >= RANKS[module.part]:
            yield where + f"{module.part} may not know {part}; move the shared name down, to columns.py or errors.py"


def find_hidden_imports(module: Module) -> Iterator[str]:
    """Own modules imported inside a function: a dodged cycle, except in cli, which puts off what is heavy."""
    if module.part in ("cli", SANDBOX):
        return
    for found in module.own_imports:
        if found.in_function:
            yield f"{module.path}:{found.line} imports {found.name} in a function: break the cycle, import at the top"


def find_strangers(module: Module) -> Iterator[str]:
    """Foreign packages outside their home."""
    for found in module.imports:
        homes = HOMES.get(found.top)
        if homes is not None and not module.within.startswith(homes):
            yield f"{module.path}:{found.line} imports {found.top}: only {', '.join(homes) or 'tests'} may; call that"


def find_impurities(module: Module) -> Iterator[str]:
    """Files, clocks, chance and network in what computes values from values."""
    if module.part not in PURE:
        return
    for found in module.imports:
        if found.top in IMPURE:
            yield f"{module.path}:{found.line} imports {found.top}: {module.part} is pure; pass the value in"
    for name, line in module.mentions:
        if name.endswith(CLOCKS):
            yield f"{module.path}:{line} reads the clock with {name}: {module.part} is pure; pass the time in"


def find_speech(module: Module) -> Iterator[str]:
    """Printing, reading the environment and exiting outside cli."""
    if module.part in ("cli", "__main__"):
        return
    for name, line in module.mentions:
        if name in ONLY_CLI:
            yield f"{module.path}:{line} uses {name}: only cli does; return a value, or raise an error of errors.py"


def find_lengths(module: Module) -> Iterator[str]:
    """Modules and functions that are too long to be read at once."""
    if module.length > LONGEST_MODULE and module.path not in MAY_BE_LONG:
        yield f"{module.path} has {module.length} lines: split it by subject ({LONGEST_MODULE} at most)"
    for function in module.functions:
        if function.length > LONGEST_FUNCTION and _name(module, function) not in MAY_BE_LONG:
            where = f"{module.path}:{function.line} {function.name}"
            yield f"{where} has {function.length} lines: name its steps ({LONGEST_FUNCTION} at most)"


def find_homeless(module: Module) -> Iterator[str]:
    """Drawers for odds and ends."""
    if Path(module.path).stem in {"util", "utils", "helpers", "common", "manager", "misc"}:
        yield f"{module.path}: name the file after what its functions are about"


RULES: tuple[Callable[[Module], Iterator[str]], ...] = (
    find_crossings, find_hidden_imports, find_strangers, find_impurities, find_speech, find_lengths, find_homeless,
)  # fmt: skip


@pytest.mark.parametrize("rule", RULES)
def test_the_package_keeps_its_walls(rule: Callable[[Module], Iterator[str]]) -> None:
    faults = [fault for module in MODULES for fault in rule(module)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("rule", "path", "source"),
    [
        (find_crossings, "stages/x.py", "from ctct_etl.workflow.running import run"),
        (find_crossings, "plan/x.py", "from ctct_etl import config"),
        (find_crossings, "account/v3/x.py", "from ...stages.diffing import diff"),
        (find_crossings, "run/x.py", "import ctct_etl.sandbox.store"),
        (find_crossings, "sandbox/v3/x.py", "from ctct_etl.columns import EMAIL"),
        (find_hidden_imports, "workflow/x.py", "def f():\n    from ctct_etl.stages.diffing import diff"),
        (find_strangers, "stages/x.py", "import yaml"),
        (find_strangers, "report/x.py", "def f():\n    from great_expectations.core import suite"),
        (find_impurities, "stages/x.py", "import os"),
        (find_impurities, "plan/x.py", "import datetime as dt\nnow = dt.datetime.now()"),
        (find_speech, "report/x.py", "print(1)"),
        (find_speech, "run/x.py", "import os\nhome = os.environ['HOME']"),
        (find_speech, "sources/x.py", "raise SystemExit(1)"),
        (find_lengths, "stages/x.py", "a = 1\n" * 301),
        (find_lengths, "stages/x.py", "def f():\n" + "    a = 1\n" * 40),
        (find_homeless, "stages/utils.py", ""),
    ],
)
def test_each_wall_stops_what_it_is_there_for(rule: Callable[[Module], Iterator[str]], path: str, source: str) -> None:
    assert len(list(rule(Module(f"{PACKAGE}/{path}", source)))) == 1


def test_every_part_of_the_package_has_its_place_in_the_layers() -> None:
    homeless = {module.part for module in MODULES} - RANKS.keys() - {SANDBOX, "__init__"}
    assert not homeless, f"give {sorted(homeless)} a rank in RANKS, and say in DECISIONS.md why it is there"


def test_nothing_is_allowed_to_be_long_without_need() -> None:
    long = {module.path for module in MODULES if module.length > LONGEST_MODULE}
    long |= {_name(m, f) for m in MODULES for f in m.functions if f.length > LONGEST_FUNCTION}
    assert not MAY_BE_LONG.keys() - long, "it is short enough now: take it out of MAY_BE_LONG"


def test_every_module_of_the_pure_core_has_its_own_spec() -> None:
    missing = [
        f"{module.path} has no spec: write tests/{spec}"
        for module in MODULES
        if module.part in (*PURE, "checks") and "/" in module.within and not module.path.endswith("__init__.py")
        if module.within not in NEEDS_NO_SPEC
        if not (ROOT / "tests" / (spec := _spec_of(module))).exists()
    ]
    assert not missing, "\n".join(missing)


def test_help_loads_nothing_heavy() -> None:
    program = f"import sys, ctct_etl.cli; print([name for name in {HEAVY!r} if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]", "import it inside the command that needs it"


def test_no_file_of_the_repository_names_a_machine_or_leaves_a_loose_end() -> None:
    faults = [
        f"{name}:{number} has {found.group()!r}: {cure}"
        for name, text in _read_repository()
        for number, line in enumerate(text.splitlines(), start=1)
        for pattern, cure in FORBIDDEN.items()
        if name not in MAY_NAME_ITS_NEIGHBOUR and (found := re.search(pattern, line))
    ]
    assert not faults, "\n".join(faults)


def _name(module: Module, function: Function) -> str:
    return f"{module.path}:{function.name}"


def _spec_of(module: Module) -> str:
    folder, _, name = module.within.rpartition("/")
    return f"{folder}/test_{name}"


def _read_repository() -> Iterator[tuple[str, str]]:
    """Every text file that people write. Git is not asked: a copy without its history must pass too."""
    for top in sorted(path for path in ROOT.iterdir() if path.name not in MADE):
        for path in [top] if top.is_file() else sorted(top.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts and b"\0" not in (raw := path.read_bytes()):
                yield path.relative_to(ROOT).as_posix(), raw.decode("utf-8", "replace")
