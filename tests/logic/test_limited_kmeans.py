"""Size-limited k-means keeps its limits, at the least cost, and says where it can't."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment
from threadpoolctl import threadpool_limits

from analytics.errors import BadInput
from analytics.methods import METHODS, limits
from analytics.methods.limits import exact_prices, smooth_prices


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    with threadpool_limits(1):
        yield


def people(n=300, seed=5):
    rng = np.random.default_rng(seed)
    kind = rng.choice(4, n, p=[0.6, 0.2, 0.15, 0.05])
    table = pd.DataFrame({"a": kind * 5 + rng.normal(size=n), "b": kind % 2 * 4 + rng.normal(size=n)})
    return table.set_axis([f"C{at:05d}" for at in range(n)])


def run(table, **given):
    return METHODS["limited_kmeans"].run(table, table["a"], **given)


def sizes(found):
    return np.bincount(found.labels)


@given(n=st.integers(20, 200), segments=st.integers(2, 8), room=st.floats(1.0, 2.5), seed=st.integers(0, 50))
@settings(max_examples=25, deadline=None)
def test_no_segment_of_different_customers_is_above_the_limit(n, segments, room, seed):
    table = people(n, seed)
    most = int(np.ceil(np.ceil(n / segments) * room))
    found = run(table, segments=segments, most=most)
    assert sizes(found).max() <= most
    assert found.quality["largest"] == sizes(found).max()
    assert found.warnings == []
    assert (found.model.predict(table.iloc[::-1], table["a"]) == found.labels[::-1]).all()


def test_without_a_limit_of_its_own_the_shares_are_even():
    assert sizes(run(people(), segments=4)).tolist() == [75] * 4
    assert sorted(sizes(run(people(302), segments=4)))[-1] == 76


def test_a_limit_that_nothing_reaches_leaves_each_with_the_nearest_centre():
    table = people()
    found = run(table, segments=3, most=300)
    centres, matrix = found.model.centres, found.model.preparation.matrix(table)
    away = ((matrix[:, None] - centres) ** 2).sum(axis=2)
    assert (found.labels == away.argmin(axis=1)).all()


@given(n=st.integers(6, 40), segments=st.integers(2, 5), spare=st.integers(0, 4), seed=st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_the_assignment_costs_no_more_than_the_best_there_is(n, segments, spare, seed):
    costs = np.random.default_rng(seed).normal(size=(n, segments))
    limit = -(-n // segments) + spare
    prices = exact_prices(
        costs, np.ones(n), limit, smooth_prices(costs, np.ones(n), limit, np.zeros(segments))
    )
    labels = (costs + prices).argmin(axis=1)
    places = np.repeat(costs, limit, axis=1)  # each segment as so many places for one customer
    best = places[linear_sum_assignment(places)].sum()
    assert np.bincount(labels).max() <= limit
    np.testing.assert_allclose(costs[np.arange(n), labels].sum(), best, atol=1e-9)


def test_rows_outside_the_frontier_are_moved_too_where_they_must(monkeypatch):
    monkeypatch.setattr(limits, "FRONTIER", 5)
    costs = np.random.default_rng(1).normal(size=(200, 4))
    prices = exact_prices(costs, np.ones(200), 50, np.array([0.9, 0.0, 0.2, 0.0]))
    assert np.bincount((costs + prices).argmin(axis=1)).tolist() == [50] * 4


def test_customers_who_are_alike_break_a_limit_together_and_it_is_told():
    table = people(100)
    table.iloc[:60] = table.iloc[0].to_numpy()
    found = run(table, segments=4)
    assert len(set(found.labels[:60])) == 1
    assert sizes(found).max() >= 60
    assert f"the largest segment holds {sizes(found).max()}" in found.warnings[0]
    alone = run(table.iloc[:60], segments=4)
    assert "limit of 60" not in "".join(alone.warnings)
    assert set(alone.names.values()) == {"Everyone"}
    assert "The limit of 20 is not kept" in run(table.iloc[:60], segments=4, most=20).warnings[-1]


def test_too_little_room_is_refused_with_what_would_do():
    with pytest.raises(BadInput, match="3 segments of at most 50 customers can't hold 300") as refused:
        run(people(), segments=3, most=50)
    assert "at least 100" in refused.value.remedy


def test_a_large_book_is_settled_on_a_sample_and_the_limit_holds_for_everyone(monkeypatch):
    monkeypatch.setattr("analytics.methods.limited_kmeans.SETTLED_ON", 400)
    found = run(people(2000), segments=5)
    assert sizes(found).tolist() == [400] * 5
    assert "random sample of 400 of 2,000" in found.warnings[0]
