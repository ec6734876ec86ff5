"""A branch manager reads who moved and why, opens a flow down to a customer, and looks ahead, in a real browser."""

import re

import pytest


@pytest.mark.parametrize("width", [390])
def test_who_moved_is_read_with_its_cause_and_followed_to_a_customer(visit, width):
    me = visit(width=width, height=3600)
    me.open("/movement?method=value_tiers&indicators=transactions_count_12m")
    me.become("Branch manager", "Movement")
    me.until(lambda: "changed segment between" in me.headline and "by their behaviour" in me.headline)
    me.tab.locator(".st-key-movement_flow .main-svg").first.wait_for()
    me.tab.locator("[class*=st-key-movement_customers] canvas").first.wait_for()
    assert me.tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    me.choose("Boundaries", "Those of the earlier date")
    me.until(lambda: "because the boundaries moved" not in me.headline)
    assert "on_movement_boundaries=frozen" in me.tab.url
    me.tab.get_by_text("Chances to move, and next year's sizes").click()
    me.settle()
    me.tab.get_by_text(re.compile("If the next year goes like the last")).wait_for()
    me.tab.get_by_text("Who stays", exact=True).click()
    me.settle()
    me.tab.locator(".st-key-movement_retention .main-svg").first.wait_for()
    me.tab.locator(".st-key-movement_cohorts .main-svg").first.wait_for()

    me.click_row("movement_customers", 0)
    me.until(lambda: "/customer" in me.tab.url)
    assert me.strangers() == []
