"""Numbers and categories together: Gower's distance by hand, medoids as the textbook has them, kinds found."""

import json
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from analytics.methods import METHODS, mixed
from analytics.methods.gower import gower
from analytics.methods.medoids import k_medoids, total
from analytics.methods.prepare import prepare
from tests.bench.agreement import agreement
from tests.logic.ruspini import SIZES, ruspini

seeds = st.integers(0, 2**32 - 1)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    with threadpool_limits(1):
        yield


def run(table, **given):
    return METHODS["mixed"].run(table, pd.Series(1.0, index=table.index), **given)


def kinds(n=600, seed=0):
    """Three kinds that only a number and a category together tell apart, with gaps."""
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 3, n)
    table = pd.DataFrame(
        {
            "tenure_years": np.array([5.0, 5.0, 20.0])[kind] + rng.normal(size=n),
            "region": np.array(["East", "West", "West"])[kind],
            "business_line": np.array(["Retail", "Premier", "Premier"])[kind],
        },
        index=pd.Index([f"C{at:05d}" for at in range(n)], name="customer_id"),
    ).astype({"region": "str", "business_line": "str"})
    gaps = rng.random(n) < 0.1
    return table.assign(region=table["region"].mask(gaps)), kind


def distances(points, most=None):
    columns = np.asarray(points, float).T
    return sum(np.abs(np.subtract.outer(line, line)) ** 2 for line in columns) ** 0.5


def test_gower_s_distance_is_the_mean_over_what_is_known_of_both():
    table = pd.DataFrame(
        {
            "age_years": [20.0, 30.0, 60.0, np.nan],
            "gender": ["f", "m", "f", None],
            "products_held": [1.0, 5.0, 3.0, 5.0],
        },
        index=list("abcd"),
    )
    compare, _treatments = gower(table, prepare(table))
    matrix = compare.matrix(table)
    found = [compare.distances(matrix.T, row).tolist() for row in matrix]
    ages, products = [0.25, 1.0, 0.75], [1.0, 0.5, 0.5]  # of a-b, a-c, b-c
    assert found[0][1] == pytest.approx((ages[0] + 1 + products[0]) / 3)
    assert found[0][2] == pytest.approx((ages[1] + 0 + products[1]) / 3)
    assert found[1][2] == pytest.approx((ages[2] + 1 + products[2]) / 3)
    assert found[1][3] == 0.0  # only the products are known of both
    assert np.array(found) == pytest.approx(np.array(found).T)


def test_ruspini_s_four_groups_are_found():
    labels = run(ruspini(), segments=4).labels
    assert np.bincount(labels)[pd.unique(labels)].tolist() == SIZES


def test_the_medoids_of_ruspini_are_those_of_r():
    """`pam(ruspini, 4)$id.med` is 10, 32, 52, 70, counted from 1."""
    found = k_medoids(distances(ruspini()).astype(np.float32), np.ones(75), 4)
    assert (found + 1).tolist() == [10, 32, 52, 70]


def against_the_best(seed, count):
    rng = np.random.default_rng(seed)
    apart, weights = distances(rng.normal(size=(14, 2))).astype(np.float32), rng.integers(1, 6, 14) * 1.0
    ours = total(apart, weights, k_medoids(apart, weights, count))
    return ours / min(total(apart, weights, np.array(choice)) for choice in combinations(range(14), count))


@given(seeds, st.integers(2, 3))
@settings(max_examples=30)
def test_medoids_are_never_further_from_the_best_than_swaps_can_end(seed, count):
    """Where no single swap helps, the total is at most five times the best (Arya and others 2004)."""
    assert 1 - 1e-6 <= against_the_best(seed, count) <= 5


@pytest.mark.parametrize("count", [2, 3])
def test_medoids_are_mostly_the_best_of_all_choices(count):
    ratios = np.array([against_the_best(seed, count) for seed in range(40)])
    assert np.mean(ratios < 1 + 1e-6) > 0.5
    assert ratios.mean() < 1.05


@given(seeds)
@settings(max_examples=30, deadline=None)
def test_no_swap_of_one_medoid_makes_it_better_and_a_weight_is_as_many_rows(seed):
    rng = np.random.default_rng(seed)
    points, weights = rng.normal(size=(40, 2)), rng.integers(1, 4, 40)
    apart = distances(points).astype(np.float32)
    chosen = k_medoids(apart, weights * 1.0, 3)
    ours = total(apart, weights, chosen)
    for place in range(3):
        for other in range(40):
            assert total(apart, weights, np.array([*np.delete(chosen, place), other])) >= ours - 1e-6
    repeated = distances(np.repeat(points, weights, axis=0)).astype(np.float32)
    first = np.cumsum(weights) - weights
    assert total(repeated, np.ones(len(repeated)), first[chosen]) == pytest.approx(ours, abs=1e-5)


def test_kinds_told_apart_by_numbers_and_categories_together_are_found():
    table, kind = kinds()
    found = run(table, segments=3)
    assert adjusted_rand_score(kind, found.labels) > 0.95
    told = {treatment.indicator: treatment.what for treatment in found.treatments}
    assert "passed over when two customers are compared" in told["region"]
    assert "the same" in told["business_line"]


def test_the_medoids_are_told_as_typical_values_and_name_nobody():
    table, _kind = kinds()
    details = json.loads(json.dumps(run(table, segments=3).details))
    assert len(details["medoids"]) == 3
    assert all(set(medoid) == set(table.columns) for medoid in details["medoids"])
    assert "C0" not in json.dumps(details)
    assert {medoid["region"] for medoid in details["medoids"]} == {"East", "West"}
    assert {round(medoid["tenure_years"], -1) for medoid in details["medoids"]} >= {20}


def test_a_large_book_is_fitted_on_a_sample(monkeypatch):
    monkeypatch.setattr(mixed, "LARGEST", 150)
    table, kind = kinds(2000)
    found = run(table, segments=3)
    assert adjusted_rand_score(kind, found.labels) > 0.95
    assert "stratified sample of" in found.warnings[0]
    assert (found.model.predict(table, table["tenure_years"]) == found.labels).all()


def test_a_fit_on_a_sample_agrees_with_one_on_all(monkeypatch):
    monkeypatch.setattr(mixed, "LARGEST", 300)
    found = agreement("mixed", kinds(1500)[0], seeds=(1, 2), segments=3)
    assert found.stable >= 0.9
    assert min(found.sampled) >= 0.9


def test_more_segments_than_different_customers_is_told():
    found = run(pd.DataFrame({"a": ["x", "x", "y", "y"]}, index=list("wxyz")).astype("str"), segments=5)
    assert len(set(found.labels)) == 2
    assert "Only 2 of 5" in found.warnings[0]


def test_a_customer_of_whom_nothing_is_known_has_a_segment():
    table, _kind = kinds()
    found = run(table, segments=3)
    unknown = table.iloc[:1].assign(tenure_years=np.nan, region=None, business_line=None)
    assert found.model.predict(unknown, unknown["tenure_years"])[0] in set(found.labels)
