"""`ctct-etl sandbox serve | seed | reset`: the bundled emulator of the service."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from ctct_etl.errors import CtctError

SQLITE = b"SQLite format 3\0"

a_file = click.Path(path_type=Path, dir_okay=False)
a_seed = click.Path(path_type=Path, dir_okay=False, exists=True)
state_file = click.option("--state", type=a_file, required=True, help="The sandbox's database.")
seed_file = click.option("--seed", type=a_seed, help="JSON lines: one contact each.")


@click.group()
def sandbox() -> None:
    """Serve, fill and empty the emulator of the service."""


@contextmanager
def _explained(state: Path) -> Iterator[None]:
    """Leave a file alone that is no sandbox, and say what is wrong with a seed, a port or a disk."""
    if state.is_file() and (content := state.read_bytes()[: len(SQLITE)]) and content != SQLITE:
        raise CtctError(f"{state}: is not a sandbox's database, and was left as it is — name another file")
    from ctct_etl.sandbox import StoreFault

    try:
        yield
    except StoreFault as fault:
        raise CtctError(str(fault)) from fault
    except UnicodeDecodeError as fault:
        raise CtctError(f"the seed is not UTF-8 ({fault.reason} at byte {fault.start}) — save it as UTF-8") from fault
    except ValueError as fault:  # FILE:LINE: what is wrong
        raise CtctError(f"{fault} — mend the seed") from fault
    except OSError as fault:
        raise CtctError(f"{state}: {fault.strerror or fault} — look at the disk, or name another file") from fault


@sandbox.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0 for a free one.")
@state_file
@seed_file
@click.option("--no-limits", is_flag=True, help="No rate limit and no daily quota.")
def serve(port: int, state: Path, seed: Path | None, no_limits: bool) -> None:
    """Serve the sandbox on loopback; prints one line with its URL when it is ready."""
    from ctct_etl.sandbox import serve as serve_sandbox

    with _explained(state):
        serve_sandbox(port=port, state=state, seed=seed, limits=not no_limits, ready=click.echo)


@sandbox.command()
@state_file
@click.option("--seed", type=a_seed, required=True, help="JSON lines.")
def seed(state: Path, seed: Path) -> None:
    """Fill a new sandbox from a file."""
    from ctct_etl.sandbox import seed_state

    with _explained(state):
        seed_state(state, seed)
    click.echo(f"{state}: filled from {seed}")


@sandbox.command()
@state_file
@seed_file
def reset(state: Path, seed: Path | None) -> None:
    """Empty a sandbox, and fill it again if a seed is given."""
    from ctct_etl.sandbox import reset_state

    with _explained(state):
        reset_state(state, seed)
    click.echo(f"{state}: reset")
