"""Markets, timed commit by commit. Only the public face of pushpull is used, so that old commits run too."""

from __future__ import annotations

import functools
import subprocess
import sys
from pathlib import Path

from sim import Market, Scenario

SCENARIO = Path(__file__).resolve().parent.parent / "market.yaml"


@functools.cache
def scenario_of(buyers: int) -> Scenario:
    """The market of all measurements in another size."""
    return Scenario.load(SCENARIO, {"buyers.count": buyers})


@functools.cache
def warm(engine: str) -> None:
    """Let everything be compiled and loaded: once a process."""
    market = Market(scenario_of(50), "transition", engine=engine)
    for _ in range(30):
        market.step()
    market.release()


class Columns:
    """All ticks of a market on the columns engine."""

    params = ([1_000, 100_000], [1, 2])
    param_names = ("buyers", "threads")
    number = 1
    warmup_time = 0.0
    timeout = 600.0

    def setup(self, buyers: int, threads: int) -> None:
        """A market at its opening."""
        warm("columns")
        self.market = Market(scenario_of(buyers), "transition", threads=threads)

    def time_run(self, buyers: int, threads: int) -> None:
        """Wall time of 120 ticks."""
        self.market.run()

    def teardown(self, buyers: int, threads: int) -> None:
        """Let the threads go."""
        self.market.release()


class Agents:
    """All ticks of a small market of Mesa agents."""

    number = 1
    warmup_time = 0.0
    timeout = 600.0

    def setup(self) -> None:
        """A market at its opening."""
        warm("agents")
        self.market = Market(scenario_of(200), "transition", engine="agents")

    def time_run(self) -> None:
        """Wall time of 120 ticks."""
        self.market.run()

    def teardown(self) -> None:
        """Let the agents go."""
        self.market.release()


class Opening:
    """What comes before the first tick."""

    timeout = 600.0

    def setup(self) -> None:
        """Compiled code is loaded."""
        warm("columns")

    def time_build(self) -> None:
        """Wall time to build a market of 100 000 buyers."""
        Market(scenario_of(100_000), "transition").release()

    def peakmem_million_buyers(self) -> None:
        """Memory of a process with a million buyers, interpreter included."""
        market = Market(scenario_of(1_000_000), "transition")
        for _ in range(3):
            market.step()
        market.release()


class Start:
    """What every command waits for."""

    timeout = 600.0

    def time_help(self) -> None:
        """Wall time of `pushpull --help`."""
        subprocess.run([sys.executable, "-m", "sim.cli", "--help"], check=True, stdout=subprocess.DEVNULL)
