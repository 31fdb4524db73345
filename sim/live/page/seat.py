"""A team's place in a room: it takes a seller, and decides before each round."""

from __future__ import annotations

from nicegui import ui

from sim.live.game import Game
from sim.live.page.scoreboard import scoreboard, swatch
from sim.live.page.widgets import button, heading, told
from sim.live.rooms import Room
from sim.strategies import catalogue
from sim.strategies.strategy import Effort

__all__ = ["Seat"]


class Seat:
    """What a follower can do besides looking.

    Parameters
    ----------
    room : Room
    browser : str
        Whose seat it is.
    """

    def __init__(self, room: Room, browser: str) -> None:
        self._room, self._browser = room, browser
        self._panel()
        self._shown = self._state()

    def refresh(self) -> None:
        """Show how things stand, unless that would only disturb a team that is deciding."""
        if self._shown != self._state():
            self._shown = self._state()
            self._panel.refresh()

    def _state(self) -> tuple[object, ...]:
        """What the panel depends on."""
        game = self._room.game
        if game is None:
            return ()
        team = game.team_of(self._browser)
        if team is None:
            return (game.phase, *(other and other.name for other in game.seats.values()))
        return (game.phase, game.round, team.seller, game.decided(team.seller))

    @ui.refreshable_method
    def _panel(self) -> None:
        game = self._room.game
        if game is None:
            ui.label("You follow the facilitator's screen.").classes("pp-muted")
            return
        team = game.team_of(self._browser)
        if game.phase == "over":
            heading("Final score")
            scoreboard(game, self._room.session.player.stage.sellers)
        elif team is None:
            self._free_seats(game)
        elif game.phase == "deciding":
            self._decide(game, team.seller)
        else:
            heading(f"{team.name} plays {team.seller}")
            ui.label("Wait for the facilitator." if game.phase == "seats" else "The round is being played.")
            button("Leave the seat", "logout", told(self._rise), look="pp-plain", words="always")

    def _free_seats(self, game: Game) -> None:
        heading("Take a seller")
        name = ui.input("Name of your team").props("outlined dense maxlength=24").classes("full-width")
        name.mark("team-name")
        sellers = self._room.session.player.stage.sellers
        for seller, team in game.seats.items():

            async def sit(chosen: str = seller) -> None:
                game.sit(self._browser, name.value or "", chosen)

            with ui.row().classes("full-width items-center no-wrap"):
                with ui.element("div").classes("pp-team col"):
                    swatch(seller, sellers)
                    ui.label(seller).classes("text-weight-bold")
                if team is not None:
                    ui.label(team.name).classes("pp-muted")
                button("Join" if team else "Take it", "chair", told(sit), words="always").mark(f"take-{seller}")

    async def _rise(self) -> None:
        game = self._room.game
        if game is not None:
            game.rise(self._browser)

    def _decide(self, game: Game, seller: str) -> None:
        """What the team may set before a round."""
        now = game.decision(seller)
        heading(f"{seller}, round {game.round} of {game.rounds}")
        strategy = ui.select(list(catalogue()), value=now.strategy, label="Strategy")
        strategy.classes("full-width").props("outlined dense options-dense").mark("decide-strategy")
        price = _slider("Price", now.price, 0.4, 1.6, "decide-price")
        efforts = {
            name: _slider(name.replace("_", " ").capitalize(), share, 0.0, 1.0, f"decide-{name}")
            for name, share in zip(Effort.model_fields, now.effort.shares, strict=True)
        }
        spent = ui.label()

        def add_up() -> None:
            total = sum(slider.value for slider in efforts.values())
            spent.set_text(f"{100 * total:.0f} % of the budget, at most 100 %")

        for slider in efforts.values():
            slider.on_value_change(add_up)
        add_up()

        async def ready() -> None:
            game.decide(
                self._browser,
                strategy=str(strategy.value),
                price=float(price.value),
                effort={name: float(slider.value) for name, slider in efforts.items()},
            )

        strategy.on_value_change(lambda event: _template(str(event.value), price, efforts))
        words = "Change it" if game.decided(seller) else "Ready"
        if game.decided(seller):
            ui.label("Your decision is in.").classes("text-weight-bold")
        button(words, "check", told(ready), look="pp-main", words="always").classes("full-width").mark("decide")


def _template(strategy: str, price: ui.slider, efforts: dict[str, ui.slider]) -> None:
    """Put the sliders where a strategy would have them."""
    policy = catalogue()[strategy]
    price.set_value(float(policy.model_fields["price"].default))
    effort = policy.model_fields["effort"].default
    if isinstance(effort, Effort):
        for slider, share in zip(efforts.values(), effort.shares, strict=True):
            slider.set_value(share)


def _slider(label: str, value: float, low: float, high: float, mark: str) -> ui.slider:
    with ui.element("div").classes("pp-lever"):
        with ui.element("div").classes("pp-row"):
            ui.label(label)
            words = ui.label(f"{value:.2f}").classes("text-weight-bold")
        slider = ui.slider(min=min(low, value), max=max(high, value), step=0.01, value=value)
        slider.props(f'color=ink aria-label="{label}"').mark(mark)
        slider.on_value_change(lambda event: words.set_text(f"{event.value:.2f}"))
    return slider
