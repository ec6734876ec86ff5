"""One bar for the inequality: its two parts make the whole, and chance is marked."""

import json

import numpy as np
import pytest

from analytics import charts
from analytics.errors import NotEnoughData
from analytics.value.decomposition import theil

AMOUNTS = np.random.default_rng(5).lognormal(8, 1.5, 300)
GROUPS = np.where(np.quantile(AMOUNTS, 0.8) < AMOUNTS, "best", "others")


@pytest.mark.parametrize("palette", [charts.LIGHT, charts.DARK], ids=["light", "dark"])
def test_the_two_parts_make_the_whole_and_are_labelled(palette):
    parts = theil(AMOUNTS, GROUPS)
    figure = charts.between_within(parts, palette=palette)
    between, within = (float(trace.x[0]) for trace in figure.data)
    assert between == pytest.approx(parts.between / parts.total)
    assert between + within == pytest.approx(1)
    texts = " ".join(note.text for note in figure.layout.annotations)
    assert f"<b>{between:.1%}</b>" in texts
    assert f"<b>{within:.1%}</b>" in texts
    json.loads(figure.to_json())


def test_chance_stands_where_random_groups_would():
    parts = theil(AMOUNTS, GROUPS)
    (line,) = charts.between_within(parts, palette=charts.LIGHT).layout.shapes
    assert line.x0 == line.x1 == pytest.approx(parts.explained_by_chance)


def test_no_inequality_is_said_instead_of_drawn():
    with pytest.raises(NotEnoughData):
        charts.between_within(theil([5, 5, 5], ["a", "b", "b"]), palette=charts.LIGHT)
