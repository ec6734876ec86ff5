"""Ward's hierarchy: as SciPy's where customers count once, with weights where they repeat; and its picture."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, is_valid_linkage
from scipy.cluster.hierarchy import ward as scipy_ward
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from analytics import charts
from analytics.charts.dendrogram import LANE, LETTERS
from analytics.errors import NotEnoughData
from analytics.methods import METHODS, hierarchical
from analytics.methods.ward import branches, ward
from tests.bench.agreement import agreement
from tests.logic.ruspini import SIZES, ruspini

METHOD = METHODS["hierarchical"]
seeds = st.integers(0, 2**32 - 1)
some = settings(max_examples=40, deadline=None)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    with threadpool_limits(1):
        yield


def run(table, **given):
    return METHOD.run(table, table.iloc[:, 0].astype(float), **given)


def kinds(n=2400, seed=0):
    """Four kinds in three indicators that overlap a little, and a rare one of 1 %."""
    rng = np.random.default_rng(seed)
    kind = rng.choice(5, n, p=[0.4, 0.3, 0.19, 0.1, 0.01])
    centres = np.array([[0, 0, 0], [5, 0, 1], [0, 5, 2], [5, 5, 8], [12, 12, 0]], float)
    index = pd.Index([f"C{at:05d}" for at in range(n)], name="customer_id")
    return pd.DataFrame(centres[kind] + rng.normal(size=(n, 3)), index, ["a", "b", "c"]), kind


@some
@given(seeds, st.integers(2, 60), st.integers(1, 4))
def test_with_every_customer_once_it_is_scipy_s(seed, n, columns):
    rows = np.random.default_rng(seed).normal(size=(n, columns))
    ours, theirs = ward(rows, np.ones(n)), scipy_ward(rows)
    assert is_valid_linkage(ours)
    assert ours[:, 2] == pytest.approx(theirs[:, 2])
    assert ours[:, 3] == pytest.approx(theirs[:, 3])
    for count in range(1, min(n, 6) + 1):
        parted = fcluster(theirs, count, "maxclust")
        assert adjusted_rand_score(branches(ours, count), parted) == pytest.approx(1)


@some
@given(seeds, st.integers(2, 25))
def test_a_weight_is_as_many_rows_that_are_alike(seed, n):
    rng = np.random.default_rng(seed)
    rows, counts = rng.normal(size=(n, 2)), rng.integers(1, 5, n)
    ours, theirs = ward(rows, counts), scipy_ward(np.repeat(rows, counts, axis=0))
    assert ours[:, 2] == pytest.approx(theirs[counts.sum() - n :, 2])


def test_ruspini_s_four_groups_are_found():
    labels = run(ruspini(), segments=4).labels
    assert np.bincount(labels)[pd.unique(labels)].tolist() == SIZES


def test_every_number_of_segments_cuts_the_same_tree():
    table, _kind = kinds(300)
    coarse = run(table, segments=2).labels
    for segments in range(3, 8):
        fine = run(table, segments=segments).labels
        assert len(np.unique(fine)) == segments
        assert (pd.Series(coarse).groupby(fine).nunique() == 1).all()
        coarse = fine


def test_the_kinds_are_found_from_a_sample_the_rare_one_too(monkeypatch):
    monkeypatch.setattr(hierarchical, "LARGEST", 300)
    table, kind = kinds()
    found = run(table, segments=5)
    assert adjusted_rand_score(kind, found.labels) > 0.9
    assert "stratified sample of" in found.warnings[0]
    assert "2,400 customers" in found.warnings[0]
    assert (found.model.predict(table, table["a"]) == found.labels).all()


def test_a_fit_on_a_sample_agrees_with_one_on_all(monkeypatch):
    monkeypatch.setattr(hierarchical, "LARGEST", 600)
    rng = np.random.default_rng(3)
    corners = np.array([[-1, -1, -1], [1, 1, -1], [1, -1, 1], [-1, 1, 1]]) * 2.5
    rows = np.repeat(corners, 600, axis=0) + rng.normal(size=(2400, 3))
    index = pd.Index([f"C{at:05d}" for at in range(2400)], name="customer_id")
    found = agreement("hierarchical", pd.DataFrame(rows, index, ["a", "b", "c"]), seeds=(1, 2), segments=4)
    assert found.stable >= 0.9
    assert min(found.sampled) >= 0.9


def test_more_segments_than_different_customers_is_told():
    found = run(pd.DataFrame({"a": [1.0, 1.0, 5.0, 5.0]}, index=list("wxyz")), segments=5)
    assert found.labels.tolist() in ([0, 0, 1, 1], [1, 1, 0, 0])
    assert "Only 2 of 5" in found.warnings[0]


def test_the_dendrogram_is_the_top_of_the_tree_in_plain_figures():
    table, _kind = kinds(500)
    found = run(table, segments=4)
    tree = json.loads(json.dumps(found.details))["dendrogram"]
    assert len(tree["leaves"]) == 30
    assert len(tree["merges"]) == 29
    heights = [height for *_ends, height, _customers in tree["merges"]]
    assert heights == sorted(heights)
    assert sum(height > tree["cut"] for height in heights) == 3
    assert tree["merges"][-1][3] == sum(leaf["customers"] for leaf in tree["leaves"]) == 500
    ends = [end for *pair, _height, _customers in tree["merges"] for end in pair]
    assert sorted(ends) == list(range(30 + 28))
    customers = np.bincount(
        [leaf["label"] for leaf in tree["leaves"]], [leaf["customers"] for leaf in tree["leaves"]]
    )
    assert customers.tolist() == np.bincount(found.labels).tolist()


def test_the_heights_do_not_depend_on_how_often_everybody_is_there():
    once = ruspini()
    twice = pd.concat([once, once.set_axis("D" + once.index.str[1:])])
    heights = [
        [merge[2] for merge in run(table, segments=4).details["dendrogram"]["merges"]]
        for table in (once, twice)
    ]
    assert heights[0] == heights[1]


def drawn(segments=4, theme=charts.LIGHT, names=None):
    found = run(kinds(500)[0], segments=segments)
    order = np.argsort(-np.bincount(found.labels)).tolist()
    names = names or {number: f"Kind {number} of many" for number in range(1, segments + 1)}
    return charts.dendrogram(found.details, names, order=order, palette=theme)


@pytest.mark.parametrize("segments", [2, 5, 12])
def test_the_picture_has_a_leaf_a_group_in_its_segment_s_colour_and_fits_a_phone(segments):
    figure = drawn(segments)
    (leaves,) = [trace for trace in figure.data if trace.customdata is not None]
    assert len(leaves.x) == 30
    assert set(leaves.customdata) == set(range(1, segments + 1))
    colours = [charts.LIGHT.segment(number) for number in leaves.customdata]
    assert list(leaves.marker.color) == colours
    lines = [line for label in figure.layout.annotations for line in label.text.split("<br>")]
    assert all(len(line) <= LETTERS + 9 for line in lines)
    assert figure.layout.margin.l == LANE < 390 / 3
    assert figure.layout.height <= 86 + 30 * 17
    assert sum(len(trace.x) for trace in figure.data) < 250
    assert "cut here" in figure.layout.annotations[0].text


def test_a_name_can_not_put_marks_into_the_picture():
    figure = drawn(2, names={1: "<b>x</b>", 2: "y"})
    shown = str(figure.to_dict())
    assert "<b>" not in shown
    assert "&lt;b&gt;" in shown


def test_without_a_tree_there_is_no_picture():
    with pytest.raises(NotEnoughData, match="no tree"):
        charts.dendrogram({}, {}, order=[], palette=charts.LIGHT)
