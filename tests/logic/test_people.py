"""One indicator over a book, and the list of its customers."""

from datetime import date

import numpy as np
import pytest

from analytics.people import feature, listing

JUNE = date(2026, 6, 30)


def test_a_numbers_spread_counts_everybody_once(demo, whole_book):
    book = whole_book(demo)
    found = feature(book, "average_ticket_12m", demo.newest_as_of)
    assert found.customers == 1500
    assert found.missing == int(book.frame(("average_ticket_12m",))["average_ticket_12m"].isna().sum()) > 0
    assert found.spread.count.sum() == found.customers - found.missing


def test_a_label_has_values_and_no_spread(hand, whole_book):
    found = feature(whole_book(hand), "region", JUNE)
    assert found.spread is None
    assert found.values.value_counts().to_dict() == {"East": 3, "South": 2}
    assert found.missing == 1


def test_a_filter_narrows_the_population(hand, whole_book):
    assert feature(whole_book(hand), "profit_12m", JUNE, "region = 'East'").customers == 3


def test_the_list_begins_with_the_highest_and_ends_with_the_unknown(hand, whole_book):
    rows = listing(whole_book(hand), ("days_since_last_transaction", "region"), JUNE, "")
    assert rows.columns.tolist() == ["customer_id", "name", "days_since_last_transaction", "region"]
    assert rows["customer_id"].tolist() == ["C1", "C2", "C3", "C6", "C4", "C5"]
    assert np.isnan(rows["days_since_last_transaction"].iloc[-1])


def test_a_cut_list_keeps_the_highest(hand, whole_book):
    rows = listing(whole_book(hand), ("profit_12m",), JUNE, "", most=2)
    assert rows["customer_id"].tolist() == ["C3", "C1"]
    assert rows["profit_12m"].tolist() == pytest.approx([1642.83, 1194.10])


def test_names_in_the_list_are_masked_as_everywhere(hand, whole_book):
    shown = set(listing(whole_book(hand, "profit"), ("profit_12m",), JUNE, "")["name"])
    assert all(name.endswith("•••") for name in shown)


def test_the_list_of_nobody_is_empty(hand, whole_book, book_with):
    assert listing(whole_book(hand), ("profit_12m",), JUNE, "age_years > 200").empty
    assert listing(book_with(hand), ("transactions_count_12m",), JUNE, "").empty
