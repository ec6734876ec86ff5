"""A month's profit of every customer, beside one statement written by hand that only joins and sums.

Ours gives each customer's profit by product, in lines that add up to the marts' to the cent; by hand there is a
sum a customer, in floating point, for the base currency's and the other accounts alike. Both read the same tables
and end as Arrow, in turn in one process, so that what else the machine does falls on both.

    python -m tests.bench.value data/bench-1000000      prints the table for a bank that is there
"""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date
from functools import partial
from pathlib import Path

import duckdb

from analytics.calendar import months_before
from analytics.shock import Shock
from analytics.warehouse.pricing import product_lines_sql
from analytics.warehouse.repricing import stages_sql
from analytics.warehouse.versions import Manifest, current_manifest, version_file
from tests.bench.measure import Measured, apart, in_turn, peak_memory, warehouse_folder
from tests.bench.report import kept
from tests.bench.report import table as lined

MONTH, SHOCK = "profit: a month", "profit: a shock"
RUNS, BAR = 5, 3.0
BY_HAND = """
SELECT customer_no, sum(profit) AS profit FROM (
    SELECT customer_no, average_balance::DOUBLE * rate * day(balances.month_end) / 365 * CASE
        WHEN category IN ('loan', 'card') THEN customer_rate - transfer_rate - coalesce(risk_cost_rate, 0)
        WHEN category = 'deposit' THEN transfer_rate - customer_rate END AS profit
    FROM balances JOIN accounts USING (account_id) JOIN products USING (product_id)
    JOIN price_period USING (product_id)
    JOIN month_rate ON month_rate.currency = accounts.currency AND month_rate.month_end = balances.month_end
    WHERE balances.month_end = DATE '{as_of}' AND starts <= DATE '{as_of}' AND ends > DATE '{as_of}'
    UNION ALL
    SELECT customer_no, coalesce(fee::DOUBLE * rate, 0) - coalesce(unit_cost, 0)
    FROM transactions LEFT JOIN channel_costs USING (channel)
    JOIN (FROM month_rate WHERE month_end = DATE '{as_of}') USING (currency)
    WHERE booked_at >= DATE '{before}' + 1 AND booked_at < DATE '{as_of}' + 1
) GROUP BY customer_no"""


def a_month() -> Measured:
    """Ours beside the statement by hand; the answer holds the latter's seconds and both totals."""
    con, manifest, as_of = _bank()
    ours = product_lines_sql(as_of, manifest.base_currency, months=1)
    by_hand = BY_HAND.format(as_of=as_of, before=months_before(as_of, 1))
    con.execute(ours).to_arrow_table()
    peak = peak_memory()
    con.execute(by_hand).to_arrow_table()
    works = {"ours": partial(_asked, con, ours), "floor": partial(_asked, con, by_hand)}
    told = in_turn(works, RUNS)
    totals = [
        con.execute(f"SELECT sum({column})::DOUBLE FROM ({sql})").fetchone()[0]
        for sql, column in ((ours, "cents / 100.0"), (by_hand, "profit"))
    ]
    return Measured(*told["ours"], peak, {"floor": told["floor"], "totals": totals})


def a_shock() -> Measured:
    """Twelve months of the whole bank at four stages of rates."""
    con, manifest, as_of = _bank()
    shock = Shock((("D01", -0.0025),), -0.005, (("USD", 0.1),))
    sql = stages_sql(tuple(shock.stages()), as_of, manifest.base_currency)
    con.execute(sql).to_arrow_table()
    return Measured(*in_turn({"ours": partial(_asked, con, sql)}, 3)["ours"], peak_memory())


JOBS: dict[str, Callable[[], Measured]] = {MONTH: a_month, SHOCK: a_shock}


def table(measured: Mapping[str, Measured]) -> str:
    """Seconds beside those of the statement by hand, as lines for the report."""
    ours, shock = measured[MONTH], measured[SHOCK]
    (floor, floor_cpu), (told, by_hand) = ours.answer["floor"], ours.answer["totals"]
    ratio = ours.seconds / floor
    rows = [
        ("a month's profit, by customer and product", f"{ours.seconds:.2f}", f"{floor:.2f}", f"{ratio:.2f}",
         f"{BAR:.0f}", kept(ratio, BAR), f"{ours.cpu / floor_cpu:.2f}", f"{ours.peak:,.0f}"),
        ("twelve months at other rates, four stages", f"{shock.seconds:.2f}", "", "", "", "", "", f"{shock.peak:,.0f}"),
    ]  # fmt: skip
    header = ("profit", "ours, s", "by hand, s", "ratio", "bar", "kept", "ratio of CPU", "peak, MiB")
    note = f"The month's total: {told:,.2f}, by hand without rounding to cents {by_hand:,.2f}."
    return lined(header, rows) + "\n\n" + note


def _bank() -> tuple[duckdb.DuckDBPyConnection, Manifest, date]:
    folder = warehouse_folder()
    manifest = current_manifest(folder)
    con = duckdb.connect(str(version_file(folder, manifest.version)), read_only=True)
    return con, manifest, date.fromisoformat(str(manifest.newest_as_of))


def _asked(con: duckdb.DuckDBPyConnection, sql: str) -> None:
    con.execute(sql).to_arrow_table()


def main(folder: Path) -> None:
    """Measure on a bank and print the table."""
    print(table({job: apart(folder, job, 1, module="tests.bench.value") for job in JOBS}))


if __name__ == "__main__":
    if sys.argv[1] in JOBS:
        print(json.dumps(asdict(JOBS[sys.argv[1]]())))
    else:
        main(Path(sys.argv[1]))
