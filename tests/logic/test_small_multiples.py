"""Shares over time side by side: one scale, the whole book behind every group, nothing flattened by an outlier."""

import json

import numpy as np
import pandas as pd
import pytest

from analytics import charts
from analytics.charts.small_multiples import MOST, MOST_PANELS
from analytics.errors import NotEnoughData

ENDS = [end.date() for end in pd.date_range("2023-10-31", periods=13, freq="QE")]


def points(**shares):
    rows = [
        {"month_end": end, "group": "" if name == "whole" else name, "customers": 100, "top_share": share}
        for name, series in shares.items()
        for end, share in zip(ENDS, series, strict=False)
    ]
    return pd.DataFrame(rows)


def drawn(rows, palette=charts.LIGHT, **options):
    return charts.small_multiples(rows, "top_share", "Top fifth brings", palette=palette, **options)


def told(figure):
    return [trace for trace in figure.data if trace.hoverinfo == "text"]


def axes(figure, letter):
    layout = figure.layout.to_plotly_json()
    return [axis for name, axis in sorted(layout.items()) if name.startswith(f"{letter}axis")]


FLAT = {"whole": np.linspace(0.8, 0.84, 13), "East": np.full(13, 0.6), "West": np.full(13, 0.9)}


@pytest.mark.parametrize("palette", [charts.LIGHT, charts.DARK], ids=["light", "dark"])
def test_every_group_is_a_picture_with_first_and_newest_figure_on_one_scale(palette):
    figure = drawn(points(**FLAT), palette)
    assert [list(trace.y) for trace in told(figure)] == [list(series) for series in FLAT.values()]
    assert len({tuple(axis["range"]) for axis in axes(figure, "y")}) == 1
    titles = [note.text for note in figure.layout.annotations]
    assert "Whole book" in titles[0]
    assert "80% → 84%" in titles[0]
    assert "East" in titles[1]
    json.loads(figure.to_json())


def test_the_whole_book_is_a_quiet_line_in_every_group():
    quiet = [trace for trace in drawn(points(**FLAT)).data if trace.hoverinfo == "skip"]
    assert [list(trace.y) for trace in quiet] == [list(FLAT["whole"])] * 2


def test_an_outlier_flattens_nobody_and_is_marked_and_told():
    figure = drawn(points(**FLAT, Odd=np.full(13, 5.0)))
    odd = told(figure)[-1]
    top = figure.layout.yaxis.range[1]
    assert top < 2 * MOST
    assert max(odd.y) < top
    assert set(odd.marker.symbol) == {"triangle-up"}
    assert "500%" in odd.hovertext[0]
    assert "500%" in figure.layout.annotations[-1].text


def test_a_gap_stays_a_gap_and_a_group_without_two_points_is_left_out():
    gap = np.where(np.arange(13) == 5, np.nan, 0.7)
    figure = drawn(points(whole=FLAT["whole"], Gap=gap, Once=[0.5]))
    assert np.isnan(told(figure)[1].y[5])
    assert len(told(figure)) == 2


def test_pictures_do_not_overlap():
    shares = {f"G{n}": np.full(13, 0.5 + n / 100) for n in range(MOST_PANELS + 3)}
    figure = drawn(points(**shares))
    boxes = [(*x["domain"], *y["domain"]) for x, y in zip(axes(figure, "x"), axes(figure, "y"), strict=True)]
    assert len(boxes) == MOST_PANELS
    for place, (left, right, low, high) in enumerate(boxes):
        assert 0 <= left < right <= 1
        assert -1e-9 <= low < high <= 1
        for other in boxes[:place]:
            assert right <= other[0] or other[1] <= left or high <= other[2] or other[3] <= low


def test_segments_keep_their_colours_and_names_are_text():
    rows = points(whole=FLAT["whole"], **{"<b>B</b>": FLAT["East"]})
    figure = drawn(rows, numbers={"<b>B</b>": 3})
    assert told(figure)[1].line.color == charts.LIGHT.segment(3)
    assert "&lt;b&gt;" in figure.layout.annotations[1].text


@pytest.mark.parametrize("rows", [points(whole=[0.8]), points(whole=[np.nan] * 13)])
def test_one_month_end_or_none_is_said_instead_of_drawn(rows):
    with pytest.raises(NotEnoughData) as refused:
        drawn(rows)
    assert refused.value.remedy
