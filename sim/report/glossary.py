"""The words of the page in plain language, and what to keep in mind about the model."""

from __future__ import annotations

__all__ = ["ASSUMPTIONS", "GLOSSARY"]

GLOSSARY: dict[str, str] = {
    "push economy": (
        "Buyers mostly wait. Sellers visit and send messages, and looking for another seller costs the buyer an effort."
    ),
    "pull economy": (
        "Buyers look for themselves. They compare sellers, read what others say and use self-service; "
        "visits and messages count for little."
    ),
    "pull share": (
        "The part of buyers who behave as in the pull economy in a month. In a transition it grows over time."
    ),
    "market share": "The part of all buyers who buy from a seller in a month.",
    "erosion, half-life": (
        "How a seller's share shrinks against its own first year; the half-life is the month in which half of it is "
        "gone. “Not halved” means that it did not happen within the time simulated. It may happen later."
    ),
    "run": (
        "One play of the market with its own luck. The same run has the same buyers and the same luck in every "
        "economy, so that like is compared with like."
    ),
    "95 % interval": (
        "The figures in square brackets: where the average of very many runs is to be expected. "
        "It says nothing about whether the assumptions hold."
    ),
    "switch": "A buyer changes seller. Its cause is what set off the episode that ended in the change.",
    "disappointment": "A buyer gets less than it has come to expect, and starts to look around.",
    "relationship": (
        "Goodwill that visits and good experience build. It makes a buyer more patient and less sensitive to price."
    ),
    "consumer surplus": "What buyers get, in money, beyond what they pay and beyond the effort of searching.",
    "concentration (HHI)": "1 if one seller has all buyers; 0.25 if four sellers share them equally.",
}

ASSUMPTIONS: tuple[str, ...] = (
    (
        "The intervals hold the luck of the draw only, not the doubt about the assumptions: "
        "other assumptions, other results."
    ),
    (
        "Most default parameters illustrate. Price sensitivity, switching costs, the fading of visits and of sales "
        "skill, the strength of word of mouth and the number of sellers that a buyer considers rest on published data, "
        "but from different industries."
    ),
    "When and how fast buyers turn from push to pull is given from outside; the model does not explain it.",
    "Buyers look at the present: they do not wait for a seller that may enter later.",
    "Leaving a seller gives up a comfort felt every month, which makes for a strong lock-in in the push economy.",
    "Sellers keep the prices of their strategy unless the scenario changes them; there are no price wars.",
    "A seller that only sends messages keeps its selling skill in practice, which flatters it a little.",
    (
        "Where buyers stay locked in under pull, or still want service by people, relationships hold: "
        "that a relationship seller declines is a result of conditions, not a law."
    ),
)
