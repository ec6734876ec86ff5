"""What the Value page shows of groups: every customer once, segments in their order, all groups on one scale."""

import numpy as np
import pandas as pd
import pytest

from analytics.recipe import Recipe
from analytics.value.group_view import group_history, group_view
from analytics.value.shapes import MOST_SHAPES

RECIPE = Recipe.from_content(
    {"indicators": ["profit_12m", "tenure_years"], "value": "profit_12m", "method": {"key": "kmeans", "segments": 3}}
).to_toml()  # fmt: skip


@pytest.fixture(scope="module")
def demo_book(demo, whole_book):
    return whole_book(demo)


@pytest.fixture(scope="module")
def by_segment(demo_book):
    return group_view(demo_book, "profit_12m", demo_book.as_of(), "segment", RECIPE)


def test_segments_come_in_their_order_with_their_numbers(by_segment):
    assert by_segment.shown == list(by_segment.numbers)
    assert list(by_segment.numbers.values()) == [1, 2, 3]
    totals = by_segment.found.table.set_index("group")["total"]
    assert list(totals[by_segment.shown]) == sorted(totals, reverse=True)


def test_shapes_and_figures_tell_of_the_same_customers(by_segment):
    customers = by_segment.found.table.set_index("group")["customers"]
    assert {shape.name: shape.customers for shape in by_segment.spread.shapes} == customers.to_dict()


def test_labels_come_largest_total_first_and_no_more_than_have_room(demo_book):
    view = group_view(demo_book, "profit_12m", demo_book.as_of(), "branch")
    assert view.numbers == {}
    assert view.shown == list(view.found.table["group"][:MOST_SHAPES])
    whole = demo_book.frame(("profit_12m",))["profit_12m"]
    assert view.found.table["total"].sum() == pytest.approx(whole.sum())


def test_the_history_has_the_whole_book_and_its_groups_sum_to_it(demo_book):
    points = group_history(demo_book, "profit_12m", demo_book.as_of(), "region")
    whole = points[points["group"] == ""].set_index("month_end")["total"]
    parts = points[points["group"] != ""].groupby("month_end")["total"].sum()
    pd.testing.assert_series_equal(parts, whole, check_names=False)
    assert np.isfinite(whole).all()
