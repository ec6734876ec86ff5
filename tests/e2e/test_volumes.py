"""Volumes in a real browser: the back office counts, and a branch manager looks into what the branch did."""

import re

import pytest


def opened_as(visit, width, persona):
    me = visit(width=width, height=1800)
    me.open()
    me.become(persona, "Volumes")
    me.until(lambda: "customers made" in me.headline)
    return me


@pytest.mark.parametrize("width", [390])
def test_the_back_office_counts_without_a_customer_in_sight(visit, width):
    me = opened_as(visit, width, "Back-office officer")
    assert re.match(r"In the month to 31 October 2026 customers made [\d,]+ transactions: CNY", me.headline)
    assert "totals only, no customers" in me.quiet_line
    me.tab.get_by_role("heading", name="Money in by branch").wait_for()
    me.tab.locator(".st-key-volumes_months .main-svg").first.wait_for()  # comes later than the rest
    me.choose("Measure", "Active customers")
    me.tab.get_by_role("heading", name="Active customers by branch").wait_for()
    me.tab.get_by_text(re.compile("counted down to a multiple of 5")).wait_for()
    me.choose("Totals of", "The quarter to date")
    me.choose("Columns of the table", "Month")
    me.until(lambda: "From the quarter" in me.headline)
    me.tab.get_by_text(re.compile("two at once would single customers out")).wait_for()
    assert me.tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert me.tab.get_by_role("link", name="Customers").count() == 0


@pytest.mark.parametrize("width", [1440])
def test_a_branch_manager_looks_into_a_row_and_keeps_the_layout(visit, width):
    me = opened_as(visit, width, "Branch manager")
    assert "totals of your book" in me.quiet_line
    me.choose("Totals of", "The year to date")
    me.tab.get_by_role("heading", name="Money in by kind of product").wait_for()
    me.click_row("volumes_pivot", 1)  # the first below the total
    me.tab.get_by_role("heading", name="Money in by product").wait_for()
    me.tab.get_by_text(re.compile("^Within ")).wait_for()
    me.press("One level up")
    me.tab.get_by_role("heading", name="Money in by kind of product").wait_for()
    me.choose("Measure", "Balances held")
    me.tab.get_by_text("More", exact=True).last.click()
    me.tab.get_by_label("Save this layout as").fill(f"Balances {width}")
    me.press("Save")
    me.tab.get_by_role("combobox", name="Saved layouts").wait_for()
    assert me.tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
