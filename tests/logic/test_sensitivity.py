"""What each indicator did: the one that makes the segments comes first, two that say the same are told."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from hypothesis.extra.numpy import arrays
from threadpoolctl import threadpool_limits

from analytics.population import assign
from analytics.trust.sensitivity import COLUMNS, cramers_v, duplicates, moved_customers, sensitivity
from analytics.workers import Progress
from tests.logic.made_up import NAMES, four_blobs, people_of, recipe_of

labels = arrays(np.int64, 25, elements=some.integers(-1, 4))


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    with threadpool_limits(1):
        yield


def planted(seed=1, size=240):
    """The third indicator has two far groups; the others have none."""
    rng = np.random.default_rng(seed)
    cells = rng.normal(size=(size, 4))
    cells[:, 2] += 12 * (np.arange(size) % 2)
    return cells


def tried(cells, key="kmeans", **given):
    people, recipe = people_of(cells), recipe_of(key, np.shape(cells)[1], **given)
    return sensitivity(people, recipe, assign(people, recipe).labels, Progress(1e9))


@pytest.mark.parametrize("key", ["kmeans", "gaussian_mixture"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_planted_defining_indicator_ranks_first(key, seed):
    # With covariances of its own for each group a mixture may settle elsewhere at every fit.
    found = tried(planted(seed), key, segments=2, **({"shape": "tied"} if key == "gaussian_mixture" else {}))
    assert found["indicator"][0] == NAMES[2]
    assert found["agreement"][0] < 0.2
    assert found["agreement"][1] > 0.8
    assert list(found) == COLUMNS


def test_the_most_telling_stand_first_and_every_indicator_once():
    found = tried(planted(), segments=4)
    assert found["agreement"].is_monotonic_increasing
    assert sorted(found["indicator"]) == sorted(NAMES[:4])


def test_an_indicator_that_tells_nothing_moves_nobody():
    cells = np.column_stack([four_blobs(200)[0], np.ones(200)])
    found = tried(cells, segments=4).set_index("indicator").loc[NAMES[2]]
    assert found["agreement"] == found["twice_agreement"] == 1.0
    assert found["moved_customers"] == found["moved_value"] == found["twice_moved_customers"] == 0


def test_the_value_that_moved_is_that_of_the_customers_who_moved():
    people, recipe = people_of(planted()), recipe_of(count=4, segments=2)
    before = assign(people, recipe).labels
    without = people.table.drop(columns=NAMES[2])
    after = assign(people_of(without.to_numpy()), recipe).labels  # the same names do not matter to k-means
    moved = moved_customers(before, after)
    first = sensitivity(people, recipe, before, Progress(1e9)).iloc[0]
    assert first["moved_customers"] == moved.sum()
    assert first["moved_value"] == pytest.approx(people.value[moved].sum())


def test_the_only_indicator_can_not_be_left_out():
    found = tried(planted()[:, 2:3], segments=2)
    assert found["agreement"].isna().all()
    assert found["twice_agreement"].tolist() == [1.0]


@pytest.mark.parametrize("key", ["value_tiers", "rfm", "named_rules"])
def test_a_method_with_indicators_of_its_own_has_nothing_to_leave_out(key):
    people = people_of(planted())
    assert sensitivity(people, recipe_of(key, 4), np.zeros(240, np.int64), Progress(1e9)).empty


@given(labels, some.permutations(range(5)))
@settings(max_examples=50, deadline=None)
def test_nobody_moves_when_segments_are_only_called_otherwise(found, names):
    renamed = np.where(found < 0, -1, np.array(names)[found])
    assert not moved_customers(found, renamed).any()


@given(labels, labels)
@settings(max_examples=50, deadline=None)
def test_as_many_move_there_as_back(first, second):
    assert moved_customers(first, second).sum() == moved_customers(second, first).sum()


def test_indicators_that_say_the_same_are_told_with_their_correlation():
    rng = np.random.default_rng(1)
    table = pd.DataFrame(rng.normal(size=(300, 3)), columns=["a", "b", "c"])
    table["a again"] = np.exp(table["a"])  # the same order: all of Spearman
    table["minus b"] = -table["b"] + 0.1 * rng.normal(size=300)
    region = np.array(["East", "South", "West"])[np.arange(300) % 3]
    table["region"], table["district"] = region, [name[0] for name in region]
    table["gender"], table["constant"] = np.where(rng.random(300) < 0.5, "f", "m"), 1.0
    found = {(a, b): strength for a, b, strength in duplicates(table)}
    assert set(found) == {("a", "a again"), ("b", "minus b"), ("region", "district")}
    assert found["a", "a again"] == pytest.approx(1)
    assert found["b", "minus b"] < -0.9
    assert found["region", "district"] == pytest.approx(1)


def test_cramers_v_is_nothing_for_independent_categories():
    first = pd.Series(["a", "a", "b", "b"] * 25)
    assert cramers_v(first, pd.Series(["x", "y", "x", "y"] * 25)) == pytest.approx(0)
    assert cramers_v(first, first) == pytest.approx(1)
