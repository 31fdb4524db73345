"""The door of a workshop that is open to the network: a code, asked for once a browser."""

from __future__ import annotations

import secrets
from html import escape
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from nicegui import app

from sim.live.limits import Refused
from sim.live.page.look import HEAD
from sim.live.rooms import House

__all__ = ["Door"]

COOKIE = "pushpull_entry"
MOST = 4096  # bytes of what is typed in

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>pushpull</title>
<meta name="viewport" content="width=device-width, initial-scale=1">{head}</head><body>
<main class="pp-welcome pp-entry"><h1>push<b>pull</b></h1>
<form method="post" action="/enter"><label for="code">Code of this workshop</label>
<p class="pp-muted">The facilitator has it.</p>
<input type="hidden" name="to" value="{to}">
<input id="code" name="code" autocomplete="off" autocapitalize="characters" maxlength="40" required autofocus>
<button>Enter</button></form><p role="alert">{wrong}</p></main>
<script>if (matchMedia("(prefers-color-scheme: dark)").matches) document.body.classList.add("body--dark");</script>
</body></html>"""


class Door:
    """Lets browsers in that know the code, or that of a room, to which it then leads; without a code, all.

    Parameters
    ----------
    house : House
        Knows the code, and how often a browser may be wrong.
    asks : bool
        Whether a code is asked for.
    """

    def __init__(self, house: House, asks: bool) -> None:
        self._house, self._asks = house, asks
        self._let_in: set[str] = set()
        app.add_api_route("/enter", self._entered, methods=["POST"], include_in_schema=False)

    def stops(self, request: Request) -> Response | None:
        """The page that asks for the code; None for a browser that may come in."""
        if not self._asks or request.cookies.get(COOKIE) in self._let_in:
            return None
        return self._page(str(request.url.path), 200)

    async def _entered(self, request: Request) -> Response:
        """Compare a code that was typed in."""
        form = await _form(request)
        to = form.get("to", "/")
        if not to.startswith("/") or to.startswith(("//", "/\\")):
            to = "/"
        try:
            room = self._house.admit(form.get("code", ""), request.client.host if request.client else "")
        except Refused as refused:
            return self._page(to, 401, str(refused))
        if room is not None and to == "/":
            to = f"/room/{room.code}"
        token = secrets.token_urlsafe(24)
        self._let_in.add(token)
        answer = RedirectResponse(to, status_code=303)
        answer.set_cookie(COOKIE, token, httponly=True, samesite="strict")
        return answer

    def _page(self, to: str, status: int, wrong: str = "") -> Response:
        return HTMLResponse(PAGE.format(head=HEAD, to=escape(to, quote=True), wrong=escape(wrong)), status_code=status)


async def _form(request: Request) -> dict[str, str]:
    """The fields of a small form; none of one that is too large."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST:
            return {}
    return dict(parse_qsl(body.decode("utf-8", "replace"), max_num_fields=4)) if body.count(b"&") < 4 else {}
