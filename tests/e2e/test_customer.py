"""From an alert to its customer, a step written and done: in a real browser, at a desk and with one thumb."""

import re

import pytest


@pytest.mark.parametrize("width", [390])
def test_an_alert_leads_to_its_customer_where_a_step_is_written_and_done(visit, width):
    me = visit(width=width)
    me.open()
    me.tab.get_by_text(re.compile("things? to look at")).wait_for()
    me.settle()
    opener = me.tab.locator("[class*=st-key-open_]").get_by_role("button").first
    name = opener.inner_text().strip().split("\n")[-1]
    opener.click()
    me.until(lambda: me.headline.startswith(f"{name}: profit of CNY "))
    assert "/customer?" in me.tab.url
    assert "on_customer=" in me.tab.url
    assert me.tab.evaluate("document.documentElement.scrollWidth") <= width

    me.tab.get_by_role("tab", name="Notes and next steps").click()
    me.settle()
    text = f"Call back at {width} [x](https://evil.example)"
    me.tab.get_by_role("textbox", name="Note or next step").fill(text)
    me.tab.keyboard.press("Tab")
    me.settle()
    me.press("Keep")
    me.until(lambda: text in me.tab.inner_text("body").replace("\u2060", ""))
    assert me.tab.locator("[href*='evil.example']").count() == 0
    link = me.tab.url
    me.press("All customers")
    me.until(lambda: "half of your" in me.headline)

    again = visit(width=width)
    again.open(link)
    again.until(lambda: again.headline.startswith(name))
    again.tab.get_by_role("tab", name="Notes and next steps").click()
    again.until(lambda: text in again.tab.inner_text("body").replace("\u2060", ""))
    again.tab.get_by_role("button", name="Delete").first.click()
    again.until(lambda: text not in again.tab.inner_text("body").replace("\u2060", ""))

    again.open("/")
    again.tab.get_by_text(re.compile("things? to look at")).wait_for()
    counted = how_many(again)
    again.tab.get_by_role("button", name="Dismiss").first.click()
    again.until(lambda: how_many(again) == counted - 1)


def how_many(me) -> int:
    said = me.tab.get_by_text(re.compile(r"^[\d,]+ things? to look at$")).first.inner_text()
    return int(said.split()[0].replace(",", ""))
