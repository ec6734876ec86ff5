"""The picture of what sets a segment apart: the figures as they are, certain ones told from doubtful ones."""

import json

import numpy as np
import pandas as pd
import pytest

from analytics.charts import DARK, LIGHT, differences_chart
from analytics.errors import NotEnoughData

LABELS = {"profit_12m": "Profit", "age_years": "Age", "region": "Region"}


def rows(*cells):
    return pd.DataFrame(cells, columns=["indicator", "standard", "low", "high"]).assign(segment=1)


FOUND = rows(("age_years", -0.2, -0.5, 0.1), ("profit_12m", 1.4, 1.1, 1.7), ("region", 0.0, np.nan, np.nan))


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_dots_and_bars_are_the_differences_the_largest_on_top(palette):
    figure = differences_chart(FOUND, LABELS, palette=palette)
    json.loads(figure.to_json())
    dots = figure.data[0]
    assert dots.x == (1.4, -0.2, 0.0)
    assert dots.customdata == ("profit_12m", "age_years", "region")
    np.testing.assert_allclose(np.array(dots.x) + dots.error_x.array, [1.7, 0.1, 0.0])
    np.testing.assert_allclose(np.array(dots.x) - dots.error_x.arrayminus, [1.1, -0.5, 0.0])
    low, high = figure.layout.yaxis.range
    assert low > high  # the first row is on top
    assert dots.marker.color == (palette.gain, palette.loss, palette.gain)


def test_what_may_be_chance_is_hollow():
    assert differences_chart(FOUND, LABELS, palette=LIGHT).data[0].marker.symbol == (
        "circle", "circle-open", "circle-open",
    )  # fmt: skip


def test_zero_and_every_interval_are_in_the_picture():
    low, high = differences_chart(FOUND, LABELS, palette=LIGHT).layout.xaxis.range
    assert low == -high
    assert low < -1.7 < 0 < 1.7 < high


def test_hovers_are_sentences_and_names_are_text():
    figure = differences_chart(FOUND, LABELS | {"region": "<a href='x'>R</a>"}, palette=LIGHT)
    texts = figure.data[0].hovertext
    assert texts[0] == "Profit: 1.40 standard deviations above the book<br>95% interval from 1.10 to 1.70"
    assert "nan" not in "".join(texts)
    assert "<a" not in "".join((*texts, *figure.layout.yaxis.ticktext))


def test_no_difference_is_said():
    with pytest.raises(NotEnoughData):
        differences_chart(rows(("age_years", np.nan, np.nan, np.nan)), LABELS, palette=LIGHT)
