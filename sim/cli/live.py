"""`pushpull live`: the workshop page, served from this machine."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.options import Changes, Plugins, load_plugins, parse_changes
from sim.cli.outcome import INTERRUPTED, WrongInput
from sim.cli.printing import note, say

if TYPE_CHECKING:
    from sim.live.limits import Limits
    from sim.scenario import Scenario

__all__ = ["live"]


def live(
    scenario: Annotated[
        Path | None,
        typer.Argument(metavar="[SCENARIO]", help="What every browser begins with; left out: a small market."),
    ] = None,
    beside: Annotated[
        list[Path] | None,
        typer.Option("--also", metavar="FILE", help="Another scenario that the page offers; may be repeated."),
    ] = None,
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="Where to listen; 0.0.0.0 lets the network in.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, metavar="PORT", help="Port to listen on.")] = 8765,
    room_code: Annotated[
        str | None,
        typer.Option(
            "--room-code",
            metavar="CODE",
            help="What a browser must type to come in; left out: made up when the network is let in.",
        ),
    ] = None,
    max_buyers: Annotated[
        int | None, typer.Option("--max-buyers", min=2, metavar="N", help="Most buyers of a run; left out: 20000.")
    ] = None,
    max_sessions: Annotated[
        int | None, typer.Option("--max-sessions", min=1, metavar="N", help="Most runs at a time; left out: 40.")
    ] = None,
    changes: Changes = None,
    plugin: Plugins = None,
    show: Annotated[bool, typer.Option("--show", help="Open a browser on this machine.")] = False,
) -> None:
    """Serve the workshop page: economies side by side, live, for browsers without internet.

    Every browser has its own run; a facilitator opens a room that others follow. Ctrl-C ends it.

    Example: pushpull live scenarios/quick.yaml --host 0.0.0.0
    """
    try:
        load_plugins(plugin)
        from sim.live.limits import Limits
        from sim.scenario import Scenario

        first = _loaded(scenario, changes)
        others = [Scenario.load(file) for file in beside or ()]
        given = {"buyers": max_buyers, "sessions": max_sessions}
        limits = replace(Limits(), **{name: most for name, most in given.items() if most is not None})
        _require_small(limits, first, *others)
        code = _code(room_code, host)
        serve = _served_by()
        _require_free(host, port)
        _prepare(first)
        addresses = [f"http://{_shown(one)}:{port}" for one in _addresses(host)]
        for line in _welcome(addresses, port, code, local=_is_local(host)):
            say(line)
        address = addresses[0]
        serve(first, others=others, host=host, port=port, code=code, limits=limits, address=address, show=show)
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None


def _loaded(file: Path | None, changes: list[str] | None) -> Scenario:
    from sim.scenario import Scenario, starter

    values = parse_changes(changes)
    if file is None:
        return Scenario.from_text(starter("workshop"), "workshop", values)
    return Scenario.load(file, values)


def _require_small(limits: Limits, *scenarios: Scenario) -> None:
    """Refuse at the start what the page would refuse later."""
    from sim.live.limits import Refused

    for scenario in scenarios:
        try:
            limits.check(scenario)
        except Refused as refused:
            cure = "--max-buyers allows more, and --set buyers.count=5000 makes it smaller"
            more = f"; {cure}" if scenario.buyers.count > limits.buyers else ""
            raise WrongInput(f"{refused}{more}") from None


def _code(given: str | None, host: str) -> str | None:
    """The code at the door: as given, or made up where others than this machine can come."""
    from sim.live.rooms import new_code

    if given is not None:
        plain = given.strip()
        if not (4 <= len(plain) <= 12 and plain.isascii() and plain.isalnum()):
            raise WrongInput("--room-code: 4 to 12 letters and digits")
        return plain.upper()
    return None if _is_local(host) else new_code(6)


def _is_local(host: str) -> bool:
    """Whether only this machine can reach the address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _served_by():  # type: ignore[no-untyped-def]  # the extra may be missing where types are checked
    try:
        from sim.live.page import serve
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("sim"):
            raise
        raise WrongInput(f"live needs {error.name}, which is not here: pip install 'pushpull[live]'") from None
    return serve


def _require_free(host: str, port: int) -> None:
    """Find out before the browser does whether the address can be listened on."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise WrongInput(f"--host {host} --port {port}: cannot be listened on ({reason}); try another --port") from None


def _prepare(scenario: Scenario) -> None:
    """Compile before anybody presses play."""
    from sim.compiled import cache_folder
    from sim.market import Market

    if not any(cache_folder().iterdir()):
        note("first run of this version: compiling, once; that takes a part of a minute")
    small = scenario.with_values({"buyers.count": min(scenario.buyers.count, 200)})
    market = Market(small)
    market.step()
    market.release()


def _welcome(addresses: list[str], port: int, code: str | None, *, local: bool) -> list[str]:
    """What to type into a browser."""
    if local:
        lines = [f"Open {addresses[0]} in a browser. Ctrl-C ends the workshop."]
    else:
        lines = [f"On this machine: http://127.0.0.1:{port}   Ctrl-C ends the workshop."]
        lines += [f"In the room:     {address}" for address in addresses]
    return lines if code is None else [*lines, f"Code at the door: {code}"]


def _shown(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _addresses(host: str) -> list[str]:
    """Addresses under which the network finds this machine; no packet is sent to find out."""
    if host not in ("0.0.0.0", "::"):
        return [host]
    found = []
    for family, target in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        if family == socket.AF_INET6 and host != "::":
            continue
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((target, 9))  # a datagram socket only looks up the route
                found.append(str(probe.getsockname()[0]))
        except OSError:
            continue
    return found or [socket.gethostname()]
