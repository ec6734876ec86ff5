"""Preparation: every indicator on one scale, and every step told."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import NotEnoughData
from analytics.methods.binning import bin_of, quantile_edges
from analytics.methods.prepare import _middles, prepare

N = 400
rng = np.random.default_rng(9)


def told(prepared):
    return {treatment.indicator: treatment.what for treatment in prepared.treatments}


def test_every_indicator_weighs_the_same():
    table = pd.DataFrame(
        {"a": rng.lognormal(9, 2, N), "b": rng.normal(3, 1, N), "c": rng.choice(list("xyz"), N)}
    )
    prepared = prepare(table)
    weight = pd.Series(prepared.matrix.var(axis=0)).groupby(list(prepared.columns)).sum()
    np.testing.assert_allclose(weight, 1.0)
    np.testing.assert_allclose(prepared.matrix.mean(axis=0), 0, atol=1e-9)


def test_skewed_amounts_are_bent_and_others_not():
    prepared = prepare(pd.DataFrame({"a": rng.lognormal(9, 2, N), "b": rng.normal(3, 1, N)}))
    assert "asinh" in told(prepared)["a"]
    assert "asinh" not in told(prepared)["b"]


def test_bending_is_symmetric_and_takes_its_scale_from_the_data():
    skewed = pd.DataFrame({"a": np.append(rng.lognormal(9, 1, N), -1e7)})
    before, after = prepare(skewed).matrix, prepare(skewed * 1e-6).matrix
    np.testing.assert_allclose(before, after, rtol=1e-9)
    np.testing.assert_allclose(prepare(-skewed).matrix, -before, rtol=1e-9)


def test_rare_categories_are_grouped_and_counted():
    levels = np.array(["big"] * 300 + ["mid"] * 94 + [f"rare{at}" for at in range(6)])
    prepared = prepare(pd.DataFrame({"c": levels}))
    assert "6 rare categories" in told(prepared)["c"]
    assert len(np.unique(prepared.matrix, axis=0)) == 3


def test_categories_are_equally_far_from_each_other():
    matrix = prepare(pd.DataFrame({"c": rng.choice(list("wxyz"), N, p=[0.5, 0.2, 0.2, 0.1])})).matrix
    places = np.unique(matrix.round(9), axis=0)
    gaps = {round(float(np.linalg.norm(one - other)), 6) for one in places for other in places} - {0.0}
    assert len(places) == 4
    assert len(gaps) == 1
    assert np.linalg.matrix_rank(matrix) == matrix.shape[1] == 3


def test_empty_categories_are_a_category():
    prepared = prepare(pd.DataFrame({"c": pd.Series(["x", None, "y", "x"] * 100, dtype="str")}))
    assert "100 empty values are a category of their own" in told(prepared)["c"]


def test_infinite_values_are_empty_ones():
    prepared = prepare(pd.DataFrame({"a": [1.0, np.inf, 3.0, 2.0]}))
    assert told(prepared)["a"].startswith("1 empty values filled with the median, 2.00.")
    assert np.isfinite(prepared.matrix).all()


def test_nothing_but_empty_indicators_is_refused():
    with pytest.raises(NotEnoughData, match="empty for most of the 4 customers"):
        prepare(pd.DataFrame({"a": [np.nan] * 4, "c": pd.Series([None] * 4, dtype="str")}))


@given(
    present=st.lists(st.floats(0, 1e9) | st.just(0.0), min_size=1, max_size=30).filter(any),
    sign=st.booleans(),
)
def test_the_middles_are_numpys_medians(present, sign):
    cells = np.array(present) * (-1 if sign else 1)
    middle, size = _middles(cells)
    np.testing.assert_allclose([middle, size], [np.median(cells), np.median(np.abs(cells[cells != 0]))])


@given(seed=st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_the_preparation_puts_the_fitted_customers_exactly_where_they_were(seed):
    own = np.random.default_rng(seed)
    table = pd.DataFrame(
        {"a": own.lognormal(9, 2, 60), "b": own.normal(size=60), "c": own.choice(["x", "y", None], 60)}
    )
    table.iloc[::7, 0] = np.nan
    prepared = prepare(table)
    some = own.permutation(60)[:9]
    assert (prepared.preparation.matrix(table) == prepared.matrix).all()
    assert (prepared.preparation.matrix(table.iloc[some]) == prepared.matrix[some]).all()


@pytest.mark.parametrize("bins", [2, 3, 5, 10])
def test_edges_are_numpys_quantiles(bins):
    for cells in (rng.normal(size=101), rng.integers(0, 9, 77).astype(float), np.array([4.0])):
        np.testing.assert_allclose(quantile_edges(cells, bins), np.quantile(cells, np.arange(1, bins) / bins))


def test_an_edge_that_falls_on_a_value_keeps_it_in_the_lower_bin():
    for n in range(6, 120, 5):  # the edges of fifths fall on values
        cells = np.arange(n) * 0.1
        counts = np.bincount(bin_of(cells, quantile_edges(cells, 5)), minlength=5)
        assert counts.tolist() == [(n - 1) // 5 + 1] + [(n - 1) // 5] * 4
