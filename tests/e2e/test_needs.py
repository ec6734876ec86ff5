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
