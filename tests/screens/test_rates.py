"""The steward's page of rates, and what everybody's pages say of old ones."""

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analytics.access.roles import PAGES
from analytics.feeds import Desk, refresh
from analytics.store.store import Store, open_store
from analytics.warehouse.versions import current_version
from tests.screens.session import RM, STEWARD, opened, table_with, texts, turn_to, whole

GOOD = "currency,rate_date,rate\nUSD,2026-10-30,6.70\n"
ABSURD = "currency,rate_date,rate\nUSD,2026-10-30,9.90\n"
DOLLARS = "customer_id,booked_at,amount,currency\n" + "".join(
    f"K{n},2026-{month:02d}-15,{100 * (n + 1)},{'USD' if n % 2 else 'CNY'}\n"
    for n in range(12)
    for month in range(1, 7)
)


@pytest.fixture
def whole_bank(tmp_path: Path, demo_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the synthetic bank that may be published into, and a folder to read rates from."""
    folder = shutil.copytree(demo_folder, tmp_path / "bank")
    (tmp_path / "feeds").mkdir()
    monkeypatch.setenv("CLIENTELE_WAREHOUSE", str(folder))
    monkeypatch.setenv("CLIENTELE_FEEDS", str(tmp_path / "feeds"))
    monkeypatch.delenv("CLIENTELE_STORE", raising=False)
    return folder


def offered(bank: Path, text: str) -> Store:
    """Let the exchange rates come from a file with this text."""
    (bank.parent / "feeds" / "fx.csv").write_text(text)
    store = open_store(None, bank)
    store.feeds.set("fx", "fx.csv", 0, 7, STEWARD)
    return store


def pressed(at: AppTest, key: str) -> AppTest:
    return whole(at.button(key=key).click().run())


def test_the_first_sentence_says_whether_rates_are_current_and_no_customer_is_shown(bank):
    at = whole(opened(persona=STEWARD))
    assert (
        at.title[0]
        .value.replace("\\", "")
        .startswith("The rates in use are current: exchange rates of 30 October 2026")
    )
    assert [metric.value for metric in at.metric][::3] == ["1 day", "0"]
    table = table_with(at, "Rates", "State", "Newest")
    assert list(table["State"]) == ["Current", "Current"]
    assert "customer_id" not in str([shown.value.columns for shown in at.dataframe])
    assert not at.warning


def test_every_currency_and_product_has_a_history(bank):
    at = whole(opened(persona=STEWARD))
    assert {"EUR", "HKD", "JPY", "USD"} <= set(at.selectbox(key="rates_name_fx").options)
    at.segmented_control(key="rates_shown").set_value("products")
    at = whole(at.run())
    assert len(at.selectbox(key="rates_name_products").options) > 5
    assert len(at.get("plotly_chart")) == 1


def test_a_steward_sets_a_source_asks_it_and_its_rates_serve(whole_bank):
    before = current_version(whole_bank)
    (whole_bank.parent / "feeds" / "fx.csv").write_text(GOOD)
    at = whole(opened(persona=STEWARD))
    at.text_input(key="source_fx").set_value("fx.csv")
    at.number_input(key="hours_fx").set_value(6)
    at = pressed(at, "keep_fx")
    feed = open_store(None, whole_bank).feeds.get("fx")
    assert (feed.source, feed.every_hours, feed.changed_by) == ("fx.csv", 6, STEWARD)
    at = pressed(at, "refresh_fx")
    assert "0 new and 1 changed" in at.success[0].value
    assert current_version(whole_bank) != before
    assert list(table_with(at, "Rates", "State")["Every"]) == ["6 h", "by hand"]
    at = pressed(at, "refresh_fx")
    assert "Nothing is new" in at.success[0].value


def test_a_file_of_the_server_is_refused_in_words(whole_bank):
    at = whole(opened(persona=STEWARD))
    at.text_input(key="source_fx").set_value("/etc/passwd")
    at = pressed(at, "keep_fx")
    assert "CLIENTELE_FEEDS" in at.error[0].value.replace("\\", "")
    assert open_store(None, whole_bank).feeds.get("fx").source == ""


def test_an_address_that_is_none_is_refused_and_one_that_was_stored_locks_nothing(whole_bank):
    at = whole(opened(persona=STEWARD))
    at.text_input(key="source_fx").set_value("http://[bad/x.csv")
    at = pressed(at, "keep_fx")
    assert "not an address" in at.error[0].value
    open_store(None, whole_bank).feeds.set("fx", "http://[bad/x.csv", 0, 7, STEWARD)
    at = pressed(opened(persona=STEWARD), "refresh_fx")
    assert "not an address" in texts(at)
    at.text_input(key="source_fx").set_value("")
    assert "Kept" in pressed(at, "keep_fx").success[0].value


def test_an_upload_that_is_refused_is_told_and_changes_no_headline(whole_bank):
    at = whole(opened(persona=STEWARD))
    at.file_uploader(key="upload_fx").upload("rates.csv", b"<html>", "text/csv")
    at = pressed(whole(at.run()), "take_fx")
    assert "web page" in at.error[0].value
    assert at.title[0].value.startswith("The rates in use are current")
    assert open_store(None, whole_bank).feeds.get("fx").outcome == ""


def test_what_was_odd_in_a_delivery_is_told_though_rates_are_current(whole_bank):
    offered(whole_bank, GOOD + "USD,2026-10-29,90\n")
    refresh(Desk(whole_bank, open_store(None, whole_bank)), "fx")
    at = whole(opened(persona=STEWARD))
    assert at.title[0].value.startswith("The rates in use are current")
    assert "moved by 20%" in at.info[0].value


def test_a_broken_feed_is_told_and_the_last_good_rates_serve_dated(whole_bank):
    offered(whole_bank, "<html>")
    before = current_version(whole_bank)
    at = pressed(opened(persona=STEWARD), "refresh_fx")
    assert not at.error  # said once
    assert "could not be refreshed: those of 30 October 2026 still serve" in texts(at)
    assert "web page" in at.warning[0].value
    assert current_version(whole_bank) == before


@pytest.mark.parametrize(("answer", "serves"), [("accept_fx", True), ("refuse_fx", False)])
def test_absurd_rates_wait_for_the_steward(whole_bank, answer, serves):
    offered(whole_bank, ABSURD)
    before = current_version(whole_bank)
    at = pressed(opened(persona=STEWARD), "refresh_fx")
    assert "wait for your decision" in at.title[0].value
    assert "9.9" in texts(at)
    assert "--accept" not in texts(at)
    assert current_version(whole_bank) == before
    at = pressed(at, answer)
    assert (current_version(whole_bank) != before) == serves
    assert open_store(None, whole_bank).feeds.get("fx").changed_by == STEWARD
    assert ("are current" in at.title[0].value) == serves
    assert not [button for button in at.button if button.key == answer]


def test_old_rates_are_told_on_every_page_whose_figures_use_them(own_bank):
    own_bank(transactions=DOLLARS, fx_rates="currency,rate_date,rate\nUSD,2026-01-01,7\nUSD,2026-05-01,7.1\n")
    at = whole(opened())
    for page in PAGES["manager"]:
        seen = texts(whole(turn_to(at, page)))
        assert "Some figures use old rates" in seen, page
        assert "USD for 30 April 2026 is of 1 January 2026, 119 days before." in seen  # its worst gap


def test_who_has_current_rates_reads_nothing_about_them(bank):
    assert "old rates" not in texts(whole(opened(persona=RM)))
