"""Density: groups of any shape, those in between in no group, and one group as an honest answer."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_moons
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from analytics.methods import METHODS, density
from analytics.methods.density import NO_GROUP
from tests.bench.agreement import agreement
from tests.logic.ruspini import SIZES, ruspini


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    with threadpool_limits(1):
        yield


def table_of(rows):
    index = pd.Index([f"C{at:05d}" for at in range(len(rows))], name="customer_id")
    return pd.DataFrame(rows, index, [f"x{at}" for at in range(np.shape(rows)[1])])


def run(table, key="density", **given):
    return METHODS[key].run(table, table.iloc[:, 0].astype(float), **given)


def crescents(n=600, seed=0):
    rows, truth = make_moons(n, noise=0.06, random_state=seed)
    return table_of(rows), truth


def scattered(each=300, strays=60, seed=0):
    """Three dense groups, and strays anywhere."""
    rng = np.random.default_rng(seed)
    groups = [rng.normal(centre, 0.4, (each, 2)) for centre in ([0, 0], [8, 0], [0, 8])]
    rows = np.vstack([*groups, rng.uniform(-6, 14, (strays, 2))])
    return table_of(rows), np.repeat([1, 2, 3, NO_GROUP], [each] * 3 + [strays])


def test_two_crescents_are_found_where_k_means_cuts_across():
    table, truth = crescents()
    found = run(table)
    assert adjusted_rand_score(truth, found.labels) > 0.95
    assert adjusted_rand_score(truth, run(table, "kmeans", segments=2).labels) < 0.5
    assert found.details["groups"] == 2


def test_who_fits_nowhere_is_in_a_segment_that_says_so():
    table, truth = scattered()
    found = run(table)
    assert found.left_out == {}
    assert found.names == {NO_GROUP: "In no group"}
    assert "Too few customers are like them" in found.rules[NO_GROUP]
    assert adjusted_rand_score(truth, found.labels) > 0.9
    far = table.iloc[:1].assign(x0=60.0, x1=60.0)
    assert found.model.predict(far, far["x0"]).tolist() == [NO_GROUP]


def test_ruspini_s_four_groups_are_found_without_saying_how_many():
    labels = pd.Series(run(ruspini(), smallest=15.0).labels)
    groups = [
        labels[start : start + size - 1] for start, size in zip(np.cumsum([0, *SIZES]), SIZES, strict=False)
    ]
    usual = [group[group != NO_GROUP].mode()[0] for group in groups]
    assert len(set(usual)) == 4
    assert all((group.isin([label, NO_GROUP])).all() for group, label in zip(groups, usual, strict=True))


def test_one_cloud_is_one_group_and_told_so():
    found = run(table_of(np.random.default_rng(1).normal(size=(800, 2))), smallest=10.0)
    assert set(found.names.values()) == {"Everyone"}
    assert len(set(found.labels)) == 1
    assert "One group is an honest answer" in found.warnings[0]


def test_most_in_no_group_is_told():
    table, _truth = scattered(each=60, strays=700)
    found = run(table, smallest=5.0)
    assert (found.labels == NO_GROUP).mean() > 0.5
    assert "are in no group" in found.warnings[0]


@pytest.mark.parametrize("place", [(0.3, 0.2), (20.0, 20.0)])
def test_many_identical_customers_are_a_group_and_hide_no_other(place):
    table, truth = scattered()
    alike = pd.concat([table, table_of(np.tile(place, (100, 1))).rename(index=lambda name: "D" + name[1:])])
    found = run(alike).labels
    assert len(set(found[-100:])) == 1
    assert found[-1] != NO_GROUP
    assert adjusted_rand_score(np.append(truth, [9] * 100), found) > 0.9


def test_more_caution_leaves_more_in_no_group():
    table, _truth = scattered()
    outside = [(run(table, caution=level).labels == NO_GROUP).sum() for level in ("low", "usual", "high")]
    assert outside == sorted(outside)


def test_what_is_smaller_than_the_smallest_group_is_none():
    table, truth = scattered(strays=0)
    small = table[(truth != 3) | (np.arange(len(table)) % 15 == 0)]  # 20 of the third kind are left
    assert run(small, smallest=5.0).details["groups"] == 2
    assert run(small, smallest=2.0).details["groups"] == 3


def test_a_fit_on_a_sample_agrees_with_one_on_all(monkeypatch):
    monkeypatch.setattr(density, "LARGEST", 600)
    found = agreement("density", scattered(each=600, strays=100)[0], seeds=(1, 2), smallest=8.0)
    assert found.stable >= 0.9
    assert min(found.sampled) >= 0.9
