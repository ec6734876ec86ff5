"""How many segments: the number that was planted, and one where there is nothing to part."""

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from analytics.errors import NotEnoughData
from analytics.trust.count import COLUMNS, counts_toml, segment_counts
from analytics.trust.gap import tibshirani
from tests.logic.made_up import MadeUpBook, four_blobs, one_gaussian, recipe_of, table_of


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    with threadpool_limits(1):
        yield


def curve(cells, key="kmeans", **given):
    return segment_counts(MadeUpBook(table_of(cells)), recipe_of(key, np.shape(cells)[1], **given))


@pytest.mark.parametrize("key", ["kmeans", "gaussian_mixture"])
def test_four_blobs_are_four_by_every_measure(key):
    found = curve(four_blobs()[0], key)
    assert found.pick == 4
    assert found.table["segments"].tolist() == list(range(1, 11))
    assert found.table["silhouette"].idxmax() == 3
    assert np.isnan(found.table["silhouette"][0])
    if key == "gaussian_mixture":
        assert found.table["bic"].idxmin() == 3
        assert "BIC is lowest for 4" in found.sentence
    else:
        assert found.table["bic"].isna().all()


@pytest.mark.parametrize("dimensions", [2, 5, 8])
@pytest.mark.parametrize("shape", ["round", "correlated", "long"])
def test_one_gaussian_is_one_group(dimensions, shape):
    found = curve(one_gaussian(300, dimensions, shape, 2))
    assert found.pick == 1
    assert found.sentence.startswith("One group")


def test_bic_compares_with_everyone_in_one_group():
    found = curve(one_gaussian(300, 2, "round", 2), "gaussian_mixture")
    assert found.table["bic"].idxmin() == 0


def test_the_rule_stops_at_the_first_gap_that_the_next_does_not_beat_by_its_error():
    gap, error = np.array([0.2, 0.5, 0.9, 0.92, 1.5]), np.full(5, 0.05)
    assert tibshirani(gap, error) == 2
    assert tibshirani(np.array([0.5, 0.4]), error[:2]) == 0
    assert tibshirani(np.array([0.1, 0.2, 0.9]), error[:3]) == 2


def test_the_curve_is_the_same_when_run_again_and_in_any_order():
    table = table_of(four_blobs(120, distance=3)[0])
    text = recipe_of(count=2).to_toml()
    first, again = (
        counts_toml(MadeUpBook(rows), text) for rows in (table, table.sample(frac=1, random_state=1))
    )
    assert first.table[COLUMNS].equals(again.table[COLUMNS])
    assert first.sentence == again.sentence


def test_a_large_book_is_tried_on_a_sample_and_says_so(monkeypatch):
    monkeypatch.setattr("analytics.trust.count.MOST_CUSTOMERS", 200)
    found = curve(four_blobs(400)[0])
    assert (found.sampled, found.customers, found.pick) == (200, 400, 4)
    assert "sample of 200 of 400 customers" in found.sentence


def test_a_method_without_a_number_of_segments_says_so():
    with pytest.raises(NotEnoughData, match="RFM is not asked for a number of segments"):
        curve(four_blobs(40)[0], "rfm")


@pytest.mark.parametrize("cells", [np.ones((50, 2)), np.arange(6.0).reshape(3, 2)])
def test_too_few_or_too_much_alike_is_an_error_in_words(cells):
    with pytest.raises(NotEnoughData, match="too few, or too much alike"):
        curve(cells)


def test_where_there_are_only_a_few_kinds_of_customers_each_is_a_group_of_its_own():
    with pytest.raises(NotEnoughData, match="only 3 different values"):
        curve(np.repeat(np.array([[0.0, 0], [1, 5], [9, 1]]), 20, axis=0))


def test_three_kinds_a_segment_are_still_too_few_for_a_curve():
    """Its end is near one segment a kind, where whatever is left within segments goes to nothing."""
    with pytest.raises(NotEnoughData, match="only 30 different values"):
        curve(np.repeat(np.arange(30.0), 5)[:, None])
