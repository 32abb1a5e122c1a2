"""A pipeline with its mapping and its account: where they are found, what paths mean, which account counts."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from ctct_etl.config.accounts import SandboxAccount, ServiceAccount, V1Account
from ctct_etl.config.loading import load_account, load_pipeline
from ctct_etl.config.mapping import Condition, ListWhen, Newest
from ctct_etl.config.pipeline import IfNotIn
from ctct_etl.config.values import Limit
from ctct_etl.errors import ConfigError, UsageError
from tests.config.given import ACCOUNTS, MAPPING, PIPELINE, load, told, write_configs

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "pipelines" / "nightly_members.yaml"
SERVICE = "  main: {dialect: v3, client_id: '${CLUB_ID}', access_token: '${CLUB_TOKEN}'}\n"


def test_the_example_loads_with_no_variable_set() -> None:
    config = load_pipeline(EXAMPLE, None, {})
    assert config.pipeline.name == "nightly-members"
    assert config.pipeline.source.path == str(ROOT / "data" / "inbox" / "members-*.xlsx")
    assert config.pipeline.suppress == (ROOT / "data" / "never_mail.csv",)
    assert config.pipeline.guards.max_creates == Limit(share=0.5)
    assert config.account == SandboxAccount(dialect="v3", sandbox=ROOT / "data" / "sandbox_account.jsonl", limits="off")
    assert config.mapping.dedupe.prefer == Newest(newest="Updated")
    assert config.mapping.lists[2] == ListWhen(
        list="Volunteers", when=Condition(column="Volunteer", in_=("yes", "y", "1"))
    )
    assert [part for part in config.mapping.fields if part.startswith("address.home.")] == [
        f"address.home.{part}" for part in ("street", "city", "state", "postal_code", "country")
    ]


def test_the_hashes_are_those_of_the_files_as_read(tmp_path: Path) -> None:
    config = load(tmp_path)
    paths = {"pipeline": config.pipeline_path, "mapping": config.mapping_path, "accounts": config.accounts_path}
    assert paths == {name: tmp_path / f"{name}.yaml" for name in paths}
    assert config.sha256 == {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in paths.items()}


class TestPaths:
    def test_are_relative_to_the_file_that_names_them(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write_configs(
            tmp_path, pipeline=PIPELINE.replace("members.csv", "../in/*.csv") + "suppress: [./a/../never.csv]\n"
        )
        monkeypatch.chdir(tmp_path.parent)
        config = load_pipeline(Path(tmp_path.name) / "pipeline.yaml", None, {})
        assert config.pipeline.source.path == str(tmp_path.parent / "in" / "*.csv")
        assert config.pipeline.suppress == (tmp_path / "never.csv",)
        assert config.pipeline.mapping == tmp_path / "mapping.yaml"

    def test_an_address_and_an_absolute_path_stay_as_they_are(self, tmp_path: Path) -> None:
        for path in ("https://example.org/a/../members.csv", "/in/members-*.csv", "http://127.0.0.1:8080/m.csv"):
            config = load(tmp_path, pipeline=PIPELINE.replace("members.csv", path))
            assert config.pipeline.source.path == path

    def test_a_folder_with_signs_of_a_glob_is_no_glob(self, tmp_path: Path) -> None:
        folder = tmp_path / "club [old]"
        folder.mkdir()
        (folder / "a-1.csv").touch()
        config = load(folder, pipeline=PIPELINE.replace("members.csv", "a-*.csv"))
        assert list(Path("/").glob(config.pipeline.source.path.lstrip("/"))) == [folder / "a-1.csv"]

    def test_messages_show_them_as_the_person_wrote_the_pipelines(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write_configs(tmp_path, mapping="fields: {emial: A}\n")
        monkeypatch.chdir(tmp_path.parent)
        with pytest.raises(ConfigError, match=rf"^{tmp_path.name}/mapping\.yaml:1:10: unknown contact field"):
            load_pipeline(f"{tmp_path.name}/pipeline.yaml", None, {})

    def test_a_pipeline_that_is_not_there_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match=r"gone\.yaml:1:1: the file can't be read"):
            load_pipeline(tmp_path / "gone.yaml", None, {})


class TestAccountsFile:
    @pytest.mark.parametrize("place", ["a/b/accounts.yaml", "a/b/configs/accounts.yaml", "a/accounts.yaml",
                                       "a/configs/accounts.yaml", "configs/accounts.yaml"])  # fmt: skip
    def test_is_found_by_walking_up(self, place: str, tmp_path: Path) -> None:
        folder = tmp_path / "a" / "b"
        folder.mkdir(parents=True)
        write_configs(folder)
        (folder / "accounts.yaml").unlink()
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(ACCOUNTS)
        (path.parent / "seed.jsonl").touch()
        config = load_pipeline(folder / "pipeline.yaml", None, {})
        assert config.accounts_path == path
        assert config.account == SandboxAccount(dialect="v3", sandbox=path.parent / "seed.jsonl")

    def test_that_is_given_wins(self, tmp_path: Path) -> None:
        pipeline = write_configs(tmp_path)
        given = tmp_path / "given" / "others.yaml"
        given.parent.mkdir()
        given.write_text(ACCOUNTS)
        (given.parent / "seed.jsonl").touch()
        assert load_pipeline(pipeline, given, {}).accounts_path == given

    def test_that_is_nowhere_is_told_at_the_pipelines_account(self, tmp_path: Path) -> None:
        pipeline = write_configs(tmp_path)
        with pytest.raises(ConfigError, match=r"pipeline.yaml:2:10: .*gone.yaml can't be read — pass --accounts"):
            load_pipeline(pipeline, tmp_path / "gone.yaml", {})


class TestTheAccountThatIsUsed:
    def test_needs_its_variables_and_others_do_not(self, tmp_path: Path) -> None:
        assert not told(tmp_path, accounts=ACCOUNTS + SERVICE)
        found = told(
            tmp_path, {"CLUB_ID": "key"}, accounts=ACCOUNTS + SERVICE, pipeline=PIPELINE.replace("sandbox", "main")
        )
        assert found == [
            "accounts.yaml:3:62: the environment variable CLUB_TOKEN is not set — "
            "set it, or write ${CLUB_TOKEN:-default}"
        ]

    @pytest.mark.parametrize(
        "token", ["t0ps3cret\n", "t0p s3cret", "t0ps3cret\u2026"], ids=["newline", "space", "dots"]
    )
    def test_has_a_token_that_a_request_can_carry(self, tmp_path: Path, token: str) -> None:
        environment = {"CLUB_ID": "key", "CLUB_TOKEN": token}
        used = {"accounts": ACCOUNTS + SERVICE, "pipeline": PIPELINE.replace("sandbox", "main")}
        assert told(tmp_path, environment, **used) == [
            'accounts.yaml:3:62: the access_token of the account "main" has a space, a line break or a character '
            "beyond ASCII — give it as it was issued: none has one"
        ]

    def test_of_the_older_dialect_has_its_values_typed(self, tmp_path: Path) -> None:
        old = "  old: {dialect: v1, username: club, api_key: key, password: '${PASSWORD}', custom_fields: {A: 02}}\n"
        assert not told(tmp_path, accounts=ACCOUNTS + old)
        used = {"accounts": ACCOUNTS + old, "pipeline": PIPELINE.replace("sandbox", "old")}
        account = load(tmp_path, {"PASSWORD": "t0ps3cret"}, **used).account
        assert isinstance(account, V1Account)
        assert (account.username, account.api_key, account.custom_fields) == ("club", "key", {"A": 2})
        assert account.base_url == "https://api.constantcontact.com/ws"
        assert "t0ps3cret" not in repr(account)

    def test_is_missing_from_a_file_without_accounts(self, tmp_path: Path) -> None:
        assert told(tmp_path, accounts="accounts: {}\n") == [
            'pipeline.yaml:2:10: accounts.yaml has no account "sandbox" — there is none'
        ]

    def test_may_not_have_an_unset_dialect_and_others_may(self, tmp_path: Path) -> None:
        accounts = ACCOUNTS + "  main: {dialect: '${CLUB_DIALECT}', username: club}\n"
        assert not told(tmp_path, accounts=accounts)
        assert told(tmp_path, accounts=accounts, pipeline=PIPELINE.replace("sandbox", "main")) == [
            "accounts.yaml:3:19: the environment variable CLUB_DIALECT is not set — "
            "set it, or write ${CLUB_DIALECT:-default}"
        ]

    def test_others_are_checked_for_their_keys_and_types_all_the_same(self, tmp_path: Path) -> None:
        found = told(tmp_path, accounts=ACCOUNTS + "  main: {dialect: v3, client_id: '${A}', limits: off, pace: [1]}\n")
        assert [line.partition(" — ")[0] for line in found] == [
            'accounts.yaml:3:42: "limits" is no key of an account of this kind',
            'accounts.yaml:3:55: unknown key "pace"',
        ]

    def test_of_the_service_has_its_values_typed(self, tmp_path: Path) -> None:
        accounts = ACCOUNTS + SERVICE.replace("}\n", ", requests_per_second: 0.5, requests_per_day: 100}\n")
        config = load(
            tmp_path, {"CLUB_ID": "key", "CLUB_TOKEN": "t0ps3cret"},
            accounts=accounts, pipeline=PIPELINE.replace("sandbox", "main"),
        )  # fmt: skip
        account = config.account
        assert isinstance(account, ServiceAccount)
        assert (account.client_id, account.access_token.get_secret_value()) == ("key", "t0ps3cret")
        assert (account.requests_per_second, account.requests_per_day) == (0.5, 100)
        assert account.base_url == "https://api.cc.email/v3"
        assert "t0ps3cret" not in repr(config)

    def test_can_be_loaded_alone_by_its_name(self, tmp_path: Path) -> None:
        write_configs(tmp_path)
        accounts = tmp_path / "accounts.yaml"
        assert load_account("sandbox", accounts, {}) == SandboxAccount(dialect="v3", sandbox=tmp_path / "seed.jsonl")
        with pytest.raises(UsageError, match=r'has no account "sandbx" — did you mean "sandbox"\?'):
            load_account("sandbx", accounts, {})
        with pytest.raises(UsageError, match="can't be read"):
            load_account("sandbox", tmp_path / "gone.yaml", {})
        accounts.write_text("accounts: {sandbox: {dialect: v3, sandbox: seed.jsonl, limit: off}}\n")
        with pytest.raises(ConfigError, match='1:56: unknown key "limit"'):
            load_account("sandbox", accounts, {})

    def test_alone_is_found_by_walking_up_from_the_working_directory(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write_configs(tmp_path)
        (tmp_path / "a" / "b").mkdir(parents=True)
        monkeypatch.chdir(tmp_path / "a" / "b")
        assert load_account("sandbox", None, {}) == SandboxAccount(dialect="v3", sandbox=tmp_path / "seed.jsonl")


class TestPlaces:
    def test_lead_to_the_value_or_the_key_of_any_file(self, tmp_path: Path) -> None:
        places = load(tmp_path, mapping=MAPPING + "lists:\n  - {list: Board}\n").places
        assert str(places.problem(("lists", 0, "list"), "no such list", "make it")) == (
            f"{tmp_path}/mapping.yaml:4:12: no such list — make it"
        )
        assert places.problem(("source", "path"), "a", "b", file="pipeline").column == 16
        assert places.problem(("source", "path"), "a", "b", file="pipeline", key=True).column == 10

    def test_find_the_short_form_of_a_rule(self, tmp_path: Path) -> None:
        problem = load(tmp_path).places.problem(("fields", "email", "column"), "a", "b")
        assert (problem.line, problem.column) == (2, 10)

    def test_hold_no_values(self, tmp_path: Path) -> None:
        accounts = ACCOUNTS.replace("sandbox: seed.jsonl", "client_id: key, access_token: t0ps3cret")
        places = load(tmp_path, accounts=accounts).places
        assert "t0ps3cret" not in repr(vars(places))


def test_update_rules_limits_and_times_are_typed(tmp_path: Path) -> None:
    more = "existing: {update: {if_not_in: [Board]}}\nguards: {max_updates: 1500, min_rows: 007}\n"
    config = load(tmp_path, pipeline=PIPELINE.replace("members.csv}", "m.csv, fresh_within: 26h, sheet: 2}") + more)
    assert config.pipeline.existing.update == IfNotIn(if_not_in=("Board",))
    assert (config.pipeline.guards.max_updates, config.pipeline.guards.min_rows) == (Limit(count=1500), 7)
    assert config.pipeline.source.sheet == ("2",)
    assert config.pipeline.source.fresh_within is not None
    assert config.pipeline.source.fresh_within.total_seconds() == 26 * 3600


def test_a_secret_of_the_environment_is_in_no_message(tmp_path: Path) -> None:
    environment = {"A": "t0ps3cret"}
    for text in ("pick: '${A}'", "header_row: '${A}'", "encoding: '${A}'", "fresh_within: '${A}'", "delimiter: '${A}'"):
        found = told(tmp_path, environment, pipeline=PIPELINE.replace("members.csv}", f"m.csv, {text}}}"))
        assert len(found) == 1 and "t0ps3cret" not in found[0]
    for text in ("account: '${A}'", "mapping: '${A}'"):
        found = told(tmp_path, environment, pipeline=PIPELINE.replace(text.replace("'${A}'", ""), text + " #"))
        assert found and not any("t0ps3cret" in line for line in found)
    found = told(tmp_path, environment, pipeline=PIPELINE + "suppress: ['${A}']\n")
    assert found and "t0ps3cret" not in found[0]


def test_the_example_needs_nothing_but_its_files(tmp_path: Path) -> None:
    for folder in ("pipelines", "configs"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    with pytest.raises(ConfigError) as caught:
        load_pipeline(tmp_path / "pipelines" / "nightly_members.yaml", None, {})
    assert {problem.what.rpartition("/")[2] for problem in caught.value.problems} == {
        "never_mail.csv", "sandbox_account.jsonl",
    }  # fmt: skip
