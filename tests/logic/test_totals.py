"""Totals equal the ledger's, and those that would give somebody away are hidden."""

from datetime import date
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.access.guard import Deeds, by_size, counted, dispensable_first, safe_cells
from analytics.access.proof import TOLD, figures_of
from analytics.errors import BadInput, NotAllowed, UnknownName
from analytics.volumes.report import volumes_document
from analytics.warehouse.engine import Warehouse
from analytics.warehouse.measures import PERIODS
from analytics.warehouse.volumes import DIMENSIONS, PROVED

BACK_OFFICE = {"role": "back_office", "level": "bank"}
JUNE, MAY, APRIL = date(2026, 6, 30), date(2026, 5, 31), date(2026, 4, 30)
# What the ledger says, in SQL that owes nothing to the product: every transaction at its month's rate, to the cent.
LEDGER = """WITH rates AS (
    SELECT currency, month, arg_max(rate, rate_date) AS rate
    FROM fx_rates JOIN (SELECT DISTINCT last_day(booked_at::DATE) AS month FROM transactions) ON rate_date <= month
    GROUP BY ALL
), booked AS (
    SELECT transactions.customer_no, strftime(booked_at, '%Y-%m') AS month, last_day(booked_at::DATE) AS month_end,
        strftime(booked_at, '%Y') || '-Q' || quarter(booked_at) AS quarter, year(booked_at)::BIGINT AS year,
        branch_id AS branch, region, business_line AS department, product_id AS product, channel, kind,
        coalesce(transactions.currency, 'CNY') AS currency,
        round(coalesce(amount::DOUBLE * CASE WHEN coalesce(transactions.currency, 'CNY') = 'CNY' THEN 1 ELSE rate END, 0), 2)
            AS amount,
        round(coalesce(fee::DOUBLE * CASE WHEN coalesce(transactions.currency, 'CNY') = 'CNY' THEN 1 ELSE rate END, 0), 2)
            AS fee
    FROM transactions LEFT JOIN customers USING (customer_no) LEFT JOIN districts USING (district_id)
    LEFT JOIN accounts USING (account_id)
    LEFT JOIN rates ON rates.currency = transactions.currency AND month = last_day(booked_at::DATE)
)
SELECT {by} count(*), round(sum(greatest(amount, 0)), 2), round(sum(greatest(-amount, 0)), 2), round(sum(fee), 2),
    count(DISTINCT customer_no)
FROM booked WHERE month_end BETWEEN '{first}' AND '{last}' GROUP BY ALL"""


def ledger(con, by, first, last):
    """The same totals in plain SQL, by their labels."""
    rows = con.execute(
        LEDGER.format(by="".join(f"{name}, " for name in by), first=first, last=last)
    ).fetchall()
    return {row[: len(by)]: row[len(by) :] for row in rows}


def told(found):
    """The totals of an answer, by their labels; None where an amount is not told."""
    rows = found.rows.astype(object).where(found.rows.notna(), None)
    return {tuple(row[: len(found.by)]): tuple(row[len(found.by) :]) for row in rows.itertuples(index=False)}


@pytest.mark.parametrize(
    "by",
    [
        (),
        *((name,) for name in (*PERIODS, *DIMENSIONS)),
        ("month", "branch", "kind"),
        ("quarter", "currency"),
    ],
)
def test_totals_equal_the_ledgers_to_the_cent(demo, whole_book, open_raw, by):
    found = whole_book(demo).volumes(by)
    assert found.suppressed == 0
    expected = ledger(open_raw(demo), by, found.first, found.last)
    assert told(found) == {key: pytest.approx(row, abs=1e-3) for key, row in expected.items()}


def test_every_figure_of_a_small_bank_can_be_worked_out_on_paper(hand, whole_book):
    found = told(whole_book(hand).volumes(("month", "currency"), MAY, JUNE))
    assert found["2026-06", "CNY"] == (4, 1005.0, 200.0, 0.5, 3)
    assert found["2026-06", "USD"] == (1, 0.0, 219.96, 0.0, 1)  # at 7.20
    assert found["2026-06", "EUR"] == (1, 0.0, 0.0, 0.0, 1)  # no rate: counted, without its amount
    assert found["2026-05", "USD"] == (1, 720.0, 0.0, 9.0, 1)
    assert found["2026-05", "CNY"] == (1, 50.0, 0.0, 0.0, 1)


def test_a_book_of_rows_is_never_suppressed_and_holds_its_own_customers_alone(hand, book_with):
    own = book_with(hand, {"role": "relationship_manager", "level": "own", "employee_id": "E2"})
    found = own.volumes(("month", "kind"), JUNE, JUNE)
    assert told(found) == {
        ("2026-06", "card"): (1, 0.0, 219.96, 0.0, 1),
        ("2026-06", "transfer"): (2, 0.0, 0.0, 0.0, 1),
    }
    assert (found.suppressed, found.floor) == (0, None)


def test_totals_over_fewer_customers_than_the_floor_are_not_told(hand, book_with):
    found = book_with(hand, BACK_OFFICE).volumes(("month",))
    assert found.rows.empty
    assert found.suppressed == 5  # in none of these months five customers did anything


@pytest.mark.parametrize("role", ["steward", "auditor"])
def test_other_roles_without_rows_have_no_totals(demo, book_with, role):
    found = book_with(demo, {"role": role, "level": "bank"}).volumes(("month",))
    assert found.rows.empty
    assert found.suppressed == 0


def test_totals_of_a_grant_end_at_its_branches_and_departments(demo, book_with, open_raw):
    found = book_with(demo, BACK_OFFICE | {"level": "branch", "unit_id": "B011"}).volumes(
        ("branch",), JUNE, JUNE
    )
    assert list(found.rows["branch"]) == ["B011"]
    assert told(found)["B011",] == pytest.approx(ledger(open_raw(demo), ("branch",), JUNE, JUNE)["B011",])
    narrow = book_with(demo, BACK_OFFICE | {"departments": "Retail"}).volumes(("department",), JUNE, JUNE)
    assert set(narrow.rows["department"]) <= {"Retail"}


def test_who_sees_some_customers_gets_no_totals_over_others(demo, book_with):
    """Or they could subtract those that they see."""
    rows = {"role": "manager", "level": "branch", "unit_id": "B011"}
    both = book_with(demo, rows, BACK_OFFICE)
    assert told(both.volumes(("month",))) == told(book_with(demo, rows).volumes(("month",)))


def test_two_divisions_at_once_and_unknown_ones_are_refused_in_words(demo, book_with):
    book = book_with(demo, BACK_OFFICE)
    for pair in combinations(DIMENSIONS, 2):
        with pytest.raises(NotAllowed, match="single customers out"):
            book.volumes(("month", *pair))
    with pytest.raises(UnknownName, match="Did you mean branch"):
        book.volumes(("brnch",))
    with pytest.raises(UnknownName, match="There are: month"):
        book.volumes(("customer_id",))
    with pytest.raises(BadInput, match="not a month end"):
        book.volumes((), date(2026, 6, 15))
    with pytest.raises(BadInput, match="is after"):
        book.volumes((), JUNE, MAY)


def test_what_is_shown_of_a_bank_is_right_and_what_is_small_is_not_there(demo, book_with, open_raw):
    book, con = book_with(demo, BACK_OFFICE), open_raw(demo)
    for name in DIMENSIONS:
        found = book.volumes(("month", name), APRIL, JUNE)
        expected = ledger(con, ("month", name), APRIL, JUNE)
        shown = told(found)
        assert len(shown) + found.suppressed == len(expected)
        for key, row in shown.items():
            assert row[0] == expected[key][0]
            amounts = [(a, b) for a, b in zip(row[1:4], expected[key][1:4], strict=True) if a is not None]
            assert all(a == pytest.approx(b, abs=1e-3) for a, b in amounts)
            assert 5 <= expected[key][4] - 4 <= row[4] <= expected[key][4] or row[4] == expected[key][4] >= 5
        assert not [key for key in shown if expected[key][4] < 5]


def test_months_that_are_added_up_say_no_more_than_the_months(demo, book_with):
    book = book_with(demo, BACK_OFFICE)
    months, whole = (
        told(book.volumes(("month", "product"), APRIL, JUNE)),
        book.volumes(("product",), APRIL, JUNE),
    )
    for (product,), row in told(whole).items():
        parts = [part for (_, name), part in months.items() if name == product]
        assert row[0] == sum(part[0] for part in parts)
        assert row[4] % 5 == 0
    sometimes_hidden = {name for _, name in months} - {name for (name,) in told(whole)}
    assert sometimes_hidden
    assert whole.suppressed >= len(sometimes_hidden)


def test_the_same_is_hidden_whatever_is_asked(demo, book_with):
    book = book_with(demo, BACK_OFFICE)
    long = told(book.volumes(("month", "product")))
    afresh = Warehouse(demo.root, demo.manifest)  # nothing is remembered of it
    alone = told(book_with(afresh, BACK_OFFICE).volumes(("month", "product"), JUNE, JUNE))
    assert alone == {key: row for key, row in long.items() if key[0] == "2026-06"}


def test_a_higher_floor_hides_more(demo, book_with):
    book = book_with(demo, BACK_OFFICE)
    shown = {}
    for floor in (2, 5, 40):
        book.policy = type(book.policy)(1, floor)
        found = book.volumes(("product",), JUNE, JUNE)
        shown[floor] = (len(found.rows), min(found.rows["customers"]))
    assert shown[2][0] > shown[5][0] > shown[40][0]
    assert all(smallest >= floor for floor, (_, smallest) in shown.items())


def test_the_document_has_nothing_that_json_has_not(demo, book_with):
    document = volumes_document(book_with(demo, BACK_OFFICE), ("product",), JUNE, JUNE)
    assert document["suppressed"] > 0
    assert all(value == value for row in document["rows"] for value in row.values())  # no NaN
    assert "fewer than 5 customers" in document["warnings"][0]


@pytest.mark.parametrize("name", ["branch", "region", "department"])
def test_measures_asked_for_together_tell_what_they_tell_apart(demo, book_with, whole_book, name):
    book, by, whole = book_with(demo, BACK_OFFICE), ("month", name), whole_book(demo)
    measures = tuple(TOLD)
    everything = told(whole.volumes(by, APRIL, JUNE, measures))
    shown = told(book.volumes(by, APRIL, JUNE, measures))
    hidden = 0
    for source in PROVED:
        figures = figures_of(source)
        places = [measures.index(figure) for figure in figures]
        apart = told(book.volumes(by, APRIL, JUNE, figures))
        assert set(apart) <= set(shown)
        for key in shown:
            mine, truth = ([cells[key][place] for place in places] for cells in (shown, everything))
            nothing = [None if any(truth) else 0] * len(places)
            assert mine == (list(apart[key]) if key in apart else nothing)
            hidden += mine.count(None)
    assert hidden


# The proof behind it: no group of fewer customers than the floor follows from what is shown.


def cells_of(deeds):
    """A table a dimension over these deeds, and the total first."""
    whole = [np.ones(len(deeds), dtype=bool)]
    return np.stack(
        [*whole, *(deeds[:, n] == label for n in range(deeds.shape[1]) for label in np.unique(deeds[:, n]))],
        axis=1,
    )


def rank(rows):
    return int(np.linalg.matrix_rank(rows.astype(float))) if rows.size else 0


@st.composite
def small_worlds(draw):
    """What at most nine customers did, in three dimensions of a few labels each."""
    people = draw(st.integers(1, 9))
    label = st.integers(0, 2)
    done = draw(
        st.lists(
            st.tuples(st.integers(0, people - 1), label, label, label),
            min_size=people,
            max_size=24,
            unique=True,
        )
    )
    people = sorted({one[0] for one in done})
    return [(people.index(one[0]), *one[1:]) for one in done]


@settings(max_examples=150, deadline=None)
@given(small_worlds(), st.integers(2, 4))
def test_no_group_smaller_than_the_floor_follows_from_what_is_shown(done, floor):
    deeds, deed = np.unique(np.array([one[1:] for one in done]), axis=0, return_inverse=True)
    doer = np.array([one[0] for one in done])
    everybody = Deeds(cells_of(deeds), deed.reshape(-1), doer)
    people = counted(everybody)
    for kind in (dispensable_first(everybody, people), people):
        shown = kind.rows[:, safe_cells(kind, by_size(people), floor)]
        for size in range(1, floor):
            for few in combinations(range(doer.max() + 1), size):
                others = np.unique(kind.deed[~np.isin(kind.doer, few)])
                assert rank(shown[others]) == rank(shown)


@settings(max_examples=50, deadline=None)
@given(small_worlds())
def test_with_a_floor_of_one_nothing_is_hidden(done):
    deeds, deed = np.unique(np.array([one[1:] for one in done]), axis=0, return_inverse=True)
    everybody = Deeds(cells_of(deeds), deed.reshape(-1), np.array([one[0] for one in done]))
    assert safe_cells(everybody, by_size(counted(everybody)), 1).all()


def test_where_nobody_joined_totals_say_nought_and_not_nothing(bank_of, book_with):
    """A table without a row in the span has a nil in every cell of the others."""
    people = "\n".join(f"C{n},2020-01-01" for n in range(60))
    rows = "\n".join(f"C{n},2026-0{1 + n % 3}-15,{n},mobile" for n in range(60) for _ in range(3))
    bank = bank_of(
        customers=f"customer_id,onboarded_on\n{people}\n",
        transactions=f"customer_id,booked_at,amount,channel\n{rows}\nC1,2026-03-31,1,mobile\n",
    )
    for grant in (BACK_OFFICE, {"role": "analyst", "level": "bank"}):
        told = volumes_document(book_with(bank, grant), ("month",))
        assert [row["new_customers"] for row in told["rows"]] == [0, 0, 0]


def test_the_one_month_of_data_that_reach_no_month_end_is_asked_for_as_it_is_written(bank_of, book_with):
    bank = bank_of(transactions="customer_id,booked_at,amount\nA,2026-01-03,5\nB,2026-01-20,6\n")
    book = book_with(bank, {"role": "analyst", "level": "bank"})
    assert bank.newest_as_of == date(2026, 1, 20)
    month = date(2026, 1, 31)
    assert book.volumes(("month",), month, month).rows.equals(book.volumes(("month",)).rows)
