"""An old rate is told where it is oldest, not only in the newest month."""

from datetime import date

from analytics.warehouse.engine import open_warehouse
from analytics.warehouse.load import load
from analytics.warehouse.rates.freshness import old_rates

NEWEST = date(2026, 6, 30)


def bank(tmp_path, rates):
    source = tmp_path / "source"
    source.mkdir()
    months = "".join(f"{month},A,2026-{month:02d}-{27 + month % 2},10,USD\n" for month in range(1, 7))
    (source / "transactions.csv").write_text(
        f"transaction_id,customer_id,booked_at,amount,currency\n{months}9,A,2026-06-30,1,CNY\n"
    )
    (source / "fx_rates.csv").write_text("currency,rate_date,rate\n" + rates)
    load(source, tmp_path / "w")
    return open_warehouse(tmp_path / "w")


def test_a_gap_within_the_year_is_told_though_the_newest_rate_is_fresh(tmp_path):
    warehouse = bank(tmp_path, "USD,2026-01-30,7.1\nUSD,2026-06-29,7.2\n")
    (told,) = old_rates(warehouse, NEWEST, {"fx": 7, "products": 0})
    assert (told.name, told.used_on, told.dated) == ("USD", date(2026, 5, 31), date(2026, 1, 30))
    assert old_rates(warehouse, NEWEST, {"fx": 121, "products": 0}) == []


def test_a_month_without_any_rate_comes_before_an_old_one(tmp_path):
    warehouse = bank(tmp_path, "USD,2026-02-20,7.1\n")
    (told,) = old_rates(warehouse, NEWEST, {"fx": 7, "products": 0})
    assert told.dated is None
    assert told.used_on == date(2026, 1, 31)
