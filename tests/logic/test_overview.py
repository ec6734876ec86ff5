"""How a book is and what moved since the month end before."""

from datetime import date

import numpy as np
import pytest

from analytics.overview import MOVERS, overview

MAY, JUNE = date(2026, 5, 31), date(2026, 6, 30)


def test_whoever_joined_is_counted_and_nobody_whose_figure_was_only_empty(hand, whole_book):
    for indicator in ("transactions_count_12m", "average_ticket_12m", "days_since_last_transaction"):
        found = overview(whole_book(hand), indicator, JUNE)
        assert found.joined == 1  # C6; C3 to C5 were there before, some without a figure
        assert found.customers == 6
        assert found.before_day == MAY


def test_the_largest_change_comes_first(hand, whole_book):
    movers = overview(whole_book(hand), "profit_12m", JUNE).movers.set_index("customer_id")
    assert movers.index[:3].tolist() == ["C3", "C1", "C2"]
    assert movers.loc["C3"].tolist() == pytest.approx([0, 1642.83, 1642.83])
    assert movers.loc["C1", "change"] == pytest.approx(284.30 + 0.20)
    assert np.isnan(movers.loc["C6", "before"])


def test_at_the_first_month_end_there_is_nothing_to_compare_with(hand, whole_book):
    found = overview(whole_book(hand), "transactions_count_12m", hand.month_ends[0])
    assert found.before is None
    assert found.before_day is None
    assert found.joined == 0
    assert found.movers["before"].isna().all()


def test_months_go_no_further_than_the_date_asked_for(hand, whole_book):
    book = whole_book(hand)
    assert max(overview(book, "credit_amount_12m", MAY).months["month_end"]) == MAY
    assert overview(book, "credit_amount_12m", JUNE).months["value"].tolist()[-2:] == pytest.approx(
        [770.0, 1005.0]
    )
    assert overview(book, "average_ticket_12m", JUNE).months.empty  # no sum of months


def test_the_figures_are_those_of_the_book(demo, whole_book):
    book = whole_book(demo)
    day, before = demo.month_ends[-1], demo.month_ends[-2]
    found = overview(book, "profit_12m", day)
    assert found.now.total == pytest.approx(book.frame(("profit_12m",), as_of=day)["profit_12m"].sum())
    assert found.before.total == pytest.approx(book.frame(("profit_12m",), as_of=before)["profit_12m"].sum())
    assert found.joined == book.count(as_of=day) - book.count(as_of=before)
    assert len(found.movers) == MOVERS
    last_year = found.months.tail(12)["value"].sum()
    assert last_year == pytest.approx(found.now.total)


def test_an_empty_book_has_an_overview_of_nobody(demo, book_with):
    found = overview(book_with(demo), "transactions_count_12m", demo.newest_as_of)
    assert found.customers == 0
    assert found.joined == 0
    assert found.movers.empty
    assert found.months.empty
