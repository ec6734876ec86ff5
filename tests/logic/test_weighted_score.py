"""Weighted scores: textbook answers for AHP, entropy and TOPSIS, and what is said beside them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import BadInput, UnknownName
from analytics.indicators import CATALOGUE
from analytics.methods import METHODS, Words
from analytics.methods.weights import closeness, compared, entropy_weights
from analytics.recipe import Recipe

SCORE = METHODS["weighted_score"]
WORDS = Words(
    {"profit_12m": "Profit", "silence": "Days silent", "age_years": "Age", "balance": "Balance"},
    better={"profit_12m": "higher", "silence": "lower", "balance": "higher"},
)
# Saaty, "How to make a decision: the analytic hierarchy process", European Journal of Operational Research 48
# (1990): the criteria of buying a house, which he reports with a consistency ratio of 0.169.
HOUSE = [
    [1, 5, 3, 7, 6, 6, 1 / 3, 1 / 4],
    [1 / 5, 1, 1 / 3, 5, 3, 3, 1 / 5, 1 / 7],
    [1 / 3, 3, 1, 6, 3, 4, 6, 1 / 5],
    [1 / 7, 1 / 5, 1 / 6, 1, 1 / 3, 1 / 4, 1 / 7, 1 / 8],
    [1 / 6, 1 / 3, 1 / 3, 3, 1, 1 / 2, 1 / 5, 1 / 6],
    [1 / 6, 1 / 3, 1 / 4, 4, 2, 1, 1 / 5, 1 / 6],
    [3, 5, 1 / 6, 7, 5, 5, 1, 1 / 2],
    [4, 7, 5, 8, 6, 6, 2, 1],
]


def run(table, **given):
    table = table.set_axis(pd.Index([f"C{at:03d}" for at in range(len(table))], name="customer_id"))
    return SCORE.run(table, table["profit_12m"], words=WORDS, **given)


def customers(n=200, seed=4):
    rng = np.random.default_rng(seed)
    columns = {key: rng.random(n) + 1 for key in ("profit_12m", "silence", "balance")}
    return pd.DataFrame(columns)


def pairs(*rows):
    return [dict(zip(("first", "second", "times"), row, strict=True)) for row in rows]


def test_weights_and_ratio_of_saatys_house():
    found = compared(np.array(HOUSE))
    assert found.weights.round(3).tolist() == [0.173, 0.054, 0.188, 0.018, 0.031, 0.036, 0.167, 0.333]
    assert found.ratio == pytest.approx(0.169, abs=0.001)
    # The third criterion counts 6 times as much as the seventh, against all the rest.
    assert (found.first, found.second, found.given) == (2, 6, pytest.approx(6))
    assert found.implied < 1


@pytest.mark.parametrize(
    ("matrix", "ratio"),
    [
        ([[1, 3, 5], [1 / 3, 1, 3], [1 / 5, 1 / 3, 1]], 0.033),
        ([[1, 1 / 2, 3], [2, 1, 4], [1 / 3, 1 / 4, 1]], 0.016),
        ([[1, 2, 6], [1 / 2, 1, 3], [1 / 6, 1 / 3, 1]], 0.0),
        ([[1, 5], [1 / 5, 1]], 0.0),
        ([[1]], 0.0),
    ],
)
def test_small_comparisons_have_their_known_ratios(matrix, ratio):
    assert compared(np.array(matrix, float)).ratio == pytest.approx(ratio, abs=0.001)


@given(st.lists(st.floats(0.2, 5), min_size=1, max_size=8))
def test_comparisons_that_agree_give_back_the_weights_they_were_made_from(weights):
    weights = np.array(weights)
    found = compared(weights[:, None] / weights)
    assert found.weights == pytest.approx(weights / weights.sum())
    assert found.ratio == pytest.approx(0, abs=1e-9)


def test_entropy_weights_are_those_worked_out_by_hand():
    # p = (1/4, 3/4) and (1/2, 1/2): e = 0.8112781 and 1, so the second says nothing.
    assert entropy_weights(np.array([[1.0, 5.0], [3.0, 5.0]])).tolist() == [1.0, 0.0]
    # p = (1, 2, 3, 4)/10 and (1, 1, 1, 7)/10: e = 0.9232196 and 0.6783899.
    figures = np.array([[1, 1], [2, 1], [3, 1], [4, 7]], float)
    assert entropy_weights(figures) == pytest.approx([0.0767804 / 0.3983905, 0.3216101 / 0.3983905], abs=1e-6)
    assert entropy_weights(np.ones((3, 2))).tolist() == [0.5, 0.5]


def test_topsis_is_that_worked_out_by_hand():
    # Lengths 5 and 13; weighted with 1/2 each and the second a cost: v = (0.3, 5/26), (0.4, 12/26).
    found = run(pd.DataFrame({"profit_12m": [3.0, 4.0, 0.0], "silence": [5.0, 12.0, 0.0]}), scoring="topsis")
    model, table = found.model, pd.DataFrame({"profit_12m": [3.0, 4.0, 0.0], "silence": [5.0, 12.0, 0.0]})
    scores = model.scores(model.preparation.matrix(table))
    first = np.hypot(0.3, 7 / 26) / (np.hypot(0.3, 7 / 26) + np.hypot(0.1, 5 / 26))
    second = 0.4 / (0.4 + 12 / 26)
    third = (12 / 26) / (12 / 26 + 0.4)
    assert scores == pytest.approx([first, second, third])
    assert closeness(np.array([[1.0], [0.0]]), np.array([1.0]), np.array([0.0])).tolist() == [1.0, 0.0]


def test_the_weighted_sum_is_that_worked_out_by_hand():
    table = pd.DataFrame({"profit_12m": [0.0, 5.0, 10.0], "silence": [4.0, 0.0, 3.0]})
    rows = [{"indicator": "profit_12m", "weight": 3}, {"indicator": "silence", "weight": 1}]
    found = run(table, weighting="own", weights=rows, tiers=2)
    scores = found.model.scores(found.model.preparation.matrix(table))
    assert scores == pytest.approx([0, 0.75 * 0.5 + 0.25, 0.75 + 0.25 * 0.25])
    assert found.details["weights"] == {"profit_12m": 0.75, "silence": 0.25}
    told = {treatment.indicator: treatment.what for treatment in found.treatments}
    assert "Counts 75%, more is better." in told["profit_12m"]
    assert "Counts 25%, less is better." in told["silence"]


@pytest.mark.parametrize("scoring", ["sum", "topsis"])
def test_a_better_customer_is_never_in_a_lower_tier(scoring):
    table = customers()
    better = table.assign(profit_12m=table["profit_12m"] + 0.2, silence=table["silence"] - 0.2)
    model = run(table, scoring=scoring).model
    assert (model.predict(better, better["profit_12m"]) >= model.predict(table, table["profit_12m"])).all()


def test_comparisons_that_agree_are_used_and_their_ratio_shown():
    rows = pairs(("profit_12m", "silence", 3), ("profit_12m", "balance", 5), ("silence", "balance", 3))
    found = run(customers(), weighting="ahp", pairwise=rows)
    assert found.details["weights"] == pytest.approx(
        {"profit_12m": 0.637, "silence": 0.258, "balance": 0.105}, abs=0.001
    )
    assert found.quality["consistency_ratio"] == pytest.approx(0.033, abs=0.001)


def test_comparisons_that_contradict_each_other_are_refused_by_name():
    rows = pairs(
        ("profit_12m", "silence", 2), ("silence", "balance", 2), ("profit_12m", "balance", 0.1),
        ("profit_12m", "age_years", 2), ("silence", "age_years", 1), ("balance", "age_years", 0.5),
    )  # fmt: skip
    with pytest.raises(BadInput, match="contradict each other: consistency ratio") as refused:
        run(customers().assign(age_years=customers(seed=9)["balance"]), weighting="ahp", pairwise=rows)
    assert "Balance counts 10 times as much as Profit, where the others say 0.25" in refused.value.what
    assert refused.value.remedy == "Change that comparison towards 0.25."


def test_entropy_is_called_spread_and_not_importance():
    assert "not how much it matters" in run(customers(), weighting="entropy").warnings[0]


def test_an_indicator_of_which_neither_is_better_is_named():
    found = run(customers().assign(age_years=customers(seed=9)["balance"]))
    assert found.warnings == ["More is counted as better, because neither is said to be: Age."]


def test_weights_of_nothing_but_zero_are_refused():
    rows = [{"indicator": "profit_12m", "weight": 0}]
    with pytest.raises(BadInput, match="All weights are 0"):
        run(customers()[["profit_12m"]], weighting="own", weights=rows)
    table = pd.DataFrame({"region": ["a", "b"]}, index=pd.Index(["x", "y"], name="customer_id"))
    with pytest.raises(BadInput, match="categories"):
        SCORE.run(table, pd.Series([1.0, 2.0], index=table.index))


def test_weights_are_taken_as_a_table_too():
    assert SCORE.resolve({"weights": {"profit_12m": 2}})["weights"] == [
        {"indicator": "profit_12m", "weight": 2.0}
    ]


@pytest.mark.parametrize(
    "settings",
    [{"weights": {"balance_average_3": 2}}, {"pairwise": pairs(("profit_12m", "balance_average_3", 2))}],
)
def test_an_indicator_that_the_recipe_has_not_is_refused_by_name(settings):
    content = {
        "indicators": ["profit_12m", "balance_average_3m"],
        "method": {"key": "weighted_score", **settings},
    }
    with pytest.raises(UnknownName, match="Did you mean 'balance_average_3m'"):
        Recipe.from_content(content).check(CATALOGUE, METHODS)


def test_a_recipe_with_weights_survives_its_file():
    settings = {"weights": {"profit_12m": 2}, "pairwise": pairs(("profit_12m", "tenure_years", 3.0))}
    content = {"indicators": ["profit_12m", "tenure_years"], "method": {"key": "weighted_score", **settings}}
    recipe = Recipe.from_content(content)
    assert Recipe.from_toml(recipe.to_toml()).hash() == recipe.hash()
