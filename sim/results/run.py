"""A finished run, in memory or read from the folder that it left."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.results import tables
from sim.results.files import ResultsError, writing
from sim.results.record import CAUSES, Record
from sim.results.summary import COLUMNS as SUMMARY
from sim.results.summary import Scores, scores, summarise, write_summary
from sim.scenario.mistakes import ScenarioError
from sim.scenario.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Run", "write_run"]

FILES = ("scenario.yaml", "provenance.json", "summary.csv")


class Run:
    """A finished run.

    Attributes
    ----------
    scenario : Scenario
        What was run, every default resolved; `scenario.replications` is what was run in the end.
    path : Path or None
        Folder of the run; None if it is in memory only.
    provenance : dict
        Four keys: schema_version, software, parameters, environment.
    reused : bool
        Whether the run was found finished instead of being run.
    shares, market, switches, contacts, buyers, summary : DataFrame
        The tables, read when first asked for; see `sim.results.tables.COLUMNS` and
        `sim.results.summary.MEASURES`.
    """

    def __init__(
        self,
        scenario: Scenario,
        provenance: Mapping[str, Any],
        path: Path | None = None,
        frames: Mapping[str, pd.DataFrame] | None = None,
        reused: bool = False,
    ) -> None:
        self.scenario = scenario
        self.provenance = dict(provenance)
        self.path = path
        self.reused = reused
        self._frames = dict(frames or {})

    def __repr__(self) -> str:
        where = f", {self.path}" if self.path else ""
        return (
            f"<Run of {self.scenario.name}: {len(self.scenario.economies)} economies, "
            f"{self.scenario.replications} replications{where}>"
        )

    @classmethod
    def read(cls, path: Path | str) -> Run:
        """Read a run from its folder; tables are read when first asked for.

        Parameters
        ----------
        path : path
            Folder that a run has left.

        Raises
        ------
        ResultsError
            If it is not such a folder, or a file of it is missing or not what it should be.
        """
        folder = Path(path)
        if not folder.is_dir():
            raise ResultsError(f"{folder}: {'not a folder' if folder.exists() else 'there is no such folder'}")
        for name in (*FILES, *(f"{table}.parquet" for table in tables.TABLES)):
            if not (folder / name).is_file():
                raise ResultsError(f"{folder}: {name} is missing; this is not the folder of a finished run")
        try:
            scenario = Scenario.load(folder / "scenario.yaml")
        except ScenarioError as error:
            raise ResultsError(str(error.mistakes[0])) from error
        try:
            provenance = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ResultsError(f"{folder / 'provenance.json'}: cannot be read ({error})") from error
        for part in ("software", "parameters"):
            if not isinstance(provenance, dict) or not isinstance(provenance.get(part), dict):
                raise ResultsError(f"{folder / 'provenance.json'}: {part!r} is missing")
        return cls(scenario, provenance, folder)

    @classmethod
    def of(cls, scenario: Scenario, records: Iterable[Record], provenance: Mapping[str, Any]) -> Run:
        """A run in memory, of its records.

        Parameters
        ----------
        scenario : Scenario
            What was run.
        records : iterable of Record
            At least one; in the order in which they are to stand in the tables.
        provenance : mapping
            As `sim.results.provenance_of` gives it.
        """
        import pandas as pd

        found: dict[str, list[Scores]] = {}
        made = tables.tables_of(_scored(records, scenario, found), list(scenario.economies))
        frames = {name: _typed(table.to_pandas(), name, scenario) for name, table in made.items()}
        rows = [(line.economy, line.seller, line.measure, *line.estimate) for line in summarise(found)]
        frames["summary"] = pd.DataFrame(rows, columns=list(SUMMARY))
        return cls(scenario, provenance, None, frames)

    @property
    def sellers(self) -> list[str]:
        """All sellers, those at the opening and then the entrants."""
        return [seller.name for seller in self.scenario.all_sellers]

    @property
    def economies(self) -> list[str]:
        """The economies that were run."""
        return list(self.scenario.economies)

    @property
    def precision(self) -> dict[str, Any] | None:
        """What `precision` asked for, what it reached and at what cost; None for fixed replications."""
        found: dict[str, Any] | None = self.provenance["parameters"].get("precision")
        return found

    @cached_property
    def shares(self) -> pd.DataFrame:
        """One row an economy, replication, tick and seller."""
        return self._frame("shares")

    @cached_property
    def market(self) -> pd.DataFrame:
        """One row an economy, replication and tick."""
        return self._frame("market")

    @cached_property
    def switches(self) -> pd.DataFrame:
        """The ledger of who left whom, and why."""
        return self._frame("switches")

    @cached_property
    def contacts(self) -> pd.DataFrame:
        """What sellers did: one row an economy, replication, tick and seller."""
        return self._frame("contacts")

    @cached_property
    def buyers(self) -> pd.DataFrame:
        """Means over buyers: one row an economy, replication and tick."""
        return self._frame("buyers")

    @cached_property
    def summary(self) -> pd.DataFrame:
        """One row an economy, seller and measure; for durations `mean` is the median (see `MEASURES`)."""
        if "summary" in self._frames:
            return self._frames["summary"]
        import pandas as pd

        path = self._file("summary.csv")
        try:
            # a seller may be called NA or null: only empty figures are missing
            words = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
            _require(path, words, SUMMARY)
            for name in ("mean", "low", "high"):
                words[name] = [float(figure) if figure else float("nan") for figure in words[name]]
            for name in ("replications", "censored"):
                words[name] = words[name].astype("int64")
        except ResultsError:
            raise
        except Exception as error:
            raise ResultsError(f"{path}: cannot be read ({error})") from error
        return words

    def value(self, measure: str, seller: str = "", economy: str | None = None) -> pd.Series:
        """One line of the summary.

        Parameters
        ----------
        measure : str
            As in the summary.
        seller : str
            Empty for the market as a whole.
        economy : str, optional
            By default the first.

        Raises
        ------
        KeyError
            If the summary has no such line.
        """
        economy = economy or self.economies[0]
        frame = self.summary
        rows = frame[(frame["economy"] == economy) & (frame["seller"] == seller) & (frame["measure"] == measure)]
        if rows.empty:
            raise KeyError(f"no {measure} of {seller or 'the market'} in {economy}")
        return rows.iloc[0]

    def _file(self, name: str) -> Path:
        if self.path is None:
            raise ResultsError(f"this run has no {name}: it was made in memory, without that table")
        return self.path / name

    def _frame(self, name: str) -> pd.DataFrame:
        if name in self._frames:
            return self._frames[name]
        import pandas as pd

        path = self._file(f"{name}.parquet")
        try:
            frame = pd.read_parquet(path, engine="pyarrow")
        except Exception as error:  # pyarrow's errors are of many kinds
            raise ResultsError(f"{path}: cannot be read ({' '.join(str(error).split())})") from error
        _require(path, frame, tables.COLUMNS[name])
        return _typed(frame, name, self.scenario)


def _require(path: Path, frame: pd.DataFrame, columns: Sequence[str]) -> None:
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise ResultsError(f"{path}: {'column' if len(missing) == 1 else 'columns'} {', '.join(missing)} missing")


def _typed(frame: pd.DataFrame, name: str, scenario: Scenario) -> pd.DataFrame:
    """Give every column of words the scenario's own order, whatever was stored first."""
    import pandas as pd

    sellers = [seller.name for seller in scenario.all_sellers]
    orders = {
        "economy": list(scenario.economies),
        "seller": sellers,
        "from_seller": sellers,
        "to_seller": sellers,
        "cause": list(CAUSES),
    }
    for column in set(orders) & set(frame.columns):
        frame[column] = pd.Categorical(frame[column], categories=orders[column])
    return frame


def write_run(folder: Path, scenario: Scenario, records: Iterable[Record], provenance: Mapping[str, Any]) -> Run:
    """Write a run into a folder, with few records in memory at a time.

    Parameters
    ----------
    folder : Path
        Existing and empty; see `sim.results.files.folder_in_the_making`.
    scenario : Scenario
        What was run.
    records : iterable of Record
        At least one; in the order in which they are to stand.
    provenance : mapping
        As `sim.results.provenance_of` gives it.

    Returns
    -------
    Run
        The run in that folder.
    """
    with writing(folder / "scenario.yaml") as file:
        file.write(scenario.to_yaml())
    with writing(folder / "provenance.json") as file:
        json.dump(provenance, file, indent=2, ensure_ascii=False, allow_nan=False)
        file.write("\n")
    found: dict[str, list[Scores]] = {}
    tables.write_tables(folder, _scored(records, scenario, found), list(scenario.economies))
    write_summary(folder / "summary.csv", summarise(found))
    return Run(scenario, provenance, folder)


def _scored(records: Iterable[Record], scenario: Scenario, found: dict[str, list[Scores]]) -> Iterator[Record]:
    """Pass records on, and leave their scores in `found`."""
    for record in records:
        found.setdefault(record.economy, []).append(scores(record, scenario))
        yield record
