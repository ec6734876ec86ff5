"""The Data page in a real browser, as the steward: whole, and which versions there are."""

import pytest


@pytest.mark.parametrize("width", [1440, 390])
def test_a_steward_sees_that_all_is_whole_and_how_to_go_back(visit, width):
    me = visit(height=1800)
    me.open()
    me.choose("You are", "Data steward")
    me.turn_to("Data")
    me.tab.set_viewport_size({"width": width, "height": 1800})
    me.until(lambda: "were accepted; figures reach to" in me.headline)
    me.tab.locator("[data-testid=stDataFrame] canvas").first.wait_for()
    me.tab.get_by_text("Versions", exact=True).click()
    me.tab.get_by_text("python -m analytics rollback VERSION").wait_for()
    me.tab.locator(".st-key-data_lacking").get_by_text("Figures not to be had").click()
    me.tab.get_by_text("Every figure of the catalogue can be had.").wait_for()
    assert me.tab.evaluate("document.documentElement.scrollWidth") <= width
