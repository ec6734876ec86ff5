"""The sections of offers: on the Needs page and on a customer's."""

import pytest
from streamlit.testing.v1 import AppTest

from analytics.access.book import Book
from analytics.needs.offers import offering
from analytics.store.store import open_store
from analytics.warehouse.engine import open_warehouse
from tests.screens.session import ANALYST, BRANCH_MANAGER, RM, settled, table_with, texts


def section(email: str, customer_id: str = ""):
    """A page that is this section alone, for whoever has this address."""
    import streamlit as st

    from analytics.charts.palette import LIGHT
    from analytics.value.quantity import Quantity
    from pages._ui import offering as section
    from pages._ui.screen import Screen, open_book, store

    book = open_book(email)
    st.session_state["book"] = book
    value = Quantity("credit_amount_12m", "Money in", "currency", "CNY")
    now = Screen(book, store(), book.as_of(), value, LIGHT)
    if customer_id:
        section.customer_offers(now, customer_id)
    else:
        section.offers_section(now, None, "What to *offer*")


def shown(email, customer_id=""):
    at = AppTest.from_function(
        section, default_timeout=90, kwargs={"email": email, "customer_id": customer_id}
    )
    at.run()
    settled(at)
    for _time in range(60):  # the back-test comes later than the rest
        if not any(button.key == "stop_offers_backtest" for button in at.button):
            break
        at.run()
    assert not at.exception, [error.value for error in at.exception]
    return at


def book_of(bank, persona):
    return Book.open(open_warehouse(bank), open_store(None, bank), persona)


@pytest.mark.parametrize("persona", [RM, BRANCH_MANAGER])
def test_the_section_shows_the_best_offers_and_who_is_held_back(bank, persona):
    at = shown(persona)
    book = book_of(bank, persona)
    found = offering(book, book.as_of())
    seen = texts(at)
    assert at.subheader[0].value == "What to \\*offer\\*"
    assert f"{found.served():,} of {len(found.seen):,} customers may be offered something." in seen
    assert "Nothing may be offered to " in seen
    best = table_with(at, "customer_id", "worth", "probability", "reason")
    assert set(best["customer_id"]) <= set(book.frame(())["customer_id"])
    assert best["worth"].is_monotonic_decreasing
    counts = table_with(at, "eligible", "no_consent")
    assert (counts.drop(columns="product").sum(axis=1) == len(found.seen)).all()
    (nothing,) = [t.value for t in at.dataframe if list(t.value.columns) == ["customer_id", "name", "reason"]]
    assert len(nothing) == min(200, len(found.seen) - found.served())
    assert not set(nothing["customer_id"]) & set(best["customer_id"])
    assert "times as many as by chance" in seen or "a back-test needs" in seen


def test_nothing_of_profit_is_shown_without_its_class(bank, bank_store):
    from tests.permissions import hold

    hold(bank_store, open_warehouse(bank), "relationship_manager", "pii", level="own", employee_id="E0001")
    at = shown(RM)
    assert "Offers are ranked by probability, not by worth." in texts(at)
    assert not [table for table in at.dataframe if "worth" in table.value.columns]


def test_a_customer_has_offers_with_reasons_and_what_is_held_back(bank):
    book = book_of(bank, RM)
    found = offering(book, book.as_of())
    one = found.best()["customer_id"].iloc[0]
    at = shown(RM, one)
    table = table_with(at, "product", "worth", "reason")
    assert len(table) == len(found.best([one], 50))
    held = next(t.value for t in at.dataframe if list(t.value.columns) == ["product", "reason"])
    assert "already held" in set(held["reason"])
    assert "not sold any more" not in set(held["reason"])


def test_a_customer_outside_the_book_has_no_offers(bank):
    outside = set(book_of(bank, ANALYST).frame(())["customer_id"]) - set(
        book_of(bank, RM).frame(())["customer_id"]
    )
    at = shown(RM, sorted(outside)[0])
    assert "There is nothing to offer to this customer now." in texts(at)
    assert not len(at.dataframe)


def test_a_bank_without_products_says_so(own_bank):
    own_bank(transactions="customer_id,booked_at,amount\nC1,2026-06-30,5\n")
    from tests.screens.session import OWNER

    at = shown(OWNER)
    assert "There is nothing to offer" in texts(at)
