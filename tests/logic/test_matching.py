"""Comparable customers: alike in what was matched on, weighted to the segment, and no more than that."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from analytics.errors import NotEnoughData
from analytics.needs.gaps import MORE, common_needs, gaps
from analytics.needs.matching import COVER, MATCHED_ON, banded, columns_of, match, strata_of
from analytics.needs.measures import means, share_difference, wilson


def people(rng, n, *, missing=0.05):
    """Customers with everything that is matched on, some of it missing."""
    table = pd.DataFrame(
        {
            "balance_average_3m": np.exp(rng.normal(10, 1.5, n)),
            "age_years": rng.uniform(18, 90, n),
            "tenure_years": rng.exponential(6, n),
            "region": rng.choice(["East", "South", "West"], n),
        }
    )
    for key in MATCHED_ON:
        table.loc[rng.random(n) < missing, key] = None
    return table


def products(count):
    return pd.DataFrame(
        {"name": [f"Product {n}" for n in range(count)], "category": "deposit", "is_active": True},
        index=[f"P{n}" for n in range(count)],
    )


def compared(held, table, inside):
    """Gaps from a matrix of who holds what."""
    places, which = np.nonzero(held)
    return gaps(places, which, products(held.shape[1]), match(table, inside))


def odds(score):
    return 1 / (1 + np.exp(-score))


@settings(max_examples=40)
@given(seed=some.integers(0, 10**6), share=some.floats(0.1, 0.6))
def test_in_every_stratum_the_peers_weigh_what_the_segments_compared_do(seed, share):
    rng = np.random.default_rng(seed)
    table = people(rng, 500)
    inside = rng.random(500) < share
    found = match(table, inside)
    strata = pd.Series(strata_of(columns_of(table), found.bands, 500))
    own = pd.Series(found.compared / found.count).groupby(strata).sum()
    others = pd.Series(found.weights).groupby(strata).sum()
    assert np.allclose(own, others)
    assert found.weights.sum() == pytest.approx(1)
    assert not found.weights[inside].any()
    assert not found.compared[~inside].any()
    assert found.cover == found.count / inside.sum()
    assert found.effective <= found.peers + 1e-9


def test_who_has_nobody_alike_is_left_out_and_counted():
    table = pd.DataFrame({"region": ["East"] * 30 + ["South"] * 20 + ["East"] * 40})
    inside = np.arange(90) < 50
    found = match(table, inside)
    assert (found.customers, found.count, found.peers) == (50, 30, 40)
    assert not found.compared[30:].any()
    assert found.used == ("region",)


def test_what_is_missing_is_compared_with_what_is_missing():
    table = pd.DataFrame({"age_years": [np.nan] * 20 + [40.0] * 20 + [np.nan] * 20 + [40.0] * 30})
    inside = np.arange(90) < 40
    found = match(table, inside)
    assert found.weights[40:60].sum() == pytest.approx(0.5)
    assert found.weights[60:].sum() == pytest.approx(0.5)


def test_equal_values_share_a_band_and_an_edge_is_in_the_lower_one():
    def cut(values, bands):
        return columns_of(pd.DataFrame({"age_years": values}, dtype=float))["age_years"].codes(bands).tolist()

    assert cut([1.0] * 8 + [2.0] * 2, 5) == [1] * 8 + [2] * 2
    assert cut(range(10), 5) == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert cut([3.0, np.nan], 4) == [1, 0]
    assert banded(np.array([2.0]), 3, np.array([2.0])).tolist() == [1]


@pytest.mark.parametrize(("customers", "others"), [(9, 500), (20, 5)])
def test_too_few_on_either_side_are_refused_in_words(customers, others):
    table = people(np.random.default_rng(1), customers + others)
    with pytest.raises(NotEnoughData, match="customers"):
        match(table, np.arange(customers + others) < customers)


def test_a_segment_without_anybody_outside_is_refused():
    table = people(np.random.default_rng(1), 50)
    with pytest.raises(NotEnoughData, match="Only 0 of this segment's 50"):
        match(table, np.ones(50, bool))


def test_groups_of_equal_habits_have_lift_one_within_the_interval():
    rng = np.random.default_rng(5)
    table = people(rng, 20_000)
    held = rng.random((20_000, 12)) < np.linspace(0.02, 0.9, 12)
    found = compared(held, table, rng.random(20_000) < 0.3)
    assert found["lift"].between(0.8, 1.25).all()
    assert ((found["low"] <= 0) & (found["high"] >= 0)).mean() > 0.8
    assert (found["differs"] == 0).all()


def test_twins_differ_in_nothing():
    rng = np.random.default_rng(6)
    table = pd.concat([people(rng, 400)] * 2, ignore_index=True)
    held = np.tile(rng.random((400, 5)) < 0.4, (2, 1))
    found = compared(held, table, np.arange(800) < 400)
    assert np.allclose(found["lift"], 1)
    assert np.allclose(found["difference"], 0)


def test_wealth_alone_makes_no_need():
    """Who is rich holds more and is more often in the segment; beyond that the segment decides nothing."""
    rng = np.random.default_rng(7)
    table = people(rng, 20_000, missing=0)
    wealth = (np.log(table["balance_average_3m"]) - 10) / 1.5
    inside = rng.random(20_000) < odds(wealth - 1)
    held = rng.random((20_000, 8)) < odds(wealth.to_numpy()[:, None] - np.linspace(0, 2, 8))
    found = compared(held, table, inside)
    raw = held[inside].mean(axis=0) / held[~inside].mean(axis=0)
    assert raw.min() > 1.35
    assert found["lift"].between(0.9, 1.12).all()


def test_a_need_beyond_wealth_is_found_and_is_the_right_size():
    rng = np.random.default_rng(8)
    table = people(rng, 20_000, missing=0)
    wealth = (np.log(table["balance_average_3m"]) - 10) / 1.5
    inside = rng.random(20_000) < odds(wealth - 1)
    chance = np.tile(0.10 + 0.2 * odds(wealth.to_numpy()[:, None]), (1, 6))
    chance[inside, 2] += 0.25
    found = compared(rng.random(chance.shape) < chance, table, inside)
    assert list(common_needs(found).index) == ["P2"]
    row = found.loc["P2"]
    assert row["differs"] == MORE
    assert row["low"] <= 0.25 <= row["high"]


def test_fine_bands_are_kept_in_a_large_book_and_given_up_in_a_small_one():
    rng = np.random.default_rng(9)
    bands = {}
    for size in (300, 20_000):
        table = people(rng, size)
        found = match(table, rng.random(size) < 0.3)
        assert found.cover >= COVER or size == 300
        bands[size] = found.bands["balance_average_3m"]
    assert bands[300] < bands[20_000]


# --- intervals


def test_the_intervals_are_the_published_ones():
    """Newcombe 1998, table II, method 10: 56/70 - 48/80, 9/10 - 3/10, 10/10 - 0/10."""
    for first, second, low, high in [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ]:
        shares = np.array([first[0] / first[1]]), np.array([second[0] / second[1]])
        ends = share_difference(shares[0], first[1], shares[1], second[1])
        assert (round(float(ends.low[0]), 4), round(float(ends.high[0]), 4)) == (low, high)
    ends = wilson(
        np.array([81 / 263]), 263
    )  # Newcombe 1998, "Two-sided confidence intervals for the single proportion"
    assert (round(float(ends.low[0]), 4), round(float(ends.high[0]), 4)) == (0.2553, 0.3662)


@pytest.mark.parametrize("size", [400, 3000])
def test_the_interval_covers_the_true_difference_as_often_as_it_says(size):
    """200 banks; the truth is the mean difference over the segment's compared customers."""
    inside_it = tried = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        table = people(rng, size, missing=0)
        wealth = (np.log(table["balance_average_3m"]) - 10) / 1.5
        inside = rng.random(size) < odds(wealth.to_numpy() - 1)
        effects = np.array([0.0, 0.1, 0.2])
        base = 0.1 + 0.3 * (table["age_years"].to_numpy() > 54)[:, None] * np.ones(3)
        rows = compared(rng.random((size, 3)) < base + effects * inside[:, None], table, inside).loc[
            ["P0", "P1", "P2"]
        ]
        inside_it += int(((rows["low"] <= effects) & (effects <= rows["high"])).sum())
        tried += 3
    assert inside_it / tried > 0.93


def test_means_cover_as_often_as_they_say_with_unequal_weights_and_gaps():
    hits = 0
    for seed in range(400):
        rng = np.random.default_rng(seed)
        values = rng.normal(3, 2, (120, 1))
        values[:60] += 0.7
        values[rng.random(120) < 0.1] = np.nan
        weights = np.where(np.arange(120) >= 60, rng.exponential(1, 120), 0)
        found = means(values, np.arange(120) < 60, weights)
        hits += int(found.low[0] <= 0.7 <= found.high[0])
    assert 0.92 <= hits / 400 <= 0.98


def test_means_of_nobody_are_nothing_and_equal_ones_have_no_interval():
    inside, weights = np.array([True, True, False, False]), np.array([0, 0, 0.5, 0.5])
    found = means(np.array([[np.nan] * 4, [5.0, 5, 2, 2]]).T, inside, weights)
    assert np.isnan(found.here[0])
    assert found.size[0] == 0
    assert (found.difference[1], found.low[1], found.high[1]) == (3, 3, 3)
