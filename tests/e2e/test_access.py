"""The Access page in a real browser: one steward asks, the other confirms, and nobody sees a customer."""

import re
from secrets import token_hex

import pytest


def opened(visit, steward, width):
    me = visit(width=width, height=1600)
    me.open()
    if width < 640:
        me.tab.get_by_role("button", name="Expand sidebar").click()
    me.choose("You are", steward)
    me.turn_to("Access")
    me.until(lambda: "people hold" in me.headline)
    if width < 640:
        me.tab.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
    return me


@pytest.mark.parametrize("width", [1440])
def test_a_bank_wide_grant_takes_two_stewards(visit, width):
    email = f"analyst.{token_hex(4)}@demo.example"  # a second try must not meet what the first one left
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
    waiting(first, email).wait_for()
    assert not waiting(first, email).get_by_role("button", name="Confirm").count()

    second = opened(visit, "Second data steward", width)
    asked = waiting(second, email)
    asked.get_by_text(re.compile("As Analyst: every customer of the bank")).wait_for()
    asked.get_by_role("button", name="Confirm").click()
    second.tab.get_by_text("Done, and recorded.").first.wait_for()
    second.until(lambda: not waiting(second, email).count())
    assert second.tab.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def waiting(me, email):
    """What waits about this person, on this screen; what keeps an address from being a link stands in it."""
    return me.tab.locator("[class*=st-key-waiting_]").filter(has_text=email.partition("@")[0])
