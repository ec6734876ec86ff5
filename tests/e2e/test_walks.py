"""Each page in a real browser: what is clicked leads where it says, and a link brings it back."""

import re

import pytest

PAGES = {
    "Overview": "/",
    "Customers": "/customers",
    "Segments": "/segments",
    "Compare": "/compare",
    "Value": "/value",
    "Profit": "/profit",
    "Lifetime value": "/lifetime",
    "Movement": "/movement",
    "Needs": "/needs",
    "Campaigns": "/campaigns",
    "Glossary": "/glossary",
}


def test_the_overview_leads_to_the_customer_that_moved_and_back(visit):
    me = visit()
    me.open()
    me.until(lambda: me.tab.get_by_test_id("stMetricValue").count() >= 4)
    me.click_row("movers", 0)
    me.until(lambda: ": profit of CNY " in me.headline)
    assert "on_customer=" in me.tab.url
    me.press("All customers")
    me.until(lambda: "half of your" in me.headline)
    me.turn_to("Overview")
    me.until(lambda: "brought 80% of it" in me.headline)


def test_a_customer_is_found_by_name_opened_and_left_again(visit):
    me = visit()
    me.open("/customers")
    listed = me.headline
    me.click_row("the_list", 0)
    me.until(lambda: ": profit of CNY " in me.headline)
    name = me.headline.split(":")[0]
    me.until(lambda: me.tab.get_by_role("tab", name="Transactions").is_visible())
    me.tab.get_by_role("tab", name="Products").click()
    me.press("All customers")
    me.until(lambda: me.headline == listed)
    me.tab.get_by_role("textbox", name="Find a customer").fill(name)
    me.tab.get_by_role("textbox", name="Find a customer").press("Enter")
    me.settle()
    me.click_row("found_customers", 0)
    me.until(lambda: me.headline.startswith(name))
    link = me.tab.url
    again = visit()
    again.open(link)
    again.until(lambda: again.headline.startswith(name))


def test_a_bare_address_in_somebodys_text_is_no_link(visit):
    me = visit()
    me.open("/customers")
    for address in ("www.evil.example", "https://evil.example/a", "a@evil.example"):
        me.tab.get_by_role("textbox", name="Find a customer").fill(address)
        me.tab.get_by_role("textbox", name="Find a customer").press("Enter")
        me.until(lambda said=address: said in me.tab.inner_text("body").replace("\u2060", ""))
        assert me.tab.locator("[href*='evil.example']").count() == 0


def test_a_feature_and_a_filter_are_chosen_and_kept_in_the_address(visit):
    me = visit()
    me.open("/customers")
    me.choose("Feature", "Age ·")
    me.until(lambda: "Age" in me.headline)
    me.tab.get_by_role("textbox", name="Only customers with").fill("tenure_years >= 3")
    me.tab.get_by_role("textbox", name="Only customers with").press("Enter")
    me.settle()
    me.until(lambda: "on_filter=tenure_years" in me.tab.url)
    again = visit()
    again.open(me.tab.url)
    again.until(lambda: again.headline == me.headline)
    again.press("Make this a population")
    again.until(lambda: "/segments?" in again.tab.url and "where=tenure_years" in again.tab.url)


def test_a_click_on_a_segments_bar_lists_its_members(visit):
    me = visit(height=1600)
    me.open("/segments")
    bar = me.tab.locator(".st-key-segment_pairs .point").first.bounding_box()  # waits for it, too
    me.tab.mouse.click(bar["x"] + 8, bar["y"] + bar["height"] / 2)
    me.settle()
    chosen = me.tab.get_by_role("combobox", name="Segment", exact=True)
    me.until(lambda: chosen.input_value().startswith("1. "))
    me.choose("Segment", "All segments")
    me.until(lambda: chosen.input_value() == "All segments")


def test_a_box_in_the_chart_of_two_indicators_picks_its_customers(visit):
    me = visit(height=1600)
    me.open("/segments")
    me.tab.get_by_text("Pick customers in a chart").click()
    plot = me.tab.locator(".st-key-scatter .nsewdrag").first
    plot.scroll_into_view_if_needed()
    me.tab.wait_for_timeout(600)  # the panel slides open
    area = plot.bounding_box()
    me.tab.mouse.move(area["x"] + 3, area["y"] + 3)
    me.tab.mouse.down()
    me.tab.mouse.move(area["x"] + area["width"] / 3, area["y"] + area["height"] / 2, steps=4)
    me.tab.mouse.move(area["x"] + area["width"] - 3, area["y"] + area["height"] - 3, steps=4)
    me.tab.mouse.up()
    me.settle()
    picked = me.tab.get_by_text("picked in the chart")
    picked.wait_for()
    said = picked.inner_text()
    assert re.match(r"\d+ customers picked", said)
    me.tab.get_by_text("Pick customers in a chart").click()
    me.settle()
    plot.wait_for(state="hidden")
    assert picked.inner_text() == said  # closed, the panel lets nobody go
    me.tab.get_by_text("Pick customers in a chart").click()
    me.settle()
    plot.wait_for()
    assert picked.inner_text() == said  # nor where it is opened again
    me.turn_to("Value")
    me.turn_to("Segments")
    me.until(lambda: picked.count() == 0)


def test_panels_show_what_is_in_use_whenever_they_are_opened(visit):
    me = visit()
    me.open(
        "/segments?method=gaussian_mixture&indicators=profit_12m,tenure_years&set_segments=3&set_shape=%22diag%22&seed=11"
    )
    me.choose("Segment", re.compile("^2"))
    me.choose("Value measured in", "Money in")
    me.until(lambda: "value=credit_amount_12m" in me.tab.url)
    link = me.tab.url
    me.press(re.compile("^How: Gaussian"))
    assert me.tab.get_by_role("combobox", name="Method").input_value() == "Gaussian mixture"
    assert me.tab.get_by_role("slider", name="Number of segments").input_value() == "3"
    assert (
        me.tab.get_by_role("combobox", name="Shape of the clouds")
        .input_value()
        .endswith("along the indicators")
    )
    assert me.tab.get_by_role("spinbutton", name="Seed").input_value() == "11"
    me.tab.keyboard.press("Escape")
    me.press(re.compile("^What: 2 indicators"))
    chosen = me.tab.get_by_role("group", name="Selected values")
    assert "Profit" in chosen.inner_text()
    me.tab.keyboard.press("Escape")
    me.settle()
    assert me.tab.url == link


def test_the_curve_is_switched_and_a_top_customer_opened(visit):
    me = visit()
    me.open("/value")
    me.until(lambda: "Customers" in curve(me))
    whale = curve(me)
    for name in ("On gains", "Lorenz", "Pareto", "Whale curve"):
        me.tab.get_by_role("radio", name=name).or_(me.tab.get_by_role("button", name=name)).first.click()
        me.until(lambda is_whale=name == "Whale curve": (curve(me) == whale) == is_whale)
    me.click_row("top_customers", 0)
    me.until(lambda: ": profit of CNY " in me.headline)


def curve(me):
    return me.tab.locator(".st-key-value_curve:not([data-stale=true])").first.text_content()


def test_the_glossary_is_searched_while_one_reads(visit):
    me = visit()
    me.open("/glossary")
    box = me.tab.get_by_role("textbox", name="Search", exact=True)
    box.fill("gini")
    box.press("Enter")
    me.until(lambda: not me.tab.get_by_text("Warehouse version:").is_visible())
    me.until(lambda: me.tab.get_by_text("0 when all bring the same").is_visible())
    box.fill("zzzz")
    box.press("Enter")
    me.tab.get_by_text("Nothing has “zzzz” in it").wait_for()


def test_a_colleague_who_opens_the_link_sees_the_same_view_of_their_own_book(visit):
    me = visit()
    me.open("/value")
    me.choose("Value measured in", "Money in")
    me.choose("As of", re.compile("^31 August"))
    me.until(lambda: "31 August" in me.headline)
    other = visit()
    other.open(me.tab.url)
    other.until(lambda: other.headline == me.headline)  # a fresh tab is the first persona
    other.choose("You are", "Branch manager")
    other.until(lambda: other.quiet_line != me.quiet_line)
    assert "Wang Fang" in other.quiet_line


def test_the_browsers_way_back_leads_to_the_page_before(visit):
    me = visit()
    me.open()
    answer = me.headline
    me.turn_to("Glossary")
    me.until(lambda: "indicators" in me.headline)
    me.tab.go_back()
    me.until(lambda: me.headline == answer)


# --- on any screen


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_nothing_is_wider_than_the_screen_and_every_control_has_a_name(visit, width, scheme):
    me = visit(width=width, color_scheme=scheme)
    for page, path in PAGES.items():
        me.open(path)
        me.tab.wait_for_timeout(300)
        wide = me.tab.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, (page, wide)
        assert me.tab.evaluate(_CUT) == [], page
        assert me.tab.evaluate(_NAMELESS) == [], page
        assert me.tab.locator("h1").count() == 1
        unsaid = me.tab.locator("[data-testid=stPlotlyChart]:not(:has([aria-label])):not([aria-label])")
        assert page == "Glossary" or unsaid.count() == 0


def test_a_phone_shows_what_is_chosen_in_the_folded_sidebar(visit):
    me = visit(width=390)
    me.open("/value?value=credit_amount_12m")
    me.tab.locator("summary").last.click()
    me.settle()
    me.tab.get_by_role("button", name="Expand sidebar").click()
    me.settle()
    assert me.tab.get_by_role("combobox", name="Value measured in").input_value() == "Money in"
    assert "value=credit_amount_12m" in me.tab.url
    me.turn_to("Segments")
    assert me.tab.url.startswith(me.server.url + "/segments")


# Text that sticks out of the column it is written in, tables and charts aside (they scroll, or are drawn).
_CUT = """() => [...document.querySelectorAll('h1, h2, h3, p, label, button')]
    .filter(e => e.checkVisibility() && !e.closest('svg, canvas, [data-testid=stSidebar]') && e.innerText)
    .filter(e => e.getBoundingClientRect().right > window.innerWidth + 1)
    .map(e => e.innerText.slice(0, 60))"""

_NAMELESS = """() => [...document.querySelectorAll(
        'button, input, select, textarea, a[href], [role=combobox], [role=slider], [role=tab], [role=radio]')]
    .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.closest('[aria-hidden=true]'))
    .filter(e => !(e.getAttribute('aria-label') || e.innerText.trim() || e.title || (e.labels && e.labels.length)
        || e.getAttribute('aria-labelledby')))
    .map(e => e.outerHTML.slice(0, 120))"""


# --- by keyboard


@pytest.mark.parametrize(
    ("path", "controls"),
    [
        ("/segments", ["Overview", "Glossary", "As of", "Value measured in", "Language", "Who: everybody in the book",
                       "What: 5 indicators", "How: K-means", "Segment", "Members as CSV", "Save this one"]),
        ("/customers", ["Feature", "Only customers with", "Find a customer"]),
        ("/value", ["Whale curve", "How is this computed?"]),
    ],
)  # fmt: skip
def test_tab_reaches_the_navigation_and_the_main_controls(visit, path, controls):
    me = visit()
    me.open(path)
    reached = []
    for _ in range(70):
        me.tab.keyboard.press("Tab")
        reached.append(me.tab.evaluate(_FOCUSED))
    missing = [name for name in controls if not any(name in text for text in reached)]
    assert not missing, reached


def test_a_panel_opens_and_closes_by_keyboard(visit):
    me = visit()
    me.open("/segments")
    me.tab.get_by_role("button", name=re.compile("^How")).focus()
    me.tab.keyboard.press("Enter")
    me.tab.get_by_role("dialog").wait_for()
    me.tab.keyboard.press("Escape")
    me.tab.get_by_role("dialog").wait_for(state="hidden")


_FOCUSED = """() => {
    const e = document.activeElement;
    return [e.getAttribute('aria-label'), e.innerText, ...[...(e.labels || [])].map(l => l.innerText)].join(' ');
}"""


def test_another_language_says_everything_on_the_screen_in_it_what_was_chosen_too(visit):
    """And columns of tables are as wide as their new headings: as on the page that was opened in it."""
    me, other = visit(), visit()
    me.open("/segments")
    _speak(me, "Language", "中文")
    me.until(lambda: "共" in me.headline)
    other.open("/segments?lang=zh_CN")
    me.until(lambda: _said_in_boxes(me) == _said_in_boxes(other))
    assert "2026年10月31日" in _said_in_boxes(me)
    me.until(lambda: _first_table(me) == _first_table(other))


def test_a_method_that_was_chosen_in_one_language_is_chosen_in_the_other(visit):
    me = visit()
    me.open("/segments?lang=zh_CN")
    me.press("方法：K均值")
    me.choose("分群方法", "加权评分")
    _speak(me, "语言", "English")
    me.until(lambda: me.tab.get_by_role("button", name="How: Weighted score").is_visible())
    _speak(me, "Language", "中文")
    me.until(lambda: me.tab.get_by_role("button", name="方法：加权评分").is_visible())
    me.press("方法：加权评分")
    me.until(lambda: "加权评分" in _said_in_boxes(me))


def _speak(me, box, language):
    me.tab.get_by_role("combobox", name=box, exact=True).click()
    me.tab.get_by_role("option", name=language).click()


def _said_in_boxes(me):
    return [box.input_value() for box in me.tab.get_by_role("combobox").all()]


def _first_table(me):
    """Drawn on a canvas: only a picture of it tells how wide its columns are; a row under the mouse is another colour."""
    me.tab.mouse.move(0, 0)
    return me.tab.get_by_test_id("stDataFrame").first.screenshot()
