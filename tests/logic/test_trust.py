"""The report: structure where it was planted, none in one Gaussian, and what can't be known said."""

import json
from contextvars import copy_context
from threading import Thread
from time import monotonic, sleep

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from analytics import charts
from analytics.errors import Cancelled, NotEnoughData
from analytics.jobs import Job, current_job
from analytics.segmentation import segment
from analytics.trust.count import segment_counts
from analytics.trust.report import trust, trust_toml
from tests.logic.made_up import NAMES, MadeUpBook, four_blobs, one_gaussian, recipe_of, table_of


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def blobs():
    """The report on four separated groups of 60 customers."""
    return trust(MadeUpBook(table_of(four_blobs(240)[0])), recipe_of(count=2, segments=4))


def report(cells, key="kmeans", **given):
    return trust(MadeUpBook(table_of(cells)), recipe_of(key, np.shape(cells)[1], **given))


def test_four_separated_blobs_are_structure_each_highly_stable(blobs):
    assert blobs.verdict == "structure"
    assert list(blobs.stability) == [1, 2, 3, 4]
    assert min(blobs.stability.values()) >= 0.85
    assert blobs.reference < min(blobs.stability.values())
    assert (blobs.resamples, blobs.customers, blobs.sampled) == (100, 240, 240)
    assert "100 resamples on all 240 customers" in blobs.sentence


def test_a_stretched_gaussian_cut_in_two_is_stable_and_yet_no_structure():
    found = report(one_gaussian(600, 2, "round", 1) @ np.array([[5, 5], [1, -1]]), segments=2)
    assert min(found.stability.values()) > 0.85
    assert found.verdict == "none"
    assert "no structure" in found.sentence
    assert found.reference == pytest.approx(min(found.stability.values()), abs=0.1)


@pytest.mark.parametrize(("key", "shape"), [("kmeans", "correlated"), ("gaussian_mixture", "round")])
def test_one_gaussian_has_no_structure(key, shape):
    assert report(one_gaussian(200, 5, shape, 2), key, segments=4).verdict == "none"


def test_too_many_segments_in_real_groups_are_weak():
    found = report(four_blobs(240)[0], segments=7)
    assert found.verdict == "weak"
    assert "form groups" in found.sentence


def test_cuts_through_one_gaussian_are_called_cuts_without_groups():
    found = report(one_gaussian(200, 2, "correlated", 1), "value_tiers")
    assert found.verdict == "none"
    assert found.sentence.startswith("These segments are cuts that were chosen")
    assert min(found.stability.values()) > 0.8
    assert found.reference is None
    assert found.sensitivity.empty
    assert any("none of them can be left out" in warning for warning in found.warnings)


def test_rules_that_follow_the_groups_are_told_apart_from_those_that_cut_them():
    cells = four_blobs(200)[0]
    rules = [
        {"name": "Low", "where": f"{NAMES[0]} < 4 and {NAMES[1]} < 4"},
        {"name": "Left", "where": f"{NAMES[0]} < 4"},
        {"name": "Down", "where": f"{NAMES[1]} < 4"},
    ]
    assert report(cells, "named_rules", rules=rules).verdict == "structure"
    through = [{"name": "Low", "where": f"{NAMES[0]} < 0"}]
    found = report(cells, "named_rules", rules=through)
    assert found.verdict == "weak"
    assert "run through them" in found.sentence


def test_the_report_numbers_segments_as_the_result_does(blobs):
    book = MadeUpBook(table_of(four_blobs(240)[0]))
    result = segment(book, recipe_of(count=2, segments=4))
    assert list(blobs.stability) == result.segments["segment"].tolist()
    assert blobs.reasons["segment"].tolist() == result.segments["segment"].tolist()
    shown = set(zip(blobs.differences["segment"], blobs.differences["indicator"], strict=True))
    assert shown == {(at, key) for at in (1, 2, 3, 4) for key in NAMES[:2]}


def test_run_again_and_in_another_order_every_figure_is_the_same():
    table = table_of(one_gaussian(80, 3, "correlated", 3))
    text = recipe_of(count=3, segments=3).to_toml()
    first = trust_toml(MadeUpBook(table), text).quality()
    again = trust_toml(MadeUpBook(table.sample(frac=1, random_state=2)), text).quality()
    assert json.dumps(first, sort_keys=True) == json.dumps(again, sort_keys=True)


def test_the_figures_of_the_contract_are_plain_json(blobs):
    quality = json.loads(json.dumps(blobs.quality(), allow_nan=False))
    assert quality["verdict"] == "structure"
    assert set(quality["stability"]) == {"1", "2", "3", "4"}
    assert {"indicator", "agreement", "moved_customers", "moved_value"} <= set(quality["sensitivity"][0])
    assert quality["duplicates"] == []


def test_a_large_book_is_worked_out_on_a_sample_that_says_so(monkeypatch):
    monkeypatch.setattr("analytics.trust.report.MOST_CUSTOMERS", 120)
    found = report(four_blobs(360)[0], segments=4)
    assert (found.customers, found.sampled, found.verdict) == (360, 120, "structure")
    assert "sample of 120 of 360 customers" in found.sentence
    assert "scaled up" in found.warnings[0]
    assert found.sensitivity["moved_customers"].max() > 120  # of all 360, not of the sample


def test_a_segment_is_small_by_its_customers_not_by_those_in_the_sample(monkeypatch):
    monkeypatch.setattr("analytics.trust.report.MOST_CUSTOMERS", 100)
    cells = one_gaussian(1_000, 2, "round", 1)
    cells[:30, 0] += 30
    rules = [
        {"name": "Big", "where": f"{NAMES[0]} > 15"},
        {"name": "Rest", "where": f"{NAMES[0]} <= 15"},
    ]
    found = report(cells, "named_rules", rules=rules)
    assert found.sampled == 100
    assert not any("fewer than 10 customers" in warning for warning in found.warnings)


def test_a_few_values_are_not_structure_though_each_of_them_looks_like_a_group():
    found = report(np.repeat(np.arange(1.0, 5), 60)[:, None], "kmeans", segments=3)
    assert found.verdict == "weak"
    assert "only 4 different combinations of values" in found.sentence


def test_too_few_customers_in_segments_are_no_verdict_however_many_were_asked_for():
    cells = one_gaussian(60, 2, "round", 1)
    rules = [{"name": "Some", "where": f"{NAMES[0]} > {np.sort(cells[:, 0])[-10]}"}]
    found = report(cells[:20], "named_rules", rules=rules)
    assert not found.known
    assert found.verdict == "none"
    assert found.quality()["known"] is False


@pytest.mark.parametrize("customers", [1, 2, 3, 12])
@pytest.mark.parametrize("key", ["kmeans", "value_tiers", "gaussian_mixture"])
def test_a_handful_of_customers_gets_no_verdict_but_what_can_not_be_known(customers, key):
    try:
        found = report(four_blobs(12)[0][:customers], key)
    except NotEnoughData:
        return
    assert found.verdict == "none"
    assert found.stability == {}
    assert "too few" in found.sentence
    assert any("Widen the population" in warning for warning in found.warnings)


def test_forty_asked_for_of_whom_twenty_are_in_segments_are_too_few_everywhere():
    table = table_of(four_blobs(40)[0])
    table.loc[20:, "profit_12m"] = np.nan
    found = trust(MadeUpBook(table), recipe_of("value_tiers", 2))
    assert (found.verdict, found.known, found.resamples, found.stability) == ("none", False, 0, {})
    assert "can't be known: 20 customers in segments are too few" in found.sentence
    assert any("With 20 customers it can't be known" in warning for warning in found.warnings)


def test_stable_segments_that_come_back_no_better_than_a_cloud_get_the_right_reason():
    found = report(four_blobs(400)[0], segments=3)
    assert min(found.stability.values()) > 0.75
    assert found.verdict == "weak"
    assert "come back no more surely than in data without groups" in found.sentence
    assert "not every segment" not in found.sentence


@pytest.mark.parametrize(
    ("key", "told"),
    [("kmeans", True), ("hierarchical", True), ("weighted_score", True), ("decision_tree", False)],
)
def test_indicators_that_say_the_same_are_told_where_they_are_weighed_together(key, told):
    cells = one_gaussian(80, 2, "round", 1)
    found = report(np.column_stack([cells, cells[:, 0] + 5]), key)
    assert bool(found.duplicates) is told


@pytest.mark.parametrize("customers", [1, 5])
def test_few_kinds_are_few_however_many_customers_each_stands_for(customers):
    whole = np.random.default_rng(1).poisson(3, (100, 1)).clip(1, 8)
    found = report(np.repeat(whole, customers, axis=0), segments=3)
    assert found.verdict in ("weak", "none")
    assert found.verdict == "none" or "only 8 different combinations" in found.sentence


def test_cuts_along_a_few_values_are_told_why_they_are_weak_at_best():
    rules = [{"name": "One", "where": f"{NAMES[0]} < 2"}, {"name": "More", "where": f"{NAMES[0]} >= 2"}]
    found = report(np.repeat(np.array([1.0, 2, 3, 9]), 30)[:, None], "named_rules", rules=rules)
    assert found.verdict == "weak"
    assert "only 4 different combinations of values" in found.sentence
    assert "cut comes back" not in found.sentence


def test_identical_customers_are_one_segment_of_which_nothing_can_be_known():
    found = report(np.ones((40, 2)))
    assert found.verdict == "none"
    assert not found.known
    assert "one segment only" in found.sentence
    assert any("the same as another in every indicator" in warning for warning in found.warnings)


def test_small_segments_and_empty_indicators_are_told():
    cells = np.vstack([four_blobs(120)[0], [[300.0, 300.0]] * 3])
    table = table_of(np.column_stack([cells, np.where(np.arange(len(cells)) % 4 == 0, 1.0, np.nan)]))
    found = trust(MadeUpBook(table), recipe_of(count=3, segments=3))
    assert any("Segments with fewer than 10 customers: 3." in warning for warning in found.warnings)
    assert any("is empty for 75% of customers" in warning for warning in found.warnings)


def test_a_cancelled_report_stops_within_a_moment_and_says_how_far_it_was():
    job, context, stopped = Job(), copy_context(), []
    context.run(current_job.set, job)

    def stop_once_under_way():
        while not job.share:
            sleep(0.02)
        stopped.append(monotonic())
        job.cancel()

    Thread(target=stop_once_under_way).start()
    with pytest.raises(Cancelled):
        context.run(report, one_gaussian(1_000, 5, "round", 1))
    assert monotonic() - stopped[0] < 2
    assert 0 < job.share < 0.5
    assert job.doing


def test_the_linear_algebra_has_its_threads_back_afterwards(blobs):
    with threadpool_limits(2, user_api="blas"):
        report(four_blobs(40)[0], segments=2)
        assert all(pool["num_threads"] == 2 for pool in threadpool_info() if pool["user_api"] == "blas")


@pytest.mark.parametrize("palette", [charts.LIGHT, charts.DARK], ids=["light", "dark"])
def test_the_charts_say_in_words_what_they_show(blobs, palette):
    names = {1: "Best <b>", 2: "Second"}
    bars = charts.stability_bars(blobs, names, palette=palette)
    assert "&lt;b&gt;" in bars.data[0].y[0]
    said = " ".join(note.text for note in bars.layout.annotations)
    assert all(word in said for word in ("0.6", "0.75", "0.85", "data without groups"))
    moved = charts.sensitivity_bars(blobs, {NAMES[0]: "Balance"}, palette=palette)
    assert [trace.marker.color for trace in moved.data] == [palette.accent, palette.rest]
    counts = segment_counts(MadeUpBook(table_of(four_blobs(60)[0])), recipe_of(count=2))
    curve = charts.count_curve(counts, palette=palette)
    assert len(curve.data) == 2
    for figure in (bars, moved, curve):
        hovers = [text for trace in figure.data for text in trace.hovertext]
        assert hovers
        assert not any("nan" in text or "{" in text for text in hovers)


def test_a_chart_of_nothing_says_what_is_missing(blobs):
    few = report(four_blobs(8)[0], "value_tiers")
    with pytest.raises(NotEnoughData):
        charts.stability_bars(few, {}, palette=charts.LIGHT)
    with pytest.raises(NotEnoughData):
        charts.sensitivity_bars(few, {}, palette=charts.LIGHT)
    assert isinstance(few.sensitivity, pd.DataFrame)
