"""The flow between two segmentations: every customer in a stream, the moved told from the others in words too."""

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from analytics.charts import DARK, LIGHT
from analytics.charts.flow import LANE, flow
from analytics.errors import NotEnoughData
from analytics.value.quantity import Quantity

PROFIT = Quantity("profit_12m", "Profit", "currency", "CNY")
EVIL = '<a href="javascript:alert(1)">x</a>'


def comparison(cells, names=None, matched=None):
    counts = np.array(cells)
    rows, columns = (list(range(1, size + 1)) for size in counts.shape)
    table = pd.DataFrame(counts, index=rows, columns=columns)
    own = names or {at: f"Segment {at}" for at in range(1, 20)}
    return SimpleNamespace(
        table=table, worth=table * 100.0, first_names={at: own[at] for at in rows},
        second_names={at: own[at] for at in columns}, matched=matched or {at: at for at in rows if at in columns},
    )  # fmt: skip


@pytest.mark.parametrize("palette", [LIGHT, DARK])
@pytest.mark.parametrize("cells", [[[5, 1], [0, 4]], [[1] * 12] * 9, [[7]]])
def test_every_customer_is_in_a_stream_between_their_segments(palette, cells):
    figure = flow(comparison(cells), PROFIT, palette=palette)
    json.loads(figure.to_json())
    link = figure.data[0].link
    assert sum(link.value) == np.sum(cells)
    for (one, other), n in zip(link.customdata, link.value, strict=True):
        assert cells[one - 1][other - 1] == n > 0


def test_nodes_stand_in_the_order_of_their_numbers_and_do_not_touch():
    figure = flow(comparison([[50, 1, 0], [0, 4, 2], [0, 0, 90]]), PROFIT, palette=LIGHT)
    inside = figure.layout.height - figure.layout.margin.t - figure.layout.margin.b
    heights = np.array([51, 6, 90]) / 147 * (inside - 2 * figure.data[0].node.pad)
    middles = np.array(figure.data[0].node.y[:3]) * inside
    gaps = np.diff(middles) - (heights[1:] + heights[:-1]) / 2
    np.testing.assert_allclose(gaps, figure.data[0].node.pad)
    assert middles[0] == pytest.approx(heights[0] / 2)


def test_a_counterpart_has_the_colour_of_what_it_stands_for():
    figure = flow(comparison([[0, 5, 0], [4, 0, 1]], matched={1: 2, 2: 1}), PROFIT, palette=LIGHT)
    first, second = figure.data[0].node.color[:2], figure.data[0].node.color[2:]
    assert first == LIGHT.segments[:2]
    assert second == (first[1], first[0], LIGHT.rest)


def test_who_moved_is_said_and_not_shown_by_colour_alone():
    figure = flow(comparison([[5, 1], [0, 4]]), PROFIT, palette=LIGHT)
    link = figure.data[0].link
    assert (
        link.label[0] == "5 customers of “Segment 1” (83%): still together, in “Segment 1”<br>Profit: CNY 500"
    )
    assert link.label[1] == "1 customer of “Segment 1” (17%): in “Segment 2” of the second<br>Profit: CNY 100"
    assert link.color[0] == link.color[2] != link.color[1]
    assert "83% stay" in figure.layout.annotations[0].text


def test_labels_stand_beside_the_streams_and_leave_a_phone_room():
    figure = flow(comparison([[1] * 12] * 9), PROFIT, palette=LIGHT)
    sides = {label.xanchor for label in figure.layout.annotations[:21]}
    assert sides == {"left", "right"}
    assert figure.layout.margin.l == figure.layout.margin.r == LANE < 390 / 3
    assert all(len(label.text) <= 24 for label in figure.layout.annotations[:21])


def test_names_are_text_and_nobody_to_compare_is_said():
    figure = flow(comparison([[5, 1], [0, 4]], names={1: EVIL, 2: EVIL}), PROFIT, palette=LIGHT)
    node, link = figure.data[0].node, figure.data[0].link
    shown = [*node.customdata, *link.label, *(label.text for label in figure.layout.annotations)]
    assert not [text for text in shown if "<a" in text]
    with pytest.raises(NotEnoughData):
        flow(comparison([[0, 0]]), PROFIT, palette=LIGHT)
