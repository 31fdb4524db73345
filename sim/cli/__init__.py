"""The command line: arguments in, results and tables on stdout, progress and notices on stderr.

Rooms below are imported inside the command that needs them, so that `--help` answers at once.
"""

from sim.cli.app import main

__all__ = ["main"]
