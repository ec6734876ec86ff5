"""The back office counts: totals in a real browser, without a customer in sight."""

import re

import pytest


@pytest.mark.parametrize("width", [1440, 390])
def test_the_back_office_divides_totals_and_small_rows_stay_hidden(visit, width):
    me = visit(width=width, height=1800)
    me.open()
    if width < 600:
        me.tab.get_by_role("button", name="Expand sidebar").click()
    me.choose("You are", "Back-office officer")
    me.turn_to("Volumes")
    me.until(lambda: "customers made" in me.headline)
    assert re.match(r"In the month to 31 October 2026 customers made [\d,]+ transactions: CNY", me.headline)
    assert "totals only, no customers" in me.quiet_line
    me.tab.locator(".st-key-volumes_months .main-svg").first.wait_for()
    if width < 600:
        me.tab.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
    me.choose("Divide by", "Product")
    me.tab.get_by_text(re.compile("fewer than 5 customers")).wait_for()
    me.tab.get_by_role("heading", name="By product").wait_for()
    assert me.tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert me.tab.get_by_role("link", name="Customers").count() == 0
