"""Claims: the essays' phrases as hypotheses, put to tests that were decided before the runs.

The register (`register/`) is data: each claim names what is measured, in which variants of one
market, and the threshold. `examine_claims` runs what the tests need and writes the verdicts.
"""

from __future__ import annotations

from sim.claims.examining import Examined, examine_claims, records_of, write_docs
from sim.claims.registry import Register, load_register
from sim.claims.verdicts import Finding, counts

__all__ = ["Examined", "Finding", "Register", "counts", "examine_claims", "load_register", "records_of", "write_docs"]
