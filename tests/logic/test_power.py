"""The size of a hold-out, against published sizes and against campaigns played out by chance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from analytics.errors import BadInput
from analytics.needs.power import LARGEST, SMALLEST, design, detectable, power_of, sizes
from analytics.needs.uplift import Arms, uplift


def test_the_size_is_that_of_fleiss():
    """Fleiss, Levin, Paik 2003, table A.4 without its continuity correction: 0.10 against 0.15, 5 %, 80 %."""
    assert sizes(0.10, 0.05) == (686, 686)


def test_size_and_power_are_those_of_the_examples_in_rs_manual():
    """power.prop.test(p1 = .50, p2 = .75, power = .90) gives 76.7, with n = 50 a power of 0.740."""
    assert sizes(0.50, 0.25, power=0.90) == (77, 77)
    assert round(power_of(50, 50, 0.50, 0.25), 3) == 0.740


def test_a_smaller_hold_out_needs_more_customers_in_all():
    halves, tenth = sum(sizes(0.05, 0.03)), sum(sizes(0.05, 0.03, share=0.1))
    assert halves < tenth < 4 * halves


@given(some.floats(0.01, 0.5), some.floats(0.01, 0.3), some.sampled_from([0.1, 0.2, 0.35, 0.5]))
def test_the_sizes_that_are_asked_for_have_the_power_that_is_asked_for(base, lift, share):
    contacted, held = sizes(base, lift, share=share)
    assert power_of(contacted, held, base, lift) >= 0.8 - 1e-3
    assert power_of(contacted - 2, held - 2, base, lift) < 0.8


def test_campaigns_played_out_are_found_about_as_often_as_promised():
    """2,000 campaigns by chance: power is promised for a score test, and read off Newcombe's interval."""
    plan, chance = design(1500, 0.06, 0.05), np.random.default_rng(3)
    called = chance.binomial(plan.contacted, 0.11, 2000)
    left = chance.binomial(plan.holdout, 0.06, 2000)
    found = [
        uplift(Arms(plan.contacted, int(yes), plan.holdout, int(other))).difference.low > 0
        for yes, other in zip(called, left, strict=True)
    ]
    assert abs(np.mean(found) - plan.power) < 0.05


@given(some.integers(10, 50_000), some.floats(0.005, 0.4), some.floats(0.005, 0.3))
def test_the_recommended_share_is_within_its_bounds_and_no_larger_than_it_must_be(reach, base, lift):
    found = design(reach, base, lift)
    assert SMALLEST <= found.share <= LARGEST
    assert found.contacted + found.holdout == reach
    if found.enough and found.share > SMALLEST:
        assert not design(reach, base, lift, share=round(found.share - 0.01, 2)).enough
    if not found.enough:
        assert found.share == LARGEST
        assert found.power < 0.8
        assert found.needed > reach


def test_a_reach_that_can_not_show_it_says_so_and_how_many_it_takes():
    found = design(200, 0.05, 0.02)
    assert not found.enough
    assert found.needed == sum(sizes(0.05, 0.02)) > 4000
    assert found.detectable > 0.1


@given(some.integers(40, 20_000), some.sampled_from([0.1, 0.3, 0.5]), some.floats(0.01, 0.5))
def test_what_is_detectable_is_found_with_that_power_and_less_is_not(reach, share, base):
    least = detectable(reach, share, base)
    held = round(reach * share)
    if least is None:
        assert power_of(reach - held, held, base, 1 - base) < 0.8
    else:
        assert power_of(reach - held, held, base, least) == pytest.approx(0.8, abs=1e-3)
        assert power_of(reach - held, held, base, least / 2) < 0.8


@pytest.mark.parametrize(
    "wrong", [(0.5, 0.6, None), (-0.1, 0.1, None), (0.1, 0, None), (0.1, 0.1, 0.6), (0.1, 0.1, 0.01)]
)
def test_rates_and_shares_that_are_none_are_refused(wrong):
    base, lift, share = wrong
    with pytest.raises(BadInput):
        design(1000, base, lift, share=share)


def test_nobody_can_show_nothing():
    assert design(0, 0.05, 0.02).power == 0.0
    assert detectable(0, 0.5, 0.05) is None
