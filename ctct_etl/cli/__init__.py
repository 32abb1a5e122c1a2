"""The command line: arguments to values, one call into `workflow`, one rendering, one exit code.

Nothing heavy is imported before a command runs: `--help` must answer at once.
"""

import gc
import os

# What is imported never becomes garbage, and nobody's plugins for pydantic are ours to look for: together a tenth of
# the time that a command takes before it works.
gc.set_threshold(50_000, 20, 20)
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

from ctct_etl.cli.main import main, start  # noqa: E402

__all__ = ["main", "start"]
