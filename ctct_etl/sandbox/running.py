"""Start, stop, seed and reset a sandbox."""

import signal
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from . import token_service, v1, v3, window
from .bulk import WORK
from .clock import Clock
from .documents import Document, load
from .edge import Edge
from .faults import Faults
from .jobs import Jobs
from .limits import Limits
from .oauth import plant_first_tokens
from .recording import Recording
from .seeding import fill_from_seed
from .service import Service
from .serving import Server
from .store import Store, explaining
from .switches import Switches, read_switches

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    Wrap = Callable[[WSGIApplication], WSGIApplication]


class Sandbox:
    """A running emulator: v3 under `url + "/v3"`, v1 under `url + "/ws/customers/sandbox"`, tokens under
    `url + "/oauth2/default/v1"`.
    """

    def __init__(self, service: Service, server: Server) -> None:
        self._service, self._server = service, server
        self._closed = False
        self.url = server.url

    @property
    def faults(self) -> Faults:
        """What `/_sandbox/faults` is over HTTP: `add(wish)`, `show()`, `clear()`."""
        return self._service.faults

    def act(self, wish: Mapping[str, Any]) -> None:
        """Let someone act, as `POST /_sandbox/act` does. Raises ValueError for a wish that can't be done."""
        self._service.act(dict(wish))

    def set_clock(self, *, advance_s: float = 0.0, skew_s: float | None = None) -> None:
        """Let time pass, or set the service's date off, as `POST /_sandbox/clock` does. Raises ValueError."""
        wish = {"advance_s": advance_s} | ({} if skew_s is None else {"skew_s": skew_s})
        self._service.set_clock(wish)

    def read_requests(self) -> list[Document]:
        """What `GET /_sandbox/requests` shows."""
        return self._service.recording.show()

    def forget_requests(self) -> None:
        self._service.recording.clear()

    def read_mails(self) -> list[Document]:
        """What `GET /_sandbox/mails` shows."""
        return self._service.read_mails()

    def read_people(self) -> list[Document]:
        """What `GET /_sandbox/contacts` shows: every contact, whole and by names."""
        people: list[Document] = load("".join(self._service.write_people()))
        return people

    def read_person(self, address: str) -> Document | None:
        """The contact with this address in any letter case, as `read_people` shows it; None when there is none."""
        people: list[Document] = load("".join(self._service.write_people(address)))
        return people[0] if people else None

    def close(self) -> None:
        """Stop serving; the state is kept if it was given a file. Closing twice is fine."""
        if self._closed:
            return
        self._closed = True
        self._service.faults.let_go()
        self._server.stop()
        store = self._service.store
        try:
            with explaining(store.path):
                store.remember("advanced_s", str(self._service.clock.advanced_s))
                store.remember("used_today", self._service.limits.describe_day())
        finally:
            store.close()

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def start_sandbox(
    state: Path | None = None,
    seed: Path | None = None,
    port: int = 0,
    limits: bool = True,
    switches: Mapping[str, object] | None = None,
    wrap: "Wrap | None" = None,
) -> Sandbox:
    """Serve an account on loopback until closed.

    `state`: the account's file, made if missing; None for one that is gone afterwards. `seed` fills it only
    while it is empty. `port` 0: a free one. `wrap` puts a test's own WSGI middleware round the service; it
    sees honest answers only, faults strike outside of it. Raises ValueError for a bad seed or switch, StoreFault for a
    file that can't be used.
    """
    checked = read_switches(switches)
    store = _open_store(state, seed)
    try:
        with explaining(state):
            service = _build_service(store, checked, limits)
        app = _build_app(service)
        inner: WSGIApplication = wrap(app.wsgi_app) if wrap else app.wsgi_app
        server = Server(Edge(inner, service), port, service.clock)
    except BaseException:
        store.close()
        raise
    server.start()
    return Sandbox(service, server)


def serve(
    port: int,
    state: Path | None,
    seed: Path | None = None,
    limits: bool = True,
    ready: Callable[[str], None] = lambda url: None,
    switches: Mapping[str, object] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT, then close cleanly. `ready` is told the URL once it answers.

    To be called in the main thread, where alone signals can be caught.
    """
    stopped = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        with start_sandbox(state, seed, port, limits, switches) as sandbox:
            ready(sandbox.url)
            stopped.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def seed_state(state: Path, seed: Path) -> int:
    """Add a seed to the account in this file; the number of contacts added. Raises ValueError for a bad seed."""
    with explaining(state), closing(Store(state)) as store:
        return fill_from_seed(store, seed)


def reset_state(state: Path, seed: Path | None = None) -> int:
    """Begin the account in this file anew, from the seed if one is given; the number of contacts."""
    for suffix in ("", "-wal", "-shm"):
        Path(f"{state}{suffix}").unlink(missing_ok=True)
    with explaining(state), closing(Store(state)) as store:
        return fill_from_seed(store, seed) if seed else 0


def _open_store(state: Path | None, seed: Path | None) -> Store:
    with explaining(state):
        store = Store(state)
        try:
            if seed is not None and store.is_empty():
                fill_from_seed(store, seed)
        except BaseException:
            store.close()
            raise
    return store


def _build_service(store: Store, switches: Switches, limits: bool) -> Service:
    clock = Clock(float(store.recall("advanced_s") or 0), float(store.recall("skew_s") or 0))
    with store.writing() as db:
        plant_first_tokens(db, clock)
    jobs = Jobs(store, clock, switches, WORK | v1.WORK)
    return Service(
        store=store,
        clock=clock,
        switches=switches,
        jobs=jobs,
        limits=Limits(clock, switches, limits, store.recall("used_today")),
        faults=Faults(when_cleared=jobs.release),
        recording=Recording(),
    )


def _build_app(service: Service) -> Flask:
    app = Flask("ctct_sandbox", static_folder=None)
    app.extensions["sandbox"] = service
    app.config["MAX_FORM_MEMORY_SIZE"] = v1.MOST_FORM_BYTES  # Flask's own bound is far below what v1 takes in one job
    app.url_map.merge_slashes = False  # no source tells of a redirect: a path that is none is 404
    v3.mount(app)
    v1.mount(app)
    app.register_error_handler(HTTPException, _answer_http_error)
    app.register_blueprint(token_service.routes, url_prefix=token_service.PREFIX)
    app.register_blueprint(window.routes, url_prefix="/_sandbox")
    return app


def _answer_http_error(error: HTTPException) -> Response:
    """What Flask itself refuses, in the shape of the dialect that was spoken to."""
    is_v1 = request.path.startswith(v1.PREFIX)
    return v1.answer_http_error(error) if is_v1 else v3.answer_http_error(error)
