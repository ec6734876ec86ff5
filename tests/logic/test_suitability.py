"""Suitability: nothing above tolerance, on a stale assessment, without consent, already held or not sold any more."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import NotEnoughData
from analytics.needs.offers import offer_counts, offering
from analytics.needs.suitability import (
    REASONS,
    Standing,
    a_year_before,
    counted,
    held_back,
    standing,
    unknown,
)
from analytics.warehouse.engine import open_warehouse
from analytics.warehouse.load import load
from tests.conftest import write_tables

JUNE = date(2026, 6, 30)
DAYS = st.one_of(
    st.none(), st.dates(date(2024, 1, 1), date(2026, 12, 31)),
    st.sampled_from([date(2025, 6, 29), date(2025, 6, 30), date(2025, 7, 1), JUNE, date(2026, 7, 1)]),
)  # fmt: skip
CUSTOMER = st.tuples(
    st.one_of(st.none(), st.integers(1, 5)), DAYS, st.sampled_from([True, True, False, None])
)
PRODUCT = st.tuples(st.one_of(st.none(), st.integers(1, 5)), st.sampled_from([True, True, True, False]))


def by_hand(customer, product, held):
    """The first reason that applies, written again from definitions.md, one pair at a time; "" for none."""
    tolerance, assessed, consent = customer
    level, sold = product
    if not sold:
        return "not_sold"
    if held:
        return "already_held"
    if consent is not True:
        return "no_consent"
    if tolerance is None or assessed is None or assessed > JUNE:
        return "not_assessed"
    if assessed < date(2025, 6, 30):
        return "stale_assessment"
    if level is None:
        return "no_risk_level"
    return "above_tolerance" if level > tolerance else ""


def known(customers, products, held):
    shelf = pd.DataFrame(
        {"name": "x", "category": "fund", "risk_level": pd.array([p[0] for p in products], "Int64"),
         "is_active": [p[1] for p in products]},
        index=pd.Index([f"P{n}" for n in range(len(products))], name="product_id"),
    )  # fmt: skip
    return Standing(
        as_of=JUNE,
        ids=np.array([f"C{n}" for n in range(len(customers))], dtype=object),
        tolerance=np.array([np.nan if c[0] is None else c[0] for c in customers], dtype=float),
        assessed=np.array([c[1] for c in customers], dtype="datetime64[D]"),
        consents=np.array([c[2] is True for c in customers]),
        held=held,
        products=shelf,
    )


@given(
    st.lists(CUSTOMER, min_size=1, max_size=8),
    st.lists(PRODUCT, min_size=1, max_size=6),
    st.integers(0, 2**48),
)
def test_every_pair_has_the_reason_that_the_rules_give_by_hand(customers, products, bits):
    held = np.array(
        [[bool(bits >> (8 * i + j) & 1) for j in range(len(products))] for i in range(len(customers))]
    )
    why = held_back(known(customers, products, held))
    keys = ["", *(reason.key for reason in REASONS)]
    for i, customer in enumerate(customers):
        for j, product in enumerate(products):
            assert keys[why[i, j]] == by_hand(customer, product, held[i, j])
    counts = counted(why, known(customers, products, held).products)
    assert (counts.sum(axis=1) == len(customers)).all()


@given(st.dates(date(1990, 1, 31), date(2060, 1, 1)))
def test_an_assessment_of_the_same_day_a_year_ago_is_not_older_than_twelve_months(day):
    before = a_year_before(day)
    assert 365 <= (day - before).days <= 366
    assert before.month == day.month


# --- random banks, from their files to what is proposed

FIRST, MONTHS = date(2024, 5, 1), 26  # the newest month end is June 2026


@st.composite
def banks(draw):
    """A small bank with two years of history in which products are taken, and every gap that a bank may have."""
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    customers, products = draw(st.integers(20, 60)), draw(st.integers(2, 7))
    missing = draw(st.sampled_from([0.0, 0.1, 0.5]))

    def maybe(values):
        return ["" if chance.random() < missing else value for value in values]

    ids = [f"C{n}" for n in range(customers)]
    assessed = [JUNE - timedelta(days=int(d)) for d in chance.integers(-40, 760, customers)]
    tables = {
        "customers": pd.DataFrame({
            "customer_id": ids, "customer_type": chance.choice(["personal", "business"], customers),
            "risk_tolerance": maybe(chance.integers(1, 6, customers)), "risk_assessed_on": maybe(assessed),
            "marketing_consent": maybe(chance.choice(["true", "true", "false"], customers)),
        }),
        "products": pd.DataFrame({
            "product_id": [f"P{n}" for n in range(products)], "category": chance.choice(["fund", "deposit"], products),
            "risk_level": maybe(chance.integers(1, 6, products)),
            "is_active": maybe(chance.choice(["true", "true", "true", "false"], products)),
        }),
    }  # fmt: skip
    accounts = 3 * customers
    opened = [FIRST + timedelta(days=int(d)) for d in chance.integers(0, 800, accounts)]
    closed = [
        day + timedelta(days=int(d)) for day, d in zip(opened, chance.integers(0, 500, accounts), strict=True)
    ]
    tables["accounts"] = pd.DataFrame({
        "account_id": [f"A{n}" for n in range(accounts)], "customer_id": chance.choice(ids, accounts),
        "product_id": chance.choice([f"P{n}" for n in range(products)], accounts), "opened_on": maybe(opened),
        "closed_on": [day if chance.random() < 0.3 else "" for day in closed],
    })  # fmt: skip
    days = [FIRST, date(2026, 6, 30), *(FIRST + timedelta(days=int(d)) for d in chance.integers(0, 790, 200))]
    tables["transactions"] = pd.DataFrame(
        {"customer_id": chance.choice(ids, len(days)), "booked_at": days, "amount": 10}
    )
    return {name: rows.to_csv(index=False) for name, rows in tables.items()}


UNSUITABLE = """
SELECT count(*) FROM proposed JOIN customers USING (customer_id) JOIN products USING (product_id)
WHERE NOT coalesce(products.risk_level <= customers.risk_tolerance, false)
    OR NOT coalesce(customers.risk_assessed_on BETWEEN DATE '2025-06-30' AND DATE '2026-06-30', false)
    OR NOT coalesce(marketing_consent, false) OR NOT coalesce(is_active, true)
    OR EXISTS (FROM accounts WHERE accounts.customer_id = proposed.customer_id
        AND accounts.product_id = proposed.product_id AND coalesce(opened_on <= DATE '2026-06-30', true)
        AND coalesce(closed_on > DATE '2026-06-30', true))
"""


@settings(max_examples=12)
@given(tables=banks())
def test_no_bank_ever_proposes_what_is_unsuitable(tmp_path_factory, whole_book, open_raw, tables):
    folder = tmp_path_factory.mktemp("bank")
    load(write_tables(folder / "source", tables), folder / "warehouse")
    bank = open_warehouse(folder / "warehouse")
    proposed = offering(whole_book(bank), JUNE).best(most=100)
    con = open_raw(bank)
    con.register("proposed", proposed[["customer_id", "product_id"]])
    assert con.execute(UNSUITABLE).fetchone() == (0,)
    assert con.execute(
        "SELECT count(*) FROM proposed SEMI JOIN customers USING (customer_id)"
    ).fetchone() == (len(proposed),)


def test_the_demonstration_bank_proposes_much_and_nothing_unsuitable(demo, whole_book, open_raw):
    found = offering(whole_book(demo), demo.newest_as_of)
    proposed = found.best(most=100)
    assert proposed["customer_id"].nunique() > 300
    con = open_raw(demo)
    con.register("proposed", proposed[["customer_id", "product_id"]])
    day = demo.newest_as_of.isoformat()
    fresh = a_year_before(demo.newest_as_of).isoformat()
    sql = UNSUITABLE.replace("2025-06-30", fresh).replace("2026-06-30", day)
    assert con.execute(sql).fetchone() == (0,)
    eligible = con.execute(f"""SELECT count(*) FROM customers CROSS JOIN products
        WHERE marketing_consent AND risk_assessed_on BETWEEN DATE '{fresh}' AND DATE '{day}'
        AND risk_level <= risk_tolerance AND is_active AND (customer_id, product_id) NOT IN (
            SELECT (customer_id, product_id) FROM accounts WHERE opened_on <= DATE '{day}'
            AND (closed_on IS NULL OR closed_on > DATE '{day}'))
        AND (onboarded_on IS NULL OR onboarded_on <= DATE '{day}')""").fetchone()
    assert (found.counts()["eligible"].sum(),) == eligible


def test_who_lapsed_since_the_figures_is_counted_among_those_who_are_offered_something(
    demo, whole_book, open_raw
):
    """The alert counts from today, offers from the as-of date: between the two the page has to say it."""
    found = offering(whole_book(demo), demo.newest_as_of)
    today = demo.newest_as_of + timedelta(days=60)
    nothing = found.unserved()["customer_id"]
    con = open_raw(demo)
    con.register("nothing", nothing.to_frame())
    due = f"(risk_assessed_on + INTERVAL 12 MONTH)::DATE < DATE '{today}'"
    listed = con.execute(
        f"SELECT customer_id FROM customers ANTI JOIN nothing USING (customer_id) WHERE {due} ORDER BY 1"
    ).df()["customer_id"]
    assert 0 < len(listed) < found.served()
    assert found.lapsed(today) == len(listed)
    assert found.lapsed(today, [*listed[:3], nothing.iloc[0]]) == 3
    assert found.lapsed(demo.newest_as_of) == 0


# --- what is not known


def test_a_bank_that_knows_no_tolerance_proposes_nothing_and_says_why(hand, whole_book):
    book = whole_book(hand)
    found = offering(book, JUNE)
    assert found.best().empty
    assert found.served() == 0
    assert (found.counts()["eligible"] == 0).all()
    assert [text.split("(")[1].split(")")[0] for text in unknown(book)] == [
        "customers.risk_tolerance", "customers.risk_assessed_on", "customers.marketing_consent", "products.risk_level"
    ]  # fmt: skip
    assert set(unknown(book)) <= set(found.warnings)


def test_a_bank_without_products_says_that_there_is_nothing_to_offer(bank_of, whole_book):
    bank = bank_of(transactions="customer_id,booked_at,amount\nC1,2026-06-30,5\n")
    with pytest.raises(NotEnoughData, match="nothing to offer"):
        standing(whole_book(bank), bank.newest_as_of)


def test_the_counts_are_those_of_the_document(demo, whole_book):
    book = whole_book(demo, "pii")
    ids = book.frame(())["customer_id"].tolist()[:200]
    rows = offer_counts(book, ids, demo.newest_as_of)
    assert [sorted(row) for row in rows] == [["eligible", "held_back", "product"]] * len(rows)
    assert all(row["eligible"] + sum(row["held_back"].values()) == 200 for row in rows)
    (gone,) = [row for row in rows if row["product"] == "D05"]
    assert gone == {"product": "D05", "eligible": 0, "held_back": {"not_sold": 200}}


def test_a_customer_outside_the_book_is_in_no_count(demo, book_with):
    book = book_with(demo, {"role": "relationship_manager", "level": "own", "employee_id": "E0001"})
    mine = set(book.frame(())["customer_id"])
    everybody = [f"C{n:07}" for n in range(1, 1501)]
    rows = offer_counts(book, everybody, demo.newest_as_of)
    assert {row["eligible"] + sum(row["held_back"].values()) for row in rows} == {len(mine)}
