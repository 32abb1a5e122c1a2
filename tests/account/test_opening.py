import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import pytest
import requests
from pydantic import SecretStr

from ctct_etl.account.opening import BUDGET_FILE, open_account
from ctct_etl.account.v1.adapter import V1
from ctct_etl.account.v3.adapter import V3
from ctct_etl.config.accounts import SandboxAccount, ServiceAccount, V1Account, V1SandboxAccount
from ctct_etl.errors import Denied
from ctct_etl.sandbox import start_sandbox
from tests.account.plans import Act, plan_tables, routed
from tests.tables import snapshot

SERVICE = ServiceAccount(dialect="v3", client_id="key", access_token="a-token")


def sandbox(tmp_path, limits="on", import_list=None):
    return SandboxAccount(dialect="v3", sandbox=tmp_path / "seed.jsonl", limits=limits, import_list=import_list)


def forecast_minutes(account):
    tables = routed(plan_tables([Act(f"{n:03}@x.org") for n in range(235)]), account.dialect, snapshot([]))
    return account.dialect.forecast([tables], snapshot([])).minutes


def test_an_account_is_a_dialect_a_session_and_a_budget_kept_in_the_state(tmp_path):
    account = open_account(SERVICE, "main", tmp_path)
    assert isinstance(account.dialect, V3)
    assert (account.name, account.budget.left()) == ("main", 10_000)
    assert stat.S_IMODE((tmp_path / BUDGET_FILE).stat().st_mode) == 0o600
    account.close()


def test_limits_are_the_services_own_unless_the_file_says_otherwise(tmp_path):
    own = SERVICE.model_copy(update={"requests_per_second": 8.0, "requests_per_day": 5})
    account = open_account(own, "main", tmp_path)
    assert (account.budget.left(), forecast_minutes(account)) == (5, 0.5)
    account.close()


def test_a_sandbox_has_the_services_limits_too(tmp_path):
    account = open_account(sandbox(tmp_path), "demo", tmp_path, "http://127.0.0.1:1")
    assert (account.budget.left(), forecast_minutes(account)) == (10_000, 1.0)
    account.close()


def test_limits_off_are_no_pace_and_no_budget(tmp_path):
    account = open_account(sandbox(tmp_path, limits="off"), "demo", tmp_path, "http://127.0.0.1:1")
    assert (account.budget.left(), forecast_minutes(account)) == (None, 0.0)
    account.close()


def test_the_import_list_reaches_the_routes(tmp_path):
    account = open_account(sandbox(tmp_path, import_list="Loads"), "demo", tmp_path, "http://127.0.0.1:1")
    people = [{"email": f"{n:02}@x.org"} for n in range(20)]
    acts = [Act(f"{n:02}@x.org", "update", {"first_name": ("", "A")}) for n in range(20)]
    known = snapshot(people, lists=["Loads"])
    tables = routed(plan_tables(acts, known), account.dialect, known)
    assert set(tables.actions["route"]) == {"contacts_json_import"}
    account.close()


def test_requests_go_to_the_base_url_and_carry_the_access_token(tmp_path):
    with start_sandbox() as served:
        for token, allowed in (("sandbox-token", True), ("another-token", False)):
            own = SERVICE.model_copy(
                update={"base_url": f"{served.url}/v3", "access_token": SecretStr(token), "requests_per_second": 50.0}
            )
            account = open_account(own, "main", tmp_path)
            with nullcontext() if allowed else pytest.raises(Denied):
                account.session.converse(account.dialect.fetch_names())
            account.close()
        seen = requests.get(f"{served.url}/_sandbox/requests", timeout=10).json()
    assert {request["status"] for request in seen} == {200, 401}


OLD = V1Account(
    dialect="v1", username="Sandbox", api_key="sandbox-key", password="sandbox", custom_fields={"Level": 1},
    requests_per_second=50.0,
)  # fmt: skip


def test_an_account_of_v1_is_found_by_its_user_and_let_in_by_key_and_password_or_token(tmp_path):
    ways = {
        "right": {},
        "token": {"password": SecretStr(""), "access_token": SecretStr("sandbox-token")},
        "wrong user": {"username": "another"},
        "wrong key": {"api_key": "another"},
        "wrong password": {"password": SecretStr("another")},
    }
    with start_sandbox() as served:
        for way, keys in ways.items():
            account = open_account(OLD.model_copy(update={"base_url": f"{served.url}/ws", **keys}), way, tmp_path)
            assert isinstance(account.dialect, V1)
            with pytest.raises(Denied) if "wrong" in way else nullcontext():
                names = account.session.converse(account.dialect.fetch_names())
                assert names.account["encoded_account_id"] == "sandbox"
                assert list(names.custom_fields) == ["Level"]
            account.close()


def test_the_days_requests_of_v1_are_counted_for_the_key(tmp_path):
    opened = [open_account(OLD.model_copy(update={"api_key": key}), "old", tmp_path) for key in ("a", "a", "b")]
    opened[0].budget.spend()
    assert [account.budget.left() for account in opened] == [9_999, 9_999, 10_000]
    for account in opened:
        account.close()


def test_a_sandbox_can_be_spoken_to_by_v1(tmp_path):
    own = V1SandboxAccount(dialect="v1", sandbox=tmp_path / "seed.jsonl", limits="off")
    with start_sandbox() as served:
        account = open_account(own, "demo", tmp_path, served.url)
        assert account.session.converse(account.dialect.fetch_names()).lists == {}
        account.close()


def test_the_days_requests_are_counted_for_the_client_id_whatever_the_account_is_called(tmp_path):
    names = [("main", "key"), ("other", "key"), ("main", "another key")]
    opened = [open_account(SERVICE.model_copy(update={"client_id": key}), name, tmp_path) for name, key in names]
    opened[0].budget.spend()
    assert [account.budget.left() for account in opened] == [9_999, 9_999, 10_000]
    for account in opened:
        account.close()


@pytest.mark.parametrize("url", ["http://api.cc.email/v3", "http://127.0.0.1.example.org/v3", "ftp://127.0.0.1/v3"])
def test_a_token_is_never_sent_in_clear_text_over_a_network(tmp_path, url):
    with pytest.raises(Denied, match=r'"main".*https'):
        open_account(SERVICE.model_copy(update={"base_url": url}), "main", tmp_path)


@pytest.mark.parametrize(
    "url", ["https://api.cc.email/v3", "http://127.0.0.1:80/v3", "http://localhost/v3", "http://[::1]/v3"]
)
def test_https_and_this_machine_are_fine(tmp_path, url):
    opened = open_account(SERVICE.model_copy(update={"base_url": url}), "main", tmp_path)
    assert (opened.name, opened.session.requests_sent) == ("main", 0)
    opened.close()


def test_a_sandbox_needs_the_address_at_which_it_was_started(tmp_path):
    with pytest.raises(ValueError, match="address"):
        open_account(sandbox(tmp_path), "demo", tmp_path)


def test_conversations_side_by_side_get_through_a_service_with_its_limits_on(tmp_path):
    # That a quiet machine is never throttled at all is held by test_pace.py, on a clock of its own.
    with start_sandbox() as served, ThreadPoolExecutor(8) as pool:
        account = open_account(sandbox(tmp_path), "demo", tmp_path, served.url)
        found = list(pool.map(lambda _: account.session.converse(account.dialect.fetch_names()), range(4)))
        counted = account.budget.used()
        account.close()
        seen = requests.get(f"{served.url}/_sandbox/requests", timeout=10).json()
    assert len(found) == 4
    assert sorted(request["status"] for request in seen if request["status"] != 429) == [200] * 16
    assert counted == len(seen)
