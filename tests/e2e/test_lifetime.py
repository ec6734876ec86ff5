"""The Lifetime value page in a real browser: the prediction a year ago, another horizon, and a customer."""

import re


def test_the_last_prediction_is_shown_and_a_longer_horizon_brings_more(visit):
    me = visit(height=1800)
    me.open("/lifetime")
    me.until(lambda: "in the 36 months after" in me.headline)
    me.tab.get_by_text(re.compile("^A year ago, as of .* would have predicted")).wait_for()
    me.tab.locator(".st-key-foretold .main-svg").first.wait_for()
    me.tab.get_by_text("More: horizon and discount").click()
    me.tab.get_by_role("radio", name="60").or_(me.tab.get_by_role("button", name="60")).first.click()
    me.until(lambda: "in the 60 months after" in me.headline)
    me.click_row("lifetime_customers", 0)
    me.until(lambda: ": profit of CNY " in me.headline)
