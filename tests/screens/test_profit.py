"""The Profit page: where profit comes from, and what if rates move."""

import pytest

from analytics.access.book import Book
from analytics.access.grants import Grant
from analytics.access.personas import PERSONAS
from analytics.formats import money
from analytics.store.store import open_store
from analytics.value.profit import KEYS, profit_frame
from analytics.value.shocks import repriced
from analytics.warehouse.engine import open_warehouse
from tests.screens.session import (
    ANALYST,
    BRANCH_MANAGER,
    RM,
    STEWARD,
    opened,
    table_with,
    texts,
    turn_to,
    whole,
)

PRICED = {
    "accounts": "account_id,customer_id,product_id\nK,A,P\n",
    "products": "product_id,name,category\nP,Savings,deposit\n",
    "product_rates": "product_id,effective_from,customer_rate,transfer_rate\nP,2020-01-01,0.01,0.02\n",
    "balances": "account_id,month_end,average_balance\nK,2026-06-30,73000\n",
    "transactions": "customer_id,account_id,booked_at,amount\nA,K,2026-06-30,1\nB,,2026-06-30,2\n",
}


def book_of(bank, persona):
    return Book.open(open_warehouse(bank), open_store(None, bank), persona)


@pytest.mark.parametrize("persona", [RM, BRANCH_MANAGER, ANALYST])
def test_the_first_sentence_and_the_tiles_are_the_books_figures(bank, persona):
    at = whole(opened("profit", persona=persona))
    book = book_of(bank, persona)
    rows = profit_frame(book, book.as_of())
    total = money(rows["profit"].sum() / 100, "CNY")
    seen = texts(at).replace("\u00a0", " ")
    assert f"Your {len(rows):,} customer" in seen
    assert f"contributed {total} in the twelve months to " in seen
    assert at.metric[0].value == total
    assert [metric.label for metric in at.metric] == [
        "Profit",
        "Spread",
        "Fees",
        "Risk cost",
        "Cost to serve",
    ]
    listed = table_with(at, "customer_id", "profit", *KEYS)
    assert len(listed) == min(len(rows), 500)
    if len(listed) == len(rows):
        assert (
            abs(listed["profit"].sum() - rows["profit"].sum() / 100) <= len(rows) / 2
        )  # shown in whole units


def test_a_shock_is_answered_with_the_figures_of_the_shock(bank):
    at = whole(opened("profit", persona=RM))
    assert "Choose a change above" in texts(at)
    at.number_input(key="shock_curve").set_value(-0.5).run()
    at.multiselect(key="shock_currencies").set_value(["USD"])
    at.number_input(key="shock_percent").set_value(10.0).run()
    whole(at)
    book = book_of(bank, RM)
    found = repriced(book, book.as_of(), (), -0.005, (("USD", 0.1),))
    assert f"Profit would have been {money(found.after / 100, 'CNY')}" in texts(at)
    assert "transfer curve -0.5 points; USD +10%" in texts(at)
    assert f"It touches {found.changed} of {found.count} customers" in texts(at)
    assert (
        table_with(at, "A then", "B then", "C then").iloc[:, 1:].to_numpy().tolist()
        == found.tiers.to_numpy().tolist()
    )
    at.session_state["shock_by_segment"] = True
    segments = table_with(whole(at.run()), "name", "before", "curve", "after").iloc[-1]
    assert (round(segments["before"] * 100), round(segments["after"] * 100)) == (found.before, found.after)


def test_a_products_rate_is_chosen_by_name(bank):
    at = whole(opened("profit", persona=RM))
    at.multiselect(key="shock_products").set_value(["L01"])
    at.number_input(key="shock_product_points").set_value(-0.25).run()
    assert "Home loan 住房贷款 -0.25 points" in texts(whole(at))


def test_an_open_list_of_segments_adds_up_to_the_book(bank):
    at = opened("profit", persona=RM)
    at.session_state["profit_by_segment"] = True
    whole(at.run())
    book = book_of(bank, RM)
    rows = profit_frame(book, book.as_of())
    table = table_with(at, "name", "customers", "profit")
    assert table.iloc[-1]["name"] == "Total"
    assert round(table.iloc[-1]["profit"] * 100) == rows["profit"].sum()
    assert round(table.iloc[:-1]["profit"].sum() * 100) == rows["profit"].sum()
    assert table.iloc[-1]["customers"] == len(rows)


def test_without_balances_the_page_says_so_and_answers_in_another_measure(own_bank):
    own_bank(transactions=PRICED["transactions"])
    at = whole(opened("profit"))
    seen = texts(at)
    assert "2 customers" in seen
    assert "not profit" in seen
    assert "balances.average_balance" in seen
    assert not at.number_input


def test_without_unit_costs_the_line_is_named_as_missing(own_bank):
    own_bank(**PRICED)
    at = whole(opened("profit"))
    sentence = texts(at).replace("\u00a0", " ")
    assert (
        "contributed CNY 60 in the twelve months to 30 June 2026: CNY 60 of spread and CNY 0 of fees."
        in sentence
    )
    assert "No line for cost to serve, which counts as zero." in texts(at)
    assert "channel_costs.unit_cost" in texts(at)


def test_without_the_class_profit_there_is_nothing_of_it(bank, bank_store):
    bank_store.grants.give(Grant(STEWARD, "analyst", "bank"), by=STEWARD)
    at = whole(turn_to(opened(persona=STEWARD), "profit"))
    assert "do not show profit figures" in texts(at)
    assert not at.number_input
    assert not any({"profit", *KEYS} & set(table.value.columns) for table in at.dataframe)


def test_who_may_not_see_names_sees_none(bank, bank_store):
    mine = PERSONAS[0]
    bank_store.grants.give(
        Grant(STEWARD, "analyst", "own", mine.employee_id, columns=frozenset({"profit"})), by=STEWARD
    )
    at = whole(turn_to(opened(persona=STEWARD), "profit"))
    listed = table_with(at, "customer_id", "profit")
    assert "name" not in listed or listed["name"].str.contains("•").all()


def test_a_book_without_customers_says_so(bank, bank_store):
    nobody = Grant(STEWARD, "relationship_manager", "own", "E9999", columns=frozenset({"profit"}))
    bank_store.grants.give(nobody, by=STEWARD)
    at = whole(turn_to(opened(persona=STEWARD), "profit"))
    assert at.title[0].value.startswith("There is no customer in your book")
    assert not at.metric
    assert not at.number_input


def test_a_recipe_that_leaves_nobody_is_said_in_its_place_and_the_shock_is_answered(bank):
    at = opened(
        "profit",
        persona=RM,
        link={"where": "tenure_years > 900", "method": "kmeans", "indicators": "profit_12m,tenure_years"},
    )
    for key in ("profit_by_segment", "shock_by_segment"):
        at.session_state[key] = True
    whole(at.run())
    at.number_input(key="shock_curve").set_value(1.0).run()
    whole(at)
    assert "Profit would have been" in texts(at)
    assert len(at.error) == 2  # once for each list of segments


def test_profit_that_fell_is_shown_as_a_fall(own_bank):
    """English money begins with its currency, so that its sign has to come first."""
    own_bank(
        **PRICED
        | {"transactions": "customer_id,booked_at,amount,fee\nA,2025-06-15,1,100\nA,2026-06-30,1,30\n"}
    )
    at = whole(opened("profit"))
    assert (at.metric[0].value, at.metric[0].delta) == ("CNY 90", "-CNY 10")
