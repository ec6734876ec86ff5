"""What a book loses with its largest customers, and the sentence about it."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.value.concentration import concentration
from analytics.value.dependence import dependence
from analytics.value.findings import leaving_sentence
from analytics.value.quantity import Quantity

PROFIT = Quantity("profit_12m", "Profit, 12 months", "currency", "CNY")
cents = st.integers(-10_000_000, 10_000_000).map(lambda amount: amount / 100)


@given(st.lists(cents, max_size=40))
def test_it_is_what_sorting_and_dropping_gives(amounts):
    table = dependence(amounts)
    best = sorted(amounts, reverse=True)
    assert table["leave"].tolist() == [count for count in (1, 5, 10) if count <= len(amounts)]
    for row in table.to_dict("records"):
        assert row["loses"] == pytest.approx(sum(best[: row["leave"]]), abs=1e-6)
        assert row["left"] == pytest.approx(sum(best[row["leave"] :]), abs=1e-6)


@given(st.lists(cents, min_size=1, max_size=40))
def test_concentration_says_the_same(amounts):
    one, other = dependence(amounts), concentration(amounts).dependence
    for column in ("leave", "loses", "left"):
        assert other[column].tolist() == pytest.approx(one[column].tolist(), abs=1e-6)
    assert other["share"].isna().tolist() == one["share"].isna().tolist()


def test_shares_are_of_the_net_total_and_missing_where_it_is_not_positive():
    assert dependence([90, 20, -10])["share"].tolist() == [0.9]
    assert dependence([60, -30, 10, 0, 0])["share"].tolist() == pytest.approx([1.5, 1.0])
    assert dependence([5, -10])["share"].isna().all()
    assert dependence([math.nan, 4])["loses"].tolist() == [4]
    assert dependence([]).empty


def test_only_the_largest_of_many_are_put_in_order():
    amounts = np.random.default_rng(0).lognormal(0, 1.5, 100_000)
    assert dependence(amounts)["loses"].tolist() == pytest.approx(
        [np.sort(amounts)[-count:].sum() for count in (1, 5, 10)]
    )


def test_the_sentence_has_the_largest_alone_and_the_most_that_the_book_has():
    assert leaving_sentence(concentration([600, 200, 100, 50, 30, 20]), PROFIT) == (
        "If the largest customer leaves, CNY 600 goes, 60% of the total. "
        "If the 5 largest leave, CNY 980 goes, 98% of the total."
    )
    assert leaving_sentence(concentration([3, 1]), PROFIT) == (
        "If the largest customer leaves, CNY 3 goes, 75% of the total."
    )
    assert leaving_sentence(concentration([3, -5]), PROFIT) == "If the largest customer leaves, CNY 3 goes."
    assert leaving_sentence(concentration([3]), PROFIT) == ""
    assert leaving_sentence(concentration([-3, -4]), PROFIT) == ""
