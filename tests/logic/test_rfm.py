"""RFM: the tie rule, both binnings, and a name for every code."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from analytics.methods import METHODS
from analytics.methods.base import LEFT_OUT
from analytics.methods.rfm import NAMES, name_of

RFM = METHODS["rfm"]


def customers(recency, frequency, monetary):
    index = pd.Index([f"C{at:03d}" for at in range(len(recency))], name="customer_id")
    return pd.DataFrame(
        {
            "days_since_last_transaction": np.array(recency, float),
            "transactions_count_12m": np.array(frequency, float),
            "credit_amount_12m": np.array(monetary, float),
        },
        index=index,
    )


def run(table, **given):
    return RFM.run(table, table["credit_amount_12m"], **given)


def named(found):
    return [found.names[label] for label in found.labels]


@pytest.mark.parametrize("code", [r * 100 + f * 10 + m for r, f, m in product(range(1, 6), repeat=3)])
def test_every_code_has_a_name(code):
    assert name_of(code) in {row[0] for row in NAMES}


def test_every_name_is_the_name_of_some_code():
    codes = [r * 100 + f * 10 + m for r, f, m in product(range(1, 6), repeat=3)]
    assert {name_of(code) for code in codes} == {row[0] for row in NAMES}


@pytest.mark.parametrize(
    ("code", "name"),
    [(555, "Champions"), (444, "Champions"), (333, "Loyal"), (511, "New"), (411, "Promising"), (311, "About to sleep"),
     (155, "Can't lose them"), (233, "At risk"), (211, "Hibernating"), (111, "Lost")],
)  # fmt: skip
def test_the_classical_codes_have_their_classical_names(code, name):
    assert name_of(code) == name


def test_a_value_equal_to_an_edge_goes_into_the_lower_bin():
    # Eleven customers: the edges of fifths fall exactly on 3, 5, 7 and 9.
    table = customers(range(1, 12), [1] * 11, range(1, 12))
    codes = run(table).details["codes"]
    recency = {score: sum(n for code, n in codes.items() if code[0] == str(score)) for score in range(1, 6)}
    monetary = {score: sum(n for code, n in codes.items() if code[2] == str(score)) for score in range(1, 6)}
    assert recency == {5: 3, 4: 2, 3: 2, 2: 2, 1: 2}
    assert monetary == {1: 3, 2: 2, 3: 2, 4: 2, 5: 2}


def test_bins_are_those_of_pandas_qcut():
    rng = np.random.default_rng(2)
    table = customers(rng.integers(0, 400, 997), rng.integers(0, 900, 997), rng.lognormal(8, 2, 997))
    columns = [pd.qcut(table[key], 5, labels=False) for key in table]
    codes = (5 - columns[0]) * 100 + (columns[1] + 1) * 10 + columns[2] + 1
    assert run(table).details["codes"] == {
        str(code): n for code, n in codes.value_counts().sort_index().items()
    }
    assert named(run(table)) == [name_of(code) for code in codes]


def test_nested_bins_are_fifths_within_fifths():
    rng = np.random.default_rng(4)
    recency = np.repeat([1, 10, 20, 30, 40], 50)
    table = customers(recency, rng.permutation(250) + recency * 1000, np.arange(250.0))
    codes = run(table, binning="nested").details["codes"]
    pairs = pd.Series(codes).groupby(lambda code: code[:2]).sum()
    assert len(pairs) == 25
    assert set(pairs) == {10}
    assert len(pd.Series(run(table).details["codes"]).groupby(lambda code: code[:2]).sum()) < 25


def test_the_most_recent_frequent_and_rich_are_champions():
    order = np.arange(100)
    found = run(customers(order, 100 - order, 100 - order))
    assert named(found)[0] == "Champions"
    assert named(found)[-1] == "Lost"


def test_customers_without_transactions_are_a_segment_of_their_own():
    found = run(customers([np.nan, 1, 2, 3, 4, 5, 6], [0, 1, 2, 3, 4, 5, 6], [0, 1, 2, 3, 4, 5, 6]))
    assert named(found)[0] == "No transactions yet"
    assert found.left_out == {}


def test_customers_that_can_not_be_scored_are_left_out_with_the_reason():
    found = run(customers([1, 2, 3, 4, 5, 6], [1, np.nan, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6]))
    assert found.labels[1] == LEFT_OUT
    assert found.left_out == {"transactions count 12m or credit amount 12m is empty": 1}


def test_a_constant_indicator_is_told():
    found = run(customers(range(10), [3] * 10, range(10)))
    told = {treatment.indicator: treatment.what for treatment in found.treatments}
    assert told["transactions_count_12m"].startswith("The same for every customer")
    assert "lower bin" in told["credit_amount_12m"]


def test_other_indicators_can_stand_for_the_three():
    table = customers(range(10), range(10), range(10)).rename(columns={"credit_amount_12m": "profit_12m"})
    assert len(RFM.run(table, table["profit_12m"], monetary="profit_12m").labels) == 10
