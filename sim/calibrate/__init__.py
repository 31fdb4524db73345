"""Calibration: from a panel of purchases, or market shares over time, to a scenario with fitted values."""

from __future__ import annotations

from sim.calibrate.calibration import Options
from sim.calibrate.leaving import Left, calibrate_panel
from sim.calibrate.panel import Panel
from sim.calibrate.reading import read_panel
from sim.calibrate.table import Columns

__all__ = ["Columns", "Left", "Options", "Panel", "calibrate_panel", "read_panel"]
