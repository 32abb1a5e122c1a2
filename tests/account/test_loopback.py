from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
import requests

from ctct_etl.account.loopback import Listener, listen, redirect_uri
from ctct_etl.errors import UsageError


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
        return number


@pytest.fixture
def listener(port: int) -> Iterator[Listener]:
    with listen(port) as listening:
        yield listening


def visit(address: str, **headers: str) -> tuple[threading.Thread, list[requests.Response]]:
    """Let a browser come; its answer is in the list when its thread has ended."""
    answers: list[requests.Response] = []
    thread = threading.Thread(target=lambda: answers.append(requests.get(address, headers=headers, timeout=10)))
    thread.start()
    return thread, answers


def test_a_browser_waits_for_its_page_until_it_is_known_how_it_went(port: int, listener: Listener) -> None:
    thread, answers = visit(f"{redirect_uri(port)}?code=a&state=b")
    came = listener.wait(10)
    assert came is not None and came.query == "code=a&state=b"
    assert answers == []
    came.answer("It <worked>", "close & go")
    thread.join()
    assert answers[0].status_code == 200
    assert "It &lt;worked&gt;" in answers[0].text and "close &amp; go" in answers[0].text
    assert answers[0].headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["/", "/favicon.ico", "/ctct-etl/x", "/ctct-etlx?code=a"])
def test_other_paths_are_nobodys(port: int, listener: Listener, path: str) -> None:
    assert requests.get(f"http://localhost:{port}{path}", timeout=10).status_code == 404
    assert listener.wait(0) is None


def test_a_page_elsewhere_whose_name_leads_here_is_turned_away(port: int, listener: Listener) -> None:
    address = f"http://127.0.0.1:{port}/ctct-etl?code=a"
    assert requests.get(address, headers={"Host": f"evil.example:{port}"}, timeout=10).status_code == 404
    assert listener.wait(0) is None


def test_a_connection_that_says_nothing_stands_in_nobodys_way(port: int, listener: Listener) -> None:
    with socket.create_connection(("127.0.0.1", port)):  # as browsers open them ahead
        thread, _ = visit(f"{redirect_uri(port)}?code=a")
        came = listener.wait(10)
        assert came is not None
        came.answer("", "")
        thread.join()


def test_nobody_comes(listener: Listener) -> None:
    assert listener.wait(0.01) is None


def test_a_port_in_use_is_told_with_the_way_out(port: int, listener: Listener) -> None:
    with pytest.raises(UsageError, match=f"port {port} .*--port"), listen(port):
        pass


def test_the_port_is_free_again_afterwards(port: int) -> None:
    for _ in range(2):
        with listen(port) as listener:
            assert listener.wait(0.01) is None
