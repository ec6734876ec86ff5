"""Value tiers: where each scheme cuts, what it does with ties and losses, and when it refuses."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import BadInput, NotEnoughData
from analytics.methods import METHODS

amounts = st.lists(st.integers(-50, 200).map(float), min_size=1, max_size=60)


def run(values, **given):
    index = pd.Index([f"C{at:03d}" for at in range(len(values))], name="customer_id")
    value = pd.Series(np.array(values, float), index=index, name="profit_12m")
    return METHODS["value_tiers"].run(pd.DataFrame(index=index), value, **given)


def tiers(values, **given):
    found = run(values, **given)
    return [found.names.get(label) for label in found.labels]


def test_quarters_of_distinct_values_hold_a_quarter_each():
    found = tiers(range(100))
    assert pd.Series(found).value_counts().to_dict() == dict.fromkeys(
        ["Top 25%", "25%–50%", "50%–75%", "Bottom 25%"], 25
    )
    assert found[0] == "Bottom 25%"
    assert found[-1] == "Top 25%"


@settings(deadline=None)
@given(amounts, st.sampled_from(["quantiles", "abc_fixed", "abc_computed", "thresholds"]))
def test_equal_values_share_a_tier_and_higher_ones_are_never_below(values, scheme):
    given = {"thresholds": [0, 50]} if scheme == "thresholds" else {}
    if scheme.startswith("abc") and sum(values) <= 0:
        with pytest.raises(NotEnoughData, match="net total is not positive"):
            run(values, scheme=scheme, **given)
        return
    found = run(values, scheme=scheme, **given)
    rank = {"Loss-making": -1}
    order = [
        rank.get(found.names[label], 2 - label if scheme.startswith("abc") else label)
        for label in found.labels
    ]
    pairs = sorted(zip(values, order, strict=True))
    assert [tier for _value, tier in pairs] == sorted(tier for _value, tier in pairs)
    assert len({value for value, _tier in pairs}) == len(set(pairs))


def test_fixed_abc_cuts_at_80_and_95_percent():
    found = tiers([50, 30, 15, 4, 1], scheme="abc_fixed")
    assert [name[0] for name in found] == list("AABCC")


def test_losses_are_a_tier_of_their_own():
    found = tiers([500, 300, 200, -10, 0], scheme="abc_fixed")
    assert found[3] == "Loss-making"
    assert found[4] == "C: the small"


def test_a_value_at_a_threshold_is_in_the_upper_tier():
    found = tiers([99, 100, 1000, 5], scheme="thresholds", thresholds=[10, 100])
    assert found == ["10 to under 100", "100 and more", "100 and more", "Under 10"]


def test_thresholds_must_be_given():
    with pytest.raises(BadInput, match="at least one threshold"):
        run([1, 2], scheme="thresholds")


def test_customers_without_a_value_are_left_out_with_the_reason():
    found = run([1, np.nan, 3])
    assert found.left_out == {"profit 12m is empty": 1}
    assert found.labels[1] == -1


def test_nobody_with_a_value_is_refused():
    with pytest.raises(NotEnoughData, match="empty for every customer"):
        run([np.nan, np.nan])


def test_tiers_that_ties_leave_empty_are_told():
    found = run([0, 0, 0, 0, 0, 7])
    assert len(set(found.labels)) == 2
    assert "Nobody is in" in found.warnings[0]


def test_rules_say_the_cuts():
    found = run(range(100), tiers=2)
    assert list(found.rules.values()) == ["profit 12m at most 49.5", "profit 12m above 49.5"]
    assert found.details["cuts"] == [49.5]


@given(amounts)
def test_thresholds_scaled_with_the_currency_cut_the_same(values):
    before = run(values, scheme="thresholds", thresholds=[-10, 20, 100])
    after = run([value * 1000 for value in values], scheme="thresholds", thresholds=[-1e4, 2e4, 1e5])
    assert (before.labels == after.labels).all()
