"""Three methods tried, the trust in one of them read, and two compared, in a real browser."""

import re
import secrets


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
    me.tab.get_by_role("tab", name="Each indicator").wait_for(timeout=300_000)  # 130 fits
    me.tab.get_by_text(re.compile("Worked out with 100 resamples on all")).wait_for()
    me.tab.get_by_role("tab", name="Each indicator").click()
    me.tab.locator(".st-key-sensitivity .main-svg").first.wait_for()
    me.tab.get_by_role("tab", name="How many").click()
    me.tab.locator(".st-key-count_curve .main-svg").first.wait_for()
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
    me.tab.get_by_role("tab", name="Segments").click()
    me.tab.get_by_text(re.compile(r"^In segment \d of 3")).wait_for()
    assert me.complaints == []
    assert me.strangers() == []


def test_a_check_can_be_stopped_and_run_again(visit):
    # A seed of this try's own: the server keeps what it found, and a second try would have nothing to stop.
    seed = secrets.randbelow(1_000_000)
    chosen = "profit_12m,balance_average_3m,tenure_years,age_years"
    me = visit(height=1600)
    me.open(f"/segments?method=hierarchical&seed={seed}&indicators={chosen}")
    me.choose("You are", "Head-office analyst")  # the largest book: the check still runs when it is stopped
    me.until(lambda: "2,000 customers" in me.quiet_line)
    stop = me.tab.locator(".st-key-stop_trust button")
    me.tab.get_by_role("button", name="Check it").click()
    stop.click()
    me.tab.get_by_text("Stopped.").wait_for()
    me.tab.get_by_role("button", name="Run it again").click()
    stop.click()
    me.tab.get_by_text("Stopped.").wait_for()
