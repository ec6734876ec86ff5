"""The waterfall: each bar begins where the one before it ended, and nothing is told by colour alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.charts import DARK, LIGHT, Step, waterfall
from analytics.errors import NotEnoughData
from analytics.value.quantity import Quantity

MONEY = Quantity("amount", "Amount", "currency", "CNY")
STEPS = [
    Step("Spread", 90.0),
    Step("Fees", 30.0),
    Step("Risk", -40.0),
    Step("Contribution", 80.0, total=True),
]
amounts = st.lists(st.integers(-1000, 1000), min_size=1, max_size=8).filter(any)


def bars(figure):
    (bar,) = figure.data
    return list(zip(bar.base, bar.x, strict=True))


@settings(max_examples=25, deadline=None)
@given(amounts)
def test_each_bar_begins_where_the_one_before_it_ended_and_the_total_is_their_sum(added):
    steps = [*(Step(str(n), amount) for n, amount in enumerate(added)), Step("All", sum(added), total=True)]
    drawn = bars(waterfall(steps, MONEY, palette=LIGHT))
    reached = 0
    for base, length in drawn[:-1]:
        assert base == reached
        reached = base + length
    assert drawn[-1] == (0, sum(added))
    assert reached == sum(added)


def test_a_bridge_begins_with_a_total_and_goes_on_from_it():
    steps = [Step("Now", 100.0, total=True), Step("Curve", -30.0), Step("Then", 70.0, total=True)]
    assert bars(waterfall(steps, MONEY, palette=LIGHT)) == [(0, 100), (100, -30), (0, 70)]


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_every_bar_has_its_figure_with_its_sign_and_its_name_beside_it(palette):
    figure = waterfall(STEPS, MONEY, palette=palette)
    assert [mark.text for mark in figure.layout.annotations] == [
        "CNY 90",
        "CNY 30",
        "CNY -40",
        "<b>CNY 80</b>",
    ]
    assert list(figure.layout.yaxis.ticktext) == ["Spread", "Fees", "Risk", "Contribution"]
    gain, _, loss, total = figure.data[0].marker.color
    assert (gain, loss) == (palette.gain, palette.loss)
    assert total not in (gain, loss)


@settings(max_examples=25, deadline=None)
@given(amounts)
def test_zero_and_every_bar_are_in_the_picture(added):
    figure = waterfall([Step(str(n), amount) for n, amount in enumerate(added)], MONEY, palette=LIGHT)
    low, high = figure.layout.xaxis.range
    ends = [edge for base, length in bars(figure) for edge in (base, base + length)]
    assert low <= min(0, *ends)
    assert max(0, *ends) < high


def test_the_hover_is_a_sentence_with_what_is_reached():
    hovers = waterfall(STEPS, MONEY, palette=LIGHT).data[0].hovertext
    assert hovers[2] == "Risk: CNY -40.00, which makes CNY 80.00"
    assert hovers[3] == "Contribution: CNY 80.00"


def test_nothing_to_draw_is_said():
    with pytest.raises(NotEnoughData):
        waterfall([Step("Spread", 0.0), Step("All", 0.0, total=True)], MONEY, palette=LIGHT)


def test_a_name_from_the_data_is_no_markup():
    figure = waterfall([Step("<b>x</b>", 1.0)], MONEY, palette=LIGHT)
    assert "<b>" not in figure.layout.yaxis.ticktext[0]
    assert "<b>" not in figure.data[0].hovertext[0]
