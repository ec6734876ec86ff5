"""Charts of rates over time, and the sentence that says whether they are current."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest

from analytics.charts import DARK, LIGHT, fx_history, price_history
from analytics.errors import NotEnoughData
from analytics.feed_status import rates_sentence, statuses
from analytics.warehouse.rates.history import history, quoted, used_currencies

NOW = datetime(2026, 7, 5, tzinfo=UTC)


def labels(figure):
    return " ".join(note.text for note in figure.layout.annotations)


def test_a_currencys_history_ends_with_its_newest_rate_however_long_it_is():
    first = date(1999, 1, 4)
    rates = pd.DataFrame(
        {"day": [first + timedelta(n) for n in range(9001)], "rate": [7 + n / 9000 for n in range(9001)]}
    )
    figure = fx_history(rates, "USD", "CNY", palette=LIGHT)
    assert len(figure.data[0].x) <= 2000
    assert (figure.data[0].x[-1], figure.data[0].y[-1]) == (rates["day"].iloc[-1], 8.0)
    assert "8 on" in labels(figure)
    assert figure.layout.yaxis.title.text == "CNY for one USD"
    with pytest.raises(NotEnoughData):
        fx_history(rates[:1], "USD", "CNY", palette=DARK)


def test_a_products_prices_are_steps_to_the_newest_date_and_both_are_labelled(hand):
    prices = history(hand, "products", "P1")
    figure = price_history(prices, "Deposit", date(2026, 6, 30), palette=DARK)
    paid, transfer = figure.data
    assert {line.line.shape for line in figure.data} == {"hv"}
    assert list(transfer.y) == [0.03, 0.02, 0.02]
    assert list(transfer.x) == [date(2021, 7, 1), date(2026, 5, 31), date(2026, 6, 30)]  # five years
    assert set(paid.y) == {0.01}
    assert "Transfer rate 2.00%" in labels(figure)
    assert "Customer's rate 1.00%" in labels(figure)
    with pytest.raises(NotEnoughData):
        price_history(prices[:0], "Deposit", date(2026, 6, 30), palette=DARK)


def test_what_is_quoted_begins_with_what_is_used(demo, hand):
    assert list(quoted(demo, "fx")) == ["EUR", "HKD", "JPY", "USD", "GBP"]
    assert used_currencies(demo) == ["EUR", "HKD", "JPY", "USD"]
    assert quoted(hand, "products") == {"L1": "Loan", "P1": "Deposit", "P2": "Dollar deposit"}
    assert list(history(hand, "fx", "USD")["rate"]) == [7.0, 7.2, 7.5]


def test_the_sentence_tells_what_presses_most(demo, hand, store):
    found = statuses(demo, store.feeds, NOW)
    assert "are current" in rates_sentence(found, demo.newest_as_of)
    found = statuses(hand, store.feeds, NOW)
    assert [(status.feed.key, status.state) for status in found] == [("fx", "old"), ("products", "current")]
    assert rates_sentence(found, hand.newest_as_of) == (
        "Exchange rates are too old: the newest are of 1 July 2026, for figures as of 30 June 2026."
    )
    store.feeds.record("products", "failed", "The disk is full.")
    assert rates_sentence(statuses(hand, store.feeds, NOW), hand.newest_as_of).startswith(
        "Product prices could not be refreshed: those of 1 July 2026"
    )
    store.feeds.record("fx", "waiting", "USD", "digest")
    assert statuses(hand, store.feeds, NOW)[0].state == "waiting"


def test_a_scheduled_feed_without_a_good_answer_is_late(demo, store):
    store.feeds.set("fx", "https://ecb.example", 6, 7, "sun.tao@demo.example")
    store.feeds.record("fx", "good")
    moment = store.feeds.get("fx").good_at
    states = [
        {status.feed.key: status.state for status in statuses(demo, store.feeds, moment + timedelta(hours=h))}
        for h in (11, 13)
    ]
    assert [state["fx"] for state in states] == ["current", "late"]


def test_without_any_rate_a_feed_says_so(bank_of, store):
    bare = bank_of(transactions="customer_id,booked_at,amount\nA,2026-06-30,1\n")
    found = statuses(bare, store.feeds, NOW)
    assert {status.state for status in found} == {"none"}
    assert "not there yet" in rates_sentence(found, bare.newest_as_of)
    for outcome in ("failed", "refused"):
        store.feeds.record("fx", outcome, "The disk is full.")
        assert rates_sentence(statuses(bare, store.feeds, NOW), bare.newest_as_of).endswith(
            "there are none yet, for figures as of 30 June 2026."
        )
    assert all(replace(status).old == [] for status in found)
