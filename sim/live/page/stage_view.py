"""The stage in the browser: the charts, the sentence and the timeline, fed with frames."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from nicegui import ui
from nicegui.events import GenericEventArguments
from numpy.typing import NDArray

from sim.live.again import Bands
from sim.live.page.scene import frame_of, setup_of
from sim.live.player import Frame, Player, Viewer

__all__ = ["Charts", "StageView"]

HERE = Path(__file__).parent / "static"


class Charts(ui.element, component=HERE / "stage.js"):
    """The browser's half: `stage.js`."""


class StageView:
    """Looks at a player on behalf of one browser.

    Parameters
    ----------
    readonly : bool
        Whether the browser only follows.
    on_key : callable
        Called with ``play``, ``forward``, ``back`` or ``home`` when such a key is pressed.
    on_seek : callable
        Called with the months played when the timeline is moved.
    on_frame : callable
        Called with every frame.
    """

    def __init__(
        self,
        *,
        readonly: bool,
        on_key: Callable[[str], Awaitable[None]],
        on_seek: Callable[[int], Awaitable[None]],
        on_frame: Callable[[Frame], None],
    ) -> None:
        self.readonly = readonly
        self.second = "satisfaction"
        self._on_frame = on_frame
        self.bands: Bands | None = None
        self._player: Player | None = None
        self._viewer: Viewer | None = None
        self._number = 0
        self._sellers: tuple[str, ...] = ()
        self._name = ""
        self.ready = False
        self._charts = Charts()
        self._charts.on("ready", self._opened)
        self._charts.on("painted", self._painted)

        async def key(event: GenericEventArguments) -> None:
            if not readonly:
                await on_key(str(event.args))

        async def seek(event: GenericEventArguments) -> None:
            if not readonly and isinstance(event.args, int):
                await on_seek(event.args)

        self._charts.on("key", key)
        self._charts.on("seek", seek)

    def look(self, player: Player, name: str) -> None:
        """Look at another player from now on.

        Parameters
        ----------
        name : str
            Of its scenario.
        """
        self.leave()
        self._player, self._name, self._sellers = player, name, ()
        self.bands = None
        if self.ready:
            self._viewer = player.look(self._show)

    def leave(self) -> None:
        """Look on no more."""
        if self._viewer is not None:
            self._viewer.leave()
        self._viewer = None

    def show_second(self, what: str) -> None:
        """Show satisfaction or profit in the lower charts."""
        self.second = what
        self._again()

    def show_bands(self, bands: Bands | None) -> None:
        """Put bands behind the lines, or take them away."""
        self.bands = bands
        self._send_bands()

    def save_picture(self, file: str) -> None:
        """Let the browser save what it shows as a PNG."""
        self._charts.run_method("picture", file)

    # --- frames ---

    def _opened(self) -> None:
        """The browser is there, perhaps again after a lost connection."""
        self.ready = True
        self._again()

    def _again(self) -> None:
        """Begin anew with everything."""
        self.leave()
        self._sellers = ()
        if self._player is not None and self.ready:
            self._viewer = self._player.look(self._show)

    def _painted(self, event: GenericEventArguments) -> None:
        if self._viewer is not None and isinstance(event.args, int):
            self._viewer.acknowledge(event.args)

    def _show(self, frame: Frame) -> None:
        assert self._player is not None
        stage = self._player.stage
        if frame.sellers != self._sellers:
            self._number += 1
            self._sellers = frame.sellers
            self._charts.run_method("open", self._setup())
            self._send_bands()
        self._charts.run_method("frame", frame_of(stage, frame, self._number, self.second))
        self._on_frame(frame)

    def _setup(self) -> dict[str, Any]:
        assert self._player is not None
        return setup_of(self._player.stage, self._number, name=self._name, second=self.second, readonly=self.readonly)

    def _send_bands(self) -> None:
        if self._player is None or not self.ready:
            return
        shown = None
        if self.bands is not None:
            shown = {
                chart: _edges(self.bands, measure, self._player.stage.sides)
                for chart, measure in (("share", "share"), ("second", self.second))
            }
        self._charts.run_method("band", shown)


def _edges(bands: Bands, measure: str, sides: Sequence[str]) -> dict[str, list[list[list[float | None]]]]:
    """The edges of the bands: by side and seller, one value a month."""
    found = bands.of(measure)
    return {edge: [_lines(getattr(found[side], edge)) for side in sides] for edge in ("low", "middle", "high")}


def _lines(values: NDArray[np.float64]) -> list[list[float | None]]:
    """One list a seller from an array of shape (months, sellers)."""
    return [[round(float(value), 5) if np.isfinite(value) else None for value in column] for column in values.T]
