"""The sandbox: Constant Contact as it is documented, on loopback, to test and rehearse against.

It shares no code with the rest of the program, so that a misunderstanding is not made twice. What the
sources leave open is a switch (`switches.py`); `docs/sandbox.md` says what is emulated, and what is not.
"""

from .running import Sandbox, reset_state, seed_state, serve, start_sandbox
from .store import StoreFault

__all__ = ["Sandbox", "StoreFault", "reset_state", "seed_state", "serve", "start_sandbox"]
