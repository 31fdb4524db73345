"""The report: one self-contained page of a run, with findings made from its numbers."""

from __future__ import annotations

from sim.report.findings import Finding, findings
from sim.report.page import render, write_report
from sim.report.standings import Results, Standing, results_of

__all__ = ["Finding", "Results", "Standing", "findings", "render", "results_of", "write_report"]
