"""The matrix: where it cuts, who is in which field, and what it refuses."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import BadInput, NotEnoughData
from analytics.methods import METHODS, Words

AXES = {"across": "profit_12m", "up": "balance_average_3m"}
WORDS = Words(
    {"profit_12m": "Profit", "balance_average_3m": "Average balance"},
    {"profit_12m": "currency", "balance_average_3m": "currency"},
    "CNY",
)
figures = st.lists(
    st.tuples(st.integers(-9, 9).map(float), st.integers(0, 9).map(float)), min_size=1, max_size=50
)


def run(profit, balance, **given):
    index = pd.Index([f"C{at:03d}" for at in range(len(profit))], name="customer_id")
    columns = {"profit_12m": np.array(profit, float), "balance_average_3m": np.array(balance, float)}
    table = pd.DataFrame(columns, index=index)
    return METHODS["matrix"].run(table, table["profit_12m"], words=WORDS, **AXES, **given)


def named(found):
    return [found.names.get(label) for label in found.labels]


def test_fields_are_named_by_both_axes_and_ruled_with_amounts():
    found = run([1, 2, 3, 4000], [9, 1, 8, 2])
    assert named(found) == [
        "Low profit, high average balance", "Low profit, low average balance",
        "High profit, high average balance", "High profit, low average balance",
    ]  # fmt: skip
    assert found.rules[found.labels[3]] == "Profit above CNY 2.50 and Average balance at most CNY 5"


def test_three_steps_have_a_middle():
    found = run(range(9), range(9), size="3")
    assert pd.Series(named(found)).value_counts().to_dict() == {
        "Low profit, low average balance": 3,
        "Middling profit, middling average balance": 3,
        "High profit, high average balance": 3,
    }


def test_an_axis_with_words_of_its_own_uses_them():
    table = pd.DataFrame({"age_years": [20.0, 70.0], "profit_12m": [1.0, 2.0]}, index=["a", "b"])
    table.index.name = "customer_id"
    found = METHODS["matrix"].run(
        table, table["profit_12m"], across="age_years", up="profit_12m", words=WORDS
    )
    assert named(found) == ["Younger, low profit", "Older, high profit"]


@settings(deadline=None)
@given(figures, st.sampled_from(["2", "3"]))
def test_each_axis_is_cut_as_value_tiers_are(rows, size):
    profit, balance = zip(*rows, strict=True)
    found = run(profit, balance, size=size)
    for axis, cells in enumerate((profit, balance)):
        index = pd.Index([f"C{at:03d}" for at in range(len(cells))], name="customer_id")
        value = pd.Series(cells, index=index, name="profit_12m")
        tiers = METHODS["value_tiers"].run(pd.DataFrame(index=index), value, tiers=int(size)).labels
        steps = found.labels // int(size) if axis else found.labels % int(size)
        assert (steps == tiers).all()


def test_a_figure_at_an_own_threshold_is_in_the_upper_field():
    found = run([9, 10, 11], [5, 5, 4], cuts="thresholds", across_thresholds=[10], up_thresholds=[5])
    assert found.labels.tolist() == [2, 3, 1]
    assert found.rules[3] == "Profit of CNY 10 and more and Average balance of CNY 5 and more"
    assert found.details["cuts"] == {"profit_12m": [10.0], "balance_average_3m": [5.0]}


@settings(deadline=None)
@given(figures)
def test_thresholds_scaled_with_the_currency_cut_the_same(rows):
    profit, balance = (np.array(cells) for cells in zip(*rows, strict=True))
    by_hand = {"cuts": "thresholds", "size": "3"}
    before = run(profit, balance, across_thresholds=[-2, 3], up_thresholds=[1, 5], **by_hand)
    after = run(
        profit * 1000, balance * 1000, across_thresholds=[-2e3, 3e3], up_thresholds=[1e3, 5e3], **by_hand
    )
    assert (before.labels == after.labels).all()


def test_whoever_lacks_an_axis_is_left_out_and_counted_once():
    found = run([np.nan, 1, np.nan, 2], [1, np.nan, np.nan, 2])
    assert found.labels.tolist()[:3] == [-1, -1, -1]
    assert found.left_out == {"Profit is empty": 2, "Average balance is empty": 1}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"cuts": "thresholds"}, "needs 1 of them"),
        ({"cuts": "thresholds", "size": "3", "across_thresholds": [1.0]}, "needs 2 of them"),
        ({"across": "profit_12m", "up": "profit_12m"}, "same indicator on both axes"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_read(settings, said):
    with pytest.raises(BadInput, match=said):
        METHODS["matrix"].resolve(settings)


def test_an_axis_without_figures_is_refused():
    with pytest.raises(NotEnoughData, match="Average balance is empty for every customer"):
        run([1, 2], [np.nan, np.nan])


def test_a_category_has_no_low_and_high():
    table = pd.DataFrame({"region": ["East", "West"], "profit_12m": [1.0, 2.0]}, index=["a", "b"])
    with pytest.raises(BadInput, match="category"):
        METHODS["matrix"].run(table, table["profit_12m"], across="region", up="profit_12m")


def test_axes_that_say_the_same_are_told():
    assert "say nearly the same" in run(range(40), range(40)).warnings[0]
    rng = np.random.default_rng(1)
    assert run(rng.random(40), rng.random(40)).warnings == []
