"""What a fit of lifetimes rests on: who counts as here, how few months are read, which model there is."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from analytics.access.histories import KEY, fitted, standing
from analytics.lifetime.credibility import Credibility, fit_credibility
from analytics.lifetime.models import Margins, Purchases, model_of
from analytics.lifetime.survival import Survival
from analytics.value.lifetime.outlook import outlook
from analytics.value.lifetime.sentences import model_words
from analytics.warehouse.engine import open_warehouse
from analytics.warehouse.load import load
from tests.conftest import write_tables
from tests.logic.test_lifetime import purchases_of_a_shop


def closed_bank() -> dict[str, str]:
    """Customers with a deposit account each and two transactions in all; the first 30 close theirs at the end of 2025,
    and rows of zero follow."""
    ends = pd.date_range("2025-01-31", "2026-06-30", freq="ME").strftime("%Y-%m-%d")
    rows = [(f"A{who}", end, 0 if who < 30 and end > "2025-12-31" else 1000 + who)
            for who in range(100) for end in ends]  # fmt: skip
    return {
        "transactions": "customer_id,booked_at,amount,channel,fee\nC99,2025-01-31,1,online,0\nC99,2026-06-30,1,online,0",
        "channel_costs": "channel,unit_cost\nonline,0",
        "customers": "customer_id\n" + "\n".join(f"C{who}" for who in range(100)),
        "products": "product_id,name,category\nP,Savings,deposit",
        "product_rates": "product_id,effective_from,customer_rate,transfer_rate\nP,2020-01-01,0.01,0.03",
        "accounts": "account_id,customer_id,product_id\n"
        + "\n".join(f"A{who},C{who},P" for who in range(100)),
        "balances": "account_id,month_end,average_balance\n" + "\n".join(f"{a},{m},{b}" for a, m, b in rows),
    }


def test_rows_of_a_zero_balance_keep_nobody_here(bank_of, whole_book):
    book = whole_book(bank_of(**closed_bank()))
    day = date(2026, 6, 30)
    found = standing(book, day).set_index("customer_id")
    assert found.loc[[f"C{who}" for who in range(30)], "has_left"].all()
    assert found["is_here"].sum() == 70
    assert found.loc["C0", "reached"] == 11  # December 2025
    months = float(found.loc["C99", "profit_cents"]) / 100
    assert found.loc["C99", "squares"] == pytest.approx(months**2 / 12, rel=0.01)
    assert book.available[KEY] is None
    assert outlook(book, day).gone == 30


def test_where_margins_cant_be_fitted_purchases_are_and_the_reason_is_kept(tmp_path, whole_book):
    rows = purchases_of_a_shop()
    more = [("Z", f"2026-{month:02d}-15", 1.0) for month in range(1, 7)]
    text = "transaction_id,customer_id,account_id,booked_at,amount,channel,fee\n" + "\n".join(
        f"T{n},{who},,{day},{amount},online,1" for n, (who, day, amount) in enumerate(rows + more)
    )
    ends = pd.date_range("2023-07-31", "2026-06-30", freq="ME").strftime("%Y-%m-%d")
    everybody = sorted({who for who, _day, _amount in rows + more})
    tables = {
        "transactions": text,
        "customers": "customer_id\n" + "\n".join(everybody),
        "products": "product_id,name,category\nP,Savings,deposit",
        "product_rates": "product_id,effective_from,customer_rate,transfer_rate\nP,2020-01-01,0.01,0.03",
        "channel_costs": "channel,unit_cost\nonline,0.1",
        "accounts": "account_id,customer_id,product_id\n" + "\n".join(f"A{who},{who},P" for who in everybody),
        "balances": "account_id,month_end,average_balance\n"
        + "\n".join(f"A{who},{end},10" for who in everybody for end in ends),
    }
    load(write_tables(tmp_path / "source", tables), tmp_path / "warehouse")
    warehouse = open_warehouse(tmp_path / "warehouse")
    book = whole_book(warehouse)
    assert book.available["profit_12m"] is None
    model = fitted(book, warehouse.newest_as_of)
    assert isinstance(model, Purchases)
    assert "Only 0 customers have left" in model.because
    assert f"margin and survival could not be fitted: {model.because}" in model_words(model)
    assert model_of(model.document()) == model


def test_few_months_are_drawn_to_the_peers_and_a_whole_year_is_not():
    believed = Credibility(3.0, 10.0)
    assert believed.margin([400, 110, 1200], [1, 11, 12]).tolist() == [107.5, 10.0, 100.0]
    assert Credibility().margin([400], [1]).tolist() == [400.0]


def test_credibility_is_estimated_from_the_months_and_hardly_moved_by_one_whale():
    chance = np.random.default_rng(3)
    months = chance.normal(chance.normal(100, 20, 4_000)[:, None], 60, (4_000, 12))  # k = 60^2 / 20^2 = 9
    profit, squares, year = months.sum(1), (months**2).sum(1), np.full(4_000, 12)
    found = fit_credibility(profit, squares, year)
    assert found.k == pytest.approx(9, rel=0.35)
    assert found.peers == pytest.approx(100, rel=0.02)
    profit[0], squares[0] = 1e9, 1e18
    whale = fit_credibility(profit, squares, year)
    assert [whale.k, whale.peers] == pytest.approx([found.k, found.peers], rel=0.01)
    short = fit_credibility(profit, squares, np.full(4_000, 6))
    assert short.k == 24
    even = np.ones((50, 12)) * np.arange(50)[:, None]
    assert fit_credibility(even.sum(1), (even**2).sum(1), np.full(50, 12)).k == 0


def test_the_models_words_say_how_few_months_are_read_and_whether_customers_differ():
    alike = model_words(Margins(Survival(1e4, 99e4, 0.0, 100), Credibility(2.5, 10.0)))
    assert "Customers do not differ in their chance of leaving: 11.4% leave within twelve months" in alike
    assert "for 2.5 months more" in alike
    assert "beta-geometric" not in alike
    differ = model_words(Margins(Survival(1.0, 30.0, 0.0, 100)))
    assert "beta-geometric" in differ
    assert "fewer than twelve months" not in differ
