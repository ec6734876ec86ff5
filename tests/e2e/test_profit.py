"""A statement and a shock in a real browser."""

import re

import pytest


@pytest.mark.parametrize("width", [1440])
def test_rates_move_and_the_bridge_says_what_that_costs(visit, width):
    me = visit(width=width, height=2600)
    me.open("/profit")
    me.until(lambda: "in the twelve months to" in me.headline)
    assert re.match(r"Your [\d,]+ customers contributed CNY [\d.]+ k", me.headline)
    me.tab.locator(".st-key-waterfall .main-svg").first.wait_for()
    assert me.tab.locator(".st-key-bridge").count() == 0

    curve = me.tab.get_by_role("spinbutton", name="Transfer curve, percentage points")
    curve.fill("-0.5")
    curve.press("Enter")
    me.settle()
    me.tab.get_by_text(re.compile("Profit would have been CNY")).wait_for()
    me.tab.locator(".st-key-bridge .main-svg").first.wait_for()
    written = me.tab.locator(".st-key-bridge .annotation-text").all_text_contents()
    before, step, after = (amount(text) for text in written)
    assert before + step == pytest.approx(after, abs=1)  # thousands, to three figures
    assert step != 0
    assert me.tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    curve.fill("0")
    curve.press("Enter")
    me.settle()
    me.tab.get_by_text(re.compile("Choose a change above")).wait_for()


def test_a_click_on_a_customer_shows_that_customers_lines_by_account(visit):
    me = visit(height=2600)
    me.open("/profit")
    me.until(lambda: "contributed" in me.headline)
    me.tab.locator("[class*=st-key-profit_customers] canvas").first.wait_for()
    me.click_row("profit_customers", 0)
    me.tab.get_by_text(re.compile(r": CNY [\d,]+\.\d\d from \d+ account")).wait_for()
    for name in ("By month", "By channel"):
        me.tab.get_by_role("tab", name=name).click()
        me.tab.get_by_role("tabpanel", name=name).locator("canvas").first.wait_for()
    me.press("Open this customer")
    me.until(lambda: ": profit of CNY " in me.headline)


def amount(text: str) -> float:
    """CNY 1.2 m, in thousands."""
    found = re.fullmatch(r"CNY (-?[\d.,]+)(?: (k|m))?", text.replace("\u00a0", " "))
    assert found, text
    return float(found[1].replace(",", "")) * {"m": 1000.0, "k": 1.0, None: 0.001}[found[2]]
