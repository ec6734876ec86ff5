"""Three methods tried, the trust in one of them read, and two compared, in a real browser."""

import re


def test_three_methods_are_tried_one_is_checked_and_two_are_compared(visit):
    me = visit(height=1600)
    me.open("/segments")
    me.until(lambda: "5 segments" in me.headline)
    tried = {me.headline}
    for method, key in (
        ("Hierarchical", "hierarchical"),
        ("Life stage", "life_stage"),
        ("Decision tree", "decision_tree"),
    ):
        me.press(re.compile("^How: "))
        me.choose("Method", method)
        me.tab.keyboard.press("Escape")
        me.until(lambda key=key: f"method={key}" in me.tab.url and me.headline not in tried)
        tried.add(me.headline)

    me.open("/segments?method=kmeans&set_segments=3&indicators=profit_12m,balance_average_3m,tenure_years")
    me.until(lambda: "3 segments" in me.headline)
    me.press("Check it")
    me.tab.get_by_role("tab", name="Each indicator").wait_for(timeout=90_000)
    me.tab.get_by_text(re.compile("Worked out with 100 resamples on all")).wait_for()
    me.tab.get_by_role("tab", name="Each indicator").click()
    me.tab.locator(".st-key-sensitivity .main-svg").first.wait_for()
    me.tab.get_by_role("tab", name="How many").click()
    me.tab.locator(".st-key-count_curve .main-svg").first.wait_for(timeout=60_000)
    me.tab.get_by_role("tab", name="Why these segments").click()
    me.tab.locator(".st-key-differences .main-svg").first.wait_for()
    me.tab.get_by_role("textbox", name="Call it").fill("My stars")
    me.tab.get_by_role("textbox", name="Call it").press("Enter")
    me.until(lambda: "“My stars”" in me.headline)

    me.turn_to("Compare")
    me.until(lambda: "are in another group" in me.headline)
    me.tab.locator(".st-key-flow .main-svg").first.wait_for()
    me.choose("Second", "In use now")
    me.until(lambda: "two different recipes" in me.headline)
    me.choose("Second", "The bank's standard")
    me.until(lambda: "are in another group" in me.headline)
    me.click_row("movers", 0)
    me.until(lambda: ": profit of CNY " in me.headline)
    me.tab.get_by_text(re.compile(r"^In segment \d of 3")).wait_for()
    assert me.complaints == []
    assert me.strangers() == []


def test_a_check_can_be_stopped_and_run_again(visit):
    me = visit(height=1600)
    me.open("/segments?method=hierarchical&indicators=profit_12m,balance_average_3m,tenure_years,age_years")
    me.press("Check it")
    me.tab.locator(".st-key-stop_trust button").click(timeout=30_000)
    me.tab.get_by_text("Stopped.").wait_for()
    me.press("Run it again")
    me.tab.get_by_role("tab", name="Each indicator").wait_for(timeout=120_000)
