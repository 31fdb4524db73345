"""From claims to verdicts on a tiny market: what is so is supported, what is doctored is refuted."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.claims import examine_claims, records_of, write_docs
from sim.claims.observables import known_figures, observed_figures
from sim.claims.registry import Axis, Claim, Essay, Register
from sim.claims.runs import Runs
from sim.results import scores
from sim.runner import Interrupted, Unit, simulate
from sim.scenario import Scenario
from sim.studies.changes import Change
from sim.studies.store import Store

N = 6


def claim(name: str, **words: Any) -> Claim:
    part = {"says": "it is so", **{key: words.pop(key) for key in list(words) if key not in Claim.model_fields}}
    return Claim(**{"id": name, "quote": "a phrase", "mechanism": "m", "economies": ["pull"], "parts": [part], **words})


@pytest.fixture
def register(five_sellers: Scenario) -> Register:
    leaving = Axis(
        name="leaving", label="what leaving costs", unit="utils", paths=["behaviour.switching_cost.pull"],
        values=[0, 0.75, 8], default=0.75,
    )  # fmt: skip
    claims = [
        claim("9.1", of="initiation_index", above=0.5, unit="share"),
        claim("9.2", of="initiation_index", below=0.5, unit="share"),  # 9.1 doctored to be false
        claim("9.3", of="churn", less="churn in push", above=0.0),
        claim("9.4", of="churn @ shut", less="churn", below=0.0),
        claim("9.5", of="final_churn", above=0.001, turns=["leaving"]),
        claim("9.6", test="trend", of="churn", along="leaving", below=0.0),
        claim("9.7", test="trend", of="churn", along="leaving", above=0.0),  # 9.6 doctored
        claim("9.8", test="duration", of="half_life.Heritage", below=1000, economies=["push", "pull"]),
    ]
    shut = Change("shut", {"mechanisms.contacts": False, "research.rule": "none"})
    return Register(five_sellers, [shut], [leaving], [Essay(essay=9, title="Of tiny markets", claims=claims)])


def examined(register: Register, folder: Path, ids: tuple[str, ...] = (), n: int = N) -> Any:
    return examine_claims(ids, register=register, replications=n, out=folder, jobs=1, progress=False)


def test_what_is_so_is_supported_and_what_is_doctored_refuted(register: Register, tmp_path: Path) -> None:
    done = examined(register, tmp_path)
    verdicts = {finding.claim.id: finding.verdict for finding in done.found}
    assert verdicts["9.1"] == verdicts["9.3"] == verdicts["9.4"] == verdicts["9.6"] == "supported"
    assert verdicts["9.2"] == verdicts["9.7"] == "refuted"
    (turning,) = [finding for finding in done.found if finding.claim.id == "9.5"]
    assert [(turn.held, turn.turned, turn.verdict) for turn in turning.turns] == [(0.75, 8, "refuted")]
    assert 0.75 < turning.turns[0].crossing < 8
    names = {path.name for path in done.path.iterdir()}
    assert names == {
        "report.html",
        "claims.md",
        "tests.csv",
        "verdicts.json",
        "market.yaml",
        "provenance.json",
        "figures",
    }
    page = (done.path / "report.html").read_text(encoding="utf-8")
    assert page.count('<article class="claim') == len(register.claims)
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org", "")
    told = json.loads((done.path / "verdicts.json").read_text(encoding="utf-8"))
    assert {"id", "quote", "economy", "observable", "effect", "low", "high", "verdict", "condition"} <= set(told[0])
    made = write_docs(done, tmp_path / "docs")
    assert all(path.is_file() for path in made)
    text = (tmp_path / "docs" / "claims.md").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.startswith("!["):
            assert (tmp_path / "docs" / line.rpartition("](")[2].rstrip(")")).is_file()


def test_figures_are_those_of_the_runs(register: Register, tmp_path: Path) -> None:
    done = examined(register, tmp_path, ("9.3",), n=3)
    market = register.market
    expected = []
    for replication in range(3):
        pull, push = (
            scores(simulate(Unit(market, name, replication), "columns", 1), market) for name in ("pull", "push")
        )
        expected.append(pull["", "churn"] - push["", "churn"])
    (cell,) = [cell for cell in done.found[0].cells if cell.home]
    assert cell.result.values == pytest.approx(expected)
    assert [record["effect"] for record in records_of(done.found) if record["judged"]] == [
        pytest.approx(np.mean(expected))
    ]


def test_an_interrupted_run_goes_on_where_it_was(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    from sim.claims import runs as room

    genuine = room.observed

    def fragile(unit: Any, engine: str, threads: int) -> Any:
        calls.append(unit)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return genuine(unit, engine, threads)

    monkeypatch.setattr(room, "observed", fragile)
    with pytest.raises(Interrupted, match="3 of 18"):
        examined(register, tmp_path, ("9.3",))
    assert not [path for path in (tmp_path / "claims").iterdir() if not path.name.startswith(".")]
    examined(register, tmp_path, ("9.3",))
    assert len(calls) == 4 + 15
    whole = examined(register, tmp_path / "other", ("9.3",))
    again = examined(register, tmp_path, ("9.3",))
    assert (whole.path / "tests.csv").read_bytes() == (again.path / "tests.csv").read_bytes()


def test_what_is_looked_at_afterwards_is_no_part_of_the_verdict(register: Register, tmp_path: Path) -> None:
    why = {"says": "nobody researches", "of": "research_rate @ shut", "above": 1.0}
    old = register.claim("9.1")
    words = {name: getattr(old, name) for name in ("id", "quote", "mechanism", "economies", "parts")}
    asked = Register(
        register.market,
        register.variants.values(),
        [],
        [Essay(essay=9, title="t", claims=[Claim(**words, because=[why])])],
    )
    (found,) = examined(asked, tmp_path).found
    assert found.verdict == "supported"
    assert [(cell.economy, cell.home, cell.result.verdict) for cell in found.reasons] == [("pull", False, "refuted")]


def test_equal_markets_are_run_once(register: Register, tmp_path: Path) -> None:
    runs = Runs(register, {})
    from sim.claims.verdicts import spots_of

    runs.need(spots_of(register, register.claim("9.5")), 2)
    runs.need(spots_of(register, register.claim("9.5"), sweeps=True), 2)
    # three economies, and in pull two levels of the axis that are not the market's own
    assert runs.run(Store(tmp_path), jobs=1, progress=False) == 2 * (3 + 2)


def test_every_figure_that_is_known_is_observed(five_sellers: Scenario) -> None:
    found = observed_figures(five_sellers, "transition", 0)
    assert known_figures([five_sellers]) <= set(found)
    assert found["", "contact_initiation"] == pytest.approx(found["", "contact_initiation"], nan_ok=True)
    shares = [found[seller.name, "share_gain"] for seller in five_sellers.all_sellers]
    assert math.isclose(sum(shares), 0.0, abs_tol=1e-12)
    assert found["", "best_match"] == pytest.approx(
        1
        - sum(
            _or_zero(found[s.name, "better_elsewhere"]) * found[s.name, "final_share"] for s in five_sellers.all_sellers
        )
    )
    assert all(
        _or_zero(found[s.name, "kept_by_liking"]) <= _or_zero(found[s.name, "better_elsewhere"])
        for s in five_sellers.all_sellers
    )


def _or_zero(value: float) -> float:
    return 0.0 if math.isnan(value) else value


def test_an_unknown_claim_is_named(register: Register) -> None:
    with pytest.raises(KeyError, match=r"no claim '9\.9'"):
        examine_claims(["9.9"], register=register)
