"""The whale curve: on the net total, on the gains, with its interval and its loss tail in money."""

import numpy as np
import pytest

from analytics import charts
from analytics.errors import NotEnoughData
from analytics.value.concentration import concentration
from analytics.value.quantity import Quantity

PROFIT = Quantity("profit_12m", "Profit, 12 months", "currency", "CNY")
RANDOM = np.random.default_rng(3)
BOOK = np.where(RANDOM.random(400) < 0.15, -RANDOM.lognormal(6, 1, 400), RANDOM.lognormal(8, 1.3, 400))


def drawn(amounts, *, interval=False, **options):
    return charts.whale(concentration(amounts, interval=interval), PROFIT, palette=charts.LIGHT, **options)


def tail(figure):
    return next(trace for trace in figure.data if trace.line.color == charts.LIGHT.loss)


def texts(figure):
    return " ".join(note.text for note in figure.layout.annotations)


def test_on_the_net_total_the_loss_tail_falls_from_the_peak_to_one():
    figure, c = drawn(BOOK), concentration(BOOK)
    assert tail(figure).y[0] == pytest.approx(c.whale.peak_share)
    assert tail(figure).y[-1] == pytest.approx(1)
    assert (tail(figure).y[0] - 1) * c.total == pytest.approx(-BOOK[BOOK < 0].sum())
    assert f"{c.whale.loss_makers} customers lose {PROFIT.text(c.whale.losses)}" in texts(figure)


def test_on_the_gains_the_curve_peaks_at_one_and_ends_at_what_the_losses_leave():
    figure = drawn(BOOK, of_gains=True)
    gains = BOOK[BOOK > 0].sum()
    assert tail(figure).y[0] == pytest.approx(1)
    assert tail(figure).y[-1] == pytest.approx(BOOK.sum() / gains)
    assert f"leaves <b>{BOOK.sum() / gains:.0%}</b> of all gains" in texts(figure)
    assert "all gains" in figure.layout.yaxis.title.text


def test_on_the_gains_a_net_loss_has_shares_too():
    figure = drawn([100, 50, -400], of_gains=True)
    assert figure.layout.yaxis.ticktext[0].endswith("%")
    assert tail(figure).y[-1] == pytest.approx(-250 / 150)
    with pytest.raises(NotEnoughData):
        drawn([-1, -2, 0], of_gains=True)


def test_the_interval_is_a_band_at_a_fifth_that_lies_inside_the_picture():
    figure, interval = drawn(BOOK, interval=True), concentration(BOOK, interval=True).interval
    (band,) = [shape for shape in figure.layout.shapes if shape.type == "rect"]
    assert (band.y0, band.y1) == (interval.low, interval.high)
    assert band.x0 < 0.2 < band.x1
    assert figure.layout.yaxis.range[1] >= interval.high
    assert f"interval {interval.low:.0%} to {interval.high:.0%}" in texts(figure)


@pytest.mark.parametrize(("interval", "of_gains"), [(False, False), (True, True)])
def test_no_band_where_there_is_no_interval_of_what_is_drawn(interval, of_gains):
    figure = drawn(BOOK, interval=interval, of_gains=of_gains)
    assert not [shape for shape in figure.layout.shapes if shape.type == "rect"]
