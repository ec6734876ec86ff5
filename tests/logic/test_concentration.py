"""Reference answers of definitions.md, and the laws that concentration obeys for any amounts."""

import json
from fractions import Fraction
from math import ceil, inf, isclose, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import BadInput, NotEnoughData
from analytics.value.abc import abc_sizes_computed, abc_sizes_fixed
from analytics.value.concentration import (
    SMALL_BOOK,
    concentration,
    customers_for,
    gini,
    gini_normalised,
    herfindahl,
    top_share,
    whale,
)
from analytics.value.curve import CURVE_POINTS

INEQ = [541, 1463, 2445, 3438, 4437, 5401, 6392, 8304, 11904, 22261]
RAFFINETTI = [-500, -300, -300, -100, 200, 300, 300, 400, 500, 500]

cents = st.integers(-10_000_000, 10_000_000).map(lambda amount: amount / 100)
gains = st.integers(0, 10_000_000).map(lambda amount: amount / 100)
some_gains = st.lists(gains, min_size=1, max_size=60).filter(any)
some_amounts = st.lists(cents, min_size=2, max_size=60).filter(any)


def net_positive(amounts):
    return sum(Fraction(amount) for amount in amounts) > Fraction(1, 1000)


def test_gini_and_herfindahl_agree_with_the_r_package_ineq():
    assert gini(INEQ) == pytest.approx(0.4620911, abs=5e-8)
    assert herfindahl(INEQ) == pytest.approx(0.1840812, abs=5e-8)


def test_the_normalised_gini_agrees_with_raffinetti_where_the_plain_one_leaves_its_range():
    ours = gini_normalised(RAFFINETTI)
    assert ours == pytest.approx(0.634, abs=5e-4)
    plain = ours * (len(RAFFINETTI) - 1) / len(RAFFINETTI) * sum(map(abs, RAFFINETTI)) / sum(RAFFINETTI)
    assert plain == pytest.approx(1.94, abs=5e-3)


@given(some_amounts)
def test_the_normalised_gini_equals_its_definition_over_all_pairs(amounts):
    pairs = sum(abs(a - b) for a in amounts for b in amounts)
    expected = pairs / (2 * (len(amounts) - 1) * sum(map(abs, amounts)))
    assert gini_normalised(amounts) == pytest.approx(expected, abs=1e-9)
    assert 0 <= gini_normalised(amounts) <= 1 + 1e-12


@given(some_gains)
def test_gini_equals_its_definition_over_all_pairs(amounts):
    size = len(amounts)
    expected = sum(abs(a - b) for a in amounts for b in amounts) / (2 * size * sum(amounts))
    assert gini(amounts) == pytest.approx(expected, abs=1e-9)
    if size > 1:
        assert gini_normalised(amounts) == pytest.approx(expected * size / (size - 1), abs=1e-9)


@given(some_gains, st.integers(2, 4))
def test_a_population_repeated_keeps_its_gini_and_divides_its_herfindahl(amounts, times):
    assert gini(amounts * times) == pytest.approx(gini(amounts), abs=1e-9)
    assert herfindahl(amounts * times) == pytest.approx(herfindahl(amounts) / times)


@given(some_amounts, st.sampled_from([0.01, 7.1, 1000.0]), st.randoms())
def test_neither_the_unit_nor_the_order_matters(amounts, factor, random):
    shuffled = [amount * factor for amount in amounts]
    random.shuffle(shuffled)
    one, other = concentration(amounts), concentration(shuffled)
    for name in ("gini", "gini_normalised", "hhi", "effective_customers"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), abs=1e-9)
    if net_positive(amounts):
        assert one.top_share == pytest.approx(other.top_share, rel=1e-6)
        assert one.whale.peak_customers == other.whale.peak_customers
        assert other.whale.losses == pytest.approx(one.whale.losses * factor)


@given(some_amounts.filter(net_positive))
def test_the_whale_rises_to_its_peak_and_falls_by_the_losses_to_one(amounts):
    c = concentration(amounts)
    values = [value for _share, value in c.curve]
    assert c.curve[0] == [0, 0]
    assert c.curve[-1] == [1, 1]
    assert max(values) == pytest.approx(c.whale.peak_share, rel=1e-6)
    assert (c.whale.peak_share - 1) * c.total == pytest.approx(c.whale.losses, abs=1e-4)
    assert c.whale.losses == pytest.approx(-sum(amount for amount in amounts if amount < 0))
    assert c.whale.peak_customers == sum(amount > 0 for amount in amounts)


@given(some_amounts.filter(net_positive))
def test_the_curve_is_concave_and_never_below_the_diagonal(amounts):
    curve = np.array(concentration(amounts).curve)
    slopes = np.diff(curve[:, 1]) / np.diff(curve[:, 0])
    scale = np.abs(slopes).max()
    assert (np.diff(slopes) <= 1e-9 * scale).all()
    assert (curve[:, 1] >= curve[:, 0] - 1e-9 * scale).all()


@given(st.lists(st.integers(-10_000, 10_000), min_size=1, max_size=40).filter(lambda xs: sum(xs) > 0))
def test_customers_for_80_percent_is_the_smallest_count_in_exact_arithmetic(amounts):
    ordered, total = sorted(amounts, reverse=True), sum(amounts)
    expected = next(n for n in range(1, len(ordered) + 1) if 5 * sum(ordered[:n]) >= 4 * total)
    found = customers_for([amount / 100 for amount in amounts])
    assert found.customers == expected
    last = ordered[expected - 1]
    assert (found.low, found.high) == (ordered.index(last) + 1, len(ordered) - ordered[::-1].index(last))


@pytest.mark.parametrize("amount", [0.1, 0.7, 1.1, 1e-9, 1e12 / 3])
@pytest.mark.parametrize("size", [5, 10, 1000])
def test_four_fifths_of_equal_customers_bring_80_percent_in_spite_of_rounding(amount, size):
    found = customers_for([amount] * size)
    assert (found.customers, found.low, found.high) == (size * 4 // 5, 1, size)


def test_a_cumulative_sum_of_exactly_80_percent_is_enough_and_a_cent_less_is_not():
    assert customers_for([0.8, 0.1, 0.1]).customers == 1
    assert customers_for([79.99, 10.01, 10.0]).customers == 2


@pytest.mark.parametrize("fraction", [0.01, 0.05, 0.07, 0.2, 0.29])
@pytest.mark.parametrize("size", [1, 5, 99, 100, 101, 700, 1900])
def test_a_top_fraction_takes_the_ceiling_of_its_customers_exactly(fraction, size):
    expected = ceil(Fraction(str(fraction)) * size)
    assert top_share(np.ones(size), fraction) == pytest.approx(expected / size)


def test_the_document_holds_every_key_of_the_contract_and_survives_json():
    document = concentration([*INEQ, nan]).document("profit_12m", "2026-06-30")
    assert {
        "indicator", "as_of", "customers", "total", "mean", "median", "gini", "gini_normalised", "top_share",
        "for_80", "hhi", "effective_customers", "whale", "interval", "curve", "warnings",
    } <= set(document)  # fmt: skip
    assert set(document["top_share"]) == {"0.01", "0.05", "0.1", "0.2"}
    assert document["interval"] is None
    assert document["for_80"]["share"] == document["for_80"]["customers"] / 10
    assert document["effective_customers"] == pytest.approx(1 / 0.1840812, rel=1e-6)
    assert json.loads(json.dumps(document, allow_nan=False)) == document


@pytest.mark.parametrize(
    "amounts", [[], [nan], [0], [5], [-5], [0, 0, 0], [3, -3], [0.1, 0.2, -0.3], [-1, -2]]
)
def test_a_book_without_an_answer_gets_nulls_and_a_reason_not_a_crash(amounts):
    document = concentration(amounts).document("profit_12m", "2026-06-30")
    json.dumps(document, allow_nan=False)
    if not document["total"] > 1e-9:
        assert set(document["top_share"].values()) == {None}
        assert document["for_80"]["customers"] is document["whale"]["peak_share"] is None
        assert document["curve"] == []
    assert document["warnings"]


def test_losses_make_the_measures_of_gains_null_and_leave_the_others():
    c = concentration([100, 50, -20])
    assert c.gini is c.hhi is c.effective_customers is None
    assert c.gini_normalised is not None
    assert c.top_share[0.2] == pytest.approx(100 / 130)
    assert concentration([100, 50, 0]).gini is not None


def test_missing_values_are_left_out_and_counted_and_zeros_are_customers():
    c = concentration([10, 0, nan, inf, 0])
    assert (c.customers, c.missing, c.median) == (3, 2, 0)
    assert any("2 customers have no value" in warning for warning in c.warnings)


def test_a_small_book_is_warned_about_and_a_large_one_is_not():
    assert any(str(SMALL_BOOK) in warning for warning in concentration(np.ones(SMALL_BOOK - 1)).warnings)
    assert concentration(np.ones(SMALL_BOOK)).warnings == []


def test_the_curve_of_a_large_book_is_short_and_exact_at_its_marks():
    amounts = np.concatenate((np.random.default_rng(7).lognormal(3, 2, 40_000), -np.arange(1.0, 501)))
    c = concentration(amounts)
    shares = dict(c.curve)
    assert len(c.curve) <= CURVE_POINTS
    assert shares[0.2] == pytest.approx(c.top_share[0.2])
    assert shares[c.for_80.customers / c.customers] >= 0.8
    assert shares[c.whale.peak_customers / c.customers] == pytest.approx(c.whale.peak_share)


def test_scalar_measures_refuse_what_they_can_not_answer():
    for refused in (
        lambda: gini([0, 0]),
        lambda: top_share([1, -2], 0.2),
        lambda: customers_for([]),
        lambda: gini_normalised([4]),
    ):
        with pytest.raises(NotEnoughData):
            refused()
    with pytest.raises(BadInput):
        herfindahl([1, -1])
    assert whale([]).peak_share is None


def test_fixed_abc_parts_at_80_and_95_percent():
    assert abc_sizes_fixed(np.array([50.0, 30.0, 15.0, 4.0, 1.0])) == (2, 1)


def test_computed_abc_finds_the_few_that_stand_apart():
    vital, trivial = [100.0] * 5, [1.0] * 95
    n_a, n_b = abc_sizes_computed(np.array(vital + trivial))
    assert n_a == 5
    assert n_a + n_b <= 100


@given(some_gains, st.sampled_from([0.01, 1000.0]))
@settings(max_examples=60)
def test_abc_never_parts_equal_amounts_and_ignores_the_unit(amounts, factor):
    ordered = np.sort(np.array(amounts))[::-1]
    for sizes in (abc_sizes_fixed, abc_sizes_computed):
        n_a, n_b = sizes(ordered)
        assert 1 <= n_a <= n_a + n_b <= ordered.size
        for end in (n_a, n_a + n_b):
            assert end == ordered.size or ordered[end] < ordered[end - 1]
    assert isclose(gini(ordered), gini(ordered * factor), abs_tol=1e-9)


def test_abc_of_a_loss_is_refused_in_words():
    with pytest.raises(NotEnoughData, match="not positive"):
        abc_sizes_fixed(np.array([1.0, -2.0]))
    with pytest.raises(NotEnoughData):
        abc_sizes_computed(np.array([0.0, -2.0]))


@given(some_amounts)
def test_on_gross_positive_basis_the_curve_peaks_at_one_and_falls_by_the_losses(amounts):
    whole = concentration(amounts)
    if whole.gains == 0:
        assert whole.gross.size == 0
        return
    assert whole.gross.max() == pytest.approx(1)
    assert whole.gross[-1] == pytest.approx(1 - whole.whale.losses / whole.gains, abs=1e-9)
    if net_positive(amounts):
        assert whole.gross == pytest.approx(np.array(whole.curve)[:, 1] / whole.whale.peak_share, abs=1e-6)


@given(some_amounts)
def test_its_classes_are_those_of_the_two_rules(amounts):
    whole, descending = concentration(amounts), np.sort(amounts)[::-1]
    for found, rule in ((whole.abc, abc_sizes_computed), (whole.abc_fixed, abc_sizes_fixed)):
        if found is None:
            with pytest.raises(NotEnoughData):
                rule(descending)
        else:
            assert found[:2] == rule(descending)
            assert sum(found) == len(amounts)
