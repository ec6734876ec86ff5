"""Pivots of business: every cell and subtotal is the ledger's, to the cent, whoever asks and whatever is asked."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as some

from analytics.access.areas import areas
from analytics.access.proof import FIGURES, TOLD
from analytics.access.totals import branch_parents
from analytics.errors import BadInput, NotAllowed, UnknownName
from analytics.volumes.pivot import divisions, level_below, pivot
from analytics.volumes.report import told_measures, volumes_document
from analytics.warehouse.measures import MEASURES, PERIODS
from analytics.warehouse.volumes import DIMENSIONS
from tests.logic.test_totals import BACK_OFFICE, JUNE, MAY, told

FEBRUARY, OCTOBER = date(2026, 2, 28), date(2026, 10, 31)
AUGUST, LAST_YEAR = date(2026, 8, 31), date(2025, 10, 31)
BRANCH = {"role": "manager", "level": "branch", "unit_id": "B011", "columns": "profit"}
OWN = {"role": "relationship_manager", "level": "own", "employee_id": "E0001"}
REGION = {"role": "manager", "level": "region", "unit_id": "B010", "departments": "Retail,Premier"}
# Each source of figures in SQL that owes nothing to the product: rows of customers, converted at their month's rate.
RATES = """CREATE TEMP TABLE monthly AS
    SELECT currency, month_end, arg_max(rate, rate_date) AS rate FROM fx_rates JOIN (
        SELECT last_day(booked_at::DATE) AS month_end FROM transactions UNION SELECT month_end FROM balances
    ) ON rate_date <= month_end GROUP BY ALL
    UNION ALL SELECT DISTINCT 'CNY', last_day(day::DATE), 1.0
    FROM range(DATE '2000-01-01', DATE '2040-01-01', INTERVAL 1 MONTH) AS months(day)"""
SOURCES = {
    "volume_month": """SELECT one.customer_no, one.month_end, product_id AS product, channel, kind, one.its AS currency,
        1 AS transactions, coalesce(round(greatest(amount, 0)::DOUBLE * rate, 2), 0) AS amount_in,
        coalesce(round(greatest(-amount, 0)::DOUBLE * rate, 2), 0) AS amount_out,
        coalesce(round(fee::DOUBLE * rate, 2), 0) AS fees
        FROM (SELECT *, last_day(booked_at::DATE) AS month_end, coalesce(currency, 'CNY') AS its FROM transactions) AS one
        LEFT JOIN accounts USING (account_id) LEFT JOIN monthly
            ON monthly.currency = its AND monthly.month_end = one.month_end""",
    "balance_month": """SELECT customer_no, one.month_end, product_id AS product, its AS currency,
        if(lent, 0, money) AS balance_held, if(lent, money, 0) AS balance_lent FROM (
            SELECT one.*, coalesce(round(average_balance::DOUBLE * rate, 2), 0) AS money FROM (
                SELECT customer_no, month_end, product_id, average_balance, category IN ('loan', 'card') AS lent,
                    coalesce(accounts.currency, products.currency, 'CNY') AS its
                FROM balances JOIN accounts USING (account_id) LEFT JOIN products USING (product_id)
            ) AS one LEFT JOIN monthly ON monthly.currency = its AND monthly.month_end = one.month_end
        ) AS one""",
    "account_month": """SELECT customer_no, last_day(unnest([opened_on, closed_on])) AS month_end, product_id AS product,
        coalesce(accounts.currency, products.currency, 'CNY') AS currency, unnest([1, 0]) AS new_accounts,
        unnest([0, 1]) AS closed_accounts FROM accounts LEFT JOIN products USING (product_id)""",
    "joined_month": """SELECT customer_no, last_day(onboarded_on) AS month_end, 1 AS new_customers, 0 AS lost_customers
            FROM customers
        UNION ALL SELECT DISTINCT one.customer_no, last_day(one.closed_on), 0, 1 FROM accounts AS one
        WHERE one.closed_on IS NOT NULL AND NOT EXISTS (FROM accounts AS other WHERE other.customer_no = one.customer_no
            AND coalesce(other.opened_on <= last_day(one.closed_on), true)
            AND coalesce(other.closed_on > last_day(one.closed_on), true))""",
}  # fmt: skip
SOURCES["people"] = SOURCES["volume_month"]


@pytest.fixture(scope="module")
def raw(demo, open_raw):
    """The demo bank's tables, each source as a table of its own."""
    con = open_raw(demo)
    con.execute(RATES)
    for source, sql in SOURCES.items():
        con.execute(
            f"""CREATE TEMP TABLE raw_{source} AS SELECT rows.*, strftime(month_end, '%Y-%m') AS month,
            year(month_end)::BIGINT AS year, year(month_end) || '-Q' || quarter(month_end) AS quarter,
            branch_id AS branch, region, business_line AS department, manager_id
            FROM ({sql}) AS rows JOIN customers USING (customer_no) LEFT JOIN districts USING (district_id)"""
        )
        if "product" in con.execute(f"FROM raw_{source} LIMIT 0").fetch_df():
            con.execute(
                f"""CREATE OR REPLACE TEMP TABLE raw_{source} AS SELECT rows.*, category FROM raw_{source} AS rows
                LEFT JOIN products ON product_id = product"""
            )
    return con


def by_hand(con, measure, by, first, last, who="true"):
    """What one cell after another is in plain SQL; of what stands, the last month of each period alone."""
    what = "count(DISTINCT customer_no)" if measure == "customers" else f"round(sum({measure}), 2)"
    period = next((name for name in PERIODS if name in by), "1")
    last_alone = (
        f"QUALIFY month_end = max(month_end) OVER (PARTITION BY {period})" if MEASURES[measure].stands else ""
    )
    keys = "".join(f"{name}, " for name in by)
    rows = con.execute(
        f"""SELECT {keys} {what} FROM (FROM raw_{MEASURES[measure].source}
        WHERE month_end BETWEEN '{first}' AND '{last}' {last_alone}) WHERE {who} GROUP BY ALL"""
    ).fetchall()
    return {row[:-1]: row[-1] for row in rows if row[-1] is not None}


def cells(found, depth, across=None):
    """The figures of a pivot's rows at one depth, by their labels; of one column, or the totals."""
    rows = found.table[found.table["depth"] == depth]
    column = "total" if across is None else found.across.index(across)
    labels = rows[list(found.rows[:depth])].itertuples(index=False, name=None)
    pairs = zip(labels, rows[column], strict=True)
    return {
        tuple(None if pd.isna(x) else x for x in label): figure
        for label, figure in pairs
        if figure == figure and figure != 0
    }


def rid_of_nothing(expected):
    return {key: pytest.approx(figure, abs=1e-3) for key, figure in expected.items() if figure}


@settings(
    max_examples=20,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(some.data())
def test_random_pivots_equal_plain_sql_over_the_raw_tables(demo, whole_book, raw, data):
    book = whole_book(demo)
    measure = data.draw(some.sampled_from(list(MEASURES)), "measure")
    known = [name for name in divisions(book, measure) if name != "area"]
    picked = data.draw(some.lists(some.sampled_from(known), max_size=3, unique=True), "divisions")
    rows, column = tuple(picked[:2]), picked[2] if len(picked) > 2 else ""
    first, last = sorted(data.draw(some.lists(some.sampled_from(demo.month_ends), min_size=2, max_size=2)))
    assume(column != "month" or (last - first).days < 1200)
    found = pivot(book, rows, column, measure, first, last)
    for depth in range(len(rows) + 1):
        by = rows[:depth]
        assert cells(found, depth) == rid_of_nothing(by_hand(raw, measure, by, first, last))
        expected = rid_of_nothing(by_hand(raw, measure, (*by, column), first, last)) if column else {}
        for label in found.across:
            assert cells(found, depth, label) == {
                key[:-1]: n for key, n in expected.items() if key[-1] == label
            }
        assert {key[-1] for key in expected} <= set(found.across)


def test_a_column_that_only_an_earlier_row_has_is_there(demo, whole_book, raw):
    """What is told of the whole is the last month's balance; a product that nobody held any more had no column."""
    by = ("currency", "quarter", "product")
    gone = 0
    for first in demo.month_ends[:-8]:
        last = demo.month_ends[demo.month_ends.index(first) + 8]
        expected = {key[-1] for key, n in by_hand(raw, "balance_lent", by, first, last).items() if n}
        gone += expected > {
            key[-1] for key, n in by_hand(raw, "balance_lent", by[2:], first, last).items() if n
        }
        assert expected <= set(pivot(whole_book(demo), by[:2], by[2], "balance_lent", first, last).across)
    assert gone


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(some.data())
def test_each_customer_counts_once_by_whatever_and_in_whatever_part(demo, whole_book, raw, data):
    """Over the end of a year or not, by a period or not, and of one product, channel or kind alone or not."""
    known = [*PERIODS, "region", "category", *DIMENSIONS]
    by = tuple(data.draw(some.lists(some.sampled_from(known), max_size=2, unique=True), "divisions"))
    first, last = sorted(data.draw(some.lists(some.sampled_from(demo.month_ends), min_size=2, max_size=2)))
    of = data.draw(
        some.sampled_from([None, *(name for name in known if name not in (*PERIODS, *by))]), "part"
    )
    within, who = (), "true"
    if of:
        labels = [row[0] for row in raw.sql(f"SELECT DISTINCT {of} FROM raw_people ORDER BY ALL").fetchall()]
        label = data.draw(some.sampled_from(labels), "label")
        within, who = ((of, label),), f"{of} IS NULL" if label is None else f"{of} = '{label}'"
    rows = whole_book(demo).volumes(by, first, last, ("customers",), within).rows
    found = {
        tuple(None if pd.isna(label) else label for label in key): count
        for *key, count in rows.itertuples(index=False, name=None)
    }
    assert found == rid_of_nothing(by_hand(raw, "customers", by, first, last, who))


def test_a_scope_of_one_manager_or_of_a_region_and_its_departments_is_applied(demo, book_with, raw):
    for grant, who in (
        (OWN, "manager_id = 'E0001'"),
        (BRANCH, "branch = 'B011'"),
        (
            REGION,
            "branch IN (SELECT branch_id FROM branches WHERE parent_id = 'B010') AND department IN ('Retail', 'Premier')",
        ),
    ):
        book = book_with(demo, grant)
        for measure, by in (
            ("amount_in", ("product",)),
            ("balance_held", ("category",)),
            ("new_accounts", ("currency",)),
            ("lost_customers", ("region",)),
            ("customers", ("department",)),
            ("customers", ("kind",)),
        ):
            found = pivot(book, by, "", measure, LAST_YEAR, OCTOBER)
            assert cells(found, 1) == rid_of_nothing(by_hand(raw, measure, by, LAST_YEAR, OCTOBER, who))
            assert cells(found, 0) == rid_of_nothing(by_hand(raw, measure, (), LAST_YEAR, OCTOBER, who))


def test_a_row_is_looked_into_and_its_parts_add_up_to_it(demo, whole_book):
    book = whole_book(demo)
    whole = cells(pivot(book, ("area",), "", "amount_in", FEBRUARY, OCTOBER), 1)
    assert {area for (area,) in whole} <= set(areas(branch_parents(demo)).values())
    for (area,), amount in whole.items():
        assert level_below(book, "area", area) == "area"
        inside = pivot(book, ("area",), "month", "amount_in", FEBRUARY, OCTOBER, (("area", area),))
        assert cells(inside, 0)[()] == pytest.approx(amount, abs=1e-3)
        assert sum(cells(inside, 1).values()) == pytest.approx(amount, abs=1e-3)
        assert area not in {branch for (branch,) in cells(inside, 1)}
        for (branch,) in cells(inside, 1):
            assert level_below(book, "area", branch, (("area", area),)) == ""
    year = pivot(book, ("year",), "", "fees", LAST_YEAR, OCTOBER)
    months = pivot(book, ("month",), "", "fees", date(2026, 1, 31), OCTOBER)
    assert cells(months, 0)[()] == pytest.approx(cells(year, 1)[2026,], abs=1e-3)
    assert [level_below(book, name, 2026) for name in ("year", "quarter", "month")] == [
        "quarter",
        "month",
        "",
    ]


def test_rows_stand_beside_the_period_before_and_the_year_before(demo, whole_book, raw):
    found = pivot(whole_book(demo), ("product", "kind"), "", "amount_out", AUGUST, OCTOBER)
    for name, first, last in (
        ("before", date(2026, 5, 31), date(2026, 7, 31)),
        ("year_before", date(2025, 8, 31), LAST_YEAR),
    ):
        for depth in range(3):
            expected = by_hand(raw, "amount_out", found.rows[:depth], first, last)
            rows = found.table[(found.table["depth"] == depth) & found.table[name].notna()]
            for row in rows.to_dict("records"):
                assert row[name] == pytest.approx(
                    expected[tuple(row[one] for one in found.rows[:depth])], abs=1e-3
                )
    months = pivot(whole_book(demo), ("month",), "", "amount_out", AUGUST, OCTOBER).table
    expected = by_hand(raw, "amount_out", ("month",), date(2025, 8, 31), LAST_YEAR)
    assert months["before"].isna().all()
    assert list(months["year_before"][1:]) == pytest.approx(
        [expected[f"2025-{n:02d}",] for n in (8, 9, 10)], abs=1e-3
    )


def test_the_total_comes_first_and_each_subtotal_before_its_parts_the_largest_first(demo, whole_book):
    table = pivot(whole_book(demo), ("region", "channel"), "year", "transactions", LAST_YEAR, OCTOBER).table
    assert table["depth"].iloc[0] == 0
    subtotals = table[table["depth"] == 1]
    assert list(subtotals["total"]) == sorted(subtotals["total"], reverse=True)
    for place in subtotals.index:
        parts = table[(table["depth"] == 2) & (table["region"] == table["region"][place])]
        assert list(parts.index) == list(range(place + 1, place + 1 + len(parts)))
        assert list(parts["total"]) == sorted(parts["total"], reverse=True)
        for column in (0, 1, "total"):
            assert parts[column].sum() == table[column][place]


def test_figures_of_a_small_bank_can_be_worked_out_on_paper(hand, whole_book):
    may, june = whole_book(hand).volumes(("month",), MAY, JUNE, tuple(MEASURES)).rows.to_dict("records")
    assert (may["balance_held"], may["balance_lent"]) == (365_000 + 72_000, 0)  # ten thousand dollars at 7.20
    assert (june["balance_held"], june["balance_lent"]) == (365_000 + 72_000 + 730 + 5_000, 1_000_000)
    counts = ("new_accounts", "closed_accounts", "new_customers", "lost_customers")
    assert [may[key] for key in counts] == [0, 0, 0, 0]
    assert [june[key] for key in counts] == [1, 1, 1, 0]  # A6, A5, C6; C4 keeps an account


def test_who_closes_the_last_account_is_lost_in_that_month_and_who_keeps_one_is_not(bank_of, whole_book):
    bank = bank_of(
        customers="customer_id,onboarded_on\nC1,2026-01-05\nC2,2026-01-06\nC3,2026-02-07\n",
        accounts="""account_id,customer_id,opened_on,closed_on
A1,C1,2026-01-05,2026-02-10
A2,C1,2026-01-05,2026-03-10
A3,C2,2026-01-06,2026-02-01
A4,C2,2026-02-20,
A5,C3,2026-02-07,2026-02-28
""",
        transactions="account_id,booked_at,amount\nA1,2026-01-05,1\nA4,2026-03-31,1\n",
    )
    rows = (
        whole_book(bank)
        .volumes(("month",), measures=("new_customers", "lost_customers", "closed_accounts"))
        .rows
    )
    assert rows.to_dict("list") == {
        "month": ["2026-01", "2026-02", "2026-03"],
        "new_customers": [2, 1, 0], "lost_customers": [0, 1, 1], "closed_accounts": [0, 3, 1],
    }  # fmt: skip


def test_a_version_that_was_built_without_the_marts_tells_the_same(demo, whole_book, monkeypatch):
    asked = [
        (("region", "kind"), "amount_in"),
        (("category",), "balance_held"),
        (("month",), "lost_customers"),
        (("product",), "customers"),
        ((), "customers"),
    ]
    with_marts = [told(whole_book(demo).volumes(by, FEBRUARY, MAY, (measure,))) for by, measure in asked]
    monkeypatch.setattr("analytics.access.totals.has_marts", lambda _: False)
    assert [
        told(whole_book(demo).volumes(by, FEBRUARY, MAY, (measure,))) for by, measure in asked
    ] == with_marts


def test_a_bank_of_transactions_alone_has_what_these_tell(bank_of, whole_book):
    bank = bank_of(transactions="customer_id,booked_at,amount\nC1,2026-05-05,10.25\nC2,2026-05-06,-3\n")
    book = whole_book(bank)
    assert told_measures(book) == FIGURES
    assert told(book.volumes(("month", "branch"))) == {("2026-05", None): (2, 10.25, 3.0, 0.0, 2)}
    with pytest.raises(NotAllowed, match=r"The warehouse has no accounts\.opened_on"):
        book.volumes((), measures=("new_accounts",))


def test_measures_that_have_no_such_part_and_unknown_ones_are_refused_in_words(demo, whole_book):
    book = whole_book(demo)
    with pytest.raises(BadInput, match="can't be divided by 'channel'"):
        pivot(book, ("channel",), "", "balance_held", MAY, JUNE)
    with pytest.raises(BadInput, match="can't be divided by 'product'"):
        book.volumes((), MAY, JUNE, ("new_customers",), (("product", "D01"),))
    with pytest.raises(UnknownName, match="Did you mean fees"):
        book.volumes((), MAY, JUNE, ("fee",))
    with pytest.raises(BadInput, match="another one"):
        pivot(book, ("channel", "kind"), "kind", "fees", MAY, JUNE)


def test_who_sees_totals_alone_gets_no_part_no_level_and_no_measure_that_is_not_proved(demo, book_with):
    book = book_with(demo, BACK_OFFICE)
    assert set(told_measures(book)) == set(TOLD) == {*MEASURES} - {"balance_held", "balance_lent"}
    assert set(divisions(book, "fees")) == {*PERIODS, *DIMENSIONS}
    for within in ((("branch", "B011"),), (("year", None),), (("area", "B010"),)):
        with pytest.raises(NotAllowed, match="single customers out"):
            book.volumes((), JUNE, JUNE, ("fees",), within)
    for by in (("area",), ("category",), ("month", "area")):
        with pytest.raises(NotAllowed, match="single customers out"):
            book.volumes(by, JUNE, JUNE)
    for measure in set(MEASURES) - set(TOLD):
        with pytest.raises(NotAllowed, match="those who may see the customers alone"):
            book.volumes((), JUNE, JUNE, (measure,))
    with pytest.raises(NotAllowed):
        pivot(book, ("branch",), "product", "fees", JUNE, JUNE)


def test_a_pivot_of_totals_shows_nothing_that_the_totals_hide(demo, book_with):
    book = book_with(demo, BACK_OFFICE)
    found = pivot(book, ("product",), "month", "amount_in", MAY, JUNE)
    assert found.suppressed > 0
    for column, label in enumerate(found.across):
        of_month = told(book.volumes(("month", "product"), MAY, JUNE, ("amount_in",)))
        shown = {
            product: figure
            for (month, product), (figure,) in of_month.items()
            if month == label and figure is not None
        }
        rows = found.table[(found.table["depth"] == 1) & found.table[column].notna()]
        assert set(rows["product"]) <= set(shown)
        assert all(row[column] == shown[row["product"]] for row in rows.to_dict("records"))


def test_the_document_has_what_goes_with_a_division(demo, whole_book):
    rows = volumes_document(whole_book(demo), ("month", "region"), MAY, JUNE)["rows"]
    assert {"month", "region", *MEASURES} == set(rows[0])
    by_kind = volumes_document(whole_book(demo), ("kind", "branch"), MAY, JUNE)["rows"]
    assert {"kind", "branch", *FIGURES} == set(by_kind[0])


def test_areas_of_branches_in_a_ring_and_of_several_head_offices_end(hand):
    parents = branch_parents(hand)
    assert parents["R1"] == "R2"
    assert areas(parents, "B1") == {"B1": "B1", "B11": "B11", "B12": "B12"}
    assert set(areas(parents)) == set(parents)


def test_a_row_of_nowhere_and_of_the_head_office_alone_has_no_level_below(demo, whole_book, monkeypatch):
    bank = {"HQ": None, "East": "HQ", "West": "HQ", "Port": "East"}
    monkeypatch.setattr("analytics.volumes.pivot.branch_parents", lambda warehouse: bank)
    book = whole_book(demo)
    levels = {label: level_below(book, "area", label) for label in (None, "HQ", "East", "West")}
    assert levels == {None: "", "HQ": "", "East": "area", "West": ""}
    assert level_below(book, "area", "East", (("area", "East"),)) == ""


def test_customers_of_a_history_longer_than_one_number_holds_count_once_each(bank_of, whole_book):
    """Three customers, the first in all of ninety months, the second in the oldest alone, the third each January."""
    months = pd.period_range("2018-01", periods=90, freq="M")
    rows = [
        *(f"C1,{month}-03,1" for month in months),
        f"C2,{months[0]}-05,1",
        *(f"C3,{month}-04,1" for month in months if month.month == 1),
    ]
    book = whole_book(bank_of(transactions="\n".join(["customer_id,booked_at,amount", *rows, ""])))
    assert told(book.volumes((), measures=("customers",))) == {(): (3,)}
    assert told(book.volumes(("year",), measures=("customers",))) == {
        (year,): (2 + (year == 2018),) for year in range(2018, 2026)
    }
    assert (
        sum(book.volumes(("month",), measures=("customers",)).rows["customers"]) == 89 + 1 + 8
    )  # the last month has only begun
    late = book.volumes((), date(2020, 5, 31), date(2025, 5, 31), ("customers",))
    assert told(late) == {(): (2,)}
