"""The package as syntax trees: what each module imports, calls and defines, without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = "ctct_etl"


@dataclass(frozen=True)
class Import:
    """One imported module, by its full name, and whether the import hides inside a function."""

    name: str
    line: int
    in_function: bool

    @property
    def top(self) -> str:
        return self.name.split(".")[0]


@dataclass(frozen=True)
class Function:
    name: str
    line: int
    length: int


@dataclass(frozen=True)
class Module:
    path: str  # from the root of the repository
    source: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source, self.path)

    @property
    def within(self) -> str:
        """The path inside the package: "stages/diffing.py"."""
        return self.path.removeprefix(f"{PACKAGE}/")

    @property
    def part(self) -> str:
        """The package's part that it belongs to: "stages", or "columns" for a module at the top."""
        return self.within.split("/")[0].removesuffix(".py")

    @property
    def length(self) -> int:
        return self.source.count("\n")

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        return tuple(self._walk_imports(self.tree, in_function=False))

    @cached_property
    def own_imports(self) -> tuple[Import, ...]:
        return tuple(found for found in self.imports if found.top == PACKAGE)

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        found = [node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        return tuple(Function(node.name, node.lineno, (node.end_lineno or 0) - node.lineno + 1) for node in found)

    @cached_property
    def mentions(self) -> tuple[tuple[str, int], ...]:
        """Every dotted name that is read or called, and its line: ("sys.exit", 12)."""
        nodes = [node for node in ast.walk(self.tree) if isinstance(node, ast.Attribute | ast.Name)]
        return tuple((ast.unparse(node), node.lineno) for node in nodes)

    def _walk_imports(self, node: ast.AST, in_function: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            inside = in_function or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
            if isinstance(child, ast.Import):
                yield from (Import(alias.name, child.lineno, in_function) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                yield from (Import(name, child.lineno, in_function) for name in self._name_imports(child))
            yield from self._walk_imports(child, inside)

    def _name_imports(self, node: ast.ImportFrom) -> Iterator[str]:
        """`from ctct_etl import errors` imports ctct_etl.errors; `from .a import b` imports a of this package."""
        here = self.path.removesuffix(".py").split("/")
        base = ".".join(here[: len(here) - node.level]) if node.level else ""
        module = ".".join(filter(None, (base, node.module)))
        if module == PACKAGE:
            yield from (f"{module}.{alias.name}" for alias in node.names)
        else:
            yield module


def read_modules(folder: str = PACKAGE) -> list[Module]:
    """Every module under the folder, in the order of their paths."""
    paths = sorted((ROOT / folder).rglob("*.py"))
    return [Module(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in paths]
