"""Profit in its lines: the bank worked out on paper, and sums that must agree on any bank."""

from datetime import date

import pandas as pd
import pytest

from analytics.access.earnings import account_lines, product_lines
from analytics.errors import NotAllowed, UnknownName
from analytics.recipe import Recipe
from analytics.value.profit import (
    KEYS,
    PARTS,
    by_segment,
    earned,
    profit_by_segment,
    profit_frame,
    profit_view,
    statement,
)
from analytics.value.profit_sentences import earned_sentence

MAY, JUNE = date(2026, 5, 31), date(2026, 6, 30)
LINES = [*KEYS, "profit"]

# Twelve months to June 2026, in cents: spread on deposits and on lending, fees, risk, service, profit. C1's price
# changes on the last day of May: 600 + 310 + 300. C2's dollars, at 7.20: 183.45 + 177.53, a fee of 1.25 dollars.
# C3 borrows: 2,465.75 less 821.92 of risk, two online payments. C4 only saves; C6 only pays, once, by phone.
BY_HAND = {
    "C1": (1210_00, 0, 50, 0, -16_40, 1194_10),
    "C2": (360_98, 0, 9_00, 0, -70, 369_28),
    "C3": (0, 2465_75, 0, -821_92, -1_00, 1642_83),
    "C4": (60, 0, 0, 0, 0, 60),
    "C5": (0, 0, 0, 0, 0, 0),
    "C6": (0, 0, 0, 0, -20, -20),
}


@pytest.fixture
def book(hand, whole_book):
    return whole_book(hand)


def test_every_customers_lines_are_what_paper_says_to_the_cent(book):
    rows = profit_frame(book, JUNE).set_index("customer_id")
    assert {name: tuple(rows.loc[name, LINES]) for name in rows.index} == BY_HAND


def test_the_book_is_the_sum_of_its_customers(book):
    whole = earned(profit_frame(book, JUNE))
    assert whole.profit == 3206_61 == sum(whole.parts.values())
    assert (whole.spread, whole.costs) == (1571_58 + 2465_75, 840_22)
    assert earned_sentence(whole, JUNE, "CNY") == (
        "Your 6 customers contributed CNY 3.21 k in the twelve months to 30 June 2026: "
        "CNY 4.04 k of spread and CNY 9.50 of fees, less CNY 840 of risk and service."
    )


def test_at_an_earlier_date_the_price_of_then_counts(book):
    rows = profit_frame(book, MAY).set_index("customer_id")
    assert tuple(rows.loc["C1", LINES]) == (910_00, 0, 0, 0, -40, 909_60)
    assert "C6" not in rows.index  # joins in June


def test_a_statement_shows_account_month_and_channel_each_to_the_cent(book):
    one = statement(book, JUNE, "C1")
    accounts = one.accounts.set_index("account_id")
    assert tuple(accounts.loc["A1", LINES]) == BY_HAND["C1"]
    assert accounts.loc["A1", "product"] == "Deposit"
    months = one.months.set_index("month_end")["profit"]
    assert {end.isoformat()[:7]: value for end, value in zip(pd.to_datetime(months.index).date, months, strict=True)} == {
        "2025-07": -20, "2026-04": 600_00, "2026-05": 310_00, "2026-06": 284_30,
    }  # fmt: skip
    used = one.channels.set_index("channel")
    assert used.loc["branch", ["transactions", "fees", "service"]].tolist() == [1, 0, -16_00]
    assert used.loc["mobile", ["transactions", "fees", "service"]].tolist() == [2, 50, -40]


def test_what_names_no_account_has_a_line_of_its_own(bank_of, whole_book):
    warehouse = bank_of(
        transactions="customer_id,account_id,booked_at,amount,channel,fee\nA,,2026-06-30,1,mobile,2\nA,K,2026-06-30,1,mobile,3\n",
        channel_costs="channel,unit_cost\nmobile,0.5\n",
        **PRICED,
    )
    one = statement(whole_book(warehouse), JUNE, "A").accounts.set_index("account_id")
    assert one.loc["", ["fees", "service", "profit"]].tolist() == [2_00, -50, 1_50]
    assert one.loc["K", ["deposits", "fees", "service"]].tolist() == [60_00, 3_00, -50]


PRICED = {
    "accounts": "account_id,customer_id,product_id\nK,A,P\nL,A,Q\n",
    "products": "product_id,category\nP,deposit\nQ,deposit\n",
    "product_rates": "product_id,effective_from,customer_rate,transfer_rate\nP,2020-01-01,0.01,0.02\nQ,2020-01-01,0,0\n",
    "balances": "account_id,month_end,average_balance\nK,2026-06-30,73000\nL,2026-06-30,1\n",
}  # 73,000 x 0.01 x 30 / 365 = 60.00


def test_half_cents_on_two_accounts_add_up_to_the_marts_cent(bank_of, whole_book):
    rows = "".join(f"A,{account},2026-06-30,1,mobile,0.005\n" for account in "KL")
    warehouse = bank_of(
        transactions="customer_id,account_id,booked_at,amount,channel,fee\n" + rows,
        channel_costs="channel,unit_cost\nmobile,0.005\n",
        **PRICED,
    )
    book = whole_book(warehouse)
    one = statement(book, JUNE, "A")
    assert sorted(one.accounts["fees"]) == [0, 1]
    assert sorted(one.accounts["service"]) == [-1, 0]
    assert one.whole.profit == earned(profit_frame(book, JUNE)).profit == 60_00


def test_a_cent_is_kept_where_no_channel_is_named_too(bank_of, whole_book):
    """Two currencies' 0.006 are a cent each to the marts, and 0.012 by channel."""
    warehouse = bank_of(
        transactions="customer_id,account_id,booked_at,amount,currency,fee\n"
        "A,K,2026-06-30,1,CNY,0.006\nA,K,2026-06-30,1,USD,0.006\n",
        fx_rates="currency,rate_date,rate\nUSD,2026-06-01,1\n",
        **PRICED,
    )
    one = statement(whole_book(warehouse), JUNE, "A")
    assert one.channels[["channel", "fees"]].to_numpy().tolist() == [["", 2]]
    assert one.accounts.set_index("account_id").loc["K", "fees"] == 2


def test_data_that_span_no_month_end_have_a_statement_too(bank_of, whole_book):
    tables = PRICED | {"balances": "account_id,month_end,average_balance\nK,2026-06-10,73000\n"}
    warehouse = bank_of(
        transactions="customer_id,account_id,booked_at,amount,fee\nA,K,2026-06-03,1,2\nA,K,2026-06-10,1,3\n",
        **tables,
    )
    book = whole_book(warehouse)
    assert book.as_of() == date(2026, 6, 10)
    assert statement(book, book.as_of(), "A").whole.parts["fees"] == 5_00


@pytest.fixture(scope="module")
def demo_book(demo, whole_book):
    return whole_book(demo)


def test_statements_add_up_to_what_the_marts_say_on_any_bank(demo_book):
    rows = profit_frame(demo_book, demo_book.as_of())
    assert (rows[list(KEYS)].sum(axis=1) == rows["profit"]).all()
    for row in rows.iloc[:: len(rows) // 12].itertuples():
        one = statement(demo_book, demo_book.as_of(), row.customer_id)
        told = tuple(getattr(row, name) for name in LINES)
        assert (*one.whole.parts.values(), one.whole.profit) == told
        assert tuple(one.accounts[LINES].sum()) == tuple(one.months[LINES].sum()) == told
        assert (one.channels["fees"].sum(), one.channels["service"].sum()) == (row.fees, row.service)
        assert (one.accounts[list(KEYS)].sum(axis=1) == one.accounts["profit"]).all()


@pytest.mark.parametrize("months_ago", [0, 5])
def test_lines_by_product_add_up_to_each_customers_profit(demo_book, months_ago):
    as_of = demo_book.warehouse.month_ends[-1 - months_ago]
    lines = product_lines(demo_book, as_of)
    assert not lines.duplicated(["customer_id", "product"]).any()
    profit = profit_frame(demo_book, as_of).set_index("customer_id")["profit"]
    sums = lines.groupby("customer_id")["cents"].sum().reindex(profit.index, fill_value=0)
    assert (sums == profit).all()


def test_segments_and_those_in_none_add_up_to_the_book(demo_book):
    recipe = Recipe.from_content(
        {
            "indicators": ["profit_12m", "tenure_years"],
            "where": "tenure_years >= 2",
            "method": {"key": "kmeans", "segments": 3},
        }
    )
    rows = profit_by_segment(demo_book, demo_book.as_of(), recipe.to_toml())
    assert rows["segment"].tolist() == [1, 2, 3, 0]
    whole = profit_frame(demo_book, demo_book.as_of())
    assert tuple(rows[LINES].sum()) == tuple(whole[LINES].sum())
    assert rows["customers"].sum() == len(whole)


def test_a_segments_line_is_the_sum_of_its_members():
    rows = pd.DataFrame({"customer_id": list("abcd"), "profit": [1, 2, 4, 8]})
    members = pd.DataFrame(
        {"customer_id": list("abc"), "segment": [2, 1, 2], "segment_name": ["Two", "One", "Two"]}
    )
    told = by_segment(rows, members, ["profit"])
    assert told.to_numpy().tolist() == [[1, "One", 1, 2], [2, "Two", 2, 5], [0, "", 1, 8]]


def test_a_managers_statement_is_of_own_customers_alone(hand, book_with):
    mine = book_with(
        hand, {"role": "relationship_manager", "level": "own", "employee_id": "E1", "columns": "profit"}
    )
    assert set(profit_frame(mine, JUNE)["customer_id"]) == {"C1", "C6"}
    assert set(product_lines(mine, JUNE)["customer_id"]) == {"C1", "C6"}
    assert account_lines(mine, "C2", JUNE).empty
    with pytest.raises(UnknownName):
        statement(mine, JUNE, "C2")


def test_a_channel_costs_the_same_in_any_case_and_one_without_a_cost_is_told(bank_of, whole_book):
    bank = bank_of(
        transactions="customer_id,booked_at,amount,channel\nA,2026-06-30,1,Mobile\nA,2026-06-30,1,mobile\nA,2026-06-30,1,Pigeon\n",
        channel_costs="channel,unit_cost\nMOBILE,2\nbranch,9\n",
    )
    assert whole_book(bank).frame(("service_cost_12m",))["service_cost_12m"].tolist() == [4]
    told = [line for line in bank.manifest.report["warnings"] if "without a unit cost" in line]
    assert told == [
        "1 transaction came by a channel without a unit cost and counts as free of charge: Pigeon."
    ]


def test_without_the_class_profit_there_is_no_line(hand, whole_book):
    blind = whole_book(hand, columns="pii,sensitive")
    for asked in (profit_frame, product_lines):
        with pytest.raises(NotAllowed, match="profit"):
            asked(blind, JUNE)
    with pytest.raises(NotAllowed, match="profit"):
        statement(blind, JUNE, "C1")


def test_a_bank_without_balances_says_that_it_has_no_profit(bank_of, whole_book):
    book = whole_book(bank_of(transactions="customer_id,booked_at,amount\nA,2026-06-30,1\n"))
    with pytest.raises(NotAllowed, match="balances"):
        profit_view(book, JUNE)


def test_lines_that_a_bank_has_no_data_for_are_named(bank_of, whole_book):
    warehouse = bank_of(transactions="customer_id,account_id,booked_at,amount\nA,K,2026-06-30,1\n", **PRICED)
    found = profit_view(whole_book(warehouse), JUNE)
    assert set(found.missing) == {"fees", "risk", "service"}
    assert "channel_costs" in found.missing["service"]
    assert found.whole.profit == found.whole.parts["deposits"] == 60_00


def test_a_number_with_a_quote_in_it_is_only_a_number(bank_of, whole_book):
    name = "O'Neil; DROP"
    tables = PRICED | {"accounts": f'account_id,customer_id,product_id\nK,"{name}",P\n'}
    warehouse = bank_of(
        transactions=f'customer_id,account_id,booked_at,amount\n"{name}",K,2026-06-30,1\n', **tables
    )
    assert statement(whole_book(warehouse), JUNE, name).whole.profit == 60_00


def test_a_loss_is_said_as_a_cost(book_with, hand):
    of_c6 = profit_frame(
        book_with(hand, {"role": "analyst", "level": "bank", "columns": "profit"}), JUNE
    ).tail(1)
    assert earned_sentence(earned(of_c6), JUNE, "CNY").startswith(
        "Your 1 customer cost CNY 0.20 in the twelve months"
    )


def test_there_is_an_indicator_behind_every_line(book):
    assert {part.indicator for part in PARTS} <= set(book.usable())


def test_a_month_s_cost_to_serve_is_rounded_once_whatever_was_paid_in(bank_of, whole_book):
    """Two costs of 0.4 cents each make one cent, though one was of a transaction in dollars."""
    bank = bank_of(
        transactions="customer_id,booked_at,amount,currency,channel\n"
        "K1,2026-03-05,1,CNY,mobile\nK1,2026-03-06,1,USD,mobile\nK1,2026-03-31,1,CNY,\n",
        fx_rates="currency,rate_date,rate\nUSD,2026-01-01,7\n",
        channel_costs="channel,unit_cost\nmobile,0.004\n",
    )
    assert whole_book(bank).frame(("service_cost_12m",))["service_cost_12m"].tolist() == [0.01]
