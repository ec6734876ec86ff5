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
        r"out. That is \d+% (more|fewer) transactions than in the period before, and \d+% (more|fewer) than a year before.",
        said,
    )
    rows = Book.open(open_warehouse(bank), bank_store, BACK_OFFICE).volumes(("month",)).rows
    assert f"{rows['transactions'].iloc[-1]:,} transactions" in said
    assert "totals only, no customers" in texts(at)


def by_product(at):
    return whole(at.multiselect(key="volumes_rows").set_value(["product"]).run())


def test_small_rows_are_hidden_from_the_back_office_and_counted(bank):
    at = whole(opened("volumes", persona=BACK_OFFICE))
    at = whole(by_product(at).selectbox(key="volumes_measure").set_value("customers").run())
    rows = table_with(at, "product", "total")
    assert rows["product"].iloc[0] == "Total"
    assert rows["total"].dropna().min() >= 5
    assert HIDDEN in texts(at)
    assert "customer_id" not in str([table.value.columns for table in at.dataframe])
    assert set(at.selectbox(key="volumes_measure").options) == {
        "Transactions", "Money in", "Money out", "Fees", "Active customers", "New accounts", "Closed accounts", "New customers",
        "Lost customers",
    }  # fmt: skip
    assert "Branch, level by level" not in at.multiselect(key="volumes_rows").options
    assert "one level deeper" not in texts(at)  # for there is none that they may see
    at = whole(at.multiselect(key="volumes_rows").set_value(["year"]).run())
    assert "one level deeper" in texts(at)


def test_the_back_office_divides_by_one_thing_and_by_periods(bank):
    at = whole(opened("volumes", persona=BACK_OFFICE))
    at = whole(at.multiselect(key="volumes_rows").set_value(["product", "channel"]).run())
    assert at.multiselect(key="volumes_rows").value == ["product"]
    at = whole(at.selectbox(key="volumes_column").set_value("kind").run())
    assert at.selectbox(key="volumes_column").value == ""
    at = whole(at.selectbox(key="volumes_column").set_value("month").run())
    assert list(table_with(at, "product", "total").columns[:2]) == ["product", "0"]
    assert "two at once would single customers out" in texts(at)


def test_a_manager_sees_every_row_of_their_own_book_and_it_adds_up(bank):
    at = whole(opened("volumes", persona=BRANCH_MANAGER))
    at = whole(at.selectbox(key="volumes_measure").set_value("transactions").run())
    at = whole(at.multiselect(key="volumes_rows").set_value(["category", "product"]).run())
    rows = table_with(at, "category", "product", "total")
    subtotals = (rows["product"] == "all") & (rows["category"] != "Total")
    assert rows["total"].iloc[0] == rows.loc[subtotals, "total"].sum()
    assert rows["total"].iloc[0] == rows.loc[rows["product"] != "all", "total"].sum()
    assert HIDDEN not in texts(at)
    assert "totals of your book" in texts(at)
    at = whole(at.selectbox(key="volumes_column").set_value("channel").run())
    rows = table_with(at, "category", "product", "total")
    columns = [name for name in rows.columns if name.isdigit()]
    assert rows[columns].sum().sum() == 3 * rows["total"].iloc[0]
    figures = table_with(at, "figure", "year_before")
    assert {"Balances lent", "Lost customers", "New accounts"} <= set(figures["figure"])


def test_a_row_leads_one_level_down_and_a_button_back_up(bank):
    at = whole(opened("volumes", persona=BRANCH_MANAGER))
    at = whole(at.multiselect(key="volumes_rows").set_value(["category"]).run())
    before = table_with(at, "category", "total")
    at.session_state["volumes_path"] = (at.session_state["volumes_path"][0], [("category", "deposit")])
    at = whole(at.run())
    inside = table_with(at, "product", "total")
    deposits = before.loc[before["category"] == "deposit", "total"].iloc[0]
    assert inside["total"].iloc[0] == deposits
    assert "Within deposit" in texts(at)
    at = whole(at.button(key="volumes_up").click().run())
    assert list(table_with(at, "category", "total")["total"]) == list(before["total"])


def test_a_layout_is_saved_opened_and_deleted_by_whoever_saved_it(bank, bank_store):
    at = whole(opened("volumes", persona=BRANCH_MANAGER))
    at = whole(at.multiselect(key="volumes_rows").set_value(["category", "currency"]).run())
    at.text_input(key="volumes_name").set_value("Products *abroad*")
    at = whole(next(button for button in at.button if button.label == "Save").click().run())
    (saved,) = bank_store.layouts.of(BRANCH_MANAGER)
    assert (saved.name, saved.settings["rows"]) == ("Products *abroad*", ["category", "currency"])
    at = whole(at.multiselect(key="volumes_rows").set_value(["region"]).run())
    at = whole(at.button(key="volumes_open").click().run())
    assert at.multiselect(key="volumes_rows").value == ["category", "currency"]
    other = whole(opened("volumes", persona=BACK_OFFICE))
    assert "volumes_saved" not in [box.key for box in other.selectbox]
    at = whole(at.button(key="volumes_delete").click().run())
    assert not bank_store.layouts.of(BRANCH_MANAGER)


def test_a_measure_that_has_no_such_rows_gets_the_first_ones(bank):
    at = whole(opened("volumes", persona=BRANCH_MANAGER))
    at = whole(at.multiselect(key="volumes_rows").set_value(["channel"]).run())
    at = whole(at.selectbox(key="volumes_measure").set_value("new_customers").run())
    assert at.multiselect(key="volumes_rows").value == []
    assert table_with(at, "whole", "total")["whole"].tolist() == ["Total"]


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
    assert ["volumes", "branch", "amount_in"] in [entry.details["what"] for entry in told]
    assert {entry.details["scope"] for entry in told} == {"totals of all customers"}
    assert not bank_store.audit.entries(person=BACK_OFFICE, action="book read")


def test_a_new_floor_holds_at_the_next_rerun(bank, bank_store):
    at = whole(opened("volumes", persona=BACK_OFFICE))
    at = by_product(at)
    before = len(table_with(at, "product", "total"))
    bank_store.policies.change(60, None, by="steward@demo.example")
    whole(at.run())
    assert len(table_with(at, "product", "total")) < before
    assert "fewer than 60 customers" in texts(at)


def test_the_manager_who_becomes_the_back_office_keeps_nothing_of_the_managers_table(bank):
    at = whole(opened("volumes", persona=BRANCH_MANAGER))
    at = by_product(at)
    at.selectbox(key="persona").set_value(BACK_OFFICE).run()
    assert HIDDEN in texts(whole(at))
    at.selectbox(key="persona").set_value(RM).run()
    assert not [table for table in at.dataframe if "product" in table.value.columns]
    whole(turn_to(at, "overview"))
