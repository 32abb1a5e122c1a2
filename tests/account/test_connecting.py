"""The order of things on a connection, against a server that counts who has connected and what has arrived."""

import contextlib
import socket
import threading
import time

import pytest
import requests

from ctct_etl.account.connecting import TurnAdapter

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class Listening:
    """Answers every request; `hang_up` ends the connections that are open."""

    def __init__(self):
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.connected, self.arrived = [], 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.connected.append(connection)
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection):
        with contextlib.suppress(OSError), connection:  # one that is accepted while this is closed ends here too
            while connection.recv(65536):
                self.arrived += 1
                connection.sendall(ANSWER)

    def hang_up(self):
        for connection in self.connected:
            with contextlib.suppress(OSError):  # the other side has ended it already
                connection.shutdown(socket.SHUT_RDWR)
        time.sleep(0.05)  # the end has to arrive

    def close(self):
        self._listening.close()
        for connection in self.connected:
            connection.close()


@pytest.fixture
def server():
    listening = Listening()
    yield listening
    listening.close()


def session_of(take_turn, connections=1):
    session = requests.Session()
    session.mount("http://", TurnAdapter(take_turn, connections))
    return session


def get(session, port):
    return session.get(f"http://127.0.0.1:{port}/", timeout=10)


def wait_for(claim):
    until = time.monotonic() + 10
    while not claim() and time.monotonic() < until:
        time.sleep(0.002)
    return claim()


def test_a_turn_is_taken_when_the_connection_stands_and_nothing_has_been_sent(server):
    found = []

    def take_turn():
        found.append((wait_for(lambda: len(server.connected) == 1), server.arrived))

    with session_of(take_turn) as session:
        get(session, server.port)
        get(session, server.port)
    assert found == [(True, 0), (True, 1)]


def test_a_turn_is_taken_once_a_request(server):
    turns = []
    with session_of(lambda: turns.append(1)) as session:
        for _ in range(3):
            assert get(session, server.port).json() == {}
    assert len(turns) == server.arrived == 3


def test_a_kept_connection_that_ended_while_it_waited_is_made_anew(server):
    waits = []

    def take_turn():
        waits.append(1)
        if len(waits) == 2:
            server.hang_up()

    with session_of(take_turn) as session:
        get(session, server.port)
        assert get(session, server.port).json() == {}
    assert (len(waits), len(server.connected), server.arrived) == (2, 2, 2)


def test_what_the_turn_raises_comes_out_as_it_is_and_nothing_is_sent(server):
    class NoTurn(Exception):
        pass

    def take_turn():
        raise NoTurn

    with session_of(take_turn) as session, pytest.raises(NoTurn):
        get(session, server.port)
    assert server.arrived == 0


def test_no_turn_is_taken_where_nobody_listens():
    turns = []
    with (
        socket.socket() as deaf,
        session_of(lambda: turns.append(1)) as session,
        pytest.raises(requests.ConnectionError),
    ):
        deaf.bind(("127.0.0.1", 0))  # and never listens
        get(session, deaf.getsockname()[1])
    assert turns == []


def test_a_proxy_is_no_way_round_the_turn(server):
    turns = []
    with session_of(lambda: turns.append(1)) as session:
        session.trust_env = False
        proxies = {"http": f"http://127.0.0.1:{server.port}"}
        assert session.get("http://service.example/", proxies=proxies, timeout=10).json() == {}
    assert len(turns) == 1


def test_more_threads_than_are_made_ready_at_once_all_get_through(server):
    with session_of(lambda: time.sleep(0.001), connections=16) as session:
        threads = [threading.Thread(target=get, args=(session, server.port)) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert server.arrived == 16
