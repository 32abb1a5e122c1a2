"""From the path of a pipeline to everything its files say, checked.

Files are read here and nowhere else in the package; the environment is passed in. Whatever is wrong with any of the
files is raised together, as one ConfigError.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ctct_etl.config.account_choice import account_names, choose_account
from ctct_etl.config.accounts import Account
from ctct_etl.config.dialect_checks import check_dialect_of_mapping, check_dialect_of_pipeline, writable_fields
from ctct_etl.config.expectation_checks import check_expectations
from ctct_etl.config.expectations import Expected, Suite
from ctct_etl.config.mapping import Mapping as FieldMapping
from ctct_etl.config.mapping_checks import check_mapping
from ctct_etl.config.marked_yaml import Document, KeyPath, parse_yaml
from ctct_etl.config.not_built import PIPELINE, find_not_built
from ctct_etl.config.paths import beside, beside_as_source, find_accounts, shown
from ctct_etl.config.pipeline import Pipeline
from ctct_etl.config.pipeline_checks import check_pipeline
from ctct_etl.config.places import ConfigFile, Places
from ctct_etl.config.suggesting import suggest
from ctct_etl.config.suites import ReadSuite, find_suites, lay_out_expectations
from ctct_etl.config.validating import explain_unset, validate
from ctct_etl.errors import ConfigError, ConfigProblem, UsageError

_PIPELINE_STAND_INS: Mapping[KeyPath, object] = {
    ("name",): "unknown",
    ("account",): "unknown",
    ("source",): {"path": "unknown"},
    ("source", "path"): "unknown",
    ("mapping",): "unknown",
}


@dataclass(frozen=True)
class LoadedConfig:
    """Pipeline, mapping and account, sound in themselves; the paths in them are absolute.

    expectations: the mapping's, those of its suites in their place. sha256: of each file as it was read, by "pipeline",
    "mapping", "accounts", and the path of each suite.
    """

    pipeline: Pipeline
    mapping: FieldMapping
    expectations: tuple[Expected, ...]
    account: Account
    account_name: str
    pipeline_path: Path
    mapping_path: Path
    accounts_path: Path
    suites: Mapping[ConfigFile, Path]
    sha256: Mapping[ConfigFile, str]
    places: Places = field(repr=False)


def load_pipeline(path: Path | str, accounts_path: Path | str | None, environment: Mapping[str, str]) -> LoadedConfig:
    """Load a pipeline, its mapping, and the account that it names.

    accounts_path: the engineer's file; None walks up from the pipeline's folder.
    Raises ConfigError with every problem of all files. No message holds a secret or a variable's value.
    """
    loading = _Loading(Path(path), environment)
    pipeline = loading.read_pipeline()
    mapping = loading.read_mapping()
    account = loading.read_account(Path(accounts_path) if accounts_path is not None else None)
    loading.check_dialect(pipeline, mapping, account)
    if loading.problems:
        raise ConfigError(loading.problems)
    assert pipeline is not None and mapping is not None and account is not None  # else there are problems
    return LoadedConfig(
        pipeline=pipeline,
        mapping=mapping,
        expectations=lay_out_expectations(mapping, loading.suites),
        account=account,
        account_name=pipeline.account,
        pipeline_path=loading.paths["pipeline"],
        mapping_path=loading.paths["mapping"],
        accounts_path=loading.paths["accounts"],
        suites={read.file: loading.paths[read.file] for read in loading.suites.values()},
        sha256=loading.sha256,
        places=Places.of(loading.documents),
    )


def load_account(name: str, accounts_path: Path | str | None, environment: Mapping[str, str]) -> Account:
    """Load one account by its name; `accounts_path` None walks up from the working directory.

    Raises UsageError if there is no such file or no such account, ConfigError with every problem of the file.
    """
    here = Path.cwd()
    path = Path(accounts_path) if accounts_path is not None else find_accounts(here / "any")
    try:
        content = path.read_bytes() if path is not None else None
    except (OSError, ValueError):
        content = None
    if path is None or content is None:
        raise UsageError(
            f"{path or 'accounts.yaml'} can't be read — pass --accounts FILE, or go to the configs' folder"
        )
    file = str(path) if accounts_path is not None else shown(path, Path("here"))
    document = parse_yaml(content, file, environment)
    account, problems = choose_account(document, name, path)
    if document.problems or problems:
        raise ConfigError([*document.problems, *problems])
    if account is None:
        raise UsageError(f'{file} has no account "{name}" — {suggest(name, account_names(document))}')
    return account


class _Loading:
    """One loading: the files read so far, and every problem found in them."""

    def __init__(self, given: Path, environment: Mapping[str, str]) -> None:
        self.given = given
        self.environment = environment
        self.problems: list[ConfigProblem] = []
        self.paths: dict[ConfigFile, Path] = {}
        self.sha256: dict[ConfigFile, str] = {}
        self.documents: dict[ConfigFile, Document] = {}
        self.suites: dict[str, ReadSuite] = {}

    def read_pipeline(self) -> Pipeline | None:
        document = self._read("pipeline", self.given)
        if document is None:
            self.problems.append(ConfigProblem(str(self.given), 1, 1, "the file can't be read", "mend its path"))
            raise ConfigError(self.problems)
        later = find_not_built(document, PIPELINE)
        self.problems += [*later.values(), *explain_unset(document)]
        pipeline, problems = validate(Pipeline, document, later, _PIPELINE_STAND_INS)
        self.problems += problems
        if pipeline is None:
            return None
        pipeline = _make_absolute(pipeline, self.given)
        self.problems += check_pipeline(pipeline, document)
        return pipeline

    def read_mapping(self) -> FieldMapping | None:
        written = self._text_of("mapping")
        if written is None:
            return None
        path = beside(self.given, written)
        document = self._read("mapping", path)
        if document is None:
            pipeline = self.documents["pipeline"]
            what = f"the mapping {pipeline.find(('mapping',)).written} can't be read"
            self.problems.append(pipeline.problem(("mapping",), what, "mend the path: it is relative to this file"))
            return None
        self.problems += explain_unset(document)
        mapping, problems = validate(FieldMapping, document, (), {("fields",): {}})
        self.problems += [*problems, *check_expectations(document)]
        for place, suite in find_suites(document):
            self._read_suite(document, place, suite, beside(path, suite))
        return mapping

    def _read_suite(self, mapping: Document, place: KeyPath, written: str, path: Path) -> None:
        name = shown(path, self.given)
        document = self.documents[name] if name in self.documents else self._read(name, path)
        if document is None:
            what = f"the suite {mapping.find(place).written} can't be read"
            self.problems.append(mapping.problem(place, what, "mend the path: it is relative to this file"))
        elif any(read.file == name for read in self.suites.values()):
            what = f"the suite {mapping.find(place).written} is named twice"
            self.problems.append(mapping.problem(place, what, "remove one: each row would be judged twice"))
        else:
            suite, problems = validate(Suite, document)
            self.problems += [*explain_unset(document), *problems, *check_expectations(document)]
            self.suites[str(Path(written))] = ReadSuite(name, suite)

    def read_account(self, accounts: Path | None) -> Account | None:
        path = accounts or find_accounts(self.given)
        document = self._read("accounts", path) if path else None
        if path is None or document is None:
            where = shown(path, accounts or self.given) if path else "accounts.yaml"
            cure = "pass --accounts FILE, or write configs/accounts.yaml beside the pipeline's folder"
            self.problems.append(self.documents["pipeline"].problem(("account",), f"{where} can't be read", cure))
            return None
        name = self._text_of("account")
        account, problems = choose_account(document, name, path)
        self.problems += problems
        names = account_names(document)
        if name is not None and name not in names and isinstance(document.data.get("accounts"), dict):
            what = f'{document.file} has no account "{self.documents["pipeline"].find(("account",)).written}"'
            self.problems.append(self.documents["pipeline"].problem(("account",), what, suggest(name, names)))
        return account

    def check_dialect(self, pipeline: Pipeline | None, mapping: FieldMapping | None, account: Account | None) -> None:
        """Hold pipeline and mapping against what the account can do, as far as each of them is known."""
        if pipeline is not None and account is not None:
            self.problems += check_dialect_of_pipeline(pipeline, self.documents["pipeline"], account)
        if "mapping" not in self.documents:
            return
        document = self.documents["mapping"]
        self.problems += check_mapping(mapping, document, writable_fields(account))
        if mapping is not None and account is not None:
            self.problems += check_dialect_of_mapping(mapping, document, account, self._text_of("account") or "")

    def _read(self, name: ConfigFile, path: Path) -> Document | None:
        try:
            content = path.read_bytes()
        except (OSError, ValueError):
            return None
        self.paths[name] = beside(path, path.name)
        self.sha256[name] = hashlib.sha256(content).hexdigest()
        self.documents[name] = parse_yaml(content, shown(path, self.given), self.environment)
        self.problems += self.documents[name].problems
        return self.documents[name]

    def _text_of(self, key: str) -> str | None:
        """Return a top-level text of the pipeline, even of one that has other faults; None if it can't be used."""
        document = self.documents["pipeline"]
        text = document.data.get(key)
        return text if isinstance(text, str) and text and (key,) not in document.unset else None


def _make_absolute(pipeline: Pipeline, file: Path) -> Pipeline:
    source = pipeline.source.model_copy(update={"path": beside_as_source(file, pipeline.source.path)})
    return pipeline.model_copy(
        update={
            "source": source,
            "mapping": beside(file, pipeline.mapping),
            "suppress": tuple(beside(file, path) for path in pipeline.suppress),
        }
    )
