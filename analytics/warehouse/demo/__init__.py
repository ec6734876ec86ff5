"""The synthetic bank: all tables of the contract, seeded, with something to find in it.

>>> import duckdb, tempfile
>>> con = duckdb.connect()
>>> generate(con, DemoOptions(customers=50, transactions_per_customer=10, months=13), Path(tempfile.mkdtemp()))
>>> con.sql("SELECT count(*) FROM source.customers").fetchone()
(50,)
"""

from collections.abc import Callable
from dataclasses import asdict, astuple, dataclass, fields
from pathlib import Path

import duckdb

from analytics.errors import BadInput
from analytics.translation import translate as _
from analytics.warehouse.demo.bank import managers_for, write_bank
from analytics.warehouse.demo.customers import plan_customers, write_customers
from analytics.warehouse.demo.holdings import write_accounts, write_balances
from analytics.warehouse.demo.ledger import plan_ledger, write_transactions
from analytics.warehouse.demo.outreach import write_outreach
from analytics.warehouse.demo.period import Month, Period
from analytics.warehouse.demo.products import write_products
from analytics.warehouse.demo.staff import write_staff
from analytics.warehouse.demo.truth import write_truth
from analytics.warehouse.demo.writing import forget_helpers, help_with

Progress = Callable[[str, float | None], None]
LIMITS = {"customers": (1, 100_000_000), "transactions_per_customer": (1, 5_000), "months": (3, 120)}


@dataclass(frozen=True)
class DemoOptions:
    """How large a bank, over how many months, from which seed. The same options give the same bank."""

    customers: int = 20_000
    transactions_per_customer: int = 100
    months: int = 36
    seed: int = 1

    def check(self) -> None:
        """Raises BadInput for what makes no bank."""
        for name, (low, high) in LIMITS.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise BadInput(
                    _("{option} must be between {low} and {high}, got {value}.").format(
                        option="--" + name.replace("_", "-"), low=low, high=high, value=value
                    ),
                    _("Leave it out for the usual bank."),
                )


def generate(
    con: duckdb.DuckDBPyConnection, options: DemoOptions, truth_folder: Path, progress: Progress | None = None
) -> None:
    """Make the schema `source` with every contract table, and write the planted truths to `truth_folder`.

    The rows depend on the options alone, not on threads or memory. Temporary helpers are dropped at the end.
    Raises BadInput for impossible options.
    """
    options.check()
    period = Period(options.months)
    con.execute("CREATE SCHEMA IF NOT EXISTS source")
    steps: tuple[tuple[float, str, Callable[[], None]], ...] = (
        (0.02, _("Branches, products and rates"), lambda: _write_frame(con, options, period)),
        (0.05, _("Customers"), lambda: write_customers(con, period)),
        (0.15, _("Accounts"), lambda: write_accounts(con)),
        (0.20, _("Balances"), lambda: write_balances(con, period)),
        (0.35, _("Campaigns, referrals and surveys"), lambda: write_outreach(con, period)),
        (0.40, _("Transactions"), lambda: _write_ledger(con, options, period)),
        (0.98, _("Planted truths"), lambda: write_truth(con, asdict(options), period, truth_folder)),
    )
    try:
        for done, step, work in steps:
            if progress:
                progress(step, done)
            work()
    finally:
        forget_helpers(con)


def _write_frame(con: duckdb.DuckDBPyConnection, options: DemoOptions, period: Period) -> None:
    columns = " ".join(field.name for field in fields(Month))
    help_with(con, "demo_calendar", columns, (astuple(month) for month in period.calendar()))
    write_products(con, period)
    branches = write_bank(con, options.customers)
    write_staff(con, managers_for(options.customers), branches, options.seed, period)
    plan_customers(con, options.customers, options.seed, period)


def _write_ledger(con: duckdb.DuckDBPyConnection, options: DemoOptions, period: Period) -> None:
    plan_ledger(con, options.transactions_per_customer, period)
    write_transactions(con, period)
