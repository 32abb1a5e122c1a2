"""The tests' own walls stand."""

from __future__ import annotations

import os
import socket
import tempfile
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import hypothesis
import pytest


def test_no_test_can_connect_to_another_machine() -> None:
    with socket.socket() as plug, pytest.raises(BaseException, match=r"socket\.connect to 192\.0\.2\.1"):
        plug.connect(("192.0.2.1", 80))


def test_no_test_can_look_up_another_machine() -> None:
    with pytest.raises(BaseException, match=r"looking up 'api\.example\.com'"):
        socket.getaddrinfo("api.example.com", 443)


def test_a_refused_connection_can_not_be_mistaken_for_a_fault_of_the_service() -> None:
    with pytest.raises(BaseException, match="this machine only") as refusal:
        urllib.request.urlopen("http://192.0.2.1/", timeout=1)
    assert not isinstance(refusal.value, Exception)


def test_this_machine_may_be_talked_to() -> None:
    with HTTPServer(("127.0.0.1", 0), _Answering) as server:
        Thread(target=server.handle_request).start()
        with urllib.request.urlopen(f"http://localhost:{server.server_port}/", timeout=10) as answer:
            assert answer.status == 204


def test_the_state_directory_of_the_tests_is_a_temporary_one() -> None:
    assert Path(os.environ["CTCT_ETL_STATE"]).resolve().is_relative_to(Path(tempfile.gettempdir()).resolve())


def test_sampled_tests_take_the_same_examples_every_time(proof: bool) -> None:
    assert hypothesis.settings().derandomize is not proof


class _Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *values: object) -> None:
        """Say nothing."""
