"""`python -m sim.cli`, for where the command `pushpull` is not on the path."""

import sys

from sim.cli import main

if __name__ == "__main__":
    sys.exit(main())
