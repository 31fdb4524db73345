"""Figures of the verification: what is drawn is what was found, and names stand apart."""

from __future__ import annotations

import numpy as np
import pytest

from sim.plots.sheet import figure_of
from sim.plots.theory import plot_against_theory, plot_square_tables

X = np.array([0.0, 1.0, 2.0])


def test_theory_is_a_line_and_the_market_marks_with_their_errors() -> None:
    panel = ("a panel", "x", "y", {"theory": (X, X)}, {"market": (X, X + 0.1, [0.05, 0.1, 0.2])}, False, ())
    (axes,) = plot_against_theory([panel], title="A title")
    line, marks = axes.get_lines()
    np.testing.assert_allclose(line.get_ydata(), X)
    np.testing.assert_allclose(marks.get_ydata(), X + 0.1)
    (errors,) = axes.collections
    np.testing.assert_allclose([np.ptp(part[:, 1]) for part in errors.get_segments()], [0.2, 0.4, 0.8])
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["theory", "market"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("x", "y")


def test_a_distribution_is_drawn_as_bars() -> None:
    panel = ("a panel", "x", "y", {"theory": (X, [0.2, 0.3, 0.5])}, {"market": (X, [0.1, 0.4, 0.5], X * 0)}, True, ())
    (axes,) = plot_against_theory([panel], title="A title", style="dark")
    np.testing.assert_allclose([bar.get_height() for bar in axes.patches], [0.1, 0.4, 0.5])
    np.testing.assert_allclose(axes.get_lines()[0].get_ydata(), [0.2, 0.3, 0.5])


def test_places_without_theory_are_named_on_the_axis() -> None:
    panel = ("a panel", "x", "y", {}, {"market": (X, X, X * 0)}, False, ("0", "0.1", "1"))
    (axes,) = plot_against_theory([panel], title="A title")
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0", "0.1", "1"]
    assert axes.get_legend() is None


def test_names_of_marks_do_not_overlap() -> None:
    found = {"market": ([0.40, 0.42, 0.8], [2.0, 2.1, 5.0], [0.1, 0.1, 0.1])}
    panel = ("a panel", "x", "y", {"theory": ([0, 1], [1, 5])}, found, False, ("kleebler", "sunshine", "nabisco"))
    (axes,) = plot_against_theory([panel], title="A title")
    figure = figure_of(axes)
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in axes.texts if text.get_text() in panel[6]]
    assert len(boxes) == 3
    for place, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[place + 1 :])


def test_tables_leave_the_diagonal_out() -> None:
    table = np.array([[1.0, 0.25], [0.5, 1.0]])
    axes = plot_square_tables({"market": table, "panel": table}, ("A", "B"), title="A title")
    assert len(axes) == 2
    assert sorted(text.get_text() for text in axes[0].texts if text.get_text()[0] == "0") == ["0.25", "0.50"]
    assert [label.get_text() for label in axes[0].get_yticklabels()] == ["A", "B"]


def test_an_unknown_style_is_refused() -> None:
    with pytest.raises(ValueError, match="not a style"):
        plot_square_tables({"market": np.eye(2)}, ("A", "B"), title="A title", style="sepia")  # type: ignore[arg-type]
