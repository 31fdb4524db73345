"""`pushpull strategies`: what a seller in a scenario can do."""

from __future__ import annotations

from typing import Any

from sim.cli.options import AsJson, Plugins, load_plugins
from sim.cli.printing import say, say_json

__all__ = ["strategies"]


def strategies(plugin: Plugins = None, as_json: AsJson = False) -> None:
    """List the strategies that a scenario can name.

    Those that are built in, those of installed packages (entry point pushpull.strategies), and
    those of --plugin files.

    Example: pushpull strategies --plugin my_strategies.py
    """
    load_plugins(plugin)
    from sim.strategies import catalogue

    known = [_described(name, policy) for name, policy in catalogue().items()]
    if as_json:
        say_json(known)
        return
    for strategy in known:
        shares = {word.replace("_", " "): share for word, share in strategy["effort"].items() if share}
        effort = ", ".join(f"{word} {share:.0%}" for word, share in shares.items()) or "to be given"
        say(f"{strategy['name']}\n  {strategy['summary']}\n  effort: {effort}\n  source: {strategy['source']}")


def _described(name: str, policy: Any) -> dict[str, Any]:
    from sim.strategies import Effort

    template = policy.model_fields["effort"].get_default(call_default_factory=True)
    return {
        "name": name,
        "summary": " ".join((policy.__doc__ or "").split("\n\n")[0].split()),
        "effort": template.model_dump() if isinstance(template, Effort) else {},
        "source": policy.source or "not named",
        "class": f"{policy.__module__}.{policy.__qualname__}",
    }
