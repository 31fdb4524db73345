"""The workshop's page in the browser: what is drawn, what can be clicked, and the server behind it."""

from sim.live.page.app import serve

__all__ = ["serve"]
