"""The session against a server that misbehaves on demand, over real HTTP."""

import json
import logging
import threading
from base64 import b64decode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ctct_etl.account import exchange
from ctct_etl.account.budget import Budget
from ctct_etl.account.dialect import Checkpoint, Garbled, Request, Response, Together
from ctct_etl.account.key_table import KeyTable
from ctct_etl.account.pace import Pace
from ctct_etl.account.repeating import Again, Patience
from ctct_etl.account.session import Session
from ctct_etl.account.tokens import BasicCredentials, FixedToken
from ctct_etl.account.wire import NotUnderstood, Unreadable
from ctct_etl.errors import AccountError, Busy, Denied, QuotaUsedUp, Unsettled

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TOKEN = "the-secret-token"
DROP = object()
OK = (200, b'{"fine": true}')
GET = Request("GET", "/contacts", {"email": "ann+x@example.org"})
POST = Request("POST", "/contacts", body={"first_name": "Zoë"})


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.seen.append((self.command, self.path, dict(self.headers), body))
        answer = self.server.script.pop(0) if self.server.script else OK
        if answer is DROP:
            self.close_connection = True
            self.connection.close()
            return
        status, content, *headers = answer
        self.send_response(status)
        for name, value in headers[0].items() if headers else ():
            self.send_header(name, value)
        if not (headers and "Content-Length" in headers[0]):
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        if headers:
            self.close_connection = True

    do_POST = do_PUT = do_DELETE = do_GET

    def log_message(self, *arguments):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # a connection that the script drops


@pytest.fixture
def server():
    served = Server(("127.0.0.1", 0), Handler)
    served.seen, served.script = [], []
    thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield served
    served.shutdown()
    thread.join()
    served.server_close()


@pytest.fixture
def open_session(server, tmp_path):
    opened = []

    def start(
        per_day=None,
        attempts=4,
        port=None,
        base="/v3",
        slept=None,
        token=TOKEN,
        first_wait_s=0.0,
        tokens=None,
        wire=None,
    ):
        budget = Budget(tmp_path / "requests.sqlite", "key", per_day, lambda: NOW)
        session = Session(
            f"http://127.0.0.1:{port or server.server_port}{base}",
            tokens or FixedToken(token),
            Pace(None, table=budget.table),
            budget,
            Patience(attempts, first_wait_s, 60.0, 0.0),
            now=lambda: NOW,
            sleep=(slept if slept is not None else []).append,
            wire=wire,
        )
        opened.append(session)
        return session

    yield start
    for session in opened:
        session.close()


def ask(session, request=GET):
    def conversation():
        return (yield request)

    return session.converse(conversation())


# -- the ordinary way ----------------------------------------------------------------------------------------------


def test_a_request_carries_token_query_and_body(server, open_session):
    session = open_session()
    assert ask(session) == Response(200, {"fine": True})
    ask(session, POST)
    (_, path, headers, _), (_, _, post_headers, body) = server.seen
    assert path == "/v3/contacts?email=ann%2Bx%40example.org"
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert headers["Accept"] == "application/json"
    assert "Content-Type" not in headers
    assert post_headers["Content-Type"] == "application/json"
    assert body == '{"first_name":"Zoë"}'.encode()


def test_a_token_in_netrc_does_not_take_the_place_of_ours(server, open_session, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    ask(open_session())
    assert server.seen[0][2]["Authorization"] == f"Bearer {TOKEN}"


def test_a_link_from_the_root_is_sent_as_it_is(server, open_session):
    ask(open_session(), Request("GET", "/v3/contacts?cursor=bGltaXQ9NQ==", from_root=True))
    assert server.seen[0][1] == "/v3/contacts?cursor=bGltaXQ9NQ=="


def test_a_link_outside_the_api_is_not_followed(server, open_session):
    with pytest.raises(AccountError, match="outside"):
        ask(open_session(), Request("GET", "/v2/contacts", from_root=True))
    assert server.seen == []


def test_a_refusal_of_one_contact_reaches_the_conversation(server, open_session):
    server.script = [(400, b'[{"error_message": "no"}]'), (409, b""), (404, b"<html>")]
    session = open_session()
    assert [ask(session, POST) for _ in range(3)] == [
        Response(400, [{"error_message": "no"}]),
        Response(409, None),
        Response(404, None),
    ]


def test_an_answer_without_a_body_is_none(server, open_session):
    server.script = [(204, b"")]
    assert ask(open_session(), Request("DELETE", "/contacts/1")) == Response(204, None)


def test_checkpoints_are_handed_over_before_the_conversation_goes_on(open_session):
    kept = []

    def conversation():
        yield Checkpoint({"activity_id": "a1"})
        yield GET
        return list(kept)

    assert open_session().converse(conversation(), kept.append) == [Checkpoint({"activity_id": "a1"})]


def test_a_poll_waits_before_it_is_sent(open_session):
    slept = []
    ask(open_session(slept=slept), Request("GET", "/activities/1", wait_s=2.5))
    assert slept == [2.5]


def test_threads_share_a_session(server, open_session):
    session = open_session()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ask(session), range(64)))
    assert answers == [Response(200, {"fine": True})] * 64
    assert session.requests_sent == len(server.seen) == 64


# -- what is repeated, and what never is -----------------------------------------------------------------------------

THROTTLED = (429, b'{"error_key": "throttled", "error_message": "Too Many Requests"}')
QUOTA = (429, b'{"error_key": "quota_exceeded", "error_message": "Limit Exceeded"}')
TRUNCATED = (200, b'{"fine"', {"Content-Length": "100"})
LOST = {
    "500": (500, b"[]"),
    "502 with a page": (502, b"<html>"),
    "503": (503, b""),
    "504": (504, b""),
    "408": (408, b""),
    "a dropped connection": DROP,
    "a page": (200, b"<html>down for maintenance</html>"),
    "half of a body": TRUNCATED,
    "half of JSON": (200, b'{"fine": tr'),
    "bytes that are no text": (200, b"\xff\xfe"),
}


@pytest.mark.parametrize("fault", LOST.values(), ids=LOST.keys())
def test_a_read_is_repeated_until_it_is_answered(server, open_session, fault):
    server.script = [fault, fault, OK]
    assert ask(open_session()) == Response(200, {"fine": True})
    assert len(server.seen) == 3


@pytest.mark.parametrize("fault", LOST.values(), ids=LOST.keys())
def test_a_read_that_is_never_answered_is_given_up_for_now(server, open_session, fault):
    server.script = [fault] * 10
    with pytest.raises(Busy, match="GET /contacts"):
        ask(open_session(attempts=4))
    assert len(server.seen) == 4


def test_repeats_wait_ever_longer_by_the_sleep_that_the_session_was_given(server, open_session):
    slept = []
    server.script = [LOST["503"]] * 4 + [OK]
    ask(open_session(attempts=8, slept=slept, first_wait_s=10.0))
    assert slept == [10.0, 20.0, 40.0, 60.0]


@pytest.mark.parametrize(
    "wrong", [{"token": f"{TOKEN}\n"}, {"token": f"{TOKEN}\u2026"}, {"port": "none"}], ids=["newline", "dots", "port"]
)
@pytest.mark.parametrize("request_", [GET, POST], ids=["read", "write"])
def test_a_request_that_no_client_can_send_is_told_at_once_without_the_token(server, open_session, wrong, request_):
    session = open_session(**wrong)
    with pytest.raises(AccountError, match=r"access_token in accounts\.yaml") as told:
        ask(session, request_)
    assert not isinstance(told.value, (Busy, Unsettled)) and TOKEN not in str(told.value)
    assert server.seen == []


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("fault", LOST.values(), ids=LOST.keys())
def test_a_write_whose_answer_was_lost_is_never_sent_again(server, open_session, fault, method):
    server.script = [fault]
    with pytest.raises(Unsettled):
        ask(open_session(), Request(method, "/contacts/1", body={}))
    assert len(server.seen) == 1


def test_a_lost_write_is_raised_inside_the_conversation_which_may_settle_it(server, open_session):
    server.script = [(500, b"")]

    def conversation():
        try:
            yield POST
        except Unsettled:
            response = yield GET
            return ("settled", response.body)

    assert open_session().converse(conversation()) == ("settled", {"fine": True})
    assert [method for method, *_ in server.seen] == ["POST", "GET"]


@pytest.mark.parametrize("request_", [GET, POST], ids=["read", "write"])
def test_what_was_throttled_is_sent_again_for_nothing_was_done(server, open_session, request_):
    server.script = [THROTTLED, THROTTLED, OK]
    assert ask(open_session(), request_).ok
    assert len(server.seen) == 3


def test_a_queue_that_is_full_is_waited_for(server, open_session):
    server.script = [(429, b"<html>"), OK]
    assert ask(open_session(), POST).ok


def test_throttling_without_end_is_given_up_for_now(server, open_session):
    server.script = [THROTTLED] * 10
    with pytest.raises(Busy):
        ask(open_session(attempts=3), POST)
    assert len(server.seen) == 3


@pytest.mark.parametrize("request_", [GET, POST], ids=["read", "write"])
def test_a_used_up_quota_is_not_asked_again(server, open_session, request_):
    server.script = [QUOTA]
    with pytest.raises(QuotaUsedUp) as stopped:
        ask(open_session(), request_)
    assert stopped.value.resume_at == "2026-11-24T00:00:00Z"
    assert len(server.seen) == 1


@pytest.mark.parametrize("request_", [GET, POST], ids=["read", "write"])
def test_after_a_used_up_quota_no_session_of_the_key_sends_anything_that_day(server, open_session, request_):
    server.script = [QUOTA]
    refused, other = open_session(), open_session()
    for session in (refused, refused, other):
        with pytest.raises(QuotaUsedUp):
            ask(session, request_)
    assert len(server.seen) == 1


def test_throttling_slows_down_every_session_of_the_key(server, open_session, tmp_path):
    server.script = [THROTTLED, OK]
    ask(open_session())
    table = KeyTable(tmp_path / "requests.sqlite", "key")
    assert table.ask("SELECT slowed_to FROM pace") == (0.5,)
    table.close()


def test_a_write_that_never_left_is_sent_again_and_is_not_unsettled(open_session):
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as closed:
        port = closed.server_port
    with pytest.raises(Busy):
        ask(open_session(port=port, attempts=2), POST)


@pytest.mark.parametrize(("status", "cure"), [(401, "renew access_token"), (403, "scopes")])
def test_denied_says_how_to_mend_it_and_is_not_repeated(server, open_session, status, cure):
    server.script = [(status, b'{"error_key": "unauthorized"}')]
    with pytest.raises(Denied, match=cure):
        ask(open_session())
    assert len(server.seen) == 1


class Renewing:
    """Tokens that are numbered: each refused one is followed by the next."""

    cure = "log in again"
    scheme = "Bearer"

    def __init__(self):
        self.number, self.refused = 1, []

    def access(self):
        return f"token-{self.number}"

    def renew(self, refused):
        self.refused.append(refused)
        self.number += 1
        return self.access()


REFUSED = (401, b'{"error_key": "unauthorized"}')


@pytest.mark.parametrize("request_", [GET, POST], ids=["read", "write"])
def test_what_was_refused_for_its_token_is_asked_once_more_with_a_new_one(server, open_session, request_):
    server.script = [REFUSED, OK]
    tokens = Renewing()
    session = open_session(tokens=tokens, per_day=2)
    assert ask(session, request_).ok
    assert [headers["Authorization"] for _, _, headers, _ in server.seen] == ["Bearer token-1", "Bearer token-2"]
    assert tokens.refused == ["token-1"]
    assert session.requests_sent == 2


def test_a_new_token_that_is_refused_too_stops_the_run_with_the_cure(server, open_session):
    server.script = [REFUSED] * 10
    with pytest.raises(Denied, match=r"even a new access token .* log in again"):
        ask(open_session(tokens=Renewing()))
    assert len(server.seen) == 2


def test_a_long_wait_between_repeats_gets_the_token_that_is_good_then(server, open_session):
    server.script = [(503, b""), OK]
    tokens = Renewing()
    session = open_session(tokens=tokens)
    tokens.access = iter(["token-1", "token-9"]).__next__
    assert ask(session).ok
    assert server.seen[1][2]["Authorization"] == "Bearer token-9"


def test_redirects_are_not_followed_so_the_token_goes_nowhere_else(server, open_session):
    server.script = [(302, b"", {"Location": f"http://localhost:{server.server_port}/elsewhere"})]
    with pytest.raises(AccountError, match="redirect"):
        ask(open_session())
    assert len(server.seen) == 1


def test_an_answer_beyond_all_reason_is_not_read_to_its_end(server, open_session, monkeypatch):
    monkeypatch.setattr(exchange, "_LARGEST_ANSWER", 1_000)
    server.script = [(200, b'"' + b"x" * 200_000 + b'"')]
    with pytest.raises(Unsettled, match="too large"):
        ask(open_session(), POST)


# -- the budget, and what is not told ---------------------------------------------------------------------------------


def test_every_attempt_is_counted_and_none_is_sent_beyond_the_budget(server, open_session):
    server.script = [(500, b""), OK]
    session = open_session(per_day=3)
    ask(session)
    ask(session)
    with pytest.raises(QuotaUsedUp):
        ask(session)
    assert len(server.seen) == session.requests_sent == 3


def told(caplog, error: BaseException | None, show: Callable[[BaseException], str] = repr) -> str:
    lines = [record.getMessage() for record in caplog.records]
    while error is not None:
        lines.append(show(error))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(lines)


@pytest.mark.parametrize("fault", [*LOST.values(), (401, b"ann+x@example.org"), (302, b"")], ids=[*LOST, "401", "302"])
@pytest.mark.parametrize("request_", [GET, Request("POST", "/contacts", {"email": "ann+x@example.org"}, {"n": "Ann"})])
def test_logs_and_errors_hold_no_token_no_address_and_no_body(server, open_session, caplog, fault, request_):
    caplog.set_level(logging.DEBUG, logger="ctct_etl")
    server.script = [fault] * 10
    with pytest.raises(AccountError) as stopped:
        ask(open_session(attempts=2), request_)
    text = told(caplog, stopped.value)
    assert f"{request_.method} /contacts" in text
    for secret in (TOKEN, "ann", "Ann", "example.org"):
        assert secret not in text


def test_a_log_line_tells_method_path_status_and_time(server, open_session, caplog):
    caplog.set_level(logging.INFO, logger="ctct_etl")
    ask(open_session())
    assert caplog.records[-1].getMessage().startswith("GET /contacts 200 ")
    assert caplog.records[-1].getMessage().endswith(" ms")


def test_a_conversation_is_closed_when_the_session_gives_up(server, open_session):
    server.script = [(401, b"")]
    closed = []

    def conversation():
        try:
            yield GET
        finally:
            closed.append(True)

    with pytest.raises(Denied):
        open_session().converse(conversation())
    assert closed == [True]


def test_bodies_are_sent_as_the_dialect_measures_them(server, open_session):
    ask(open_session(), Request("POST", "/contacts", body={"name": "李" * 100}))
    assert len(server.seen[0][3]) == len(json.dumps({"name": ""}, separators=(",", ":"))) + 300


# -- another dialect's wire ----------------------------------------------------------------------------------------


class Shouting:
    """A wire of capital letters, on which small ones are torn."""

    accept = "text/loud"

    def encode(self, body):
        return body.upper().encode(), "text/loud; volume=11"

    def decode(self, content, status):
        if content.startswith(b"mumble"):
            raise NotUnderstood(content.decode())
        if content != content.upper():
            raise Unreadable("a whisper")
        return content.decode()

    def explain_forbidden(self, request, body):
        return {"GO": Denied("go away"), "SLOW": Again("it throttles")}.get(body)

    def is_used_up(self, body):
        return body == "SPENT"


def test_a_wire_writes_and_reads_the_bodies(server, open_session):
    server.script = [(201, b"DONE")]
    assert ask(open_session(wire=Shouting()), Request("POST", "/contacts", body="hey")) == Response(201, "DONE")
    _, _, headers, body = server.seen[0]
    assert (headers["Accept"], headers["Content-Type"], body) == ("text/loud", "text/loud; volume=11", b"HEY")


def test_what_a_wire_can_not_read_is_a_lost_answer(server, open_session):
    server.script = [(200, b"psst"), (200, b"HERE")]
    assert ask(open_session(wire=Shouting())).body == "HERE"
    server.script = [(201, b"psst")]
    with pytest.raises(Unsettled, match="HTTP 201 with a whisper"):
        ask(open_session(wire=Shouting()), Request("POST", "/contacts", body="hey"))


ONE = Request("GET", "/contacts/1", may_be_garbled=True)


@pytest.mark.parametrize("other", [(200, b"mumble, and otherwise"), (503, b""), DROP])
def test_what_is_not_understood_time_and_again_in_the_same_words_is_an_answer_where_it_may_be(
    server, open_session, other
):
    server.script = [(200, b"mumble"), (200, b"mumble"), other, *[(200, b"mumble")] * 3]
    garbled = ask(open_session(wire=Shouting(), attempts=8), ONE)
    assert (garbled.status, garbled.body, len(server.seen)) == (200, Garbled("HTTP 200 with mumble"), 6)
    server.script = [(200, b"mumble"), (200, b"mumble"), (200, b"HERE")]
    assert ask(open_session(wire=Shouting()), ONE).body == "HERE"


@pytest.mark.parametrize(("request_", "content"), [(GET, b"mumble"), (ONE, b"psst")])
def test_elsewhere_and_of_another_format_it_never_is(server, open_session, request_, content):
    server.script = [(200, content)] * 4
    with pytest.raises(Busy, match="HTTP 200 with"):
        ask(open_session(wire=Shouting()), request_)


def test_a_wire_tells_whom_a_403_concerns(server, open_session):
    server.script = [(403, b"SLOW"), (403, b"ONLY YOU")]
    assert ask(open_session(wire=Shouting()), Request("POST", "/contacts", body="hey")) == Response(403, "ONLY YOU")
    server.script = [(403, b"GO")]
    with pytest.raises(Denied, match="go away"):
        ask(open_session(wire=Shouting()))


def test_a_wire_tells_when_the_day_is_spent(server, open_session):
    server.script = [(429, b"SPENT")]
    with pytest.raises(QuotaUsedUp):
        ask(open_session(wire=Shouting()))


def test_a_500_that_may_mean_something_is_an_answer_and_no_other_is(server, open_session):
    asked = Request("GET", "/contacts", may_mean=frozenset({500}))
    server.script = [(503, b""), (500, b"")]
    assert ask(open_session(), asked).status == 500
    assert len(server.seen) == 2


def test_a_name_may_come_more_than_once_in_a_query(server, open_session):
    ask(open_session(), Request("GET", "/contacts", (("email", "a+b@x.org"), ("email", "c@x.org"))))
    assert server.seen[0][1] == "/v3/contacts?email=a%2Bb%40x.org&email=c%40x.org"


def test_user_and_password_go_as_basic_credentials(server, open_session):
    ask(open_session(tokens=BasicCredentials("key", "club", "pässword")))
    scheme, _, encoded = server.seen[0][2]["Authorization"].partition(" ")
    assert (scheme, b64decode(encoded).decode()) == ("Basic", "key%club:pässword")
    server.script = [(401, b"")]
    with pytest.raises(Denied, match="look at username, api_key and password"):
        ask(open_session(tokens=BasicCredentials("key", "club", "wrong")))


# -- reads side by side --------------------------------------------------------------------------------------------


def test_reads_side_by_side_are_answered_in_the_order_in_which_they_were_asked(server, open_session):
    def conversation():
        answers = yield Together(tuple(Request("GET", f"/contacts/{n}") for n in range(20)))
        return [answer.place for answer in answers]

    session = open_session()
    assert session.converse(conversation()) == [f"/v3/contacts/{n}" for n in range(20)]
    assert session.requests_sent == 20


def test_a_fault_of_one_of_several_reads_ends_the_conversation(server, open_session):
    def conversation():
        yield Together(tuple(Request("GET", f"/contacts/{n}") for n in range(5)))

    server.script = [OK, (403, b""), OK]
    with pytest.raises(Denied):
        open_session().converse(conversation())
