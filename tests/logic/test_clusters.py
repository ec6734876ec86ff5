"""K-means and the mixture find what was planted, doubt what should be doubted, and fit large books on a sample."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from analytics.methods import METHODS, fitting
from analytics.methods.fitting import fit_rows, silhouette

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


def test_silhouette_has_no_meaning_for_one_segment():
    assert silhouette(np.arange(6.0)[:, None], np.zeros(6, np.int64), 7) is None
    assert silhouette(np.arange(3.0)[:, None], np.arange(3), 7) is None
