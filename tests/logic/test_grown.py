"""A version that grows out of another one, by `load --append` or by new rates, says what one loaded whole says."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as some

from analytics.calendar import month_end, month_ends
from analytics.warehouse.doings import COUNTED_BY, bit_of_month, counted_before
from analytics.warehouse.engine import Warehouse, open_warehouse
from analytics.warehouse.load import load
from analytics.warehouse.rates.importing import import_rates
from analytics.warehouse.recorded import RECORDED, Recorded
from analytics.warehouse.versions import current_manifest, version_file
from analytics.warehouse.volumes import OF_UNIT
from tests.conftest import HAND, write_tables
from tests.parts import part_by_month, written

UNIT = ", ".join(OF_UNIT)
OF_CUSTOMER = (
    "SELECT customer_id, {mart}.* EXCLUDE (customer_no) FROM {mart} JOIN customers USING (customer_no)"
)
OF_UNITS = f"SELECT {UNIT}, {{mart}}.* EXCLUDE (unit_no) FROM {{mart}} JOIN volume_unit USING (unit_no)"
# Every mart without the numbers that it gives to customers, units and doings: a bank that grows has them in another order.
MARTS = {
    **dict.fromkeys(("customer_month", "foreign_fee", "customer_lifetime"), OF_CUSTOMER),
    **dict.fromkeys(("volume_month", "balance_month", "account_month", "joined_month"), OF_UNITS),
    **dict.fromkeys(("currency_month", "month_rate", "price_period"), "FROM {mart}"),
    "customer_unit": """SELECT customer_id, customer_unit.* EXCLUDE (customer_no, unit_no)
        FROM customer_unit JOIN customers USING (customer_no)""",
    "volume_unit": f"SELECT {UNIT} FROM volume_unit",
    "doing": "SELECT * EXCLUDE (doing_no) FROM doing",
    "customer_now": "SELECT * EXCLUDE (customer_no) FROM customer_now",
}
IN_WHICH_MONTHS = """SELECT customer_id, doing.* EXCLUDE (doing_no), month_end FROM doing_months
    JOIN customers USING (customer_no) JOIN doing USING (doing_no) JOIN bits USING (block) WHERE months & bit <> 0"""


def bits_of(warehouse: Warehouse) -> str:
    """Where each month is, as a table."""
    first, last = (
        warehouse.query("SELECT min(booked_at)::DATE, max(booked_at)::DATE FROM transactions")
        .to_pylist()[0]
        .values()
    )
    rows = ", ".join(
        f"({block}, {bit}, DATE '{end}')"
        for end in month_ends(first, month_end(last))
        for block, bit in [bit_of_month(end, warehouse.counted_from)]
    )
    return f"bits AS (FROM (VALUES {rows}) AS bits(block, bit, month_end))"


def told(warehouse: Warehouse, sql: str) -> pd.DataFrame:
    rows = warehouse.query(sql).to_pandas()
    return rows.sort_values(list(rows.columns), ignore_index=True)


def same(one: Warehouse, other: Warehouse) -> None:
    """Fail where a mart of one says what that of the other does not."""
    for mart, sql in MARTS.items():
        pd.testing.assert_frame_equal(
            told(one, sql.format(mart=mart)), told(other, sql.format(mart=mart)), rtol=1e-9, obj=mart
        )
    pd.testing.assert_frame_equal(
        told(one, f"WITH {bits_of(one)} {IN_WHICH_MONTHS}"),
        told(other, f"WITH {bits_of(other)} {IN_WHICH_MONTHS}"),
    )
    assert one.manifest.tables == other.manifest.tables
    assert one.manifest.fitted == other.manifest.fitted
    assert one.manifest.refused == other.manifest.refused


def counts_everybody_once(warehouse: Warehouse) -> None:
    """Fail where a row counts a customer whom an earlier one has counted, or none does, by any labels."""
    for labels in COUNTED_BY:
        by = "".join(f"{label}, " for label in labels)
        before = counted_before(labels)
        rows = "FROM doing_months JOIN doing USING (doing_no)"
        for asked in (-1, 0b1010101010101010, 0b11):
            mine = told(
                warehouse,
                f"SELECT {by}block, count(*) AS n {rows} WHERE months & {asked} <> 0 "
                f"AND {before} & {asked} = 0 GROUP BY ALL",
            )
            plain = told(
                warehouse,
                f"SELECT {by}block, count(DISTINCT customer_no) AS n {rows} "
                f"WHERE months & {asked} <> 0 GROUP BY ALL",
            )
            pd.testing.assert_frame_equal(mine, plain)


def split(tables: Mapping[str, str], later: Mapping[str, set[int]]) -> tuple[dict[str, str], dict[str, str]]:
    """The tables without some of their rows, by number, and these alone."""
    before, more = {}, {}
    for name, text in tables.items():
        head, *rows = text.splitlines()
        parted = later.get(name, set())
        for part, inside in ((before, False), (more, True)):
            kept = [row for n, row in enumerate(rows) if (n in parted) == inside]
            if kept or not inside:
                part[name] = "\n".join([head, *kept]) + "\n"
    return before, more


def grown(folder: Path, before: Mapping[str, str], *more: Mapping[str, str]) -> Warehouse:
    """A bank to which one part after the other was added."""
    root = folder / "grown"
    load(write_tables(folder / "before", before), root)
    for place, part in enumerate(more):
        load(write_tables(folder / f"more{place}", part), root, append=True)
    return open_warehouse(root)


def whole(folder: Path, tables: Mapping[str, str]) -> Warehouse:
    load(write_tables(folder / "all", tables), folder / "whole")
    return open_warehouse(folder / "whole")


# A year and a half of six customers, in which most of what can come late comes.
CUSTOMERS = [f"C{n}" for n in range(1, 7)]
some_days = some.dates(date(2025, 2, 1), date(2026, 7, 10))
some_rows = some.lists(
    some.tuples(
        some.sampled_from(CUSTOMERS),
        some_days,
        some.integers(-900, 900),
        some.sampled_from(["CNY", "USD", ""]),
        some.sampled_from(["mobile", "branch", ""]),
        some.sampled_from(["", "0.5"]),
    ),
    min_size=4,
    max_size=25,
)


@settings(max_examples=8, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(rows=some_rows, chosen=some.randoms(use_true_random=False))
def test_what_is_added_in_any_order_is_as_if_it_had_been_there(tmp_path_factory, rows, chosen):
    folder = tmp_path_factory.mktemp("grown")
    ledger = "".join(
        f"R{n},{who},,{day} 10:00:00,{amount},{currency},card,{channel},{fee}\n"
        for n, (who, day, amount, currency, channel, fee) in enumerate(rows)
    )
    tables = dict(HAND) | {"transactions": HAND["transactions"] + ledger}
    names = ("transactions", "balances", "fx_rates", "product_rates", "surveys", "channel_costs", "employees")
    later = {
        name: {n for n in range(1, tables[name].count("\n")) if chosen.random() < 0.3}
        for name in names
        if name in tables and chosen.random() < 0.5
    }
    before, more = split(tables, later)
    if not more:
        before, more = split(tables, {"transactions": {len(rows)}})
    one, other = grown(folder, before, more), whole(folder, tables)
    same(one, other)
    counts_everybody_once(one)


@pytest.fixture(scope="module")
def demo_parts(demo: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("parts")
    written(demo, folder / "all")
    part_by_month(folder, demo.month_ends[-2])
    return folder


def test_a_month_added_to_the_demo_bank_is_as_if_it_had_been_there(demo_parts):
    root = demo_parts / "grown"
    load(demo_parts / "before", root)
    before = current_manifest(root)
    load(demo_parts / "month", root, append=True)
    load(demo_parts / "all", demo_parts / "whole")
    one = open_warehouse(root)
    same(one, open_warehouse(demo_parts / "whole"))
    counts_everybody_once(one)
    assert one.manifest.customers > before.customers  # some of them are new
    assert one.manifest.counted_from == before.counted_from  # and the months were not counted anew


def test_months_can_be_added_until_there_is_no_room_for_their_bits(tmp_path):
    ledger, root = "customer_id,booked_at,amount,channel\n", tmp_path / "grown"
    load(
        write_tables(
            tmp_path / "first", {"transactions": ledger + "A,2024-01-05,1,atm\nB,2024-01-31,1,atm\n"}
        ),
        root,
    )
    starts = [current_manifest(root).counted_from]
    for day in ("2024-02-29", "2025-01-31", "2025-02-28", "2025-03-31"):
        rows = f"A,{day},1,atm\n{'BC'[len(starts) % 2]},{day},1,pos\n"
        load(write_tables(tmp_path / "more", {"transactions": ledger + rows}), root, append=True)
        starts.append(current_manifest(root).counted_from)
        counts_everybody_once(open_warehouse(root))
    assert starts == ["2025-01-31", "2025-01-31", "2025-01-31", "2026-02-28", "2026-02-28"]


def test_the_months_before_are_not_built_again(tmp_path, monkeypatch):
    """A figure of the mart that was changed by hand stays in the months before, and goes in those that are touched."""
    root = tmp_path / "w"
    ledger = "customer_id,booked_at,amount\n"
    load(write_tables(tmp_path / "one", {"transactions": ledger + "A,2026-01-05,1\nA,2026-02-28,2\n"}), root)
    path = version_file(root, current_manifest(root).version)
    with duckdb.connect(str(path)) as con:
        con.execute("UPDATE customer_month SET weekend_count = 77")
        con.execute("CHECKPOINT")
    monkeypatch.setattr("analytics.warehouse.publish.require_whole", lambda *_: None)
    load(
        write_tables(tmp_path / "two", {"transactions": ledger + "A,2026-02-27,3\nA,2026-03-31,3\n"}),
        root,
        append=True,
    )
    rows = (
        open_warehouse(root)
        .query(
            "SELECT weekend_count = 77 AS old, until::VARCHAR AS until FROM customer_month ORDER BY month_end"
        )
        .to_pylist()
    )
    assert [row["old"] for row in rows] == [True, False, False]
    assert [row["until"] for row in rows] == ["2026-02-28", "2026-03-31", "9999-12-31"]


def test_rows_that_say_what_older_rows_mean_change_every_month(tmp_path):
    """Products without which balances earned nothing, channels without a cost, and managers without a team."""
    later = {name: HAND[name] for name in ("products", "product_rates", "channel_costs", "employees")}
    before = {name: text for name, text in HAND.items() if name not in later}
    one, other = (
        grown(tmp_path, before, *({name: text} for name, text in later.items())),
        whole(tmp_path, HAND),
    )
    same(one, other)


def test_a_bank_without_customers_grows_too(tmp_path):
    """They are made up from transactions: some are new, and some become real with a later table of customers."""
    ledger = "transaction_id,customer_id,booked_at,amount\n"
    first = ledger + "1,B,2026-01-05,10\n2,B,2026-02-28,-3\n"
    more = ledger + "3,A,2026-02-05,5\n4,C,2026-03-31,-1\n"
    one = grown(tmp_path, {"transactions": first}, {"transactions": more})
    same(one, whole(tmp_path, {"transactions": first + more.removeprefix(ledger)}))
    customers = {"customers": "customer_id,onboarded_on\nC,2025-06-01\nA,\nD,2026-01-09\n"}
    load(write_tables(tmp_path / "named", customers), one.root, append=True)
    found = told(
        open_warehouse(one.root),
        "SELECT customer_id, customer_no, onboarded_on IS NOT NULL AS known FROM customers",
    )
    assert found.to_dict("list") == {
        "customer_id": ["A", "B", "C", "D"], "customer_no": [1, 0, 2, 3], "known": [False, False, True, True],
    }  # fmt: skip


def test_new_and_corrected_rates_build_what_hangs_on_them(tmp_path):
    """A day's rate, and one of two months ago that was wrong: as if both had been loaded."""
    rates = {"fx_rates": HAND["fx_rates"].replace("7.20", "7.40") + "USD,2026-07-05,7.55\n"}
    one = grown(tmp_path, HAND)
    delivered = "currency,rate_date,rate\nUSD,2026-05-29,7.40\nUSD,2026-07-05,7.55\n"
    import_rates(one.root, "fx", delivered.encode(), "rates.csv")
    same(open_warehouse(one.root), whole(tmp_path, {**HAND, **rates}))
    assert open_warehouse(one.root).version != one.version


def test_a_month_can_be_added_after_the_only_contact_of_a_campaign_was_taken_back(tmp_path):
    """What the app recorded may be fewer rows than before: a table of it that is empty now holds no column."""
    campaigns = pd.DataFrame(
        [("clientele-1", "Spring", None, "phone", date(2026, 4, 1), 2.5)],
        columns=["campaign_id", "name", "product_id", "channel", "starts_on", "cost_per_contact"],
    )
    contacts = pd.DataFrame(
        [("clientele-1", "C1", date(2026, 4, 2), False, None)],
        columns=["campaign_id", "customer_id", "contacted_at", "is_holdout", "responded_at"],
    )
    root = tmp_path / "bank"
    hand = {name: text for name, text in HAND.items() if name not in RECORDED}
    load(write_tables(tmp_path / "hand", hand), root, outreach=lambda _owners: Recorded(campaigns, contacts))
    assert "contacted_at" in current_manifest(root).tables["contacts"]
    more = {"transactions": "transaction_id,customer_id,booked_at,amount\nT99,C1,2026-07-03,10\n"}
    nobody = Recorded(campaigns.head(0), contacts.head(0))
    load(write_tables(tmp_path / "more", more), root, append=True, outreach=lambda _owners: nobody)
    assert current_manifest(root).tables["contacts"] == []
