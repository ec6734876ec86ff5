"""How a book is and what moved since the month end before."""

from datetime import date

import numpy as np
import pytest

from analytics.access.book import Book
from analytics.access.members import members_of
from analytics.calendar import months_before
from analytics.change import change
from analytics.overview import MOVERS, Overview, overview

MAY, JUNE = date(2026, 5, 31), date(2026, 6, 30)


def of(book: Book, key: str, as_of: date) -> Overview:
    return overview(book, change(book, key, as_of))


def test_whoever_joined_is_counted_and_nobody_whose_figure_was_only_empty(hand, whole_book):
    for indicator in ("transactions_count_12m", "average_ticket_12m", "days_since_last_transaction"):
        found = of(whole_book(hand), indicator, JUNE)
        assert found.joined == 1  # C6; C3 to C5 were there before, some without a figure
        assert found.customers == 6
        assert found.before_day == MAY


def test_the_largest_change_comes_first(hand, whole_book):
    movers = of(whole_book(hand), "profit_12m", JUNE).movers.set_index("customer_id")
    assert movers.index[:3].tolist() == ["C3", "C1", "C2"]
    assert movers.loc["C3"].tolist() == pytest.approx([0, 1642.83, 1642.83])
    assert movers.loc["C1", "change"] == pytest.approx(284.30 + 0.20)
    assert np.isnan(movers.loc["C6", "before"])


def test_at_the_first_month_end_there_is_nothing_to_compare_with(hand, whole_book):
    found = of(whole_book(hand), "transactions_count_12m", hand.month_ends[0])
    assert found.before is None
    assert found.before_day is None
    assert found.joined == 0
    assert found.movers.empty


def test_where_nobody_had_a_figure_before_nothing_rose(demo, whole_book):
    """Lifetime value is fitted for the newest thirteen month ends alone."""
    book, key = whole_book(demo), "lifetime_value_36m"
    first = next(day for day in demo.month_ends if book.frame((key,), as_of=day)[key].notna().any())
    found = of(book, key, first)
    assert found.now.customers
    assert found.before is None
    assert found.before_day == months_before(first, 1)
    assert found.movers.empty
    assert of(book, key, demo.newest_as_of).before


def test_months_go_no_further_than_the_date_asked_for(hand, whole_book):
    book = whole_book(hand)
    assert max(of(book, "credit_amount_12m", MAY).months["month_end"]) == MAY
    assert of(book, "credit_amount_12m", JUNE).months["value"].tolist()[-2:] == pytest.approx([770.0, 1005.0])
    assert of(book, "average_ticket_12m", JUNE).months.empty  # no sum of months


def test_the_figures_are_those_of_the_book(demo, whole_book):
    book = whole_book(demo)
    day, before = demo.month_ends[-1], demo.month_ends[-2]
    found = of(book, "profit_12m", day)
    assert found.now.total == pytest.approx(book.frame(("profit_12m",), as_of=day)["profit_12m"].sum())
    assert found.before.total == pytest.approx(book.frame(("profit_12m",), as_of=before)["profit_12m"].sum())
    assert found.joined == book.count(as_of=day) - book.count(as_of=before)
    assert len(found.movers) == MOVERS
    last_year = found.months.tail(12)["value"].sum()
    assert last_year == pytest.approx(found.now.total)


def test_an_empty_book_has_an_overview_of_nobody(demo, book_with):
    found = of(book_with(demo), "transactions_count_12m", demo.newest_as_of)
    assert found.customers == 0
    assert found.joined == 0
    assert found.movers.empty
    assert found.months.empty


@pytest.mark.parametrize("level", ["bank", "branch"])
def test_a_book_s_months_are_those_of_whoever_had_joined(hand, book_with, open_raw, level):
    """C6 joined in June 2026 and C5 on no known day; asked as of May, what C6 did is nobody's."""
    place = {"unit_id": "B1"} if level == "branch" else {}
    book = book_with(hand, {"role": "analyst", "level": level, "columns": "profit", **place})
    raw = open_raw(hand)
    for end in hand.month_ends[-3:]:
        join, params = members_of(book.scope, end)
        found = raw.execute(f"SELECT DISTINCT customer_no FROM customer_month {join}", params).fetchall()
        ids = book.frame([], as_of=end)["customer_id"].tolist()
        theirs = """SELECT DISTINCT customer_no FROM customer_month JOIN customers USING (customer_no)
            WHERE list_contains(?, customer_id)"""
        assert set(found) == set(raw.execute(theirs, [ids]).fetchall())
        assert found


def test_two_month_ends_side_by_side_are_what_each_says(demo, whole_book):
    book, (earlier, as_of) = whole_book(demo), demo.month_ends[-2:]
    both = change(book, "profit_12m", as_of).rows.set_index("customer_id")
    now, before = (book.frame(["profit_12m"], as_of=end).set_index("customer_id") for end in (as_of, earlier))
    assert both["now"].equals(now["profit_12m"].rename("now"))
    assert both["before"].dropna().equals(before["profit_12m"].dropna().rename("before"))
    assert set(both.index[both["joined"]]) == set(now.index) - set(before.index)
    held = book.frame(["balance_average_3m"], as_of=as_of).set_index("customer_id")["balance_average_3m"]
    assert both["held"].equals(held.rename("held"))
