"""What if rates move: worked out on paper, against a bank loaded at those rates, and laws."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.access.earnings import at_other_rates
from analytics.recipe import Recipe
from analytics.shock import Shock
from analytics.value.abc import abc_sizes_fixed
from analytics.value.profit import profit_frame
from analytics.value.profit_sentences import movers_sentence, repriced_sentence, shock_words
from analytics.value.shocks import STEPS, repriced, repriced_by_segment, repriced_frame, summary, tiers
from tests.conftest import HAND

JUNE = date(2026, 6, 30)
MANY = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

# Cents by customer. The dollar 10 % dearer: 79,200 x 0.03 x 31 and 30 / 365, and the fee of 1.25 dollars at 7.92.
# The curve a point up: C1 365,000 x 0.01 x 91 days / 365; C2 244.60 and 236.71; lending pays it: 1,643.84.
# P1's customers get half a point less: C1 150 + 155 + 150, C4 0.30 more.
BY_HAND = {
    Shock(currencies=(("USD", 0.1),)): {"C2": 18_35 + 17_76 + 90},
    Shock(curve=0.01): {"C1": 910_00, "C2": 61_15 + 59_18, "C3": 1643_84 - 2465_75, "C4": 60},
    Shock(products=(("P1", -0.005),)): {"C1": 455_00, "C4": 30},
    Shock(products=(("P2", -0.005), ("L1", 0.0))): {"C2": 214_03 - 183_45 + 207_12 - 177_53},
    Shock(currencies=(("EUR", 0.5),)): {},  # there is no rate to move
}


@pytest.mark.parametrize("shock", BY_HAND, ids=str)
def test_a_change_of_rates_is_what_paper_says_to_the_cent(hand, whole_book, shock):
    rows = repriced_frame(whole_book(hand), shock, JUNE).set_index("customer_id")
    change = rows["after"] - rows["before"]
    assert change[change != 0].to_dict() == BY_HAND[shock]


def test_a_shocked_bank_is_the_bank_loaded_at_those_rates(hand, whole_book, bank_of):
    prices = HAND["product_rates"].replace("0.01,0.03", "0.005,0.04").replace("0.01,0.02", "0.005,0.03")
    prices = prices.replace("0.02,0.05", "0.02,0.06").replace("0.06,0.03", "0.06,0.04")
    dollars = HAND["fx_rates"].replace("7.00", "7.70").replace("7.20", "7.92")
    other = bank_of(**HAND | {"product_rates": prices, "fx_rates": dollars})
    shock = Shock((("P1", -0.005),), 0.01, (("USD", 0.1),))
    told = repriced_frame(whole_book(hand), shock, JUNE).set_index("customer_id")["after"]
    loaded = profit_frame(whole_book(other), JUNE).set_index("customer_id")["profit"]
    assert told.to_dict() == loaded.to_dict()


@pytest.fixture(scope="module")
def book(demo, whole_book):
    return whole_book(demo)


points = st.floats(-0.03, 0.03).map(lambda by: round(by, 4))
shares = st.floats(-0.5, 0.5).map(lambda by: round(by, 3))
shocks = st.builds(
    Shock,
    st.lists(st.tuples(st.sampled_from(["D01", "D11", "L01", "C01"]), points), max_size=2, unique_by=lambda p: p[0]).map(tuple),
    points,
    st.lists(st.tuples(st.sampled_from(["USD", "EUR", "JPY"]), shares), max_size=2, unique_by=lambda p: p[0]).map(tuple),
)  # fmt: skip


@MANY
@given(shocks)
def test_the_bridge_adds_up_for_every_customer_and_for_the_book(book, shock):
    rows = repriced_frame(book, shock, book.as_of())
    assert (rows["before"] + rows[list(STEPS)].sum(axis=1) == rows["after"]).all()
    found = summary(shock, rows)
    assert found.before + sum(found.steps.values()) == found.after
    assert found.changed == int((rows["before"] != rows["after"]).sum())
    if found.tiers is not None:
        assert found.tiers.to_numpy().sum() == len(rows)
        assert found.movers == len(rows) - np.trace(found.tiers.to_numpy())


@pytest.mark.parametrize(
    "shock", [Shock(), Shock((("D01", 0.0),), 0.0, (("USD", 0.0),))], ids=["nothing", "zeros"]
)
def test_a_zero_shock_moves_nothing(book, shock):
    as_of = book.as_of()
    found = repriced(book, as_of, shock.products, shock.curve, shock.currencies)
    assert found.before == found.after == profit_frame(book, as_of)["profit"].sum()
    assert (found.changed, found.movers) == (0, 0)
    assert found.customers.empty
    assert found.moved.empty
    assert repriced_sentence(found, "CNY").startswith("Nothing changes")


def test_the_lines_that_are_repriced_are_the_marts_own(book):
    held = at_other_rates(book, (Shock(),), book.as_of()).set_index("customer_id")["stage_0"]
    lines = profit_frame(book, book.as_of()).set_index("customer_id")
    told = (lines["deposits"] + lines["lending"] + lines["risk"]).reindex(held.index)
    assert (held == told).all()
    assert not (lines.drop(held.index)[["deposits", "lending", "risk"]] != 0).any(axis=None)


def balances(book, open_raw):
    """Accounts' months in the window: each is rounded to the cent."""
    con = open_raw(book.warehouse)
    return con.execute(
        "SELECT count(*) FROM bank.balances WHERE month_end > date_trunc('month', ?::DATE) - INTERVAL 1 YEAR",
        [book.as_of()],
    ).fetchone()[0]


def change(book, shock):
    rows = repriced_frame(book, shock, book.as_of())
    return int((rows["after"] - rows["before"]).sum())


def test_twice_the_shock_is_twice_the_change_but_for_rounding(book, open_raw):
    rounding = 2 * balances(book, open_raw)  # half a cent at each of the three rates, twice at the middle one
    for one, two in (
        (Shock(curve=0.004), Shock(curve=0.008)),
        (Shock((("D01", 0.002),)), Shock((("D01", 0.004),))),
        (Shock(currencies=(("USD", 0.1),)), Shock(currencies=(("USD", 0.2),))),
    ):
        assert abs(change(book, two) - 2 * change(book, one)) <= rounding
        assert abs(change(book, one)) > 0


def test_products_and_currencies_add_up_exactly_as_no_account_has_two(book):
    both = change(book, Shock((("D01", 0.002), ("L01", -0.003))))
    assert both == change(book, Shock((("D01", 0.002),))) + change(book, Shock((("L01", -0.003),)))
    both = change(book, Shock(currencies=(("USD", 0.2), ("EUR", -0.3))))
    assert both == change(book, Shock(currencies=(("USD", 0.2),))) + change(
        book, Shock(currencies=(("EUR", -0.3),))
    )


def test_who_gains_is_who_should(book):
    dearer = repriced(book, book.as_of(), (("L01", 0.01),))
    assert dearer.steps["products"] > 0
    assert (dearer.customers["change"] > 0).all()
    assert change(book, Shock((("D01", 0.01),))) < 0  # paying depositors more costs the bank


def test_only_the_books_customers_are_repriced(demo, book_with, book):
    mine = book_with(
        demo, {"role": "relationship_manager", "level": "own", "employee_id": "E0001", "columns": "profit"}
    )
    shock = Shock(curve=-0.005, currencies=(("USD", 0.1),))
    own = repriced_frame(mine, shock, mine.as_of()).set_index("customer_id")
    assert set(own.index) == set(mine.frame(())["customer_id"])
    assert 0 < len(own) < 1000
    bank = repriced_frame(book, shock, book.as_of()).set_index("customer_id")
    assert own.equals(bank.loc[own.index])


def test_an_earlier_date_is_shocked_at_its_own_rates(hand, whole_book):
    rows = repriced_frame(whole_book(hand), Shock(curve=0.01), date(2026, 5, 31)).set_index("customer_id")
    assert (rows.loc["C1", "after"] - rows.loc["C1", "before"]) == 610_00
    assert "C3" not in rows.index or rows.loc["C3", "curve"] == 0  # no balance yet


def test_segments_changes_add_up_to_the_books(book):
    recipe = Recipe.from_content(
        {"indicators": ["profit_12m", "tenure_years"], "method": {"key": "kmeans", "segments": 3}}
    )
    found = repriced(book, book.as_of(), curve=-0.005)
    rows = repriced_by_segment(book, book.as_of(), (), -0.005, (), recipe.to_toml())
    assert (rows["before"] + rows[list(STEPS)].sum(axis=1) == rows["after"]).all()
    assert (rows["before"].sum(), rows["after"].sum()) == (found.before, found.after)


@given(st.lists(st.integers(-50, 1000), min_size=1, max_size=60))
def test_tiers_are_as_large_as_the_abc_says_and_never_part_equals(amounts):
    told = tiers(np.array(amounts))
    if sum(amounts) <= 0:
        assert told is None
        return
    n_a, n_b = abc_sizes_fixed(np.sort(amounts)[::-1].astype(float))
    assert [(told == tier).sum() for tier in "ABC"] == [n_a, n_b, len(amounts) - n_a - n_b]
    assert len({(amount, tier) for amount, tier in zip(amounts, told, strict=True)}) == len(set(amounts))


def test_who_changes_tier_is_listed_with_both_tiers():
    rows = pd.DataFrame({"customer_id": list("abc"), "before": [80, 15, 5], "products": [-75, 0, 0], "curve": 0,
                         "currencies": [0, 65, 0], "after": [5, 80, 5]})  # fmt: skip
    found = summary(Shock(), rows)
    assert found.moved[["customer_id", "tier_before", "tier_after"]].to_numpy().tolist() == [
        ["a", "A", "B"],
        ["b", "B", "A"],
        ["c", "C", "B"],
    ]
    assert found.tiers.to_numpy().tolist() == [[0, 1, 0], [1, 0, 0], [0, 1, 0]]
    assert movers_sentence(found) == "It touches 2 of 3 customers; 3 change their ABC tier."


def test_where_net_profit_is_not_positive_there_are_no_tiers_and_this_is_said():
    rows = pd.DataFrame({"customer_id": list("ab"), "before": [10, -30], "products": [0, 50], "curve": 0,
                         "currencies": 0, "after": [10, 20]})  # fmt: skip
    found = summary(Shock(), rows)
    assert found.tiers is None
    assert found.moved.empty
    assert "no ABC tiers" in movers_sentence(found)
    assert (
        repriced_sentence(found, "CNY")
        == "Profit would have been CNY 0.30 instead of CNY -0.20: CNY 0.50 more."
    )


def test_a_change_is_written_with_its_sign_and_its_kind():
    shock = Shock((("L1", 0.0125),), 0.0, (("USD", -0.05), ("EUR", -0.05)))
    assert shock_words(shock, {}) == "L1 +1.25 points; USD, EUR -5%"
    assert shock_words(Shock(), {}) == ""
