"""The stratified sample that slow methods are fitted on, and the rest that goes to its nearest row."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.methods.base import Labels
from analytics.methods.neighbours import NearestRow, distinct_rows, drawn, sample_notes
from analytics.methods.preparation import Preparation

seeds = st.integers(0, 2**32 - 1)
few = settings(max_examples=20, deadline=None)


def bank(seed: int = 0, n: int = 3000):
    """Two indicators, coarse enough that customers coincide, and 9 of a kind of their own."""
    rng = np.random.default_rng(seed)
    crowd = rng.normal(size=(n, 2)).round(1)
    return np.vstack([crowd, rng.normal([9, 9], 0.3, (9, 2)).round(2)])


@few
@given(seeds, st.integers(1, 4))
def test_neither_order_nor_repetition_changes_the_sample(seed, times):
    matrix = bank()
    again = np.random.default_rng(seed).permutation(np.tile(matrix, (times, 1)))
    first, other = (distinct_rows(one) for one in (matrix, again))
    assert (first[0] == other[0]).all()
    assert (first[1] == other[1]).all()
    for rare in (True, False):
        picked, weights = drawn(*first, 7, 200, rare=rare)
        picked_again, weights_again = drawn(*other, 7, 200, rare=rare)
        assert (picked == picked_again).all()
        assert (weights == weights_again).all()


@few
@given(seeds)
def test_a_sample_is_no_larger_than_asked_and_stands_for_all(seed):
    rows, counts = distinct_rows(bank())
    picked, weights = drawn(rows, counts, seed, 300)
    assert 200 < len(picked) <= 300
    assert len(set(picked)) == len(picked)
    assert (weights >= counts[picked]).all()
    assert weights.sum() == pytest.approx(counts.sum(), rel=0.25)


@few
@given(seeds)
def test_a_kind_of_nine_among_three_thousand_is_in_a_sample_of_a_hundred(seed):
    rows, counts = distinct_rows(bank())
    assert (rows[drawn(rows, counts, seed, 100)[0]] > 7).all(axis=1).any()


def test_few_customers_are_all_taken():
    rows, counts = distinct_rows(np.array([[1.0], [2.0], [2.0]]))
    picked, weights = drawn(rows, counts, 7, 5)
    assert picked.tolist() == [0, 1]
    assert weights.tolist() == [1.0, 2.0]
    assert sample_notes(2, 2, 3) == []
    assert "sample of 1 of 3 customers" in sample_notes(1, 2, 3)[0]


def test_whoever_comes_is_where_the_nearest_row_is_unless_too_far():
    rows, labels = np.array([[0.0, 0.0], [5.0, 0.0]]), np.array([1, 2])
    strangers = np.array([[0.0, 0.0], [2.4, 0.0], [4.0, 9.0]])
    assert model(rows, labels).of(strangers).tolist() == [1, 1, 2]
    assert model(rows, labels, reach=np.array([3.0, 3.0])).of(strangers).tolist() == [1, 1, 0]
    assert model(rows, labels).of(strangers[:0]).tolist() == []


@few
@given(seeds)
def test_a_customer_s_segment_does_not_depend_on_who_else_is_asked_about(seed):
    matrix = bank()
    rows = np.unique(matrix, axis=0)[::5]
    nearest = model(rows, np.arange(len(rows)))
    some = np.random.default_rng(seed).permutation(len(matrix))[:50]
    assert (nearest.of(matrix[some]) == nearest.of(matrix)[some]).all()
    assert (nearest.of(rows) == np.arange(len(rows))).all()


def model(rows: np.ndarray, labels: Labels, reach: np.ndarray | None = None) -> NearestRow:
    return NearestRow(Preparation(), rows, labels, reach)
