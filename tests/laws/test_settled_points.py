"""Where the model's text was silent: the points that model A17 settles, one by one."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from markets import ENTRY, incumbents, places, small, steps

from sim.agents import BuyerAgent
from sim.columns import DISSATISFIED, SATISFIED
from sim.market import Market

COUNT = 20_000
ALONE: dict[str, Any] = {"word_of_mouth": {"rule": "none"}, "research": {"rule": "none"}}
# A market in which nobody ever moves: contacts can be counted against those who are nobody's customers
FIXED: dict[str, Any] = {**ALONE, "behaviour": {"switching_cost": 1_000.0}}


def near(fraction: float, size: float = COUNT) -> Any:
    """Within four standard errors of a binomial fraction."""
    return pytest.approx(fraction, abs=4 * math.sqrt(max(fraction * (1 - fraction), 1e-12) / size))


def callers(*efforts: dict[str, float], **more: Any) -> dict[str, Any]:
    """Sellers who spend on contacts as told; the first has all the buyers."""
    nothing = dict.fromkeys(
        ("visits_to_customers", "visits_to_prospects", "messages", "human_service", "self_service", "training"), 0.0
    )
    sellers = [{"name": "Home", "strategy": "collaborative", "effort": nothing, "opening_share": 1.0}]
    sellers += [
        {"name": f"Caller {place}", "strategy": "hard-sell", "effort": nothing | effort, "opening_share": 0.0}
        for place, effort in enumerate(efforts)
    ]
    return {"sellers": sellers, "buyers": {"count": COUNT}, **FIXED, **more}


def called(words: dict[str, Any], budget: float) -> Market:
    """The market after a second tick in which every caller had that budget."""
    market = Market(small(**words, selling={"budget_rate": 0.0}), "push")
    market.step()
    for seller in market.sellers[1:]:
        seller.budget = budget  # type: ignore[attr-defined]
    market.step()
    return market


def test_own_customers_receive_every_visit() -> None:
    """A5: visits to own customers are divided among them, and attended."""
    words = callers()
    words["sellers"][0]["effort"] = {"visits_to_customers": 0.25, "human_service": 0.0, "self_service": 0.0,
                                     "messages": 0.0, "visits_to_prospects": 0.0, "training": 0.0}  # fmt: skip
    record = Market(small(**words), "push").run()
    expected = 0.6 * 0.4 * 0.25 / 0.15  # budget a customer, part of it, price of a visit
    assert record.contacts["visits_to_customers"][:, 0] / COUNT == near(expected)


@pytest.mark.parametrize("attention", [0.3, 1.0])
def test_prospects_attend_with_their_attention(attention: float) -> None:
    words = callers({"visits_to_prospects": 0.5})
    words["behaviour"] = {**FIXED["behaviour"], "attention": attention}
    record = called(words, budget=0.15 * COUNT).record()
    assert record.contacts["visits_to_prospects"][1, 1] / COUNT == near(0.5 * attention)


def test_a_visit_and_a_message_from_one_seller_are_one_load() -> None:
    """A17.1: attention is divided among sellers and not among contacts."""
    both = {"visits_to_prospects": 0.5, "messages": 0.5}
    one = called(callers(both), budget=100.0 * COUNT).record()
    assert one.contacts["visits_to_prospects"][1, 1] / COUNT == near(0.3)
    assert one.contacts["messages"][1, 1] / COUNT == near(0.3)
    two = called(callers(both, both), budget=100.0 * COUNT).record()
    for seller in (1, 2):
        assert two.contacts["visits_to_prospects"][1, seller] / COUNT == near(0.15)
        assert two.contacts["messages"][1, seller] / COUNT == near(0.15)


def test_attention_may_span_several_sellers() -> None:
    words = callers(*[{"visits_to_prospects": 1.0}] * 3)
    words["behaviour"] = {**FIXED["behaviour"], "attention_span": 2.0}
    record = called(words, budget=100.0 * COUNT).record()
    for seller in (1, 2, 3):
        assert record.contacts["visits_to_prospects"][1, seller] / COUNT == near(0.2)


def test_a_visit_and_a_message_are_attended_by_separate_draws() -> None:
    """A17.2: precision gathered tells who attended which; both with the square of the attention."""
    market = called(callers({"visits_to_prospects": 0.5, "messages": 0.5}), budget=100.0 * COUNT)
    place = places(market)[1]
    variance = market.state.pairs["belief_variance"][:, place].astype(float)
    # prior 2, visit 1, message 2; then the drift of two ticks, the first of them at the prior
    posteriors = {
        "none": 2.0,
        "message": 1 / (1 / 2 + 1 / 2),
        "visit": 1 / (1 / 2 + 1),
        "both": 1 / (1 / 2 + 1 / 2 + 1),
    }
    expected = {"none": 0.49, "message": 0.21, "visit": 0.21, "both": 0.09}
    for kind, posterior in posteriors.items():
        held = np.isclose(variance, min(posterior + 0.03, 2.0), atol=1e-4)
        assert held.mean() == near(expected[kind]), kind


@pytest.mark.parametrize("contact", ["visits_to_prospects", "messages"])
def test_a_seller_is_known_once_it_was_attended(contact: str) -> None:
    words = callers({contact: 0.2})
    entrant = {"at": 1, "enter": {**words["sellers"].pop(), "name": "Stranger", "launch": 9}}
    del entrant["enter"]["opening_share"]
    market = Market(small(**words, events=[entrant]), "push")
    steps(market, 3)
    place = market.seller("Stranger").place
    known = (market.state.buyers["known"] >> np.uint64(place)) & np.uint64(1) == 1
    learned = market.state.pairs["belief_variance"][:, place] < 2.0
    np.testing.assert_array_equal(known, learned)
    assert 0 < known.mean() < 1


def test_an_unknown_seller_is_found_only_by_research() -> None:
    """A17.6, and A6: with probability disc max(T, 0.1) in a tick of research."""
    words: dict[str, Any] = {
        "buyers": {"count": COUNT},
        "word_of_mouth": {"rule": "none"},
        "mechanisms": {"contacts": False},
        "research": {"rule": "all"},
        "behaviour": {"research_rate": 0.2, "indifference": 1_000.0, "belief_drift": 0.0},
        "events": [{"at": 1, "enter": {"name": "Newcomer", "strategy": "innovator"}}],
    }
    market = steps(Market(small(1, **words), "pull"), 1)
    place = market.seller("Newcomer").place
    for tick in range(1, 5):
        stock = 0.85 if tick == 1 else float(market.seller("Newcomer").self_service)  # type: ignore[attr-defined]
        before = (market.state.buyers["known"] >> np.uint64(place)) & np.uint64(1) == 1
        market.step()
        after = (market.state.buyers["known"] >> np.uint64(place)) & np.uint64(1) == 1
        assert after[~before].mean() == near(0.2 * 0.25 * stock, (~before).sum())
        # and is inspected at once
        inspected = market.state.pairs["belief_variance"][:, place] < 2.0
        np.testing.assert_array_equal(inspected, after)
    # and who never researches never finds it
    words["behaviour"]["research_rate"] = 0.0
    idle = steps(Market(small(1, **words), "pull"), 5)
    assert not ((idle.state.buyers["known"] >> np.uint64(place)) & np.uint64(1)).any()


def test_a_visit_to_a_customer_closes_too() -> None:
    """A17.9: ω K for whoever was visited, its own seller included."""
    gains: list[float] = []

    class Asked(BuyerAgent):
        def choose(self):  # type: ignore[no-untyped-def]
            seller = self.seller
            m, v, bond = self.belief_mean(seller), self.belief_variance(seller), self.relationship(seller)
            plain = m - 0.25 * v - 3.0 * (1 - 0.4 * bond) * seller.price + 1.5 * bond + 3.0
            visited = bool(self.visited >> seller.place & 1)
            gains.append(self.utility(seller) - plain - visited * seller.sales_skill)
            seen.append(visited)
            return super().choose()

    seen: list[bool] = []
    Market(small(horizon=2), "push", engine="agents", buyer_class=Asked).run()
    assert np.abs(gains).max() < 1e-5
    assert 0 < np.mean(seen) < 1


def test_dissatisfied_is_below_the_aspiration_at_the_end_of_the_tick() -> None:
    """A17.10."""
    market = steps(Market(small(buyers={"count": 2_000}), "transition"), 6)
    buyers = market.state.buyers
    below = buyers["experience"].astype(float) < buyers["aspiration"].astype(float)
    sure = np.abs(buyers["experience"] - buyers["aspiration"]) > 1e-5
    np.testing.assert_array_equal(buyers["talk"][sure], np.where(below, DISSATISFIED, SATISFIED)[sure])
    assert 0.05 < below.mean() < 0.95


def test_the_dissatisfied_talk_more() -> None:
    """A10: a neighbour that is dissatisfied talks ν times as much; precision heard counts the talks."""

    def heard(ratio: float) -> np.ndarray:
        words: dict[str, Any] = {
            **ALONE, "buyers": {"count": COUNT, "network": {"degree": 2}}, "mechanisms": {"contacts": False},
            "word_of_mouth": {"rule": "simple", "rate": 0.2, "dissatisfied_ratio": ratio},
            "behaviour": {"belief_drift": 0.0},
        }  # fmt: skip
        market = steps(Market(small(1, **words), "push"), 1)
        mood, links = market.state.buyers["talk"].copy(), market.neighbours
        before = 1.0 / market.state.pairs["belief_variance"][:, 0].astype(float)
        market.step()
        gained = 1.0 / market.state.pairs["belief_variance"][:, 0].astype(float) - before - 1 / 0.7**2
        talks = np.rint(gained * 2.0)
        np.testing.assert_allclose(gained * 2.0, talks, atol=0.02)
        sullen = (mood[links] == DISSATISFIED).sum(axis=1)
        return np.array([talks[sullen == count].mean() for count in range(3)])

    for ratio in (0.0, 1.0, 2.5):
        expected = [2 * 0.2, 0.2 + 0.2 * ratio, 2 * 0.2 * ratio]
        assert heard(ratio) == pytest.approx(expected, abs=4 * math.sqrt(2 * 0.5 * 0.5 / (COUNT / 6)))


def test_word_of_mouth_tells_of_the_seller_what_the_neighbour_felt() -> None:
    """A4: X of the listener plus the neighbour's surprise; buyers hear the truth on average, their own tastes kept."""
    words: dict[str, Any] = {
        **ALONE, "buyers": {"count": COUNT, "taste": {"kind": "normal", "sd": 1.0}},
        "mechanisms": {"contacts": False}, "word_of_mouth": {"rate": 1.0},
        "behaviour": {"switching_cost": 1_000.0, "word_of_mouth_variance": 0.5, "experience_noise": 0.5},
    }  # fmt: skip
    market = steps(Market(small(2, **words), "push"), 12)
    other = 1 - market.state.buyers["seller"]
    rows = np.arange(COUNT)
    truth = market.state.appeal[0, other] + market.state.pairs["taste"][rows, other]
    error = market.state.pairs["belief_mean"][rows, other].astype(float) - truth
    heard = market.state.pairs["belief_variance"][rows, other] < 1.0
    assert heard.mean() > 0.9
    assert abs(error[heard].mean()) < 0.05  # the prior's pull is not gone entirely
    assert np.corrcoef(truth[heard], market.state.pairs["belief_mean"][rows, other][heard])[0, 1] > 0.9


def test_a_neighbours_surprise_is_passed_on() -> None:
    """A4: what is told is X of the listener plus x - X of the teller, all but exactly when tales are precise."""
    told: dict[int, float] = {}

    class Listening(BuyerAgent):
        def research(self) -> None:
            seller = self.seller
            state = self.model.state
            told[self.row] = (
                self.belief_mean(seller) - state.appeal[0, seller.place] - state.pairs["taste"][self.row, 0]
            )
            super().research()

    words: dict[str, Any] = {
        "buyers": {"count": 200, "network": {"degree": 2}}, "research": {"rule": "none"},
        "mechanisms": {"contacts": False}, "word_of_mouth": {"rate": 1.0, "dissatisfied_ratio": 1.0},
        "behaviour": {"word_of_mouth_variance": 1e-6},
    }  # fmt: skip
    market = Market(small(1, **words), "push", engine="agents", buyer_class=Listening)
    for _ in range(3):
        surprise = market.state.buyers["surprise"][market.neighbours].astype(float).mean(axis=1)
        talked = market.tick > 0
        market.step()
    assert talked
    np.testing.assert_allclose([told[row] for row in range(200)], surprise, atol=0.01)
    assert surprise.std() > 0.3


@pytest.mark.parametrize("needed", [1, 2, 3, 4])
def test_enough_neighbours_must_use_another_seller_before_it_is_heard_of(needed: int) -> None:
    """A10, rule `threshold`: from exactly that fraction of the list on; of one's own seller one always hears."""
    words: dict[str, Any] = {
        **ALONE, "buyers": {"count": 2_000, "network": {"degree": 4}}, "mechanisms": {"contacts": False},
        "word_of_mouth": {"rule": "threshold", "threshold": needed / 4, "rate": 1.0, "dissatisfied_ratio": 1.0},
        "behaviour": {"switching_cost": 1_000.0, "belief_drift": 0.0, "experience_noise": 1e6},
    }  # fmt: skip
    market = steps(Market(small(2, **words), "push"), 1)
    buyers, variance = market.state.buyers, market.state.pairs["belief_variance"]
    own = buyers["seller"].astype(int)
    rows = np.arange(2_000)
    users = (buyers["seller"][market.neighbours] != own[:, None]).sum(axis=1)
    before = variance.astype(float).copy()
    market.step()
    heard = variance < before - 1e-6
    np.testing.assert_array_equal(heard[rows, 1 - own], users >= needed)
    np.testing.assert_array_equal(heard[rows, own], users < 4)
    assert 0 < (users >= needed).mean() < 1


RIVALRY: dict[str, Any] = {
    "sellers": [
        {"name": "Home", "strategy": "collaborative"},
        {"name": "Rival", "strategy": "collaborative", "opening_self_service": 1.0},
    ],
    "buyers": {"count": 200, "taste": {"kind": "normal", "sd": 0.0}},
    "word_of_mouth": {"rule": "none"},
    "mechanisms": {"contacts": False, "relationship": False},
    "horizon": 1,
}


@pytest.mark.parametrize("switching_cost", [0.0, 0.7])
def test_both_values_use_the_variance_after_inspection(switching_cost: float) -> None:
    """A17.12: z = m - (r / 2) v' - α p + σ̃ h(κ / σ̃), with h(0.05) = 1.25558; the own seller's value is at the edge."""
    spread = math.sqrt(2.0 - 0.4)  # v = 2 falls to v' = 2 / (1 + 2 / 0.5) = 0.4
    index = -0.4 + spread * 1.25558
    inspected = []
    for edge in (-2e-4, 2e-4):
        behaviour = {"research_rate": 1.0, "search_cost": 0.05 * spread, "risk_aversion": 2.0}
        behaviour["switching_cost"] = switching_cost
        knowledge = {"prior_mean": 0.0, "opening_variance": 0.15}
        market = Market(small(**RIVALRY, behaviour=behaviour, knowledge=knowledge), "push")
        home = market.seller("Home").place
        theirs = market.state.buyers["seller"] == home
        market.state.pairs["belief_mean"][theirs, home] = index + 0.15 + edge - switching_cost
        market.step()
        inspected.append((market.state.pairs["belief_variance"][theirs, 1 - home] < 1.0).mean())
    assert inspected == [1.0, 0.0]


def test_reviews_are_read_by_pull_buyers_only() -> None:
    """A17.12: precision max(T, 0.1) / σ²_res + θ / σ²_rev."""
    behaviour = {"research_rate": 1.0, "belief_drift": 0.0, "switching_cost": 1_000.0}
    for economy, precision in (("push", 1 / 0.5), ("pull", 1 / 0.5 + 1.0)):
        market = Market(small(**RIVALRY, behaviour=behaviour, research={"rule": "all"}), economy)
        home = market.seller("Home").place
        theirs = market.state.buyers["seller"] == home
        market.step()
        variance = market.state.pairs["belief_variance"][theirs, 1 - home]
        np.testing.assert_allclose(variance, 1 / (1 / 2.0 + precision), rtol=1e-5)


def test_homework_is_what_was_gathered_before_the_first_call() -> None:
    """A17.16: without contacts all is homework and all is decided before; without research nothing is."""
    alone = Market(
        small(mechanisms={"contacts": False}, word_of_mouth={"rule": "none"}, buyers={"count": 1_000}), "pull"
    ).run()
    moved = alone.market["churn"] > 0
    np.testing.assert_allclose(alone.buyers["homework_share"][moved], 1.0, atol=1e-6)
    np.testing.assert_allclose(alone.buyers["decided_before_contact"][moved], 1.0)
    courted = Market(small(research={"rule": "none"}, buyers={"count": 1_000}), "push").run()
    moved = courted.market["churn"] > 0
    assert moved.any()
    np.testing.assert_allclose(courted.buyers["homework_share"][moved], 0.0, atol=1e-6)


def test_the_own_sellers_service_is_shared_by_those_who_chose_it() -> None:
    """A3 and A13: service congests with the customers of the same tick."""
    market = Market(small(events=[ENTRY]), "pull")
    for _ in range(10):
        market.step()
        counts = np.bincount(incumbents(market), minlength=5)
        for position, seller in enumerate(market.sellers):
            if seller.alive:  # type: ignore[attr-defined]
                spending = seller.budget * seller.effort[3]  # type: ignore[attr-defined]
                expected = 1 - math.exp(-spending / max(counts[position], 1) / 0.05)
                assert seller.human_service == pytest.approx(expected, rel=1e-9)  # type: ignore[attr-defined]
