"""Studies: which scenarios to run, and what they say together.

`sim.studies.doors` has one call a study; it is no part of this module, where a kind of study
and its file have the same name.
"""

from __future__ import annotations

from sim.studies.experiment import KINDS, Experiment, Prepared, is_experiment, load, mistakes_in, of_words
from sim.studies.study import Study, StudyFailed, conduct, folder_of

__all__ = [
    "KINDS",
    "Experiment",
    "Prepared",
    "Study",
    "StudyFailed",
    "conduct",
    "folder_of",
    "is_experiment",
    "load",
    "mistakes_in",
    "of_words",
]
