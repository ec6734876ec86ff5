"""The first sentence of a page says the figure, its unit and its date, and never what is not so."""

from datetime import date

import numpy as np
import pytest

from analytics.indicators import CATALOGUE
from analytics.translation import use_language
from analytics.value.concentration import concentration
from analytics.value.quantity import Quantity
from analytics.value.sentences import (
    dependence_sentence,
    headline,
    loss_sentence,
    value_sentence,
)

JUNE = date(2026, 6, 30)
PROFIT = Quantity("profit_12m", "Profit, 12 months", "currency", "CNY")
BOOKS = {
    "none": [],
    "missing": [np.nan],
    "one": [1234.5],
    "alike": [10, 10, 10],
    "zero": [0, 0],
    "usual": [900, 80, 20, 0],
    "losses": [900, 80, -20],
    "net loss": [10, -900, -80],
    "balanced": [5, -5],
    "large": np.random.default_rng(7).lognormal(5, 2, 5000),
}


def sentence(amounts, quantity=PROFIT, **whose):
    return value_sentence(concentration(amounts), quantity, JUNE, **whose)


def test_the_usual_book_reads_as_the_design_asks():
    amounts = [2_560_000 / 23] * 23 + [640_000 / 191] * 191
    assert sentence(amounts) == (
        "Your 214 customers earned CNY 3.2 m in the twelve months to 30 June 2026; "
        "23 of them (11%) brought 80% of it."
    )


def test_one_customer_is_a_singular_without_a_share():
    assert sentence([1200]) == "Your 1 customer earned CNY 1.2 k in the twelve months to 30 June 2026."


def test_nobody_is_said_plainly():
    assert sentence([]) == "No customer has a value for Profit, 12 months as of 30 June 2026."


def test_a_net_loss_is_told_as_one_and_without_shares():
    text = sentence([10, -900, -80])
    assert "cost CNY 970 more than they earned" in text
    assert "1 of them was above zero, with CNY 10, and 2 below, with minus CNY 980" in text
    assert "%" not in text


def test_equal_customers_have_no_top():
    assert sentence([10, 10]).endswith("; each of them the same, CNY 10.")


def test_nothing_at_all_claims_no_share():
    assert sentence([0, 0]).endswith("earned CNY 0 in the twelve months to 30 June 2026.")


def test_whose_customers_they_are_is_said():
    assert sentence([3, 1], mine=False).startswith("The 2 customers earned")
    assert sentence([3, 1], segment="Private").startswith("The 2 customers of segment Private earned")


def test_counts_have_no_currency_and_shares_are_not_added_up():
    count = Quantity("transactions_count_12m", "Transactions, 12 months", "count", "CNY")
    assert sentence([8, 1, 1], count) == (
        "Your 3 customers made 10 transactions in the twelve months to 30 June 2026; "
        "1 of them (33%) accounts for 80% of it."
    )
    share = Quantity("channel_mobile_share_12m", "Share through mobile", "share")
    assert sentence([0.2, 0.4, 0.9], share) == (
        "Your 3 customers: half had 40% or less as of 30 June 2026 (Share through mobile)."
    )


def test_the_headline_names_the_few_or_else_the_total():
    assert headline(concentration([900, 80, 20]), PROFIT) == (
        "1 of your 3 customers (33%) brings 80% of their CNY 1 k"
    )
    assert (
        headline(concentration([1, -900]), PROFIT, mine=False)
        == "The 2 customers: CNY -899 (Profit, 12 months)"
    )


def test_dependence_counts_customers_with_equal_amounts_only_where_nobody_loses():
    assert "as concentrated as" in dependence_sentence(concentration([50, 25, 25]), PROFIT)
    with_loss = dependence_sentence(concentration([50, 25, 25, -10]), PROFIT)
    assert "as concentrated as" not in with_loss
    assert with_loss.startswith("The largest customer alone brings 56%")


def test_losses_are_counted_and_summed():
    assert loss_sentence(concentration([50, -2, -3]), PROFIT) == (
        "2 customers (67%) are below zero, by CNY 5 together."
    )
    assert loss_sentence(concentration([50]), PROFIT) == ""


def sentences(quantity, amounts):
    c = concentration(amounts)
    return [
        value_sentence(c, quantity, JUNE),
        headline(c, quantity),
        dependence_sentence(c, quantity),
        loss_sentence(c, quantity),
    ]


@pytest.fixture(params=["en", "zh_CN"])
def _language(request):
    use_language(request.param)
    yield
    use_language("en")


@pytest.mark.usefixtures("_language")
@pytest.mark.parametrize("book", BOOKS)
def test_every_indicator_makes_whole_sentences_of_every_book(book):
    for indicator in CATALOGUE.values():
        texts = sentences(Quantity.of(indicator, "CNY"), BOOKS[book])
        assert texts[0], indicator.key
        assert texts[1], indicator.key
        for text in texts:
            assert not [sign for sign in ("{", "nan", "None", " %") if sign in text], text
