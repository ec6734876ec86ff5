"""The decision tree: it finds the splits that were planted, and its rules are its scores."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.tree import DecisionTreeRegressor

from analytics.errors import BadInput, NotEnoughData
from analytics.methods import METHODS, Words
from analytics.methods.tree import between

TREE = METHODS["decision_tree"]
WORDS = Words(
    {"profit_12m": "Profit", "balance": "Balance", "products_held": "Products held", "region": "Region"},
    {"profit_12m": "currency", "balance": "currency"},
    "CNY",
)


def customers(n=400, seed=1):
    """Profit is 1,000 with a balance above 12,000 and more than 2 products, 20 in the East, else 10."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "balance": rng.choice([1e3, 5e3, 1.2e4, 2e4, 9e4], n),
            "products_held": rng.integers(0, 6, n).astype(float),
            "region": pd.Series(rng.choice(["East", "South", "West"], n), dtype="str"),
            "age_years": rng.integers(20, 80, n).astype(float),
        }
    )
    rich = (table["balance"] > 1.2e4) & (table["products_held"] > 2)
    table["profit_12m"] = np.select([rich, table["region"] == "East"], [1000.0, 20.0], 10.0)
    return table.set_index(pd.Index([f"C{at:04d}" for at in range(n)], name="customer_id"))


def run(table, **given):
    return TREE.run(table, table["profit_12m"], words=WORDS, **given)


def told(found):
    return {treatment.indicator: treatment.what for treatment in found.treatments}


def test_the_planted_splits_are_found_and_read_as_rules():
    found = run(customers(), segments=5)
    rich = "Balance above CNY 12 k and Products held above 2; typically profit CNY 1 k"
    assert found.rules[found.labels[customers()["profit_12m"].argmax()]] == rich
    assert any("Region is East" in rule for rule in found.rules.values())
    assert found.quality["explained"] == pytest.approx(1, abs=0.05)
    assert found.quality["explained_unseen"] > 0.9
    assert next(iter(found.details["gains"])) in ("balance", "products_held")
    assert sum(found.details["gains"].values()) == pytest.approx(1)
    assert len(set(found.names.values())) == len(found.names)


def test_it_is_scikit_learns_tree():
    rng = np.random.default_rng(3)
    table = pd.DataFrame(rng.random((300, 3)), columns=["a", "b", "c"])
    table["profit_12m"] = table["a"] * 2 + (table["b"] > 0.4) + rng.random(300) / 5
    theirs = DecisionTreeRegressor(max_leaf_nodes=6, min_weight_fraction_leaf=0.05, random_state=7)
    leaves = theirs.fit(table[["a", "b", "c"]], table["profit_12m"]).apply(table[["a", "b", "c"]])
    ours = run(table, segments=6).labels
    assert pd.Series(leaves).groupby(ours).nunique().tolist() == [1] * 6
    means = table["profit_12m"].groupby(ours).mean()
    assert means.is_monotonic_increasing


def test_the_outcome_is_never_split_on_and_that_is_told():
    found = run(customers())
    assert not any("Profit " in rule for rule in found.rules.values())
    assert told(found)["profit_12m"].startswith("The outcome: not split on.")


def test_no_segment_is_smaller_than_asked():
    found = run(customers(), segments=12, smallest=0.1)
    assert np.bincount(found.labels).min() >= 40


def test_customers_without_the_outcome_are_placed_but_have_no_say():
    table = customers()
    unknown = np.arange(400) % 4 == 0
    found = run(table.assign(profit_12m=table["profit_12m"].mask(unknown)), segments=4)
    assert (found.labels >= 0).all()
    assert "100 customers without it were placed by the rules" in told(found)["profit_12m"]
    assert (run(table[~unknown], segments=4).labels == found.labels[~unknown]).all()


def test_an_outcome_that_nothing_explains_is_told():
    table = customers(900)
    table["profit_12m"] = np.random.default_rng(5).random(900)
    found = run(table[["age_years", "balance", "profit_12m"]])
    assert "explains next to nothing of Profit" in found.warnings[0]


def test_an_indicator_that_restates_the_outcome_is_told():
    table = customers()
    table["profit_12m"] = np.random.default_rng(5).lognormal(5, 1, 400)
    found = run(table.assign(revenue_12m=table["profit_12m"] * 1.2 + 3))
    assert any("revenue 12m and Profit say nearly the same" in warning for warning in found.warnings)


def test_what_can_not_be_an_outcome_is_refused():
    with pytest.raises(BadInput, match="category"):
        run(customers(), outcome="region")
    with pytest.raises(BadInput, match="only indicator chosen is the outcome"):
        run(customers()[["profit_12m"]])
    with pytest.raises(NotEnoughData, match="empty for every customer"):
        run(customers().assign(nps=np.nan), outcome="nps")


def test_an_outcome_that_is_the_same_for_all_gives_one_segment():
    found = run(customers().assign(nps=5.0), outcome="nps")
    assert set(found.labels) == {0}
    assert "the same for every customer" in found.warnings[0]


def test_a_share_between_none_and_all_can_be_the_outcome():
    table = customers()
    table["response_rate"] = (table["region"] == "South").astype(float).mask(table["age_years"] < 25)
    found = run(table, outcome="response_rate", segments=2)
    assert set(found.names.values()) == {"Region is South", "Region is not South"}


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9))
def test_a_round_cut_lies_between_the_figures_that_it_parts(below, gap):
    if below + gap > below:
        assert below <= between(below, below + gap) < below + gap


@pytest.mark.parametrize("outcome_of_the_empty", [0.0, 500.0, 1000.0])
def test_the_empty_go_with_those_that_they_are_like_and_the_rule_says_so(outcome_of_the_empty):
    table = customers()[["balance", "profit_12m"]]
    table["profit_12m"] = np.where(table["balance"] > 1e4, 1000.0, 0.0)
    empty = np.arange(400) % 3 == 0
    table.loc[empty, "profit_12m"] = outcome_of_the_empty
    found = run(table.assign(balance=table["balance"].mask(empty)), segments=3)
    rules = [found.rules[label] for label in found.labels[empty]]
    assert len(set(rules)) == 1
    sides = {
        0.0: "at most CNY 10 k (or empty)",
        500.0: "Balance is empty",
        1000.0: "above CNY 10 k (or empty)",
    }
    assert sides[outcome_of_the_empty] in rules[0]
    assert found.quality["explained"] == pytest.approx(1)


def test_that_a_figure_is_there_at_all_is_named_last():
    table = customers()[["balance", "age_years", "profit_12m"]]
    empty = np.arange(400) % 3 == 0
    old = table["age_years"] > 50
    table["profit_12m"] = np.where(empty, 0.0, np.where(old, 2000.0, 1000.0))
    names = run(table.assign(balance=table["balance"].mask(empty)), segments=3).names
    assert list(names.values()) == ["Without balance", "Younger, with balance", "Older, with balance"]


def test_unless_another_is_chosen_the_outcome_is_what_value_is_measured_in():
    table = customers().rename(columns={"profit_12m": "revenue_12m"})
    explained = table.drop(columns="revenue_12m")
    found = TREE.run(explained, table["revenue_12m"], words=WORDS)
    chosen = TREE.run(table, table["revenue_12m"], words=WORDS, outcome="revenue_12m")
    assert found.details["outcome"] == "revenue_12m"
    assert (found.labels == chosen.labels).all()
    assert (found.model.predict(explained, table["revenue_12m"]) == found.labels).all()
    assert "typically revenue 12m" in next(iter(found.rules.values()))
