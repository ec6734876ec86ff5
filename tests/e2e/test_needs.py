"""A segment chosen, its needs read and opened, and who lacks a product listed, in a real browser."""

import re

import pytest


@pytest.mark.parametrize("width", [390])
def test_the_needs_of_a_segment_are_read_and_who_lacks_a_product_is_listed(visit, width):
    me = visit(width=width, height=3200)
    me.open("/needs?method=kmeans&set_segments=2&indicators=transactions_count_12m,channel_mobile_share_12m")
    me.until(lambda: "segment 1 “" in me.headline)
    me.tab.locator(".st-key-gaps .main-svg").first.wait_for()
    me.tab.get_by_text("Their strongest needs").wait_for()
    assert me.tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    me.choose("Segment", re.compile(r"^2\. "))
    me.until(lambda: "segment 2 “" in me.headline and "on_needs=2" in me.tab.url)
    me.tab.get_by_text("What changed in six months", exact=True).click()
    me.settle()
    me.tab.get_by_text(re.compile("^Mean change a customer since ")).wait_for()

    me.click_row("needs_products", 0)
    me.tab.get_by_text(re.compile(r"^[\d,]+ customers without ")).wait_for()
    me.tab.locator("[class*=st-key-needs_without] canvas").first.wait_for()
    assert me.strangers() == []


def test_a_plan_is_made_for_the_same_person_date_and_value_as_the_needs(visit):
    """A page that sends on to another one forgets its widgets: the plan opened on the first persona's book."""
    me = visit(height=1600)
    me.open()
    me.choose("You are", "Branch manager")
    me.choose("As of", "31 July 2026")
    me.choose("Value measured in", "Money in")
    me.turn_to("Needs")
    me.tab.get_by_role("button", name="Make a plan for this segment").wait_for()
    line = me.quiet_line
    assert "31 July 2026" in line
    me.press("Make a plan for this segment")
    me.until(lambda: "/campaigns" in me.tab.url)
    me.tab.get_by_role("button", name="Keep this plan").wait_for()
    assert me.quiet_line == line
    assert me.tab.get_by_role("combobox", name="Value measured in", exact=True).input_value() == "Money in"
