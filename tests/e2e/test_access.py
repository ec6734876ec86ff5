"""The Access page in a real browser: one steward asks, the other confirms, and nobody sees a customer."""

import re

import pytest


def opened(visit, steward, width):
    me = visit(width=width, height=1600)
    me.open()
    if width < 640:
        me.tab.get_by_role("button", name="Expand sidebar").click()
    me.choose("You are", re.compile(f"^{steward}$"))
    me.turn_to("Access")
    me.until(lambda: "people hold" in me.headline)
    if width < 640:
        me.tab.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
    return me


@pytest.mark.parametrize("width", [1440, 390])
def test_a_bank_wide_grant_takes_two_stewards(visit, width):
    email = f"new.analyst.{width}@demo.example"
    first = opened(visit, "Data steward", width)
    first.tab.get_by_text("Give a grant", exact=True).click()
    address = first.tab.get_by_role("textbox", name="E-mail address")
    address.fill(email)
    address.press("Enter")
    first.settle()
    first.choose("Role", "Analyst")
    first.choose("Reaches", "The whole bank")
    first.press("Give it")
    first.tab.get_by_text(re.compile("It waits for a second steward")).first.wait_for()
    assert not first.tab.get_by_role("button", name="Confirm").count()

    second = opened(visit, "Second data steward", width)
    second.tab.get_by_text(re.compile(f"{re.escape(email)}: As Analyst: every customer")).first.wait_for()
    second.press("Confirm")
    second.tab.get_by_text("Done, and recorded.").first.wait_for()
    second.until(lambda: "nothing waits for a second steward" in second.headline)
    fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert second.tab.evaluate(fits)
