"""A branch manager reviews the segments, sets a target and says why, in a real browser."""

import re

import pytest


@pytest.mark.parametrize("width", [1440])
def test_a_branch_manager_reviews_a_segment_sets_a_target_and_comments(visit, width):
    me = visit(width=width, height=3600)
    me.open("/")
    me.become("Branch manager", "Review")
    me.until(lambda: "of your" in me.headline and "brings" in me.headline)
    me.tab.locator(".st-key-review_chart .main-svg").first.wait_for()
    assert me.tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    me.click_row("review_cells", 1)
    me.until(lambda: "on_review_segment=2" in me.tab.url)
    me.tab.get_by_text("Set a target", exact=True).click()
    me.settle()
    me.tab.get_by_role("spinbutton", name="At least").fill("5000")
    me.tab.keyboard.press("Tab")
    me.settle()
    me.tab.locator(".st-key-set_target button").click()
    me.settle()
    me.tab.get_by_text(re.compile("^Customers: at least 5,000 by ")).first.wait_for()

    text = f"Two shops left at {width}"
    me.tab.get_by_role("textbox", name="Comment").fill(text)
    me.tab.keyboard.press("Tab")
    me.settle()
    me.tab.locator(".st-key-keep_comment button").click()
    me.settle()
    me.tab.get_by_text(text).wait_for()
    me.tab.get_by_text(re.compile("Speaks of version ")).first.wait_for()
    me.tab.get_by_role("button", name="Take back").first.click()
    me.settle()
    me.tab.get_by_role("button", name="Delete").first.click()
    me.settle()
    me.until(lambda: me.tab.get_by_text(text).count() == 0)
    assert me.strangers() == []
