"""What holds for every test: two sizes, no network but this machine, and a state directory of its own."""

from __future__ import annotations

import gc
import ipaddress
import sys
from collections import Counter
from collections.abc import Callable, Iterator

import hypothesis
import pytest

FIGURES = "figures"
# Folders whose tests take whole nights come first, so that no worker is left alone with one of them at the end.
SLOW = ("promises", "cli", "workflow", "benchmarks", "account")

# Sampled is seeded: the same examples every time, so that a red run is red for everyone.
hypothesis.settings.register_profile("sampled", max_examples=12, derandomize=True, database=None, deadline=None)
hypothesis.settings.register_profile("proof", max_examples=200, database=None, deadline=None, print_blob=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--proof", action="store_true", help="the large numbers: `make proof`")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "proof: too long for `make test`; runs with --proof")
    hypothesis.settings.load_profile("proof" if config.getoption("--proof") else "sampled")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=_place_in_line)  # stable: within a folder the order stays
    if config.getoption("--proof"):
        return
    later = [item for item in items if item.get_closest_marker("proof")]
    config.hook.pytest_deselected(items=later)
    items[:] = [item for item in items if item not in later]


def pytest_collection_finish() -> None:
    """What is imported by now stays to the end; looking through it at every collection takes a tenth of the time."""
    gc.collect()
    gc.freeze()


def _place_in_line(item: pytest.Item) -> int:
    folder = item.path.relative_to(item.config.rootpath).parts[1]
    return SLOW.index(folder) if folder in SLOW else len(SLOW)


@pytest.fixture(scope="session")
def proof(pytestconfig: pytest.Config) -> bool:
    """Whether the large numbers are wanted."""
    return bool(pytestconfig.getoption("--proof"))


@pytest.fixture
def figures(record_property: Callable[[str, object], None]) -> Iterator[Counter[str]]:
    """What a test counts while it proves something; summed over all tests and printed at the end of the session."""
    counts: Counter[str] = Counter()
    yield counts
    record_property(FIGURES, dict(counts))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The figures of the promises. They travel in the reports of the tests, so that several workers count as one."""
    sums: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", "") == "teardown":
                for name, counts in report.user_properties:
                    sums.update(counts if name == FIGURES else {})
    if sums:
        terminalreporter.write_sep("=", "the promises in figures")
        for name, count in sums.items():
            terminalreporter.write_line(f"{count:>12,}  {name}")


@pytest.fixture(scope="session", autouse=True)
def own_state_directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test, and no program that a test starts, writes to the state of the person who runs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CTCT_ETL_STATE", str(tmp_path_factory.mktemp("state")))
        yield


class NetworkUsed(BaseException):
    """A test reached for another machine. Not an Exception, so that no retry or `except` of the program hides it."""


def refuse_other_machines(event: str, arguments: tuple[object, ...]) -> None:
    """An audit hook sees every connection of this process, whichever library makes it."""
    if event == "socket.connect" or event == "socket.sendto":
        place = arguments[1]
        if isinstance(place, tuple) and not _is_here(place[0]):
            raise NetworkUsed(f"{event} to {place[0]}: tests talk to this machine only; use the sandbox or a fake")
    elif event == "socket.getaddrinfo" and not _is_here(arguments[0]):
        raise NetworkUsed(f"looking up {arguments[0]!r}: tests talk to this machine only; use the sandbox or a fake")


def _is_here(host: object) -> bool:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(name)).is_loopback
    except ValueError:
        return False


sys.addaudithook(refuse_other_machines)
