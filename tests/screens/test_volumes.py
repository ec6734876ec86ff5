"""The Volumes page: the back office's totals, and a manager's own."""

import re

from analytics.access.book import Book
from analytics.warehouse.engine import open_warehouse
from tests.screens.session import BACK_OFFICE, BRANCH_MANAGER, RM, opened, table_with, texts, turn_to, whole

HIDDEN = "fewer than 5 customers"


def test_the_first_sentence_says_how_much_business_there_was_and_how_that_compares(bank, bank_store):
    at = whole(opened("volumes", persona=BACK_OFFICE))
    said = at.title[0].value.replace("\\", "").replace("\u00a0", " ")
    assert re.match(
        r"In the month to 31 October 2026 customers made [\d,]+ transactions: CNY [\d.]+ m came in and CNY [\d.]+ m went "
        r"out. That is \d+% (more|fewer) than in the period before, and \d+% (more|fewer) than a year before.",
        said,
    )
    rows = Book.open(open_warehouse(bank), bank_store, BACK_OFFICE).volumes(("month",)).rows
    assert f"{rows['transactions'].iloc[-1]:,} transactions" in said
    assert "totals only, no customers" in texts(at)


def test_small_rows_are_hidden_from_the_back_office_and_told_as_one(bank):
    at = whole(opened("volumes", persona=BACK_OFFICE))
    at = whole(at.selectbox(key="volumes_by").set_value("product").run())
    rows = table_with(at, "product", "share")
    assert rows["product"].iloc[-1] == "Total"
    assert re.fullmatch(r"\d+ rows? hidden", rows["product"].iloc[-2])
    assert rows["customers"].dropna().min() >= 5
    assert rows["transactions"].iloc[:-2].sum() < rows["transactions"].iloc[-1]
    assert HIDDEN in texts(at)
    assert "customer_id" not in str([table.value.columns for table in at.dataframe])


def test_a_manager_sees_every_row_of_their_own_book_and_it_adds_up(bank):
    at = whole(opened("volumes", persona=BRANCH_MANAGER))
    at = whole(at.selectbox(key="volumes_by").set_value("product").run())
    rows = table_with(at, "product", "share")
    assert rows["transactions"].iloc[:-1].sum() == rows["transactions"].iloc[-1]
    assert HIDDEN not in texts(at)
    assert "totals of your book" in texts(at)


def test_the_back_office_chooses_the_month_on_the_page_and_a_manager_for_all_pages(bank):
    at = whole(opened("volumes", persona=BACK_OFFICE))
    assert "as_of" not in [box.key for box in at.selectbox]
    at = whole(at.selectbox(key="volumes_month").set_value("2026-08-31").run())
    assert "In the month to 31 August 2026" in at.title[0].value
    at = whole(at.selectbox(key="volumes_span").set_value("quarter").run())
    assert "From the quarter's start to 31 August 2026" in at.title[0].value.replace("\\", "")
    mine = whole(opened("volumes", persona=BRANCH_MANAGER))
    assert "volumes_month" not in [box.key for box in mine.selectbox]
    mine = whole(mine.selectbox(key="as_of").set_value("2026-08-31").run())
    assert "In the month to 31 August 2026" in mine.title[0].value


def test_what_is_looked_at_is_recorded_as_totals_with_whose_they_are(bank, bank_store):
    whole(opened("volumes", persona=BACK_OFFICE))
    told = bank_store.audit.entries(person=BACK_OFFICE, action="totals read")
    assert ["volumes", "branch"] in [entry.details["what"] for entry in told]
    assert {entry.details["scope"] for entry in told} == {"totals of all customers"}
    assert not bank_store.audit.entries(person=BACK_OFFICE, action="book read")


def test_a_new_floor_holds_at_the_next_rerun(bank, bank_store):
    at = whole(opened("volumes", persona=BACK_OFFICE))
    at = whole(at.selectbox(key="volumes_by").set_value("product").run())
    before = len(table_with(at, "product", "share"))
    bank_store.policies.change(60, None, by="steward@demo.example")
    whole(at.run())
    rows = table_with(at, "product", "share")
    assert len(rows) < before
    assert rows["customers"].dropna().min() >= 60
    assert "fewer than 60 customers" in texts(at)


def test_the_manager_who_becomes_the_back_office_keeps_nothing_of_the_managers_table(bank):
    at = whole(opened("volumes", persona=BRANCH_MANAGER))
    at = whole(at.selectbox(key="volumes_by").set_value("product").run())
    at.selectbox(key="persona").set_value(BACK_OFFICE).run()
    assert HIDDEN in texts(whole(at))
    at.selectbox(key="persona").set_value(RM).run()
    assert not [table for table in at.dataframe if "product" in table.value.columns]
    whole(turn_to(at, "overview"))
