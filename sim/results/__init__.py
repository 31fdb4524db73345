"""What a run leaves on disk, and reading it back.

The folder of a run is `results/<scenario-name>/<key>/`. It appears under its name only when
it is whole.
"""

from __future__ import annotations

from sim.results.files import ResultsError, folder_in_the_making
from sim.results.parts import InMemory, Parts, Store, locked
from sim.results.provenance import MODEL_VERSION, key_of, provenance_of
from sim.results.record import CAUSES, Record
from sim.results.run import Run, write_run
from sim.results.summary import MEASURES, Line, Measure, Scores, measure_of, scores, summarise, widest_interval
from sim.results.tables import COLUMNS, TABLES

__all__ = [
    "CAUSES",
    "COLUMNS",
    "MEASURES",
    "MODEL_VERSION",
    "TABLES",
    "InMemory",
    "Line",
    "Measure",
    "Parts",
    "Record",
    "ResultsError",
    "Run",
    "Scores",
    "Store",
    "folder_in_the_making",
    "key_of",
    "locked",
    "measure_of",
    "provenance_of",
    "scores",
    "summarise",
    "widest_interval",
    "write_run",
]
