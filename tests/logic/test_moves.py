"""Why a customer is where they are: applying the move said does move them, and less does not."""

import re
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from analytics.errors import AnalyticsError, UnknownName
from analytics.indicators import CATALOGUE
from analytics.methods import METHODS as ALL_METHODS
from analytics.methods import Words
from analytics.population import population
from analytics.recipe import Recipe
from analytics.segmentation import segment
from analytics.trust.moves import why, written
from analytics.trust.steps import Change
from tests.logic.made_up import MadeUpBook

METHODS = {
    "kmeans": 'key = "kmeans"\nsegments = 4',
    "mixture": 'key = "gaussian_mixture"\nsegments = 4',
    "tiers": 'key = "value_tiers"',
    "abc": 'key = "value_tiers"\nscheme = "abc_fixed"',
    "rfm": 'key = "rfm"',
    "rules": 'key = "named_rules"',
}
LEAST = {"currency": 0.01, "share": 0.0001, "count": 1, "days": 1, "months": 1}
INDICATORS = [
    "balance_average_3m",
    "transactions_count_12m",
    "channel_mobile_share_12m",
    "age_years",
    "region",
]


def people(n=240):
    random = np.random.default_rng(4)
    kind = np.arange(n) % 4
    busy = np.array([3, 20, 60, 150])[kind]
    return pd.DataFrame(
        {
            "customer_id": [f"C{number:04d}" for number in range(n)],
            "profit_12m": np.array([-50.0, 300, 2e3, 3e4])[kind] * random.lognormal(0, 0.5, n),
            "credit_amount_12m": busy * random.lognormal(6, 0.6, n),
            "balance_average_3m": np.where(np.arange(n) % 9 == 0, np.nan, busy * random.lognormal(7, 1.0, n)),
            "transactions_count_12m": random.poisson(busy).astype(float),
            "active_months_12m": np.array([1.0, 6.0, 11.0, 12.0])[kind],
            "channel_mobile_share_12m": random.beta(1 + kind, 2),
            "days_since_last_transaction": np.where(kind == 0, np.nan, random.integers(0, 300, n) * 1.0),
            "months_since_first_transaction": random.integers(2, 60, n).astype(float),
            "age_years": random.integers(18, 80, n).astype(float),
            "region": pd.Series(np.array(["East", "South", "West", "West"])[kind], dtype="str"),
        }
    )


@cache
def made(name):
    recipe = Recipe.from_toml(
        f'value = "profit_12m"\nindicators = {INDICATORS}\n[method]\n{METHODS[name]}'.replace("'", '"')
    )
    book = MadeUpBook(people())
    with threadpool_limits(1):
        return segment(book, recipe), population(book, recipe).words


@cache
def scaled(name, scale):
    """The same in another currency unit: where amounts are small, cents are coarse."""
    recipe = Recipe.from_toml(
        f'value = "profit_12m"\nindicators = {INDICATORS}\n[method]\n{METHODS[name]}'.replace("'", '"')
    )
    table = people()
    for key in ("profit_12m", "credit_amount_12m", "balance_average_3m"):
        table[key] *= scale
    book = MadeUpBook(table)
    with threadpool_limits(1):
        return segment(book, recipe), population(book, recipe).words


def placed(result, row, key, value):
    changed = result.members.iloc[[row]].reset_index(drop=True).assign(**{key: float(value)})
    return int(result.place(changed, changed[result.value].astype("float64"))[0])


every_method = pytest.mark.parametrize("name", METHODS)


@every_method
@settings(max_examples=12, deadline=None)
@given(row=st.integers(0, 10_000), parts=st.lists(st.floats(0, 0.98), min_size=3, max_size=3))
def test_what_is_said_to_move_a_customer_does_and_less_does_not(name, row, parts):
    result, words = made(name)
    row %= len(result.members)
    found = why(result, result.members["customer_id"].iloc[row], words)
    assert found.segment == result.members["segment"].iloc[row]
    assert placed(result, row, result.value, result.members[result.value].iloc[row]) == found.segment
    for move in found.moves:
        key, column = move.indicator, result.members[move.indicator]
        assert placed(result, row, key, move.then) == move.segment != found.segment
        whole = CATALOGUE[key].unit in ("count", "days", "months")
        change, step = move.then - move.now, LEAST[CATALOGUE[key].unit]
        for part in parts:  # a step less at least: nobody tells half a cent
            less = move.now + np.sign(change) * min(part * abs(change), max(abs(change) - step, 0))
            if 0 < abs(less - move.now) < step:  # too little to be told
                continue
            assert placed(result, row, key, np.floor(less) if whole and move.then > move.now else
                          np.ceil(less) if whole else less) != move.segment  # fmt: skip
        low, high = np.nanquantile(column, [0.01, 0.99], method="inverted_cdf")
        assert min(low, move.now) <= move.then <= max(high, move.now)
        assert not whole or move.then == round(move.then)
        assert CATALOGUE[key].can_change
        if CATALOGUE[key].unit == "share":
            assert 0 <= move.then <= 1


@every_method
def test_the_first_move_is_the_smallest_and_each_segment_is_reached_once(name):
    result, words = made(name)
    moved = 0
    for customer in result.members["customer_id"].iloc[::29]:
        found = why(result, customer, words)
        sizes = [move.size for move in found.moves]
        assert sizes == sorted(sizes)
        assert len({move.segment for move in found.moves}) == len(found.moves)
        each = (result.segments["value"] / result.segments["customers"]).tolist()
        for move in found.moves:
            assert move.better == (each[move.segment - 1] > each[found.segment - 1])
            known, rose = CATALOGUE[move.indicator].better, move.then > move.now
            assert move.worsens == (known is not None and (known == "higher") != rose)
        assert ("No believable change" in found.sentence) == (not found.moves)
        moved += len(found.moves)
    assert moved


@pytest.mark.parametrize("name", ["kmeans", "tiers", "rfm"])
def test_no_value_that_a_customer_could_have_moves_them_sooner(name):
    """All values that occur, tried one by one."""
    result, words = made(name)
    for row in range(0, len(result.members), 41):
        found = why(result, result.members["customer_id"].iloc[row], words)
        for move in found.moves:
            values = result.members[move.indicator].dropna()
            low, high = min(move.now, move.then), max(move.now, move.then)
            nearer = values[(values > low) & (values < high)]
            nearer = nearer[(nearer - move.now).abs() < 0.98 * (high - low)]
            for value in nearer.iloc[::3]:
                assert placed(result, row, move.indicator, value) != move.segment


def test_the_sentence_holds_the_figures():
    result, words = made("tiers")
    customer = result.members["customer_id"][result.members["segment"] == 2].iloc[0]
    found = why(result, customer, words)
    up = next(move for move in found.moves if move.segment == 1)
    assert re.fullmatch(
        r"If profit rose from CNY [\d.,]+( k)? to CNY [\d.,]+( k)?, this customer would be in “Top 25%”.",
        up.sentence,
    )
    cut = result.details["cuts"][-1]
    assert cut < up.then <= cut + 0.02 * (up.then - up.now)
    assert found.sentence.startswith("In segment 2 of 4, “25%–50%”. The rule: Profit above CNY ")
    found = why(*made("kmeans")[:1], customer, words)
    assert re.search(r"Transactions [\d,.]+ \(there typically [\d,.]+\)", found.sentence)


def test_what_nobody_can_change_moves_nobody():
    book = MadeUpBook(people())
    recipe = Recipe.from_content({"value": "profit_12m", "indicators": ["age_years", "months_since_first_transaction"],
                                  "method": {"key": "kmeans", "segments": 3}})  # fmt: skip
    result = segment(book, recipe)
    found = why(result, "C0007", population(book, recipe).words)
    assert found.moves == []
    assert found.sentence.endswith("No believable change of one indicator would move this customer.")


def test_the_nearest_segment_is_first_and_counts_distance_from_its_typical_values():
    result, words = made("kmeans")
    nearest = [why(result, customer, words) for customer in result.members["customer_id"].iloc[::11]]
    for found in nearest:
        assert found.nearest["distance"].is_monotonic_increasing
        assert sorted(found.nearest["segment"]) == [1, 2, 3, 4]
    own = [found.nearest["segment"].iloc[0] == found.segment for found in nearest]
    assert np.mean(own) > 0.8


@every_method
@pytest.mark.parametrize("scale", [1.0, 1e-3, 1e3])
def test_what_is_said_differs_from_what_is(name, scale):
    result, words = scaled(name, scale)
    for row in range(0, 240, 15):
        for move in why(result, result.members["customer_id"][row], words).moves:
            now, then = re.search(r"from (.+) to (.+), this customer", move.sentence).groups()
            assert now != then
            assert abs(move.then - move.now) >= LEAST[CATALOGUE[move.indicator].unit] * (1 - 1e-6)


def test_the_least_change_of_an_amount_is_a_cent_and_never_none():
    """Many have nothing: the edge of the lowest tier lies at 0."""
    table = people()
    table["profit_12m"] = np.where(np.arange(240) % 8 < 3, 0.0, table["profit_12m"].abs())
    recipe = Recipe.from_toml('value = "profit_12m"\n[method]\nkey = "value_tiers"')
    result, words = segment(MadeUpBook(table), recipe), population(MadeUpBook(table), recipe).words
    found = why(result, "C0000", words)
    assert found.moves
    smallest = min(found.moves, key=lambda move: move.size)
    assert smallest.then == 0.01
    assert "from CNY 0 to CNY 0.01, " in smallest.sentence


def test_from_a_broken_cent_the_least_change_is_still_a_whole_one():
    table = people()
    table["profit_12m"] = 1.0 + np.arange(240) * 0.00025
    recipe = Recipe.from_toml('value = "profit_12m"\n[method]\nkey = "value_tiers"')
    result, words = segment(MadeUpBook(table), recipe), population(MadeUpBook(table), recipe).words
    moves = [move for row in range(0, 240, 3) for move in why(result, f"C{row:04d}", words).moves]
    assert moves
    assert all(abs(move.then - move.now) >= 0.01 - 1e-9 for move in moves)


def test_a_change_is_written_so_that_it_can_be_seen():
    """12,345 to 12,300, 9.8 % to 10 %, 2.7 to 3: alike where each is rounded by itself."""
    words = Words(units={"money": "currency", "share": "share", "count": "count"}, currency="CNY")
    said = [
        written(Change(key, now, now, then, 1, then, step), words)
        for key, now, then, step in [
            ("money", 12345.0, 12300.0, 0.01), ("share", 0.098, 0.1, 0.0001), ("count", 2.7, 3.0, 1.0),
            ("money", 10000.0, 12000.0, 0.01),
        ]
    ]  # fmt: skip
    assert said == [("CNY 12,345.00", "CNY 12,300.00"), ("9.8%", "10.0%"), ("2.7", "3.0"),
                    ("CNY 10 k", "CNY 12 k")]  # fmt: skip


@pytest.mark.parametrize("key", ALL_METHODS)
@settings(max_examples=8, deadline=None)
@given(rows=st.lists(st.integers(0, 239), min_size=1, max_size=12, unique=True))
def test_a_few_customers_never_break_a_what_if(key, rows):
    """A rule may lead to a label that nobody has: to no segment, so it is no move."""
    table = people().assign(transactions_change_6m=np.linspace(-1, 1, 240)).iloc[sorted(rows)]
    book = MadeUpBook(table.reset_index(drop=True))
    recipe = Recipe.from_content({"value": "profit_12m", "indicators": INDICATORS, "method": {"key": key}})
    try:
        result = segment(book, recipe)
    except AnalyticsError:
        return
    words = population(book, recipe).words
    for customer in result.members["customer_id"].iloc[:3]:
        for move in why(result, customer, words).moves:
            assert 1 <= move.segment <= len(result.segments)


def test_with_centres_the_nearest_segment_is_the_customers_own():
    result, words = made("kmeans")
    for row in range(0, 240, 7):
        found = why(result, result.members["customer_id"][row], words)
        assert found.nearest["segment"][0] == found.segment


def test_who_was_left_out_is_told_why_and_a_stranger_is_refused():
    table = people()
    table.loc[:4, "profit_12m"] = np.nan
    recipe = Recipe.from_toml('value = "profit_12m"\n[method]\nkey = "value_tiers"')
    result = segment(MadeUpBook(table), recipe)
    words = population(MadeUpBook(table), recipe).words
    found = why(result, "C0002", words)
    assert (found.segment, found.moves) == (0, [])
    assert found.sentence.endswith("left out because: Profit is empty (5).")
    everyone, words = made("kmeans")
    with pytest.raises(UnknownName):
        why(everyone, "nobody", words)


def test_what_can_be_changed_is_never_what_a_customer_is():
    fixed = {key for key, row in CATALOGUE.items() if not row.can_change}
    assert {"age_years", "gender", "region", "tenure_years", "months_since_first_transaction", "annual_income",
            "contacts_count_12m", "religion", "branch", "business_line"} & set(CATALOGUE) <= fixed  # fmt: skip
    assert not {"balance_average_3m", "products_held", "transactions_count_12m", "response_rate"} & fixed
    assert all(CATALOGUE[key].is_number for key in set(CATALOGUE) - fixed)
