"""A plan, a campaign with a hold-out, answers and the uplift in a real browser."""

import re
import time
from contextlib import suppress

import pytest
from playwright.sync_api import TimeoutError

TRIES = 5


def drawn(me):
    """Wait until nothing of the page before is left: what opens meanwhile is closed again."""
    me.until(lambda: me.tab.locator("[data-stale=true]").count() == 0)
    me.settle()


def tick(me, label, *customers):
    """Choose customers of a list of choices by their numbers."""
    box = me.tab.get_by_role("combobox", name=label)
    for customer in customers:
        box.click()
        box.fill(customer)
        me.tab.get_by_role("option", name=customer).first.click()
    box.press("Escape")


def customers_of(me, label):
    """The first choices of a list, by their numbers; asked again where the page was drawn anew meanwhile."""
    options = me.tab.get_by_role("option")
    for attempt in range(1, TRIES + 1):
        me.tab.get_by_role("combobox", name=label).click()
        with suppress(TimeoutError):
            options.first.wait_for(timeout=4_000 * attempt)
            break
    found = [re.search(r"C\d{7}", text) for text in options.all_text_contents()]
    me.tab.keyboard.press("Escape")
    return [one[0] for one in found if one]


def record(me, action, leads_to):
    """Press a button of the form until what it leads to is there: the first press may only close a list."""
    button = me.tab.get_by_role("button", name=action, exact=True)
    for attempt in range(1, TRIES + 1):
        drawn(me)
        button.click()
        me.settle()
        with suppress(TimeoutError):
            me.tab.get_by_text(re.compile(leads_to)).first.wait_for(timeout=5_000 * attempt)
            return
    raise AssertionError(f"{action} never led to {leads_to}")


@pytest.mark.parametrize("width", [390])
def test_a_plan_becomes_a_campaign_and_its_answers_an_uplift(visit, width):
    me = visit(width=width, height=1600)
    me.open("/campaigns")
    me.until(lambda: "as of" in me.headline)
    me.tab.locator(".st-key-response .main-svg").first.wait_for()
    title = f"Walk at {width}, {time.monotonic_ns()}"  # another try is another campaign

    me.tab.get_by_text("Make a plan", exact=True).click()
    me.settle()
    me.choose("Segment", re.compile(r"^2\."))
    me.choose("Product", "Family protection")
    me.tab.get_by_text(re.compile("left alone")).first.wait_for()
    me.tab.get_by_label("Title").fill(title)
    me.tab.get_by_label("Title").press("Tab")
    me.settle()
    me.press("Keep this plan")
    me.tab.get_by_text(re.compile("Start it under Plans")).wait_for()

    me.tab.get_by_role("combobox", name="Plan", exact=True).wait_for()  # keeping it has opened them
    me.settle()
    me.choose("Plan", title)
    me.press("Start this campaign")
    me.until(lambda: me.headline.startswith(f"“{title}”: too early to tell"))

    drawn(me)
    known = customers_of(me, "Tick off")
    tick(me, "Tick off", known[0], known[-1])  # so that the turn of some of the hold-out has come
    record(me, "Contacted", r"^2 of \d+ contacted")
    record(me, "Take back", r"^0 of \d+ contacted")
    record(me, "Contacted", r"^2 of \d+ contacted")
    record(me, "Answered", "The difference is")
    assert re.search(r"95% interval [+-][\d.]+ to \+[\d.]+\), as of", me.headline)
    me.tab.locator(".st-key-response .main-svg").first.wait_for()
    written = me.tab.locator(".st-key-response .annotation-text").all_text_contents()
    assert re.search(r": 2 of \d+$", written[0])
    assert re.search(r": 0 of \d+$", written[1])
    assert me.tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
