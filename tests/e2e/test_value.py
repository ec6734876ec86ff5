"""The Value page in a real browser: the whale curve with its loss tail, wide and on a phone, and the groups."""

import re

import pytest

LOSS = "rgb(206, 107, 25)"  # of the light palette


def label(me, text):
    """The box of a label in the main picture, and that of the picture."""
    chart = me.tab.locator(".st-key-value_curve:not([data-stale=true])").first
    note = chart.locator(".annotation-text-g", has_text=text).first
    note.wait_for()
    return note.bounding_box(), chart.locator(".main-svg").first.bounding_box()


def lies_inside(inner, outer, width):
    assert inner["x"] >= max(0, outer["x"]) - 1
    assert inner["x"] + inner["width"] <= min(width, outer["x"] + outer["width"]) + 1
    assert inner["y"] >= outer["y"] - 1
    assert inner["y"] + inner["height"] <= outer["y"] + outer["height"] + 1


def tail(me):
    """Where the orange end of the curve begins and ends, left to right and top to bottom."""
    lines = me.tab.locator(".st-key-value_curve:not([data-stale=true]) path.js-line")
    colours = lines.evaluate_all("lines => lines.map(line => getComputedStyle(line).stroke)")
    return lines.nth(colours.index(LOSS)).bounding_box()


@pytest.mark.parametrize("width", [1440, 390])
def test_the_loss_tail_is_drawn_and_named_in_money(visit, width):
    me = visit(width=width, height=1000, color_scheme="light")
    me.open("/value")
    me.until(lambda: "brought 80% of it" in me.headline)
    for text in (re.compile("lose CNY"), re.compile("from .* customers"), re.compile("interval")):
        lies_inside(*label(me, text), width)
    end = tail(me)
    assert end["width"] > 5
    assert end["height"] > 1, "the curve falls after its peak"
    assert me.tab.evaluate("document.documentElement.scrollWidth") <= width
    me.tab.get_by_role("radio", name="On gains").or_(
        me.tab.get_by_role("button", name="On gains")
    ).first.click()
    lies_inside(*label(me, re.compile("leaves .* of all gains")), width)
    assert tail(me)["height"] > 1


@pytest.mark.parametrize("width", [390])
def test_groups_are_opened_spread_out_and_followed_over_time(visit, width):
    me = visit(width=width, height=1600)
    me.open("/value")
    me.tab.get_by_text("By segment, branch and other groups").click()
    me.settle()
    me.tab.locator(".st-key-ridgeline .main-svg").first.wait_for()
    me.tab.get_by_text(re.compile("of the inequality lies between the")).wait_for()
    me.tab.locator(".st-key-between_within .main-svg").first.wait_for()
    me.choose("Group by", "Product")
    me.tab.locator(".st-key-ridgeline .annotation-text-g", has_text="Everyday account").first.wait_for()
    me.tab.get_by_role("tab", name="Over time").click()
    pictures = me.tab.locator(".st-key-group_history .main-svg .subplot")
    pictures.first.wait_for()
    assert pictures.count() > 2
    assert me.tab.evaluate("document.documentElement.scrollWidth") <= width


def test_a_curve_that_is_drawn_by_itself_speaks_the_persons_language(visit):
    me = visit()
    me.open("/value?lang=zh_CN")
    picture = me.tab.locator(".st-key-value_curve:not([data-stale=true])").first
    me.until(lambda: "客户" in (picture.text_content() or ""))
    whale = picture.text_content()
    me.tab.get_by_role("radio", name="洛伦兹").click()
    me.until(lambda: picture.text_content() not in (whale, ""))
    me.settle()
    assert "客户" in picture.text_content()
    assert me.tab.get_by_role("radio", name="洛伦兹").is_visible()
