"""The Needs page: what a segment has in common, said with the figures of the comparison."""

import json

import pytest

from analytics.access.book import Book
from analytics.access.grants import Grant
from analytics.formats import number
from analytics.needs.gaps import LESS, MORE
from analytics.needs.report import lacking, needs_of
from analytics.needs.sentences import headline, need_sentences
from analytics.segmentation import segment_toml
from analytics.store.store import open_store
from analytics.translation import in_language
from analytics.warehouse.engine import open_warehouse
from tests.screens.session import (
    ANALYST,
    BRANCH_MANAGER,
    NO_SUCH_PAGE,
    RM,
    STEWARD,
    address,
    opened,
    table_with,
    texts,
    turn_to,
    whole,
)

PARTS = ("needs_together", "needs_channels", "needs_changes", "needs_surveys")
LINK = {
    "method": "kmeans",
    "indicators": "balance_average_3m,transactions_count_12m,products_held",
    "set_segments": "2",
}
RECIPE = """value = "profit_12m"
as_of = "{day}"
indicators = ["balance_average_3m", "transactions_count_12m", "products_held"]
[method]
key = "kmeans"
segments = 2
"""


def told(bank, persona, segment=1):
    """The segment's needs, and the book and segmentation that they are of, without the screen."""
    book = Book.open(open_warehouse(bank), open_store(None, bank), persona)
    found = segment_toml(book, RECIPE.format(day=book.as_of()))
    return book, found, needs_of(book, found, segment)


def products_of(at):
    return table_with(at, "held_share", "peer_share")


@pytest.mark.parametrize("persona", [RM, BRANCH_MANAGER])
def test_the_first_sentence_the_tiles_and_the_table_are_the_comparisons_figures(bank, persona):
    at = whole(opened("needs", persona=persona, link=LINK))
    _book, _found, expected = told(bank, persona)
    seen = texts(at)
    assert headline(expected) in seen.replace("\u00a0", " ")
    for sentence in need_sentences(expected):
        assert sentence in seen
    beside, differs = expected.match, expected.gaps["differs"]
    counts = [beside.customers, beside.peers, (differs == MORE).sum(), (differs == LESS).sum()]
    assert [metric.value for metric in at.metric][:4] == [number(count) for count in counts]
    assert f"{number(beside.count)} of its {number(beside.customers)} customers were compared" in seen
    rows = products_of(at)
    assert len(rows) == len(expected.gaps)
    assert rows["held_share"].tolist() == pytest.approx((100 * expected.gaps["held_share"]).tolist())
    assert rows["customers"].tolist() == expected.gaps["customers"].tolist()


def test_another_segment_is_chosen_and_stands_in_the_link(bank):
    at = whole(opened("needs", persona=BRANCH_MANAGER, link=LINK))
    at.selectbox(key="shown_needs").set_value("2").run()
    whole(at)
    assert headline(told(bank, BRANCH_MANAGER, 2)[2]) in texts(at).replace("\u00a0", " ")
    assert address(at)["on_needs"] == "2"
    again = whole(opened("needs", persona=BRANCH_MANAGER, link=address(at)))
    assert again.selectbox(key="shown_needs").value == "2"


def test_a_segment_that_is_not_there_any_more_gives_way_to_the_first(bank):
    at = whole(opened("needs", persona=BRANCH_MANAGER, link=LINK | {"on_needs": "9"}))
    assert at.selectbox(key="shown_needs").value == "1"


def test_a_segment_leads_to_its_needs(bank):
    at = whole(opened("segments", persona=BRANCH_MANAGER, link=LINK))
    assert not [button for button in at.button if button.key == "open_needs"]
    at.selectbox(key="shown_segment_number").set_value(2).run()
    at.button(key="open_needs").click().run()
    assert at.session_state["shown_needs"] == "2"


def test_who_has_no_needs_page_is_not_led_to_it(bank):
    at = whole(opened("segments", persona=ANALYST, link=LINK))
    at.selectbox(key="shown_segment_number").set_value(2).run()
    assert not [button for button in at.button if button.key == "open_needs"]
    with pytest.raises(ValueError, match=NO_SUCH_PAGE):
        turn_to(at, "needs")


def test_combinations_habits_changes_and_answers_open_in_place(bank):
    at = opened("needs", persona=BRANCH_MANAGER, link=LINK)
    for part in PARTS:
        at.session_state[part] = True
    whole(at.run())
    seen = texts(at)
    _book, _found, expected = told(bank, BRANCH_MANAGER)
    assert "Who holds " in seen
    assert len(table_with(at, "given", "then", "confidence")) == len(expected.associations)
    assert "Shares of a customer's transactions in twelve months" in seen
    assert "Average balance: " in seen
    assert "comparable customers" in seen
    assert "Would they recommend us?" in seen


def test_channels_and_answers_are_called_in_the_readers_language(bank):
    with in_language("zh_CN"):
        at = opened("needs", persona=BRANCH_MANAGER, link=LINK | {"lang": "zh_CN"})
        for part in ("needs_channels", "needs_surveys"):
            at.session_state[part] = True
        whole(at.run())
    drawn = str([json.loads(one.proto.spec) for one in at.get("plotly_chart")])
    assert [word for word in ("手机银行", "信任我行") if word not in drawn] == []
    assert [word for word in ("mobile", "trusts us", "price first") if word in drawn] == []


def test_who_has_none_of_a_product_is_listed_under_its_name(bank):
    at = whole(opened("needs", persona=RM, link=LINK))
    book, found, expected = told(bank, RM)
    at.session_state["needs_products"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    whole(at.run())
    product = str(expected.gaps.index[0])
    listed = lacking(book, found, 1, product)
    assert f"{number(len(listed))} customers without {expected.names[product]}" in texts(at)
    assert len(table_with(at, "customer_id", "value")) == min(len(listed), 500)


def test_who_may_not_see_names_sees_none(bank, bank_store):
    everybody = Grant(STEWARD, "manager", "bank", columns=frozenset())
    bank_store.grants.give(everybody, by=ANALYST)
    at = opened(persona=STEWARD, link={**LINK, "value": "credit_amount_12m"})
    whole(turn_to(at, "needs"))
    at.session_state["needs_products"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    whole(at.run())
    rows = table_with(at, "customer_id", "value")
    assert "name" not in rows or rows["name"].str.contains("•").all()


def test_a_segment_too_small_to_compare_says_so_in_its_place(bank):
    book = Book.open(open_warehouse(bank), open_store(None, bank), RM)
    tenth = book.frame(["profit_12m"])["profit_12m"].nlargest(10).iloc[-1]
    at = whole(opened("needs", persona=RM, link=LINK | {"where": f"profit_12m > {tenth:.2f}"}))
    seen = texts(at)
    assert at.title[0].value.startswith("This segment has ")
    assert "Fewer than 10 tell nothing about what they have in common: ask for fewer segments." in seen
    assert "not your fault" not in seen


def test_without_accounts_the_page_says_what_it_needs(own_bank):
    rows = "\n".join(f"K{n},2026-0{m}-1{n % 9},{10 + n * m}" for n in range(30) for m in range(1, 7))
    own_bank(transactions=f"customer_id,booked_at,amount\n{rows}\n")
    at = whole(opened("needs"))
    assert "The warehouse has no accounts" in texts(at)
    assert not at.metric


def test_at_the_earliest_month_end_the_page_says_what_it_can(bank):
    earliest = open_warehouse(bank).month_ends[0].isoformat()
    at = opened("needs", persona=BRANCH_MANAGER, link=LINK | {"as_of": earliest})
    for part in PARTS:
        at.session_state[part] = True
    whole(at.run())
    assert at.metric
    assert "The data do not reach back six months." in texts(at)


def test_a_book_without_customers_and_a_population_of_nobody_are_told_as_such(bank, bank_store):
    at = whole(opened("needs", persona=RM, link=LINK | {"where": "tenure_years > 900"}))
    assert at.title[0].value == "No customer of your book is in this population\\."
    nobody = Grant(STEWARD, "relationship_manager", "own", "E9999", columns=frozenset({"profit"}))
    bank_store.grants.give(nobody, by=ANALYST)
    at = whole(turn_to(opened(persona=STEWARD), "needs"))
    assert "0 customers" in texts(at)
    assert not at.metric
