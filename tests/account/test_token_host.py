"""The token host against a server that misbehaves on demand, over real HTTP."""

from __future__ import annotations

import base64
import json
import logging
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest

from ctct_etl.account.repeating import Patience
from ctct_etl.account.token_host import Granted, Refused, TokenHost
from ctct_etl.errors import AccountError, Busy

SECRETS = ("r3fresh-t0ken", "cl1ent-s3cret", "acc3ss-t0ken")
FORM = {"grant_type": "refresh_token", "refresh_token": SECRETS[0]}
GRANT = {"access_token": SECRETS[2], "refresh_token": "next", "expires_in": 7200, "scope": "contact_data"}


def answer(body: Any, status: int = 200) -> tuple[int, bytes]:
    return status, body if isinstance(body, bytes) else json.dumps(body).encode()


def refusal(error: str, words: str = "no") -> tuple[int, bytes]:
    return answer({"error": error, "error_description": words}, 400)


DROP = (0, b"")
UNDECIDED = {
    "html": answer(b"<!DOCTYPE html><p>Please sign in"),
    "html 404": answer(b"<html>", 404),
    "429": answer({"error_key": "throttled"}, 429),
    "500": answer({"error": "invalid_grant"}, 500),
    "503": answer(b"", 503),
    "passing": refusal("temporarily_unavailable"),
    "no token": answer({"token_type": "Bearer"}),
    "a token with a line break": answer({"access_token": "a\nb"}),
    "an array": answer([]),
    "dropped": DROP,
}


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.seen.append((self.path, dict(self.headers), {key: each[0] for key, each in parse_qs(body).items()}))
        status, content = self.server.script.pop(0) if self.server.script else answer(GRANT)
        if not status:
            self.connection.close()
            return
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[tuple[str, dict[str, str], dict[str, str]]] = []
        self.script: list[tuple[int, bytes]] = []

    def handle_error(self, *_: object) -> None:
        pass  # a connection that the script drops


@pytest.fixture
def server() -> Iterator[Server]:
    served = Server()
    thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield served
    served.shutdown()
    thread.join()
    served.server_close()


@pytest.fixture
def host(server: Server) -> Callable[..., TokenHost]:
    def start(secret: str = "", attempts: int = 4, slept: list[float] | None = None) -> TokenHost:
        sleep = (slept if slept is not None else []).append
        patience = Patience(attempts, 1.0, 60.0, 0.0)
        return TokenHost(f"http://127.0.0.1:{server.server_port}/oauth/", "key", secret, patience, sleep)

    return start


def same(granted: Granted) -> Granted:
    return granted


def test_a_public_client_gives_its_id_and_one_with_a_secret_proves_itself_by_it_alone(server, host):
    host().ask(FORM, same)
    host(SECRETS[1]).ask(FORM, same)
    (path, public, public_form), (_, private, private_form) = server.seen
    assert path == "/oauth/token"
    assert "Authorization" not in public and public_form == {**FORM, "client_id": "key"}
    assert private["Authorization"] == f"Basic {base64.b64encode(f'key:{SECRETS[1]}'.encode()).decode()}"
    assert private_form == FORM
    assert private["Content-Type"] == "application/x-www-form-urlencoded"
    assert private["Accept"] == "application/json"


def test_a_password_in_netrc_does_not_make_a_public_client_prove_itself(server, host, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    host().ask(FORM, same)
    assert "Authorization" not in server.seen[0][1]


def test_tokens_come_with_the_seconds_that_were_received(server, host):
    assert host().ask(FORM, same) == Granted(SECRETS[2], "next", 7200.0, "contact_data")


@pytest.mark.parametrize(
    ("told", "read"), [(28800, 28800.0), ("86400", 86400.0), (0, None), (-1, None), ("soon", None), (None, None)]
)
def test_a_life_that_makes_no_sense_is_not_known(server, host, told, read):
    server.script = [answer({**GRANT, "expires_in": told})]
    assert host().ask(FORM, same).expires_in == read


def test_an_answer_without_refresh_token_has_none(server, host):
    server.script = [answer({"access_token": "a"})]
    assert host().ask(FORM, same) == Granted("a", "", None, "")


@pytest.mark.parametrize("fault", UNDECIDED.values(), ids=UNDECIDED.keys())
def test_what_decided_nothing_is_asked_again_and_given_up_for_now(server, host, fault):
    server.script = [fault, fault]
    assert host().ask(FORM, same).access_token == SECRETS[2]
    server.script = [fault] * 10
    with pytest.raises(Busy, match="token host"):
        host(attempts=3).ask(FORM, same)
    assert len(server.seen) == 3 + 3


def test_it_is_asked_at_most_once_a_second_and_ever_less_often_while_it_fails(server, host):
    slept: list[float] = []
    asked = host(attempts=5, slept=slept)
    server.script = [answer(b"", 503)] * 3
    asked.ask(FORM, same)
    backed_off = [seconds for seconds in slept if seconds in (1.0, 2.0, 4.0)]
    between = [seconds for seconds in slept if seconds not in backed_off]
    assert backed_off == [1.0, 2.0, 4.0]
    # The sleep is a list's: no time passes, so that each request waits for its own turn too.
    assert len(between) == 3 and all(0 < seconds < 1 for seconds in between)


@pytest.mark.parametrize("error", ["invalid_grant", "invalid_client", "authorization_pending"])
def test_a_refusal_is_told_in_the_hosts_words_and_not_asked_again(server, host, error):
    server.script = [refusal(error, "The refresh\ntoken is unknown.")]
    with pytest.raises(Refused, match=f"{error}: The refresh token is unknown.") as told:
        host().ask(FORM, same)
    assert (told.value.error, told.value.after_loss) == (error, False)
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("fault", "is_loss"),
    [("dropped", True), ("html", True), ("503", True), ("no token", True), ("429", False), ("html 404", False)],
)
def test_a_refusal_says_whether_an_answer_before_may_have_used_the_token_up(server, host, fault, is_loss):
    server.script = [UNDECIDED[fault], refusal("invalid_grant")]
    with pytest.raises(Refused) as told:
        host().ask(FORM, same)
    assert told.value.after_loss is is_loss


def test_the_names_of_what_was_sent_are_no_secret(server, host):
    server.script = [refusal("invalid_grant", "Invalid value for 'refresh_token' parameter.")]
    with pytest.raises(Refused, match="Invalid value for 'refresh_token' parameter"):
        host().ask(FORM, same)


def test_a_redirect_is_not_followed(server, host):
    server.script = [answer(b"", 302)]
    with pytest.raises(AccountError, match="auth_url"):
        host().ask(FORM, same)
    assert len(server.seen) == 1


def test_no_signal_can_come_between_an_answer_and_its_keeping(server, host):
    # Signals strike in the main thread alone.
    assert host().ask(FORM, lambda _: threading.current_thread()) is not threading.main_thread()


@pytest.mark.parametrize("fault", [*UNDECIDED.values(), refusal("invalid_grant", " ".join(SECRETS)), answer(b"", 302)])
def test_logs_and_errors_hold_no_secret(server, host, caplog, fault):
    caplog.set_level(logging.DEBUG, logger="ctct_etl")
    server.script = [fault] * 9
    with pytest.raises(AccountError) as told:
        host(SECRETS[1], attempts=2).ask(FORM, same)
    text = "\n".join([*(record.getMessage() for record in caplog.records), repr(told.value)])
    assert not [secret for secret in SECRETS[:2] if secret in text]
    assert not [secret for secret in SECRETS if secret in repr(Granted(SECRETS[2], SECRETS[0], 1.0, ""))]
