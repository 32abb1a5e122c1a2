"""`ctct-etl sandbox serve | seed | reset`: the bundled emulator of the service."""

from __future__ import annotations

from pathlib import Path

import click

state_file = click.option("--state", type=click.Path(path_type=Path), required=True, help="The sandbox's database.")
seed_file = click.option("--seed", type=click.Path(path_type=Path, exists=True), help="JSON lines: one contact each.")


@click.group()
def sandbox() -> None:
    """Serve, fill and empty the emulator of the service."""


@sandbox.command()
@click.option("--port", type=int, default=8765, show_default=True, help="0 for a free one.")
@state_file
@seed_file
@click.option("--no-limits", is_flag=True, help="No rate limit and no daily quota.")
def serve(port: int, state: Path, seed: Path | None, no_limits: bool) -> None:
    """Serve the sandbox on loopback; prints one line with its URL when it is ready."""
    from ctct_etl.sandbox import serve as serve_sandbox

    serve_sandbox(port=port, state=state, seed=seed, limits=not no_limits, ready=click.echo)


@sandbox.command()
@state_file
@click.option("--seed", type=click.Path(path_type=Path, exists=True), required=True, help="JSON lines.")
def seed(state: Path, seed: Path) -> None:
    """Fill a new sandbox from a file."""
    from ctct_etl.sandbox import seed_state

    seed_state(state, seed)
    click.echo(f"{state}: filled from {seed}")


@sandbox.command()
@state_file
@seed_file
def reset(state: Path, seed: Path | None) -> None:
    """Empty a sandbox, and fill it again if a seed is given."""
    from ctct_etl.sandbox import reset_state

    reset_state(state, seed)
    click.echo(f"{state}: reset")
