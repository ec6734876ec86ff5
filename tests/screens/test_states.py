"""Every page with much, with little and with nothing to show."""

import re

import pytest

from analytics.access.grants import Grant
from analytics.store.store import open_store
from analytics.translation import use_language
from analytics.warehouse.engine import open_warehouse
from tests.screens.session import (
    ANALYST,
    NO_SUCH_PAGE,
    OWNER,
    RM,
    STEWARD,
    address,
    members_of,
    opened,
    segments_of,
    table_with,
    texts,
    turn_to,
    whole,
)

BOOK_PAGES = ("overview", "customers", "customer", "segments", "value", "profit", "lifetime", "movement")
PAGES = (*BOOK_PAGES, "needs", "campaigns", "glossary")
NOBODY = "tenure_years > 900"
THREE_COLUMNS = "customer_id,booked_at,amount\n" + "".join(
    f"K{customer},2025-{month:02d}-{5 + customer},{(customer + 1) * 10 * month}.50\n"
    for customer in range(12)
    for month in range(1, 13)
    if month % (customer + 1) == 0 or customer < 4
)


@pytest.fixture
def chinese():
    """AppTest writes out a widget's options in the test's own language."""
    use_language("zh_CN")
    yield
    use_language("en")


def few(customers):
    """Transactions of this many customers, over three months."""
    rows = [f"K{n},2025-0{month}-10,{100 * (n + 1)}" for n in range(customers) for month in (1, 2, 3)]
    return "customer_id,booked_at,amount\n" + "\n".join([*rows, "K0,2025-04-01,1"])


@pytest.mark.parametrize("page", BOOK_PAGES)
@pytest.mark.parametrize("persona", [RM, ANALYST])
def test_a_page_answers_in_its_first_sentence_and_says_where_one_is(bank, persona, page):
    at = whole(opened(page, persona=persona))
    assert at.title[0].value.endswith(".")
    line = at.caption[0].value
    assert "customers" in line
    assert "as of" in line
    assert "demo bank" in line
    assert ("names masked" in line) == (persona == ANALYST)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_stands_in_chinese_and_the_link_says_so(bank, chinese, page):
    at = whole(opened(page, persona=RM, link={"lang": "zh_CN"}))
    assert address(at)["lang"] == "zh_CN"
    newest = at.selectbox(key="as_of").options[0]
    assert re.fullmatch(r"\d{4}年\d+月\d+日", newest)
    if page != "glossary":
        assert newest in at.caption[0].value


@pytest.mark.parametrize("page", PAGES)
def test_in_chinese_no_sentence_heading_or_control_is_left_in_english(bank, chinese, page):
    at = whole(opened(page, persona=RM, link={"lang": "zh_CN"}))
    controls = (at.selectbox, at.text_input, at.button, at.multiselect, at.number_input, at.toggle)
    seen = [element.value for kind in (at.title, at.subheader) for element in kind]
    seen += [widget.label for kind in controls for widget in kind if widget.label]
    assert not [text for text in seen if text.isascii()]


def test_every_page_at_the_earliest_month_end_says_what_it_can(bank):
    at = opened(persona=RM)
    first = at.selectbox(key="as_of").options[-1]
    earliest = at.session_state["book"].warehouse.month_ends[0].isoformat()
    at.selectbox(key="as_of").set_value(earliest)
    assert "no month end before this one" in texts(whole(at.run()))
    for page in BOOK_PAGES:
        whole(turn_to(at, page))
        assert first in at.caption[0].value


def test_a_year_that_the_data_do_not_fill_is_told_and_is_no_growth(bank):
    ends = open_warehouse(bank).month_ends
    at = whole(opened("profit", persona=RM, link={"as_of": ends[4].isoformat()}))
    assert "of the 12 months to this date they hold 5." in texts(at)
    assert at.metric[0].delta == ""
    at = whole(opened("profit", persona=RM))
    assert "months to this date they hold" not in texts(at)
    assert at.metric[0].delta


def test_without_a_grant_there_is_the_glossary_and_nothing_of_any_customer(own_bank):
    folder = own_bank(transactions=THREE_COLUMNS)
    whole(opened())
    everything = frozenset({"pii", "sensitive", "profit"})
    held = open_store(None, folder).grants
    held.revoke(Grant(OWNER, "manager", "bank", columns=everything, may_export=True), by=STEWARD)
    at = whole(opened())
    assert not at.metric
    assert "K1" not in texts(at)
    for page in BOOK_PAGES:
        with pytest.raises(ValueError, match=NO_SUCH_PAGE):
            turn_to(at, page)


def test_a_book_without_customers_is_told_as_such(bank, bank_store):
    bank_store.grants.give(Grant(STEWARD, "relationship_manager", "own", employee_id="nobody"), by=ANALYST)
    at = opened(persona=STEWARD)
    for page in BOOK_PAGES:
        turn_to(at, page)
        assert not at.exception
        seen = texts(at)
        assert "not your fault" not in seen
        assert "0 customers" in seen
        assert "nan" not in seen
        assert at.title or at.error


def test_a_filter_that_catches_nobody_leaves_every_page_standing(bank):
    at = opened(
        "segments", persona=RM, link={"where": NOBODY, "method": "kmeans", "indicators": "tenure_years"}
    )
    assert not at.exception
    assert "No customer of your book is in this population." in texts(at)
    at = whole(opened("customers", persona=RM, link={"on_filter": NOBODY}))
    assert "No customer passes this filter" in at.title[0].value
    turn_to(at, "value")
    whole(at)


def test_a_filter_that_cannot_be_read_says_where_and_is_not_applied(bank):
    at = opened("customers", persona=RM, link={"on_filter": "tenure_year >= 1"})
    assert not at.exception
    assert "tenure_years" in at.error[0].value.replace("\\", "")
    everybody = whole(opened("customers", persona=RM)).caption[0].value
    assert at.caption[0].value == everybody


def test_three_columns_of_transactions_are_enough_for_every_page(own_bank):
    own_bank(transactions=THREE_COLUMNS)
    at = whole(opened())
    for page in PAGES:
        whole(turn_to(at, page))
        if page != "glossary":
            assert "12 customers" in at.caption[0].value
            assert "your own data" in at.caption[0].value
        assert at.session_state["value"] == "credit_amount_12m"
        assert "Profit" not in at.selectbox(key="value").options
        assert not [box for box in at.selectbox if box.key == "persona"]


def test_what_three_columns_lack_is_named_where_profit_would_be(own_bank):
    own_bank(transactions=THREE_COLUMNS)
    at = whole(opened("value"))
    assert "Value here is" in texts(at)
    assert "The warehouse has no" in texts(at)
    turn_to(at, "segments")
    assert ":gray[Profit: The warehouse has no" in texts(at)
    turn_to(at, "glossary")
    rows = table_with(at, "Key", "Here").set_index("Key")["Here"]
    assert rows["profit_12m"].startswith("The warehouse has no")
    assert rows["credit_amount_12m"] == "available"


@pytest.mark.parametrize("customers", [1, 3])
def test_a_book_of_very_few_customers_is_shown_or_explained(own_bank, customers):
    own_bank(transactions=few(customers))
    at = opened()
    for page in BOOK_PAGES:
        turn_to(at, page)
        assert not at.exception
        seen = texts(at)
        assert "not your fault" not in seen
        assert "nan" not in seen
        assert f"{customers} customer{'s' if customers > 1 else ''} ·" in seen
        assert at.title or at.error


def test_one_customer_can_be_found_opened_and_left_again(bank):
    at = whole(opened("customers", persona=RM))
    listed = table_with(at, "customer_id", "profit_12m")
    number, name = listed["customer_id"].iloc[0], listed["name"].iloc[0]
    at.text_input(key="find_customer").set_value(name[:4].lower()).run()
    assert number in str([table.value for table in at.dataframe])
    at.session_state["shown_customer"] = number
    whole(turn_to(at, "customer"))
    assert at.title[0].value.replace("\\", "").startswith(name)
    assert address(at)["on_customer"] == number
    at.session_state["customer_tab_en"] = "Indicators"
    assert len(table_with(whole(at.run()), "Indicator", "Figure")) > 40
    at.button(key="back").click().run()
    assert "half of your" in whole(at).title[0].value
    assert "on_customer" not in address(at)


def test_a_customer_of_somebody_elses_book_is_as_unknown_as_one_that_never_was(bank):
    mine = set(members_of(whole(opened("segments", persona=RM)))["customer_id"])
    bankwide = table_with(whole(opened("customers", persona=ANALYST)), "customer_id", "profit_12m")
    theirs = next(number for number in bankwide["customer_id"] if number not in mine)
    answers = []
    for number in (theirs, "C9999999"):
        at = opened("customer", persona=RM, link={"on_customer": number})
        assert not at.exception
        assert len(at.error) == 1
        assert not at.dataframe
        answers.append(at.error[0].value.replace(number, "…"))
    assert answers[0] == answers[1]


def test_a_search_for_nobody_says_so(bank):
    at = whole(opened("customers", persona=RM))
    at.text_input(key="find_customer").set_value("zzzzzz").run()
    assert "Nobody in your book has “zzzzzz”" in texts(at)


def test_the_glossary_finds_a_word_wherever_it_is_and_says_when_there_is_none(bank):
    at = whole(opened("glossary", persona=RM))
    everything = len(table_with(at, "Key"))
    at.text_input(key="glossary_search").set_value("BALANCE").run()
    assert 0 < len(table_with(at, "Key")) < everything
    at.text_input(key="glossary_search").set_value("zzzzzz").run()
    assert not at.exception
    assert "Nothing has “zzzzzz” in it" in texts(at)


def test_a_filter_becomes_the_population_of_the_segments(bank):
    at = whole(opened("customers", persona=RM, link={"on_filter": "tenure_years >= 3"}))
    make = next(button for button in at.button if button.label == "Make this a population")
    make.click().run()
    whole(at)
    assert address(at)["where"] == "tenure_years >= 3"
    assert segments_of(at)["customers"].sum() < at.session_state["book"].count()
