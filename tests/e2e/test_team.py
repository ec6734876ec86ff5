"""A branch manager reads how the books do, opens one, and sees who would get whose customers, in a real browser."""

import re

import pytest


@pytest.mark.parametrize("width", [390])
def test_a_book_is_held_against_what_is_expected_opened_and_handed_over(visit, width):
    me = visit(width=width, height=3200)
    me.open()
    me.become("Branch manager", "Team")
    me.until(lambda: "employees look after" in me.headline)
    me.tab.locator(".st-key-team_chart .main-svg").first.wait_for()
    assert me.tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    me.click_row("team_table", 0)
    me.tab.get_by_text(re.compile("a book of this mix would bring")).first.wait_for()
    me.tab.locator("[class*=st-key-team_top] canvas").first.wait_for()

    me.tab.get_by_text("When somebody leaves", exact=True).click()
    me.settle()
    me.choose("Who leaves", re.compile(r"\(E\d+\)$"))
    me.tab.get_by_text(re.compile(r"customers would go to \d+ employees")).wait_for()
    me.tab.locator("[class*=st-key-team_handover] canvas").first.wait_for()
    assert me.strangers() == []
