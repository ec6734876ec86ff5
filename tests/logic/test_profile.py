"""What sets segments apart, and the names made from it."""

import numpy as np
import pandas as pd
import pytest

from analytics.methods import Words
from analytics.naming import name_segments, numbered, rule_in_words
from analytics.profile import COLUMNS, profile

SEGMENTS = np.array([1, 1, 2, 2, 2, 3])
TABLE = pd.DataFrame(
    {
        "age_years": [20.0, 30.0, 40.0, 50.0, np.nan, 60.0],
        "region": pd.Series(["East", "East", "West", "West", "East", None], dtype="str"),
        "score": [np.nan] * 6,
        "same": [2.0] * 6,
    }
)


def cell(table, segment, indicator, what):
    rows = table[(table["segment"] == segment) & (table["indicator"] == indicator)]
    return rows[what].iloc[0]


def test_numbers_are_medians_and_differences_in_standard_units():
    found = profile(TABLE, SEGMENTS)
    assert list(found) == COLUMNS
    assert [cell(found, at, "age_years", "median") for at in (1, 2, 3)] == [25.0, 45.0, 60.0]
    assert cell(found, 1, "age_years", "book") == 40.0
    assert cell(found, 1, "age_years", "standard") == pytest.approx(-15 / np.std([20, 30, 40, 50, 60]))


def test_categories_are_the_commonest_and_how_much_commoner_than_in_the_book():
    found = profile(TABLE, SEGMENTS)
    assert cell(found, 1, "region", "median") == "East"
    assert cell(found, 2, "region", "median") == "West"
    assert cell(found, 1, "region", "standard") == pytest.approx((1 - 0.6) / np.sqrt(0.6 * 0.4))
    assert pd.isna(cell(found, 3, "region", "median"))
    assert np.isnan(cell(found, 3, "region", "standard"))


def test_what_is_empty_or_constant_sets_nobody_apart():
    found = profile(TABLE, SEGMENTS)
    assert pd.isna(cell(found, 1, "score", "median"))
    assert np.isnan(cell(found, 1, "score", "standard"))
    assert cell(found, 1, "same", "standard") == 0


def test_no_indicators_give_an_empty_profile():
    assert list(profile(TABLE[[]], SEGMENTS)) == COLUMNS


def rows(*cells):
    return pd.DataFrame(cells, columns=COLUMNS)


WORDS = Words({"profit_12m": "Profit"}, {"profit_12m": "currency"}, "CNY")


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ((1, "profit_12m", 5.0, 1.0, 0.9), "High profit"),
        ((1, "profit_12m", 5.0, 1.0, 1.9), "Very high profit"),
        ((1, "profit_12m", -5.0, 1.0, -1.9), "Profit below zero"),
        ((1, "profit_12m", 5.0, 1.0, 0.1), "Close to the average"),
        ((1, "days_since_last_transaction", 5.0, 90.0, -1.0), "Recently active"),
        ((1, "region", "East", "West", 1.0), "Region East"),
    ],
)
def test_a_name_says_what_sets_the_segment_apart(row, name):
    assert name_segments(rows(row), [1], WORDS) == {1: name}


def test_names_that_would_be_equal_are_told_apart_by_the_next_trait():
    found = name_segments(
        rows(
            (1, "a", 9.0, 1.0, 1.4), (1, "b", 9.0, 1.0, 1.2), (1, "c", 9.0, 1.0, 1.0),
            (2, "a", 9.0, 1.0, 1.4), (2, "b", 9.0, 1.0, 1.2), (2, "c", 0.0, 1.0, -1.0),
        ),
        [1, 2], Words(),
    )  # fmt: skip
    assert found == {1: "High a, high b, high c", 2: "High a, high b, low c"}


def test_names_that_nothing_tells_apart_are_numbered():
    found = name_segments(rows((1, "a", 1.0, 1.0, 0.0), (2, "a", 1.0, 1.0, 0.0)), [1, 2], Words())
    assert found == {1: "Close to the average", 2: "Close to the average (2)"}
    assert numbered("A", {"A", "A (2)"}) == "A (3)"


def test_a_rule_in_words_gives_typical_values_beside_the_books():
    table = rows((1, "profit_12m", 12_000.0, 1000.0, 1.4), (1, "region", "East", "West", 2.0))
    assert rule_in_words(table, 1, WORDS) == (
        "region typically East (book West); Profit typically CNY 12 k (book CNY 1 k)"
    )
