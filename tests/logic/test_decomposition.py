"""Theil's index between groups and within them: worked by hand, and its laws."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import BadInput, NotEnoughData
from analytics.value.decomposition import theil

amounts = st.integers(0, 1_000_000).map(lambda cents: cents / 100)
books = st.lists(st.tuples(amounts, st.sampled_from("abcd")), min_size=1, max_size=60).filter(
    lambda rows: any(amount for amount, _group in rows)
)


def by_definition(values):
    """Theil's T, term by term."""
    mean = sum(values) / len(values)
    return sum(x / mean * math.log(x / mean) for x in values if x > 0) / len(values) if mean else 0.0


def test_two_groups_worked_by_hand():
    """Shares 0.25 and 0.75 of two customers each; inside the second 1 and 5 of 6."""
    found = theil([1, 1, 1, 5], ["low", "low", "high", "high"])
    assert found.between == pytest.approx(0.25 * math.log(0.5) + 0.75 * math.log(1.5))
    inside = (1 / 3 * math.log(1 / 3) + 5 / 3 * math.log(5 / 3)) / 2
    assert found.within == pytest.approx(0.75 * inside)
    rows = found.groups.set_index("group")
    assert rows.index.tolist() == ["high", "low"]  # the larger share first
    assert rows.loc["high", ["customers", "share"]].tolist() == [2, 0.75]
    assert rows.loc["high", "theil"] == pytest.approx(inside)
    assert rows.loc["low", "theil"] == pytest.approx(0, abs=1e-12)
    assert not found.gains_only


@given(books)
def test_between_and_within_are_the_total(rows):
    values, groups = map(list, zip(*rows, strict=True))
    found = theil(values, groups)
    assert found.between + found.within == pytest.approx(by_definition(values), abs=1e-9)
    assert found.total == pytest.approx(by_definition(values), abs=1e-9)
    assert found.between >= 0
    assert (found.groups["contribution"] >= 0).all()
    assert found.groups["contribution"].sum() == pytest.approx(found.within, abs=1e-9)
    assert found.groups["share"].sum() == pytest.approx(1)


@given(books)
def test_each_groups_index_is_its_own(rows):
    values, groups = map(list, zip(*rows, strict=True))
    for row in theil(values, groups).groups.to_dict("records"):
        own = [value for value, group in rows if group == row["group"]]
        if sum(own):
            assert row["theil"] == pytest.approx(by_definition(own), abs=1e-7)
        else:
            assert math.isnan(row["theil"])


@given(books, st.sampled_from([0.01, 3.0, 10_000.0]))
def test_neither_the_unit_nor_the_names_matter(rows, factor):
    values, groups = map(list, zip(*rows, strict=True))
    one = theil(values, groups)
    other = theil([value * factor for value in values], [f"group {group}" for group in groups])
    assert (other.between, other.within) == pytest.approx((one.between, one.within), abs=1e-9)


def test_one_group_explains_nothing_and_one_customer_a_group_explains_all():
    values = [1.0, 2.0, 3.0, 50.0]
    assert theil(values, ["all"] * 4).explained == pytest.approx(0)
    assert theil(values, range(4)).explained == pytest.approx(1)


def test_random_groups_show_what_chance_alone_gives():
    random = np.random.default_rng(8)
    values, groups = random.lognormal(0, 1, 4_000), random.integers(0, 40, 4_000)
    found = theil(values, groups)
    assert found.between == pytest.approx(found.by_chance, rel=0.5)
    # To second order it is (groups - 1) cv^2 / 2n.
    squared = values.var() / values.mean() ** 2
    assert found.by_chance == pytest.approx(39 * squared / 8_000, rel=0.3)
    better = theil(values, values > 2)
    assert better.explained > 20 * better.explained_by_chance


def test_losses_count_as_zero_and_that_is_told():
    found = theil([5, -3, 1, np.nan], ["a", "a", "b", "b"])
    assert found.gains_only
    plain = theil([5, 0, 1], ["a", "a", "b"])
    assert (found.total, found.between) == pytest.approx((plain.total, plain.between))


def test_equal_amounts_have_nothing_to_explain():
    found = theil([2, 2, 2], ["a", "b", "b"])
    assert found.total == pytest.approx(0, abs=1e-12)
    assert theil([0, 1, 0, 1], ["a", "a", "b", "b"]).explained == pytest.approx(0, abs=1e-12)


def test_what_has_no_answer_is_refused():
    with pytest.raises(NotEnoughData, match="Nobody brings anything"):
        theil([0, -1], ["a", "b"])
    with pytest.raises(NotEnoughData):
        theil([], [])
    with pytest.raises(BadInput, match="different lengths"):
        theil([1, 2], ["a"])
