"""What a browser may ask for, and the message when it asks for more."""

from __future__ import annotations

from dataclasses import dataclass

from sim.scenario import Scenario

__all__ = ["Limits", "Refused"]


class Refused(Exception):
    """What was asked for is not possible; the message is one line for whoever asked."""


@dataclass(frozen=True)
class Limits:
    """What a browser may ask for.

    Attributes
    ----------
    buyers : int
        Buyers of an economy [buyers].
    horizon : int
        Length of a run [months].
    sellers : int
        Sellers over a run, entrants counted.
    sides : int
        Economies side by side.
    interventions : int
        Entries in the log of one run.
    branches : int
        Runs that are kept when one is forked.
    sessions, rooms : int
        Runs and rooms at a time in one process.
    teams : int
        Teams in a room.
    runs : int
        Most runs of "run this again".
    label : int
        Length of a name that is typed into a page [characters].
    wrong_codes : int
        Wrong room codes that a browser may try in a minute.
    """

    buyers: int = 20_000
    horizon: int = 600
    sellers: int = 12
    sides: int = 3
    interventions: int = 400
    branches: int = 12
    sessions: int = 40
    rooms: int = 20
    teams: int = 12
    runs: int = 200
    label: int = 24
    wrong_codes: int = 10

    def check(self, scenario: Scenario) -> Scenario:
        """Return the scenario if it is small enough for a live run.

        Raises
        ------
        Refused
            If it is too large, or too long.
        """
        for what, asked, most in (
            ("buyers", scenario.buyers.count, self.buyers),
            ("months", scenario.horizon, self.horizon),
            ("sellers, entrants counted", len(scenario.all_sellers), self.sellers),
        ):
            if asked > most:
                raise Refused(f"{scenario.name} has {asked} {what}; here at most {most}")
        return scenario

    def text(self, typed: str, what: str = "a name") -> str:
        """Return a name that was typed into a page, without blanks around it.

        Raises
        ------
        Refused
            If it is empty, too long, or holds what cannot be seen.
        """
        name = typed.strip()
        if not name:
            raise Refused(f"{what} cannot be empty")
        if len(name) > self.label:
            raise Refused(f"{what} has at most {self.label} characters, not {len(name)}")
        if not name.isprintable() or not name[0].isalnum():  # '=' first would be a formula in a spreadsheet
            raise Refused(f"{what} begins with a letter or a digit, and holds nothing that cannot be seen")
        return name
