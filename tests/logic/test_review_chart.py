"""The segments of a recipe by unit: one scale, the whole book's mark, every bar with its figure."""

import numpy as np
import pandas as pd
import pytest

from analytics import charts
from analytics.charts.small_multiples import MOST_PANELS
from analytics.errors import NotEnoughData
from analytics.value.quantity import Quantity

SHARE = Quantity("share_of_value", "Share of value", "share")
NAMES = {1: "Best", 2: "<b>Rest</b>"}


def cells(**units):
    rows = [
        {"unit": unit, "segment": at, "customers": 10, "share_of_value": share}
        for unit, shares in units.items()
        for at, share in enumerate(shares, start=1)
    ]
    return pd.DataFrame(rows)


def drawn(rows, units=None, palette=charts.LIGHT, **options):
    named = units or {unit: unit for unit in dict.fromkeys(rows["unit"])}
    return charts.segments_by_unit(rows, SHARE, named, NAMES, palette=palette, **options)


def bars(figure):
    return [trace for trace in figure.data if trace.type == "bar"]


def labels(figure):
    return [
        [text.strip() for text in trace.text]
        for trace in figure.data
        if trace.type == "scatter" and trace.mode == "text"
    ]


def test_every_unit_is_a_picture_on_the_same_scale_with_the_whole_books_mark():
    figure = drawn(cells(all=[0.8, 0.2], A=[1.1, -0.1], B=[0.6, 0.4]), whole="all")
    assert [list(bar.x) for bar in bars(figure)] == [[0.8, 0.2], [1.1, -0.1], [0.6, 0.4]]
    layout = figure.layout.to_plotly_json()
    ranges = {tuple(axis["range"]) for name, axis in layout.items() if name.startswith("xaxis")}
    assert len(ranges) == 1
    low, high = ranges.pop()
    assert low < -0.1 < 1.1 < high
    marks = [trace for trace in figure.data if trace.type == "scatter" and trace.mode == "markers"]
    assert [list(mark.x) for mark in marks] == [[0.8, 0.2], [0.8, 0.2]]
    assert [list(bar.customdata) for bar in bars(figure)][1] == ["A|1", "A|2"]
    assert labels(figure)[1] == ["110%", "-10%"]
    written = [trace for trace in figure.data if trace.type == "scatter" and trace.mode == "text"]
    assert [list(trace.x) for trace in written] == [
        [0.8, 0.2],
        [1.1, -0.1],
        [0.8, 0.4],
    ]  # beyond bar and mark


def test_colours_are_the_segments_own_in_both_themes_and_names_are_no_markup():
    for palette in (charts.LIGHT, charts.DARK):
        figure = drawn(cells(A=[0.6, 0.4]), {"A": "<i>A</i>"}, palette)
        assert list(bars(figure)[0].marker.color) == [palette.segment(1), palette.segment(2)]
        assert "&lt;i&gt;" in figure.layout.annotations[0].text
        assert "<b>Rest" not in bars(figure)[0].hovertext[1]


def test_what_is_not_known_is_written_as_nothing_and_nothing_at_all_is_said():
    figure = drawn(cells(A=[np.nan, 0.4]))
    assert labels(figure) == [["–", "40%"]]
    with pytest.raises(NotEnoughData, match="No segment has"):
        drawn(cells(A=[np.nan, np.nan]))


def test_so_many_units_are_drawn_and_no_more():
    figure = drawn(cells(**{f"U{n}": [0.5, 0.5] for n in range(MOST_PANELS + 3)}))
    assert len(bars(figure)) == MOST_PANELS
