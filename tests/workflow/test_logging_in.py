"""Login against the sandbox, over real HTTP; a test plays the browser."""

from __future__ import annotations

import logging
import socket
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from ctct_etl.account.login import AnotherLogin, Authorization
from ctct_etl.errors import Busy, ConfigError, Denied, UsageError
from ctct_etl.run.state import StateDirectory
from ctct_etl.run.token_file import TokenFile
from ctct_etl.sandbox import Sandbox, start_sandbox
from ctct_etl.workflow.accounts import list_lists, tell_quota
from ctct_etl.workflow.context import Context
from ctct_etl.workflow.logging_in import by_browser, by_device, by_pasting, log_in

TOKENS = "/oauth2/default/v1"


class World:
    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.url = sandbox.url
        self.context = Context({}, folder / "state", folder / "accounts.yaml", sleep=lambda seconds: None)
        self.configure()

    def configure(self, client_id: str = "sandbox-key", **keys: str) -> None:
        given = {"base_url": f"{self.url}/v3", "auth_url": self.url + TOKENS, "requests_per_second": "1000", **keys}
        lines = "".join(f', {key}: "{value}"' for key, value in given.items())
        assert self.context.accounts is not None
        self.context.accounts.write_text(f"accounts:\n  main: {{dialect: v3, client_id: {client_id}{lines}}}\n")

    def kept(self) -> Any:
        return TokenFile(StateDirectory(self.context.state).tokens("main"), "sandbox-key").read()

    def asked(self, path: str = f"{TOKENS}/token") -> list[dict[str, Any]]:
        seen = requests.get(f"{self.url}/_sandbox/requests", timeout=10).json()
        return [request for request in seen if request["path"] == path]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with start_sandbox(limits=False) as sandbox:
        yield World(tmp_path, sandbox)


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
        return number


class Browser:
    """Follows the address in a thread of its own, as a person would; `twist` changes where it ends."""

    def __init__(self, *twists: Callable[[str], str]) -> None:
        self.twists = twists or ((lambda address: address),)
        self.pages: list[str] = []
        self._thread: threading.Thread | None = None

    def open(self, address: str) -> None:
        self._thread = threading.Thread(target=self._go, args=(address,))
        self._thread.start()

    def _go(self, address: str) -> None:
        back = requests.get(address, allow_redirects=False, timeout=10).headers["Location"]
        for twist in self.twists:
            self.pages.append(requests.get(twist(back), timeout=10).text)

    @contextmanager
    def done(self) -> Iterator[None]:
        yield
        assert self._thread is not None
        self._thread.join()


def test_a_browser_logs_in_and_sees_that_it_worked(world, port):
    browser = Browser()
    with browser.done():
        logged_in = log_in(world.context, "main", by_browser(port, 30, browser.open))
    assert logged_in.account["organization_name"] == "Sandbox Club" and logged_in.account["encoded_account_id"]
    assert "You are logged in" in browser.pages[0]
    assert logged_in.lasts and world.kept().refresh_token and world.kept().expires_in == 86_400
    assert stat.S_IMODE(logged_in.kept.stat().st_mode) == 0o600


def test_tokens_are_fetched_from_the_auth_url(world, port):
    with start_sandbox(limits=False) as another:
        world.configure(auth_url=another.url + TOKENS)
        browser = Browser()
        # Its tokens are kept; that the account does not know them is found out by looking whose it is.
        with browser.done(), pytest.raises(Denied):
            log_in(world.context, "main", by_browser(port, 30, browser.open))
        seen = requests.get(f"{another.url}/_sandbox/requests", timeout=10).json()
    assert [request["path"] for request in seen][:2] == [f"{TOKENS}/authorize", f"{TOKENS}/token"]
    assert world.asked() == []


def test_an_application_with_a_secret_proves_itself_by_it(world, port):
    for secret, may in (("sandbox-secret", True), ("an0ther-s3cret", False)):
        world.configure(client_secret=secret)
        browser = Browser()
        if may:
            with browser.done():
                log_in(world.context, "main", by_browser(port, 30, browser.open))
            continue
        with browser.done(), pytest.raises(Denied, match=r"invalid_client.*client_secret") as told:
            log_in(world.context, "main", by_browser(port, 30, browser.open))
        assert secret not in str(told.value)
        assert "The login failed" in browser.pages[0]
    world.configure()
    log_in(world.context, "main", by_pasting(port, follow))
    assert ["Authorization" in request["headers"] for request in world.asked()] == [True, True, False]


def with_state(address: str) -> str:
    return address.replace(parse_qs(urlsplit(address).query)["state"][0], "another")


def test_an_old_tab_is_told_so_and_the_right_one_still_logs_in(world, port):
    browser = Browser(with_state, lambda address: address)
    with browser.done():
        log_in(world.context, "main", by_browser(port, 30, browser.open))
    assert "Not this login" in browser.pages[0] and "You are logged in" in browser.pages[1]


def test_only_answers_of_other_logins_are_a_login_that_never_came(world, port):
    browser = Browser(with_state)
    with browser.done(), pytest.raises(Busy, match=r"its state is not ours.*redirect URI"):
        log_in(world.context, "main", by_browser(port, 0.5, browser.open))
    assert world.kept() is None and world.asked() == []


def test_nobody_comes_back(world, port):
    with pytest.raises(Busy, match=f"nobody came back.*http://localhost:{port}/ctct-etl"):
        log_in(world.context, "main", by_browser(port, 0.01, lambda address: None))


def test_a_person_who_says_no_ends_it(world, port):
    def refuse(address: str) -> str:
        return address.split("?")[0] + f"?error=access_denied&state={parse_qs(urlsplit(address).query)['state'][0]}"

    browser = Browser(refuse)
    with browser.done(), pytest.raises(Denied, match="access_denied"):
        log_in(world.context, "main", by_browser(port, 30, browser.open))
    assert "The login failed" in browser.pages[0] and world.kept() is None


def follow(authorization: Authorization) -> str:
    return requests.get(authorization.address, allow_redirects=False, timeout=10).headers["Location"]


def test_the_address_may_be_pasted_and_a_code_is_good_once(world, port):
    pasted: list[str] = []

    def paste(authorization: Authorization) -> str:
        pasted.append(follow(authorization))
        return parse_qs(urlsplit(pasted[0]).query)["code"][0]

    log_in(world.context, "main", by_pasting(port, paste))
    with pytest.raises(AnotherLogin):
        log_in(world.context, "main", by_pasting(port, lambda _: pasted[0]))
    with pytest.raises(Denied, match="good once"):
        log_in(world.context, "main", by_pasting(port, paste))


def test_a_device_is_let_in_by_a_browser_elsewhere(world):
    shown: list[str] = []

    def wait(seconds: float) -> None:
        if len(world.asked()) == 1:  # the person is not the fastest
            requests.get(shown[0], timeout=10).raise_for_status()

    context = replace(world.context, sleep=wait)
    logged_in = log_in(context, "main", by_device(context, lambda address, code: shown.append(address)))
    assert logged_in.lasts
    assert [request["status"] for request in world.asked()] == [400, 200]


def test_a_client_that_does_not_exist_is_told(world):
    world.configure("another-key")
    with pytest.raises(Denied, match="invalid_client"):
        log_in(world.context, "main", by_device(world.context, lambda address, code: None))


def test_accounts_that_need_no_login_have_none(world, tmp_path, port):
    world.configure(access_token="sandbox-token")
    with pytest.raises(UsageError, match="access_token"):
        log_in(world.context, "main", by_pasting(port, lambda _: ""))
    (tmp_path / "seed.jsonl").touch()
    world.context.accounts.write_text("accounts: {main: {dialect: v3, sandbox: seed.jsonl}}\n")
    with pytest.raises(UsageError, match="sandbox"):
        log_in(world.context, "main", by_pasting(port, lambda _: ""))
    world.context.accounts.write_text("accounts: {main: {dialect: v3}}\n")
    with pytest.raises(ConfigError):
        log_in(world.context, "main", by_pasting(port, lambda _: ""))


def test_without_a_login_nothing_is_asked_and_the_command_is_told(world):
    with pytest.raises(Denied, match=f"ctct-etl account login main --state-dir {world.context.state} --accounts"):
        list_lists(world.context, "main")
    assert world.asked("/v3/account/summary") == []


def test_another_client_id_needs_a_login_of_its_own(world, port):
    log_in(world.context, "main", by_pasting(port, follow))
    world.configure("another-key")
    with pytest.raises(Denied, match="no login that serves its client_id"):
        list_lists(world.context, "main")


@pytest.mark.parametrize("mode", ["rotating", "long_lived"])
def test_tokens_that_run_out_are_renewed_on_the_way(tmp_path, port, mode):
    with start_sandbox(limits=False, switches={"refresh_mode": mode}) as sandbox:
        world = World(tmp_path, sandbox)
        log_in(world.context, "main", by_pasting(port, follow))
        first = world.kept()
        # Only the service's clock goes on: ours finds out by a 401.
        for days in (1, 2):
            requests.post(f"{world.url}/_sandbox/clock", json={"advance_s": 86_401}, timeout=10)
            assert list_lists(world.context, "main") == []
            assert len(world.asked()) == 1 + days
        assert (world.kept().refresh_token == first.refresh_token) is (mode == "long_lived")
        assert world.kept().access_token != first.access_token


@pytest.mark.parametrize("mode", ["rotating", "long_lived"])
def test_a_lost_answer_of_a_renewal_costs_a_rotating_login_and_no_other(tmp_path, port, mode):
    with start_sandbox(limits=False, switches={"refresh_mode": mode}) as sandbox:
        world = World(tmp_path, sandbox)
        log_in(world.context, "main", by_pasting(port, follow))
        requests.post(f"{world.url}/_sandbox/clock", json={"advance_s": 86_401}, timeout=10)
        fault = {"kind": "drop_after", "match": {"method": "POST", "path": f"{TOKENS}/token"}, "times": 1}
        requests.post(f"{world.url}/_sandbox/faults", json=fault, timeout=10).raise_for_status()
        if mode == "long_lived":
            assert list_lists(world.context, "main") == []
            return
        with pytest.raises(Denied, match=r"was lost before.*ctct-etl account login main"):
            list_lists(world.context, "main")
        log_in(world.context, "main", by_pasting(port, follow))
        assert list_lists(world.context, "main") == []


@pytest.mark.parametrize("kind", ["drop_before", "500", "503", "html_200", "throttled"])
def test_a_token_host_in_trouble_is_asked_again(world, port, kind):
    log_in(world.context, "main", by_pasting(port, follow))
    requests.post(f"{world.url}/_sandbox/clock", json={"advance_s": 86_401}, timeout=10)
    fault = {"kind": kind, "match": {"method": "POST", "path": f"{TOKENS}/token"}, "times": 3}
    requests.post(f"{world.url}/_sandbox/faults", json=fault, timeout=10).raise_for_status()
    assert list_lists(world.context, "main") == []


def test_token_requests_cost_nothing_of_the_day(world, port):
    log_in(world.context, "main", by_pasting(port, follow))
    seen = requests.get(f"{world.url}/_sandbox/requests", timeout=10).json()
    of_the_account = [request for request in seen if request["path"].startswith("/v3")]
    assert tell_quota(world.context, "main")["used"] == len(of_the_account) < len(seen)


def test_no_token_is_in_any_log(world, port, caplog):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("urllib3").setLevel(logging.WARNING)  # as the command line sets it
    log_in(world.context, "main", by_pasting(port, follow))
    requests.post(f"{world.url}/_sandbox/clock", json={"advance_s": 86_401}, timeout=10)
    list_lists(world.context, "main")
    text = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("ctct_etl"))
    assert f"POST {TOKENS}/token 200" in text
    kept = world.kept()
    assert kept.access_token not in text and kept.refresh_token not in text
