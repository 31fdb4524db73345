"""Markets, timed commit by commit. Only the public face of pushpull is used, so that old commits run too."""

from __future__ import annotations

import functools
import subprocess
import sys
import time
from pathlib import Path
from typing import Literal

from sim import Market, Scenario

Engine = Literal["columns", "agents"]

SCENARIO = Path(__file__).resolve().parent.parent / "market.yaml"


@functools.cache
def scenario_of(buyers: int) -> Scenario:
    """The market of all measurements in another size."""
    return Scenario.load(SCENARIO, {"buyers.count": buyers})


@functools.cache
def warm(engine: Engine) -> None:
    """Let everything be compiled and loaded: once a process."""
    market = Market(scenario_of(50), "transition", engine=engine)
    for _ in range(30):
        market.step()
    market.release()


class Run:
    """All ticks of a market, built before the clock starts."""

    engine: Engine = "columns"
    threads = 1
    params: tuple[int, ...] = (1_000, 100_000)
    param_names = ("buyers",)
    number = 1
    warmup_time = 0.0
    timeout = 600.0
    timer = staticmethod(time.process_time)  # a busy machine slows the wall clock more

    def setup(self, buyers: int) -> None:
        """A market at its opening."""
        warm(self.engine)
        self.market = Market(scenario_of(buyers), "transition", engine=self.engine, threads=self.threads)

    def time_run(self, buyers: int) -> None:
        """120 ticks."""
        self.market.run()

    def teardown(self, buyers: int) -> None:
        """Let threads and agents go."""
        self.market.release()


class RunTwoThreads(Run):
    """On two threads; only the wall clock tells what they are worth."""

    threads = 2
    params = (100_000,)
    timer = staticmethod(time.perf_counter)


class RunAgents(Run):
    """With Mesa agents."""

    engine = "agents"
    params = (200,)


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
