"""K-means and the mixture find what was planted, doubt what should be doubted, and fit large books on a sample."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from analytics.methods import METHODS, fitting
from analytics.methods.fitting import NearestCentre, fit_rows, silhouette
from analytics.methods.kmeans import centres_of
from analytics.methods.preparation import Preparation
from analytics.methods.prepare import prepare

both = pytest.mark.parametrize("key", ["kmeans", "gaussian_mixture"])


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    with threadpool_limits(1):
        yield


def blobs(each=80, seed=1):
    rng = np.random.default_rng(seed)
    truth = np.repeat(np.arange(4), each)
    centres = np.array([[0, 0], [8, 0], [0, 8], [8, 8]], float)
    frame = pd.DataFrame(centres[truth] + rng.normal(size=(4 * each, 2)), columns=["a", "b"])
    frame.index = pd.Index([f"C{at:05d}" for at in range(len(frame))])
    return frame, truth


def run(key, table, **given):
    return METHODS[key].run(table, table.iloc[:, 0].astype(float), **given)


@both
def test_four_separated_blobs_are_found(key):
    table, truth = blobs()
    found = run(key, table, segments=4)
    assert adjusted_rand_score(truth, found.labels) == 1.0
    assert found.quality["silhouette"] > 0.6
    assert found.warnings == []


@both
def test_a_large_book_is_fitted_on_a_sample_and_everyone_is_assigned(key, monkeypatch):
    monkeypatch.setattr(fitting, "LARGEST_FIT", 100)
    table, truth = blobs(each=200)
    found = run(key, table, segments=4)
    assert adjusted_rand_score(truth, found.labels) == 1.0
    assert "random sample of 100 of 800" in found.warnings[0]


@both
def test_more_segments_than_different_customers_is_told(key):
    table = pd.DataFrame({"a": [1.0, 1.0, 5.0, 5.0]}, index=list("wxyz"))
    found = run(key, table, segments=5)
    assert len(set(found.labels)) == 2
    assert "Only 2 of 5" in found.warnings[-1]


@both
def test_customers_who_do_not_differ_are_one_segment(key):
    found = run(key, pd.DataFrame({"a": [3.0] * 9}, index=list("abcdefghi")))
    assert set(found.names.values()) == {"Everyone"}
    assert found.quality["silhouette"] is None
    assert found.treatments[0].what == "Left out: the same for every customer."


def test_two_indicators_that_repeat_each_other_are_told():
    table, _truth = blobs()
    found = run("gaussian_mixture", table.assign(again=table["a"] * 2 + 1), segments=4)
    assert "flat" in found.warnings[0]


def test_a_mixture_that_has_not_settled_is_told(monkeypatch):
    monkeypatch.setattr("analytics.methods.gaussian_mixture.LONGEST", 1)
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        rng.normal(size=(300, 3)), columns=list("abc"), index=[f"C{at:03d}" for at in range(300)]
    )
    with pytest.warns(UserWarning, match="did not converge"):
        found = run("gaussian_mixture", table, segments=5)
    assert "not settled" in found.warnings[0]
    assert found.quality["converged"] is False


def test_rows_to_fit_on_are_distinct_and_weighted():
    rows, counts = fit_rows(np.array([[2.0, 1.0], [0.0, 1.0], [2.0, 1.0]]), seed=7)
    assert rows.tolist() == [[0.0, 1.0], [2.0, 1.0]]
    assert counts.tolist() == [1.0, 2.0]


def correlated(n=6000, columns=8, seed=4):
    """A skewed, stretched and lumpy cloud, in which k-means has many places to end."""
    rng = np.random.default_rng(seed)
    lumps = rng.normal(size=(9, columns)) * 2
    rows = lumps[rng.integers(0, 9, n)] + rng.normal(size=(n, columns)) @ rng.normal(size=(columns, columns))
    names = [f"i{at}" for at in range(columns)]
    return pd.DataFrame(rows, columns=names, index=pd.Index([f"C{at:06d}" for at in range(n)]))


def test_starts_on_a_sample_end_within_a_hundredth_of_ten_on_everyone(monkeypatch):
    monkeypatch.setattr("analytics.methods.kmeans.STARTED_ON", 2000)
    monkeypatch.setattr(fitting, "LARGEST_FIT", 4000)
    for seed in range(3):
        matrix = prepare(correlated(seed=seed)).matrix
        whole = KMeans(5, n_init=10, random_state=seed).fit(matrix).inertia_
        centres = centres_of(matrix, 5, seed)
        ours = ((matrix - centres[NearestCentre(Preparation(), centres).of(matrix)]) ** 2).sum()
        assert ours <= 1.01 * whole


@pytest.mark.parametrize("shape", ["full", "tied", "diag", "spherical"])
def test_the_likeliest_cloud_is_the_one_of_scikit_learn(shape):
    table = correlated()
    found = run("gaussian_mixture", table, segments=4, shape=shape)
    assert (found.labels == found.model.mixture.predict(prepare(table).matrix)).all()


def test_the_nearest_centre_is_the_one_of_scikit_learn():
    matrix = prepare(correlated()).matrix
    fitted = KMeans(7, n_init=1, random_state=0).fit(matrix)
    assert (NearestCentre(Preparation(), fitted.cluster_centers_).of(matrix) == fitted.predict(matrix)).all()


@given(place=st.integers(0, 40_000), handicap=st.floats(-1, 1))
@settings(max_examples=30, deadline=None)
def test_where_a_row_stands_does_not_matter_even_between_two_centres(place, handicap):
    centres = np.array([[0.1, 0.3, 0.7], [0.3, 0.7, 0.1], [0.7, 0.1, 0.3]])
    model = NearestCentre(Preparation(), centres, np.full(3, handicap))
    rows = np.random.default_rng(place).normal(size=(40_001, 3))
    rows[place] = rows[-1] = rows[0] = 1 / 3  # as far from each of them, but for rounding
    labels = model.of(rows)
    assert labels[0] == labels[place] == labels[-1] == model.of(rows[:1])[0]


def test_silhouette_has_no_meaning_for_one_segment():
    assert silhouette(np.arange(6.0)[:, None], np.zeros(6, np.int64), 7) is None
    assert silhouette(np.arange(3.0)[:, None], np.arange(3), 7) is None
