"""Each kind of mistake in a scenario file gives exactly its line."""

# ruff: noqa: E501  # one mistake, one line

from __future__ import annotations

from pathlib import Path

import pytest

from sim.scenario import Scenario, ScenarioError, starter

GOOD = """\
name: x
horizon: 120
buyers:
  count: 1000
  network: {degree: 8}
sellers:
  - {name: Heritage, strategy: relationship-reliant}
  - {name: Closers, strategy: hard-sell}
events:
  - {at: 24, enter: {name: Newcomer, strategy: innovator}}
  - {at: 60, change: {seller: Heritage, strategy: collaborative}}
  - {at: 72, shock: {seller: Closers, quality: -0.2}}
"""
STRATEGIES = "relationship-reliant, hard-sell, collaborative, transactional, innovator"


def told(text: str | bytes) -> list[str]:
    """Lines of the mistakes in a text, without the file's name; none if it loads."""
    try:
        Scenario.from_text(text, "x.yaml")
    except ScenarioError as error:
        return [line.removeprefix("x.yaml:") for line in str(error).split("\n")]
    return []


def test_the_good_one_is_good() -> None:
    assert told(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        # names of keys
        ("buyers:", "byers:", "3:1: byers: there is no such key here; did you mean 'buyers'?"),
        ("count:", "zzz:", "4:3: buyers.zzz: there is no such key here (keys here: count, taste, network, incidence, business, segments)"),
        ("name: Heritage", "nam: Heritage", "7:6: sellers[0].nam: there is no such key here; did you mean 'name'?"),
        ("name: x\n", "", "1:1: 'name' is missing (name; results are filed under it)"),
        ("{name: Closers, ", "{", "8:5: sellers[1]: 'name' is missing (name, unique in the scenario; it keys the seller's draws)"),
        ("at: 24, ", "", "10:5: events[0]: 'at' is missing (tick at whose start it happens [ticks])"),
        ("horizon: 120", "horizon: 120\nhorizon: 60", "3:1: the key 'horizon' stands here twice; first in line 2"),
        ("{degree: 8}", "{degree: 8, degree: 8}", "5:24: the key 'degree' stands here twice; first in line 5"),
        ("{degree: 8}", "{[a]: 8}", "5:13: a key must be text, not a list"),
        # types
        ("120", "1.5e2.0", "2:10: horizon: must be a whole number between 1 and 100,000, not '1.5e2.0'"),
        ("120", "'120'", "2:10: horizon: must be a whole number between 1 and 100,000, not '120'; write 120, without quotes"),
        ("120", "120.0", "2:10: horizon: must be a whole number between 1 and 100,000, not 120.0; write 120"),
        ("120", "true", "2:10: horizon: must be a whole number between 1 and 100,000, not true"),
        ("120", "[1]", "2:10: horizon: must be a whole number between 1 and 100,000, not a list"),
        ("120", "012", "2:10: horizon: must be a whole number between 1 and 100,000, not '012'; write 12, without quotes"),
        ("name: x", "name: 12", "1:7: name: must be a name of letters, digits, blanks, '_', '.' and '-', with a letter or digit first, not 12; put it in quotes"),
        ("name: x", "name: a/b", "1:7: name: must be a name of letters, digits, blanks, '_', '.' and '-', with a letter or digit first, not 'a/b'"),
        ("name: x", f"name: {'x' * 81}", "1:7: name: must be at most 80 characters long, not 81"),
        ("name: Closers", 'name: " Closers"', "8:12: sellers[1].name: must be a name of visible characters with no blanks around it, not ' Closers'"),
        ("name: x", "name: x\nmechanisms: {learning: off}", "2:24: mechanisms.learning: must be true or false, not 'off'; write false"),
        ("name: x", "name: x\nselling: {budget_share: 60%}", "2:25: selling.budget_share: must be a number between 0 and 1, not '60%'; write 0.6"),
        ("name: x", "name: x\nselling: {visit_cost: '0,2'}", "2:23: selling.visit_cost: must be a number above 0, not '0,2'; write 0.2, without quotes"),
        ("name: x", "name: x\nbehaviour:", "2:11: behaviour: must be a mapping, not nothing; leave the key out to keep its default"),
        ("name: x", "name: x\nbehaviour: {search_cost: cheap}", "2:26: behaviour.search_cost: must be a number of at least 0, or a pair {push: ..., pull: ...}, not 'cheap'"),
        ("name: x", "name: x\nbehaviour: {search_cost: {push: 1, pul: 2}}", "2:36: behaviour.search_cost.pul: there is no such key here; did you mean 'pull'? (keys here: push, pull)"),
        ("name: x", "name: x\nbehaviour: {search_cost: {push: 1, pull: -2}}", "2:42: behaviour.search_cost.pull: must be a number of at least 0, not -2"),
        ("name: x", "name: x\nknowledge: {prior_mean: Auto}", "2:25: knowledge.prior_mean: must be a number or auto, not 'Auto'"),
        ("name: x", "name: x\nresearch: {rule: weitzmann}", "2:18: research.rule: 'weitzmann' is none of weitzman, fixed-sample, all, none; did you mean 'weitzman'?"),
        ("name: x", "name: x\nresearch: {rule: 3}", "2:18: research.rule: must be one of weitzman, fixed-sample, all, none, not 3"),
        # ranges
        ("count: 1000", "count: 1", "4:10: buyers.count: must be a whole number between 2 and 1,000,000,000, not 1"),
        ("degree: 8", "degree: 7", "5:21: buyers.network.degree: must be an even whole number between 0 and 64, not 7"),
        ("name: x", "name: x\nseed: -1", "2:7: seed: must be a whole number of at least 0 and below 9,223,372,036,854,775,808, not -1"),
        ("name: x", "name: x\nselling: {visit_cost: 0}", "2:23: selling.visit_cost: must be a number above 0, not 0"),
        # NaN and infinities
        ("name: x", "name: x\nselling: {visit_cost: .nan}", "2:23: selling.visit_cost: must be a number above 0, not NaN"),
        ("name: x", "name: x\nselling: {visit_cost: .inf}", "2:23: selling.visit_cost: must be a number above 0, not infinity"),
        ("name: x", "name: x\nselling: {visit_cost: 1e999}", "2:23: selling.visit_cost: must be a number above 0, not infinity"),
        ("quality: -0.2", "quality: -.inf", "12:48: events[2].shock.quality: must be a number, not minus infinity"),
        # kinds
        ("  count", "  taste: {kind: lognormal}\n  count", "4:17: buyers.taste.kind: 'lognormal' is none of normal, segments, loggamma; did you mean 'normal'?"),
        ("  count", "  taste: {sd: 1}\n  count", "4:10: buyers.taste: 'kind' is missing (normal, segments, loggamma)"),
        ("  count", "  incidence: {kind: nbd, mean: 1}\n  count", "4:14: buyers.incidence: 'shape' is missing (shape of the gamma distribution, K [-])"),
        ("sellers:", "economies: {}\nsellers:", "6:12: economies: must have at least 1 entry, not 0"),
        ("sellers:", "economies: {a: {}}\nsellers:", "6:16: economies.a: 'pull_share' is missing (share of buyers in pull mode over time)"),
        ("sellers:", "economies: {a: {pull_share: 2}}\nsellers:", "6:29: economies.a.pull_share: must be a number between 0 and 1, or a mapping with 'kind' (constant, logistic, step, piecewise, up-and-back, cohort), not 2"),
        ("sellers:", "economies: {a: {pull_share: {kind: logistic, width: 0}}}\nsellers:", "6:53: economies.a.pull_share.width: must be a number above 0, not 0"),
        ("sellers:", "economies: {a: {pull_share: {kind: logistic, wide: 1}}}\nsellers:", "6:46: economies.a.pull_share.wide: there is no such key here; did you mean 'width'? (keys here: kind, low, high, midpoint, width)"),
        ("sellers:", "economies: {a/b: {pull_share: 1}}\nsellers:", "6:13: economies.a/b: must be a name of letters, digits, blanks, '_', '.' and '-', with a letter or digit first, not 'a/b'"),
        ("sellers:", "economies: {a: {pull_share: {kind: piecewise, points: [[0, 0], [0, 1]]}}}\nsellers:", "6:29: economies.a.pull_share: the ticks of the points must rise"),
        ("sellers:", "economies: {a: {pull_share: {kind: up-and-back, back: 3}}}\nsellers:", "6:29: economies.a.pull_share: back 3 must come after midpoint 48"),
        # strategies
        ("hard-sell", "hardsell", f"8:31: sellers[1].strategy: 'hardsell' is not a strategy; did you mean 'hard-sell'? ({STRATEGIES})"),
        ("strategy: hard-sell", "strategy: 3", f"8:31: sellers[1].strategy: must be one of {STRATEGIES}, not 3"),
        (", strategy: hard-sell", "", f"8:5: sellers[1]: 'strategy' is missing ({STRATEGIES})"),
        ("innovator", "innovater", f"10:48: events[0].enter.strategy: 'innovater' is not a strategy; did you mean 'innovator'? ({STRATEGIES})"),
        ("hard-sell", "hard-sell, effort: {messages: 0.5}", "8:50: sellers[1].effort: effort adds up to 1.2 of the budget; at most 1"),
        ("collaborative", "collaborative, opening_skill: 1", "11:81: events[1].change.opening_skill: of no effect after the opening; leave it out"),
        # the parts together
        ("name: Closers", "name: Heritage", "8:12: sellers[1].name: another seller is named 'Heritage' already"),
        ("name: Newcomer", "name: Closers", "10:28: events[0].enter.name: another seller is named 'Closers' already"),
        ("at: 72", "at: 120", "12:10: events[2].at: tick 120 is past the horizon; with horizon 120 the last tick is 119"),
        ("seller: Closers", "seller: Closer", "12:30: events[2].shock.seller: there is no seller 'Closer'; did you mean 'Closers'?"),
        ("seller: Heritage", "seller: Nobody", "11:31: events[1].change.seller: there is no seller 'Nobody'"),
        ("at: 60, change: {seller: Heritage", "at: 23, change: {seller: Newcomer", "11:31: events[1].change.seller: 'Newcomer' is not there at tick 23: it enters at tick 24"),
        ("change: {seller: Heritage, strategy: collaborative}", "exit: Closers", "12:30: events[2].shock.seller: 'Closers' is not there at tick 72: it left at tick 60"),
        ("at: 24", "at: 0", "10:10: events[0].at: who enters at tick 0 is there at the opening; put it under 'sellers'"),
        ("quality: -0.2}", "quality: -0.2}, exit: Closers", "12:5: events[2]: an event is one of enter, exit, change, adjust, shock, set; this one has exit and shock"),
        ("change: {seller: Heritage, strategy: collaborative}", "name: x", "11:5: events[1]: an event is one of enter, exit, change, adjust, shock, set; this one has none"),
        ("at: 60", "at: 60, name: Newcomer", "11:20: events[1].name: events[0] is named 'Newcomer' already"),
        ("name: Newcomer", "name: Newcomer, opening_share: 0.1", "10:53: events[0].enter.opening_share: an entrant has no share at the opening; leave it out"),
        ("strategy: hard-sell", "strategy: hard-sell, opening_share: 1", "8:57: sellers[1].opening_share: the opening shares add up to 1 and leave nothing for 'Heritage'"),
        ("count: 1000", "count: 8", "5:21: buyers.network.degree: 8 buyers cannot listen to 8 others each; at most 6"),
        ("  network: {degree: 8}\n", "  segments: [{name: a, fraction: 0.5}, {name: b, fraction: 0.4}]\n", "5:60: buyers.segments[1].fraction: the fractions of the segments add up to 0.9, not 1"),
        ("  network: {degree: 8}\n", "  segments: [{name: a, fraction: 0.5}, {name: a, fraction: 0.5}]\n", "5:47: buyers.segments[1].name: another segment is named 'a' already"),
        ("  network: {degree: 8}\n", "  segments: [{name: a, fraction: 1, pull_threshold: {min: 1, max: 0}}]\n", "5:53: buyers.segments[0].pull_threshold: min 1 is above max 0"),
        ("  network: {degree: 8}\n", "  taste: {kind: loggamma, shape: {Heritage: 1, Closers: 1}}\n", "5:34: buyers.taste.shape: lacks 'Newcomer'; a taste stands here for every seller, entrants counted"),
        ("  network: {degree: 8}\n", "  taste: {kind: loggamma, shape: {Heritage: 1, Closers: 1, Newcomer: 1, Newcomers: 1}}\n", "5:73: buyers.taste.shape.Newcomers: there is no seller 'Newcomers'; did you mean 'Newcomer'?"),
        ("  network: {degree: 8}\n", "  taste: {kind: segments, classes: [{weight: 0.9, utility: {Heritage: 1, Closers: 1, Newcomer: 0}}]}\n", "5:10: buyers.taste: the weights of the classes add up to 0.9, not 1"),
        ("  network: {degree: 8}\n", "  taste: {kind: segments, classes: [{weight: 1, utility: {Heritage: 1, Closers: 1}}]}\n", "5:58: buyers.taste.classes[0].utility: lacks 'Newcomer'; a taste stands here for every seller, entrants counted"),
        # the text itself
        ("  count", "\tcount", "4:1: a tab; YAML is indented with spaces"),
        ("{degree: 8}", "{degree: 8", "6:8: a mapping in { } that is not closed, or lacks a comma"),
        ("name: x", "name: a: b", "1:8: a ': ' that cannot stand here; check the indentation above, or quote text that holds ': '"),
        ("name: x", "name: 'x", "13:1: a quote that is not closed"),
        ("  network", " network", "5:2: this does not line up with what stands above; check the indentation"),
        ("name: x", "name: *x", "1:7: the alias '*x' has no '&x' before it; quote text that begins with '*'"),
        ("name: x", "name: x\nselling: &s {<<: *s}", "2:18: the alias '*s' holds itself"),
        ("name: x", "name: x\nselling: {<<: 3}", "2:15: '<<' merges a mapping or a list of mappings"),
        ("name: x", "name: !!python/name:os.system x", "1:7: a tag ('!'), which a scenario may not have"),
        ("name: x", "name: x\n---\nname: y", "2:1: a second document; a scenario file holds one"),
        ("name: x", 'name: "\\ud800"', "1:7: an escape that stands for no character"),
        ("name: x", "name: x\x07", "1:8: a character that YAML does not allow (U+0007)"),
    ],
)  # fmt: skip
def test_mistake(old: str, new: str, line: str) -> None:
    assert GOOD.count(old) >= 1
    first, *more = told(GOOD.replace(old, new, 1))
    assert first == line
    # a mistake stands alone, but that a seller who is named wrongly is missed where its name is used
    assert all("there is no seller 'Closers'" in one for one in more)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", ["1:1: the file is empty; a scenario is a mapping"]),
        ("# nothing but this\n", ["1:1: the file is empty; a scenario is a mapping"]),
        ("just text", ["1:1: a scenario is a mapping of 'key: value'"]),
        ("- a\n- b\n", ["1:1: a scenario is a mapping of 'key: value'"]),
        (b"name: x\nsellers: \xff\xfe", ["2:10: not UTF-8 from here on; save the file as UTF-8"]),
        ("sellers: 3\nname: x\n", ["1:10: sellers: must be a list, not 3"]),
        ("sellers: []\nname: x\n", ["1:10: sellers: must have at least 1 entry, not 0"]),
        ("sellers: [x]\nname: x\n", ["1:11: sellers[0]: must be a mapping, not 'x'"]),
    ],
)
def test_what_is_no_scenario_at_all(text: str | bytes, lines: list[str]) -> None:
    assert told(text) == lines


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    text = """\
nam: x
horizon: 0
horizon: 12
buyers: {count: many}
behaviour: {search_cost: -1}
sellers:
  - {name: A, strategy: hardsell, price: free, effort: {messages: 2}}
  - {name: A, strategy: innovator, stubborness: 1}
events:
  - {at: 12, shock: {seller: B, quality: .nan}}
"""
    assert told(text) == [
        "1:1: nam: there is no such key here; did you mean 'name'?",
        "2:10: horizon: must be a whole number between 1 and 100,000, not 0",
        "3:1: the key 'horizon' stands here twice; first in line 2",
        "4:17: buyers.count: must be a whole number between 2 and 1,000,000,000, not 'many'",
        "5:26: behaviour.search_cost: must be a number of at least 0, or a pair {push: ..., pull: ...}, not -1",
        f"7:25: sellers[0].strategy: 'hardsell' is not a strategy; did you mean 'hard-sell'? ({STRATEGIES})",
        "7:42: sellers[0].price: must be a number of at least 0, not 'free'",
        "7:67: sellers[0].effort.messages: must be a number between 0 and 1, not 2",
        "8:12: sellers[1].name: another seller is named 'A' already",
        "8:36: sellers[1].stubborness: there is no such key here; did you mean 'stubbornness'?",
        "10:30: events[0].shock.seller: there is no seller 'B'",
        "10:42: events[0].shock.quality: must be a number, not NaN",
    ]


def test_what_only_an_unknown_strategy_could_tell_is_not_held_against_its_seller() -> None:
    own = "{name: A, strategy: my-own, aggression: 3, stubborness: 1}"
    assert told(f"name: x\nsellers: [{own}]\n") == [
        f"2:31: sellers[0].strategy: 'my-own' is not a strategy ({STRATEGIES})",
        "2:54: sellers[0].stubborness: there is no such key here; did you mean 'stubbornness'?",
    ]


def test_shares_that_do_not_add_up() -> None:
    text = "name: x\nsellers:\n" + "".join(
        f"  - {{name: {name}, strategy: innovator, opening_share: {share}}}\n"
        for name, share in (("A", 0.5), ("B", 0.4))
    )
    assert told(text) == ["4:51: sellers[1].opening_share: the opening shares add up to 0.9, not 1"]
    assert told(text.replace("0.4", "0.5000001")) == []


def test_more_sellers_than_a_market_can_hold() -> None:
    def many(incumbents: int, entrants: int) -> str:
        sellers = "".join(f"  - {{name: A{number}, strategy: innovator}}\n" for number in range(incumbents))
        events = "".join(
            f"  - {{at: 3, enter: {{name: B{number}, strategy: innovator}}}}\n" for number in range(entrants)
        )
        return f"name: x\nsellers:\n{sellers}events:\n{events}"

    assert told(many(60, 4)) == []
    message = "66 sellers, entrants counted; a scenario can have 64, and this is one more"
    assert told(many(60, 6)) == [f"68:20: events[4].enter: {message}"]
    assert told(many(66, 0).replace("events:\n", "")) == [f"67:5: sellers[64]: {message}"]


def test_events_of_one_tick_happen_in_the_order_of_the_file() -> None:
    before = GOOD.replace("at: 72, shock: {seller: Closers", "at: 24, shock: {seller: Newcomer")
    assert told(before) == []  # stands below the entry, at the same tick
    swapped = before.replace("events:\n", "events:\n  - {at: 24, exit: Newcomer}\n")
    assert told(swapped)[0] == "10:20: events[0].exit: 'Newcomer' is not there at tick 24: it enters later in the list"


def test_the_last_seller_may_leave_and_a_cost_may_exceed_a_price() -> None:
    assert told("name: x\nsellers: [{name: A, strategy: innovator, unit_cost: 2}]\nevents: [{at: 5, exit: A}]\n") == []


def test_yaml_1_1_traps_just_work() -> None:
    text = """\
name: "007"
description: yes
buyers: {count: 1e4, network: {degree: 0}}
behaviour: {search_cost: 1E-1, price_sensitivity: +2}
horizon: 1_20
sellers: [{name: on, strategy: innovator}, {name: "1:30", strategy: innovator}, {name: 2020-01-01, strategy: innovator}]
economies: {on: {pull_share: .5}, null: {pull_share: 1}}
"""
    scenario = Scenario.from_text(text)
    assert scenario.description == "yes"
    assert (scenario.buyers.count, scenario.horizon) == (10_000, 120)
    assert (scenario.behaviour.search_cost.push, scenario.behaviour.price_sensitivity.pull) == (0.1, 2.0)
    assert [seller.name for seller in scenario.sellers] == ["on", "1:30", "2020-01-01"]
    assert list(scenario.economies) == ["on", "null"]


def test_aliases_and_merge_keys() -> None:
    text = """\
name: x
sellers:
  - &usual {name: A, strategy: hard-sell, price: 0.9, effort: &effort {training: 0.05}}
  - {<<: *usual, name: B, price: 1.1}
  - {<<: [{price: 0.7}, *usual], name: C, strategy: collaborative}
events: [{at: 3, enter: {name: D, strategy: innovator, effort: *effort}}]
"""
    scenario = Scenario.from_text(text)
    assert [(one.name, one.strategy, one.price) for one in scenario.sellers] == [
        ("A", "hard-sell", 0.9), ("B", "hard-sell", 1.1), ("C", "collaborative", 0.7),
    ]  # fmt: skip
    assert [one.effort.training for one in scenario.all_sellers] == [0.05] * 4


class TestFiles:
    """What may be wrong with a file before anything in it is."""

    def line(self, path: str | Path) -> str:
        with pytest.raises(ScenarioError) as caught:
            Scenario.load(path)
        return str(caught.value)

    def test_missing(self, tmp_path: Path) -> None:
        (tmp_path / "office_imaging.yaml").write_text(starter("x"), encoding="utf-8")
        path = tmp_path / "office-imaging.yaml"
        assert self.line(path) == f"{path}: there is no such file; did you mean 'office_imaging.yaml'?"
        assert self.line("no/such/folder/x.yaml") == "no/such/folder/x.yaml: there is no such file"

    def test_directory(self, tmp_path: Path) -> None:
        assert self.line(tmp_path) == f"{tmp_path}: this is a directory, not a file"

    def test_no_name_of_a_file(self) -> None:
        assert self.line("a\x00b") == "'a\\x00b': no file can have this name"

    def test_line_names_the_file_as_given(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        Path("x.yaml").write_text("name: x\r\nsellers: 3\r\n", encoding="utf-8-sig")
        assert self.line("x.yaml") == "x.yaml:2:10: sellers: must be a list, not 3"

    def test_too_large(self, tmp_path: Path) -> None:
        path = tmp_path / "x.yaml"
        path.write_bytes(b"# " + b"x" * 1_100_000)
        assert self.line(path) == f"{path}:1:1: more than 1048576 bytes; this is no scenario"
