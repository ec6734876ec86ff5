"""What the bank sells, at which rates, and what serving through each channel costs."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
from currency_converter import CurrencyConverter, RateNotFoundError

from analytics.warehouse.demo.period import Period
from analytics.warehouse.demo.writing import help_with, keep

BASE_CURRENCY = "CNY"


@dataclass(frozen=True)
class Product:
    """`customer` and `transfer`: today's yearly rates; `follows`: how much of the market's way they went along.

    `term`: months after which a loan is paid back, or how long ago an account may have been opened at most.
    """

    product_id: str
    name: str
    category: str
    currency: str = BASE_CURRENCY
    risk_level: int = 1
    risk_cost: float | None = None
    customer: float | None = None
    transfer: float | None = None
    follows: tuple[float, float] = (1.0, 1.0)
    term: int = 72
    is_active: bool = True


# fmt: off
PRODUCTS = (
    Product("D01", "Everyday account 活期账户", "deposit", customer=0.0010, transfer=0.0165, follows=(0.1, 0.5)),
    Product("D02", "One-year deposit 一年定期", "deposit", customer=0.0115, transfer=0.0165, term=45),
    Product("D03", "Three-year deposit 三年定期", "deposit", customer=0.0150, transfer=0.0192, term=45),
    Product("D04", "Large certificate 大额存单", "deposit", customer=0.0168, transfer=0.0200, term=45),
    Product("D05", "Star Promise deposit 星诺存款", "deposit", customer=0.0330, transfer=0.0195, follows=(0.0, 1.0),
            is_active=False),
    Product("D06", "Business current account 对公活期", "deposit", customer=0.0025, transfer=0.0165, follows=(0.2, 0.5)),
    Product("D11", "US dollar account 美元账户", "deposit", "USD", customer=0.0230, transfer=0.0365, term=45),
    Product("D12", "Euro account 欧元账户", "deposit", "EUR", customer=0.0060, transfer=0.0190, term=45),
    Product("D13", "Hong Kong dollar account 港元账户", "deposit", "HKD", customer=0.0180, transfer=0.0300, term=45),
    Product("D14", "Yen account 日元账户", "deposit", "JPY", customer=0.0005, transfer=0.0060, follows=(0.0, -0.2), term=45),
    Product("L01", "Home loan 住房贷款", "loan", risk_cost=0.0012, customer=0.0330, transfer=0.0222, term=300),
    Product("L02", "Consumer loan 消费贷款", "loan", risk_cost=0.0140, customer=0.0520, transfer=0.0215, term=36),
    Product("L03", "Car loan 汽车贷款", "loan", risk_cost=0.0060, customer=0.0390, transfer=0.0210, term=48),
    Product("L04", "Working capital loan 流动资金贷款", "loan", risk_cost=0.0080, customer=0.0415, transfer=0.0220, term=48),
    Product("L05", "Start-up support loan 创业扶持贷款", "loan", risk_cost=0.0260, customer=0.0310, transfer=0.0220, term=60),
    Product("C01", "Classic card 普通信用卡", "card", risk_cost=0.0450, customer=0.1600, transfer=0.0220, term=60),
    Product("C02", "Platinum card 白金信用卡", "card", risk_cost=0.0300, customer=0.1500, transfer=0.0220, term=60),
    Product("C03", "Business card 商务信用卡", "card", risk_cost=0.0380, customer=0.1550, transfer=0.0220, term=60),
    Product("F01", "Money fund 货币基金", "fund", risk_level=1, term=45),
    Product("F02", "Bond fund 债券基金", "fund", risk_level=2, term=45),
    Product("F03", "Equity fund 股票基金", "fund", risk_level=4, term=45),
    Product("F04", "Technology fund 科技基金", "fund", risk_level=5, term=45),
    Product("W01", "Ninety-day plan 九十天理财", "wealth", risk_level=2, term=45),
    Product("W02", "Balanced mandate 稳健委托", "wealth", risk_level=3, term=45),
    Product("I01", "Family protection 家庭保障险", "insurance"),
    Product("I02", "Annuity 养老年金险", "insurance", risk_level=2),
    Product("X01", "Exchange service 结售汇", "fx", risk_level=2),
    Product("P01", "Mobile wallet 手机钱包", "payment"),
    Product("P02", "Payroll service 代发工资", "payment"),
    Product("P03", "Merchant service 商户收单", "payment"),
    Product("P04", "Settlement passbook 结算存折", "payment"),
)
# fmt: on

# How far the market stood above today's level, from each date on: it came down in steps.
MARKET = (
    (date(2000, 1, 1), 0.0150),
    (date(2020, 4, 20), 0.0110),
    (date(2022, 8, 22), 0.0090),
    (date(2024, 2, 20), 0.0065),
    (date(2024, 7, 22), 0.0045),
    (date(2025, 5, 20), 0.0025),
    (date(2026, 3, 20), 0.0),
)

# CNY for one transaction. `system` is what nobody asked for at a counter or a screen: salaries, interest, fees.
CHANNEL_COSTS = (
    ("mobile", 0.20),
    ("online", 0.50),
    ("branch", 16.00),
    ("atm", 2.40),
    ("phone", 9.00),
    ("system", 0.05),
)

# Foreign currencies, and about what one unit is in CNY (for sizing amounts; values use the ECB's rates).
CURRENCIES = {"USD": 7.1, "EUR": 7.7, "HKD": 0.91, "JPY": 0.047, "GBP": 9.0}
OPENING_DAYS = 10  # rates before the period, so that its first days have a last known one


def write_products(con: duckdb.DuckDBPyConnection, period: Period) -> None:
    """Make products, product_rates, channel_costs and fx_rates."""
    listed = (
        (p.product_id, p.name, p.category, p.currency, p.risk_level, p.risk_cost, p.is_active, p.term)
        for p in PRODUCTS
    )
    columns = "product_id name category currency risk_level risk_cost_rate is_active term"
    help_with(con, "demo_products", columns, listed)
    keep(con, "products", "FROM demo_products")
    _keep_rows(con, "product_rates", "product_id effective_from customer_rate transfer_rate", product_rates())
    _keep_rows(con, "channel_costs", "channel unit_cost", CHANNEL_COSTS)
    _keep_rows(con, "fx_rates", "currency rate_date rate", exchange_rates(period))


def product_rates() -> Iterator[tuple[str, date, float, float]]:
    """(product, from when, customer's rate, transfer rate), yearly; products without a rate have no row."""
    for product in PRODUCTS:
        if product.customer is None or product.transfer is None:
            continue
        for effective_from, above in MARKET:
            customer = product.customer + product.follows[0] * above
            transfer = product.transfer + product.follows[1] * above
            yield product.product_id, effective_from, round(customer, 5), round(transfer, 5)


def exchange_rates(period: Period) -> Iterator[tuple[str, date, float]]:
    """(currency, day, CNY for one unit) for every day that the European Central Bank quoted both.

    Its reference rates are for one euro; the cross rate is CNY for a euro over the currency for a euro.
    """
    ecb = CurrencyConverter()
    first = period.start.toordinal() - OPENING_DAYS
    for currency in CURRENCIES:
        for day in map(date.fromordinal, range(first, period.end.toordinal() + 1)):
            try:
                yield currency, day, ecb.convert(1, currency, BASE_CURRENCY, date=day)
            except RateNotFoundError:  # a weekend or a holiday
                continue


def _keep_rows(
    con: duckdb.DuckDBPyConnection, table: str, columns: str, rows: Iterable[Sequence[object]]
) -> None:
    help_with(con, f"demo_{table}", columns, rows)
    keep(con, table, f"FROM demo_{table}")
