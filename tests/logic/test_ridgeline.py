"""Shapes by group: every group has its row, on one scale, with its own quantiles and both tails."""

import json

import numpy as np
import pandas as pd
import pytest

from analytics import charts
from analytics.charts.base import MOST_POINTS
from analytics.charts.ridgeline import LINE
from analytics.errors import NotEnoughData
from analytics.value.quantity import Quantity
from analytics.value.shapes import FEW, MOST_SHAPES, by_group_distribution

PROFIT = Quantity("profit_12m", "Profit, 12 months", "currency", "CNY")
BOTH = pytest.mark.parametrize("palette", [charts.LIGHT, charts.DARK], ids=["light", "dark"])


def members(*sizes, losses=0.2, name="Group {n}"):
    random = np.random.default_rng(11)
    rows = []
    for number, size in enumerate(sizes, start=1):
        drawn = random.lognormal(9 - number, 1.2, size)
        signed = np.where(random.random(size) < losses, -drawn / 5, drawn)
        rows.append(pd.DataFrame({"segment": number, "segment_name": name.format(n=number), "value": signed}))
    return pd.concat(rows, ignore_index=True)


def drawn(rows, palette=charts.LIGHT, **options):
    return charts.ridgeline(by_group_distribution(rows), PROFIT, palette=palette, **options)


def test_the_few_who_differ_are_no_reason_to_say_that_all_are_alike():
    rows = pd.DataFrame({"segment": 1, "segment_name": "A", "value": [0.0] * 999 + [1.0]})
    assert shapes(drawn(rows))
    with pytest.raises(NotEnoughData, match="Every customer has the same"):
        drawn(rows.iloc[:999])


def labels(figure):
    return [note.text for note in figure.layout.annotations if "<b>" in note.text]


def shapes(figure):
    return [trace for trace in figure.data if trace.fill == "toself"]


def dots(figure):
    return [trace for trace in figure.data if trace.mode == "markers" and trace.marker.size == 7]


@BOTH
def test_every_group_has_a_row_with_its_name_size_and_median(palette):
    rows = members(400, 12, 60)
    texts = labels(drawn(rows, palette))
    for text, (number, group) in zip(texts, rows.groupby("segment"), strict=True):
        assert f"Group {number}" in text
        assert f"{len(group)} customers" in text
        assert PROFIT.bare(group["value"].median()) in text


@BOTH
def test_few_customers_are_dots_and_many_a_shape(palette):
    figure = drawn(members(FEW, FEW + 1), palette)
    assert [len(trace.x) for trace in dots(figure)] == [FEW]
    assert len(shapes(figure)) == 1


def test_a_dot_stands_where_its_amount_does_and_the_scale_mirrors_losses():
    rows = pd.DataFrame({"segment": 1, "segment_name": "A", "value": [-1e5, -10.0, 0.0, 10.0, 1e5]})
    (trace,) = dots(drawn(rows))
    assert list(trace.x) == sorted(trace.x)
    assert trace.x[0] == -trace.x[-1]
    assert trace.x[2] == 0


def test_quantile_marks_stand_at_the_quantiles():
    rows = members(300)
    groups = by_group_distribution(rows)
    figure = charts.ridgeline(groups, PROFIT, palette=charts.LIGHT)
    bars = [trace.x for trace in figure.data if trace.mode == "lines" and trace.fill is None]
    low, first, third, high = groups.ruler.position(np.quantile(rows["value"], [0.1, 0.25, 0.75, 0.9]))
    assert bars == [pytest.approx((low, high)), pytest.approx((first, third))]
    median = figure.data[-1].x[0]
    assert median == pytest.approx(float(groups.ruler.position(rows["value"].median())))


def test_shapes_are_equally_high_whatever_the_number_of_customers():
    heights = [np.ptp(trace.y) for trace in shapes(drawn(members(100, 10_000)))]
    assert heights[0] == pytest.approx(heights[1])


def test_what_is_below_zero_lies_on_orange_and_is_named():
    figure = drawn(members(100, 100))
    (band,) = [shape for shape in figure.layout.shapes if shape.type == "rect"]
    assert (band.x1, band.fillcolor) == (0, charts.LIGHT.loss_tint)
    assert "below zero" in [note.text for note in figure.layout.annotations]
    without = drawn(members(100, 100, losses=0.0))
    assert not [shape for shape in without.layout.shapes if shape.type == "rect"]


def test_segments_keep_their_colours_and_other_groups_have_one():
    rows = members(100, 100, 100)
    assert [trace.line.color for trace in shapes(drawn(rows, numbers=[1, 2, 3]))] == list(
        charts.LIGHT.segments[:3]
    )
    assert {trace.line.color for trace in shapes(drawn(rows))} == {charts.LIGHT.accent}


def test_a_million_customers_in_many_groups_are_few_points_of_valid_json():
    figure = drawn(members(*[70_000] * 15))
    assert len(labels(figure)) == MOST_SHAPES
    assert sum(len(trace.x) for trace in figure.data) <= MOST_POINTS
    json.loads(figure.to_json())


def test_twelve_customers_are_all_there():
    figure = drawn(members(1, 5, 6))
    assert sum(len(trace.x) for trace in dots(figure)) == 12
    assert "nan" not in figure.to_json().lower()


def test_names_are_text_that_a_phone_has_room_for_and_never_markup():
    evil = '<a href="javascript:alert(1)">' + "x" * 80
    for text in labels(drawn(members(30, name=evil))):
        assert "<a" not in text
        assert len(text.split("</b>")[0]) <= LINE + len("<b>&lt;&gt;")


@pytest.mark.parametrize(
    "rows",
    [
        members(5).iloc[:0],
        members(5).assign(value=np.nan),
        members(5, 60).assign(value=7.5),
    ],
)
def test_nothing_to_spread_is_said_instead_of_drawn(rows):
    with pytest.raises(NotEnoughData) as refused:
        drawn(rows)
    assert refused.value.remedy
