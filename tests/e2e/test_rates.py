"""The Rates page in a real browser, as the steward: a file that is absurd waits, and is refused."""

import re


def test_an_absurd_file_waits_and_the_earlier_rates_go_on_serving(visit):
    me = visit(height=1600)
    me.open()
    me.choose("You are", "Data steward")
    me.turn_to("Rates")
    me.until(lambda: "The rates in use are current" in me.headline)
    me.tab.locator(".st-key-rates_chart .main-svg").first.wait_for()
    before = me.quiet_line
    me.tab.get_by_text("Bring rates in").click()
    file = {"name": "rates.csv", "mimeType": "text/csv"}
    absurd = b"currency,rate_date,rate\nUSD,2026-10-31,71.5\n"
    me.tab.locator("input[type=file]").first.set_input_files({**file, "buffer": absurd})
    me.press("Take this file")
    me.tab.get_by_text(re.compile("Waiting for your decision")).first.wait_for()
    me.press("Refuse them")
    me.tab.get_by_text(re.compile("^Refused")).first.wait_for()
    assert me.quiet_line == before
