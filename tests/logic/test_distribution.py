"""A histogram loses nobody, keeps losses, zeros and gains apart, and labels only round amounts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.value.distribution import QUANTILES, histogram
from analytics.value.scale import Ruler, nice_step, round_ticks, ruler_for

amounts = st.lists(st.floats(-1e9, 1e9, allow_nan=False).map(lambda x: round(x, 2)), max_size=80)


@given(amounts, st.integers(5, 60))
def test_every_customer_stands_in_exactly_one_bar(values, bins):
    d = histogram(values, bins)
    assert d.count.sum() == d.customers == len(values)
    assert (d.count >= 0).all()


@given(amounts)
def test_no_bar_holds_both_losses_and_gains_and_zeros_have_their_own(values):
    d = histogram(values)
    assert ((d.low >= 0) | (d.high <= 0)).all()
    assert int(d.count[d.high <= 0].sum() - d.count[(d.low == 0) & (d.high == 0)].sum()) == sum(
        value < 0 for value in values
    )
    assert int(d.count[(d.low == 0) & (d.high == 0)].sum()) == d.zeros == values.count(0)


@given(amounts)
def test_bars_stand_in_order_and_touch(values):
    d = histogram(values)
    assert (d.right > d.left).all()
    assert np.allclose(d.right[:-1], d.left[1:])
    assert (np.diff(d.low) >= 0).all()


@given(st.lists(st.integers(-(10**8), 10**8).filter(bool), min_size=12, max_size=60))
def test_the_scale_follows_the_unit_of_the_data(values):
    yuan, thousands = np.array(values, dtype=float) + 0.5, (np.array(values, dtype=float) + 0.5) / 1000
    one, other = histogram(yuan), histogram(thousands)
    assert one.scale == other.scale
    if one.scale == "symlog":
        assert one.threshold == pytest.approx(other.threshold * 1000)
        # An amount on the edge of two bars may be in either.
        at_edge = np.isclose(yuan[:, None], one.high[:-1], rtol=1e-9).any(axis=0)
        assert (at_edge | (np.cumsum(one.count) == np.cumsum(other.count))[:-1]).all()
        assert one.count.sum() == other.count.sum()


def test_a_heavy_tail_gets_the_symmetric_log_scale_and_a_bell_does_not():
    random = np.random.default_rng(7)
    heavy = histogram(
        np.concatenate((random.lognormal(6, 2, 500), -random.lognormal(5, 1, 60), np.zeros(40)))
    )
    assert heavy.scale == "symlog"
    assert heavy.threshold == 10 ** round(np.log10(heavy.threshold))
    assert heavy.tick_values == sorted(heavy.tick_values)
    assert 0 in heavy.tick_values
    assert len(heavy.tick_values) <= 7
    assert histogram(random.normal(45, 12, 500)).scale == "linear"


def test_whole_numbers_get_one_bar_each():
    d = histogram([0, 1, 1, 3])
    assert (d.scale, d.low.tolist(), d.count.tolist()) == ("whole", [0, 1, 2, 3], [1, 2, 0, 1])


@pytest.mark.parametrize("values", [[], [np.nan], [4.5], [4.5, 4.5], [0.0], [-3.25, 1e9], list(range(12))])
def test_few_customers_or_none_make_no_trouble(values):
    d = histogram(values)
    assert d.count.sum() == d.customers


def test_a_million_customers_still_make_few_bars():
    d = histogram(np.random.default_rng(7).lognormal(5, 2, 1_000_000))
    assert d.count.size <= 45
    assert d.count.sum() == 1_000_000


def test_quantiles_are_those_of_the_known_values():
    values = np.append(np.random.default_rng(7).normal(0, 50, 999), np.nan)
    d = histogram(values)
    assert d.missing == 1
    assert d.quantiles == dict(zip(QUANTILES, np.quantile(values[:999], QUANTILES), strict=True))


@given(st.floats(0.01, 1e9))
def test_the_ruler_is_undone_by_its_inverse(magnitude):
    ruler = Ruler(100.0)
    assert ruler.amount(ruler.place([magnitude]))[0] == pytest.approx(magnitude)
    assert ruler.position([-magnitude])[0] == -ruler.position([magnitude])[0]


def test_the_linear_part_comes_from_the_data_and_decades_stay_few():
    assert ruler_for([1e-9, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1e12]).threshold >= 1e5


@given(st.floats(1e-6, 1e12))
def test_steps_are_one_two_or_five_times_a_power_of_ten(least):
    step = nice_step(least)
    assert least * (1 - 1e-6) <= step <= least * 2.51
    assert f"{step:e}"[0] in "125"


def test_ticks_cover_zero_and_are_round():
    assert round_ticks([-60, 105]) == [-50, 0, 50, 100]
    assert round_ticks([12, 18]) == [0, 5, 10, 15]
    assert round_ticks([12, 18], from_zero=False) == [12, 13, 14, 15, 16, 17, 18]
