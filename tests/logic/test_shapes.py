"""Groups' shapes on one scale: everybody is in them, nobody outside the data, for twelve and for many."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.value.distribution import QUANTILES
from analytics.value.shapes import FEW, by_group_distribution

cents = st.integers(-100_000_000, 100_000_000).map(lambda amount: amount / 100)


def members(**groups):
    """A members table from amounts by segment name, the first of them segment 1."""
    return pd.concat(
        [
            pd.DataFrame({"segment": number, "segment_name": name, "value": np.asarray(amounts, float)})
            for number, (name, amounts) in enumerate(groups.items(), 1)
        ],
        ignore_index=True,
    )


@given(st.lists(cents, min_size=1, max_size=80), st.lists(cents, min_size=1, max_size=80))
def test_each_density_is_one_in_all_and_zero_outside_its_own_range(one, other):
    found = by_group_distribution(members(one=one, other=other))
    for shape, amounts in zip(found.shapes, (one, other), strict=True):
        step = shape.positions[1] - shape.positions[0]
        assert shape.density.sum() * step == pytest.approx(1)
        assert (shape.density >= 0).all()
        drawn = shape.positions[shape.density > 0]
        ends = found.ruler.position([min(amounts), max(amounts)])
        assert drawn[0] >= ends[0] - 1.001 * step
        assert drawn[-1] <= ends[1] + 1.001 * step
        assert (shape.points is None) == (len(amounts) > FEW)
        assert list(shape.quantiles) == list(QUANTILES)


def test_the_density_is_that_of_the_values():
    """On the linear scale, a normal sample's shape is the normal curve's."""
    random = np.random.default_rng(1)
    (shape,) = by_group_distribution(members(all=random.normal(100, 10, 200_000))).shapes
    curve = np.exp(-0.5 * ((shape.positions - 100) / 10) ** 2) / (10 * np.sqrt(2 * np.pi))
    assert np.abs(shape.density - curve).max() < 0.001


def test_both_tails_stand_on_one_scale():
    random = np.random.default_rng(2)
    heavy = np.concatenate((random.lognormal(6, 2, 5_000), -random.lognormal(6, 2, 500)))
    found = by_group_distribution(members(heavy=heavy, small=[-300.0, 0.0, 80.0]))
    assert found.threshold
    assert found.tick_values[0] < 0 < found.tick_values[-1]
    assert found.tick_positions == sorted(found.tick_positions)
    first, second = found.shapes
    assert (first.positions == second.positions).all()
    assert second.points.tolist() == [-300.0, 0.0, 80.0]
    assert first.positions[0] == pytest.approx(float(found.ruler.position(heavy.min())))
    assert first.positions[-1] == pytest.approx(float(found.ruler.position(heavy.max())))


def test_groups_come_in_their_order_and_without_those_who_have_nothing():
    rows = members(first=[1.0, 2.0], second=[np.nan], third=[5.0])
    found = by_group_distribution(rows.iloc[::-1])
    assert [(shape.name, shape.customers) for shape in found.shapes] == [("first", 2), ("third", 1)]
    assert by_group_distribution(rows.head(0)).shapes == []


@pytest.mark.parametrize("amounts", [[7.0] * 12, [0.0] * 12, [0.0], list(range(12)), [-4.0] * 100])
def test_a_small_or_even_group_has_a_shape_too(amounts):
    (shape,) = by_group_distribution(members(all=amounts)).shapes
    assert np.isfinite(shape.density).all()
    assert shape.density.max() > 0


def test_a_million_take_no_longer_than_reading_them():
    amounts = np.random.default_rng(3).lognormal(5, 1.5, 1_000_000)
    rows = pd.DataFrame({"segment": np.arange(1_000_000) % 4 + 1, "value": amounts})
    rows["segment_name"] = pd.Categorical.from_codes(rows["segment"] - 1, ["a", "b", "c", "d"])
    shapes = by_group_distribution(rows).shapes
    assert [shape.customers for shape in shapes] == [250_000] * 4
    assert shapes[0].quantiles[0.5] == pytest.approx(np.exp(5), rel=0.02)
