"""The command line: arguments to values, one call into `workflow`, one rendering, one exit code.

Nothing heavy is imported before a command runs: `--help` must answer at once.
"""

from ctct_etl.cli.main import main

__all__ = ["main"]
