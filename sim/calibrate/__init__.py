"""Calibration: from a panel of purchases, or market shares over time, to a scenario with fitted values."""
