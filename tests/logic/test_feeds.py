"""Rates by themselves: schedules, whose turn it is, what waits for the steward, how old a rate may be."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import inspect

from analytics.errors import BadInput, NotAllowed
from analytics.feed_status import is_late
from analytics.feeds import (
    Desk,
    Schedule,
    accept_waiting,
    bring_in,
    permitted,
    refresh,
    refresh_due,
    refuse_waiting,
    require_steward,
)
from analytics.store.database import MIGRATIONS, open_engine, writing
from analytics.store.feeds import Feed
from analytics.store.store import open_store
from analytics.warehouse.building import BuildRunning, building
from analytics.warehouse.engine import open_warehouse
from analytics.warehouse.load import load
from analytics.warehouse.rates.delivery import shown
from analytics.warehouse.rates.freshness import newest_days, old_rates
from analytics.warehouse.rates.importing import Absurd, known_quotes
from analytics.warehouse.rates.layouts import KINDS
from analytics.warehouse.rates.waiting import keep
from analytics.warehouse.versions import current_version, rollback
from tests.conftest import HAND, write_tables

STEWARD = "sun.tao@demo.example"
NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)
MAY, JUNE = date(2026, 5, 31), date(2026, 6, 30)
GOOD = "currency,rate_date,rate\nUSD,2026-06-30,7.30\n"
ABSURD = "currency,rate_date,rate\nUSD,2026-07-02,9.00\n"
PRICES = "product_id,effective_from,customer_rate,transfer_rate\nP1,2026-06-15,0.01,0.019\n"


@pytest.fixture
def desk(tmp_path: Path, store_url: str, hand_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The bank of six customers with a store, and a folder that feeds may be read from."""
    shutil.copytree(hand_folder, tmp_path / "bank")
    (tmp_path / "feeds").mkdir()
    monkeypatch.setenv("CLIENTELE_FEEDS", str(tmp_path / "feeds"))
    return Desk(tmp_path / "bank", open_store(store_url, tmp_path))


def offered(desk: Desk, text: str, every: int = 6) -> Path:
    """Let the exchange rates come from a file with this text."""
    file = desk.root.parent / "feeds" / "fx.csv"
    file.write_text(text)
    desk.store.feeds.set("fx", "fx.csv", every, 7, STEWARD)
    return file


def rate_of(desk: Desk) -> float:
    """The newest dollar."""
    rows = open_warehouse(desk.root).query(
        "SELECT arg_max(rate, rate_date) AS r FROM fx_rates WHERE currency = 'USD'"
    )
    return rows["r"][0].as_py()


def rates_known(desk: Desk) -> int:
    return len(known_quotes(desk.root, KINDS["fx"]))


# Settings


@pytest.mark.both_stores
def test_a_feed_has_defaults_until_it_is_set_and_keeps_what_it_is_given(store):
    assert store.feeds.get("fx") == Feed("fx", oldest_days=7)
    assert store.feeds.ages() == {"fx": 7, "products": 0}
    store.feeds.set("fx", " https://ecb.example/hist.zip ", 12, 5, STEWARD.upper())
    feed = store.feeds.get("fx")
    assert (feed.source, feed.every_hours, feed.oldest_days) == ("https://ecb.example/hist.zip", 12, 5)
    assert feed.changed_by == STEWARD
    assert store.feeds.get("products") == Feed("products")


@pytest.mark.parametrize("given", [("x", -1, 7), ("x", 10_000, 7), ("x", 6, -1), ("", 6, 7)])
def test_settings_that_make_no_sense_are_refused(store, given):
    with pytest.raises(BadInput):
        store.feeds.set("fx", *given, STEWARD)
    assert store.feeds.get("fx") == Feed("fx", oldest_days=7)


@pytest.mark.both_stores
def test_the_migration_goes_there_and_back(store_url, tmp_path):
    engine = open_engine(store_url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0002")
    tables = inspect(engine).get_table_names()
    assert "feeds" not in tables
    assert "recipes" in tables
    assert open_store(store_url, tmp_path).feeds.get("fx").outcome == ""


def test_a_steward_names_no_file_of_the_server_but_those_laid_out(tmp_path, monkeypatch):
    folder = tmp_path / "feeds"
    folder.mkdir()
    (folder / "out").symlink_to("/etc")
    monkeypatch.setenv("CLIENTELE_FEEDS", str(folder))
    assert permitted(" https://ecb.example/hist.zip ") == "https://ecb.example/hist.zip"
    assert permitted("fx.csv") == str(folder / "fx.csv")
    for source in ("/etc/passwd", "../secret.csv", "out/passwd", "file:///etc/passwd", "ftp://x/y"):
        if source.startswith(("file", "ftp")):
            assert permitted(source).startswith(str(folder))  # a name below the folder, not an address
            continue
        with pytest.raises(NotAllowed):
            permitted(source)
    monkeypatch.delenv("CLIENTELE_FEEDS")
    with pytest.raises(NotAllowed):
        permitted("fx.csv")


@pytest.mark.parametrize(
    "address",
    ["http://[bad/x.csv", "https://", "http:///x.csv", "http://bank.example:x/y", "http://bank.example:99999/y",
     "http://me:secret@[bad/x", "https://no such host/x"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_in_words(address):
    with pytest.raises(BadInput, match="not an address") as refused:
        permitted(address)
    assert "secret" not in str(refused.value)
    assert shown(address).startswith("http")


def test_an_address_with_a_port_and_brackets_may_be_asked():
    for address in (
        "http://bank.example:8443/x.csv?key=1",
        "http://[::1]:80/x.csv",
        "HTTPS://bank.example/x",
    ):
        assert permitted(address) == address


def test_only_a_steward_works_here(hand, book_with):
    require_steward(book_with(hand, {"role": "steward", "level": "bank"}))
    with pytest.raises(NotAllowed):
        require_steward(book_with(hand, {"role": "manager", "level": "bank"}))


# The schedule


def test_a_feed_is_due_by_its_hours_and_never_without_a_source_or_by_hand():
    assert Feed("fx", "x", 6).is_due(NOON)
    assert Feed("fx", "x", 6, checked_at=NOON - timedelta(hours=6)).is_due(NOON)
    assert not Feed("fx", "x", 6, checked_at=NOON - timedelta(hours=5)).is_due(NOON)
    assert not Feed("fx", "x", 0).is_due(NOON)
    assert not Feed("fx", "", 6).is_due(NOON)


@pytest.mark.both_stores
def test_of_many_replicas_one_gets_the_turn_and_a_killed_one_loses_it(store_url, tmp_path):
    stores = [open_store(store_url, tmp_path) for _ in range(6)]
    stores[0].feeds.set("fx", "https://ecb.example", 6, 7, STEWARD)
    with ThreadPoolExecutor(6) as pool:
        got = list(pool.map(lambda replica: replica.feeds.claim("fx", NOON), stores))
    assert sum(got) == 1
    assert not stores[0].feeds.claim("fx", NOON + timedelta(minutes=59))
    assert stores[0].feeds.claim("fx", NOON + timedelta(minutes=61))
    stores[1].feeds.record("fx", "good")
    moment = stores[0].feeds.get("fx").checked_at
    assert not stores[2].feeds.claim("fx", moment + timedelta(hours=5))
    assert stores[2].feeds.claim("fx", moment + timedelta(hours=6))


def test_what_is_due_is_refreshed_once_and_then_only_when_there_is_more(desk):
    file = offered(desk, GOOD)
    assert refresh_due(desk) == ["fx"]
    assert desk.store.feeds.get("fx").outcome == "good"
    version = current_version(desk.root)
    assert refresh_due(desk) == []
    later = datetime.now(UTC) + timedelta(hours=7)
    assert refresh_due(desk, later) == ["fx"]
    assert current_version(desk.root) == version  # nothing new
    file.write_text(GOOD.replace("7.30", "7.31"))
    refresh_due(desk, later + timedelta(hours=7))
    assert current_version(desk.root) != version


def test_after_a_load_the_rates_are_fetched_again(desk):
    offered(desk, GOOD)
    refresh_due(desk)
    assert rates_known(desk) == 4
    sleep(1.1)  # the store counts in seconds
    load(write_tables(desk.root.parent / "source", HAND), desk.root)
    assert rates_known(desk) == 3
    assert refresh_due(desk) == ["fx"]
    assert rates_known(desk) == 4
    assert refresh_due(desk) == []


def test_a_broken_feed_keeps_the_last_good_rates_says_why_and_recovers(desk):
    file = offered(desk, GOOD[:-9])
    before = current_version(desk.root)
    assert refresh_due(desk) == ["fx"]
    feed = desk.store.feeds.get("fx")
    assert (feed.outcome, feed.good_at) == ("failed", None)
    assert "half" in feed.said
    assert is_late(feed, datetime.now(UTC))
    file.unlink()
    with pytest.raises(BadInput, match="There is no file"):
        refresh(desk, "fx")
    assert current_version(desk.root) == before
    file.write_text(GOOD)
    refresh(desk, "fx")
    feed = desk.store.feeds.get("fx")
    assert (feed.outcome, feed.said) == ("good", "")
    assert not is_late(feed, feed.good_at + timedelta(hours=12))
    assert is_late(feed, feed.good_at + timedelta(hours=13))


def test_while_a_build_runs_the_turn_is_given_back(desk):
    offered(desk, GOOD)
    with building(desk.root):
        assert refresh_due(desk) == ["fx"]
        with pytest.raises(BuildRunning):
            refresh(desk, "fx")
    assert desk.store.feeds.get("fx").outcome == ""
    assert refresh_due(desk) == ["fx"]
    assert desk.store.feeds.get("fx").outcome == "good"


def test_a_source_that_was_set_elsewhere_is_still_not_read(desk):
    desk.store.feeds.set("fx", "/etc/passwd", 6, 7, STEWARD)
    refresh_due(desk)
    feed = desk.store.feeds.get("fx")
    assert feed.outcome == "failed"
    assert "CLIENTELE_FEEDS" in feed.said


def test_the_schedule_runs_beside_the_app_and_ends_with_it(desk):
    offered(desk, GOOD)
    schedule = Schedule(lambda: desk, every=0.02)
    schedule.start()
    ends = monotonic() + 20
    while desk.store.feeds.get("fx").outcome != "good" and monotonic() < ends:
        sleep(0.05)
    schedule.stop()
    assert desk.store.feeds.get("fx").outcome == "good"
    assert not schedule._thread.is_alive()


# What waits for the steward


def test_what_came_after_the_steward_looked_is_not_taken_for_what_they_saw(desk):
    """A delivery that is kept while they decide, and that the store does not know of yet."""
    offered(desk, ABSURD)
    refresh_due(desk)
    shown = desk.store.feeds.get("fx").waiting
    keep(desk.waiting_file("fx"), ABSURD.replace("9.00", "90.00").encode(), [], "another digest")
    with pytest.raises(NotAllowed, match="Something else"):
        accept_waiting(desk, "fx", shown, STEWARD)
    assert rate_of(desk) != 90.0


def test_an_absurd_rate_waits_and_is_taken_when_the_steward_accepts_it(desk):
    offered(desk, ABSURD)
    before = current_version(desk.root)
    refresh_due(desk)
    feed = desk.store.feeds.get("fx")
    assert feed.outcome == "waiting"
    assert "9, after 7.5" in feed.said
    assert current_version(desk.root) == before
    with pytest.raises(NotAllowed, match="Something else"):
        accept_waiting(desk, "fx", "another digest", STEWARD)
    assert accept_waiting(desk, "fx", feed.waiting, STEWARD)["published"]
    assert rate_of(desk) == 9.0
    feed = desk.store.feeds.get("fx")
    assert (feed.outcome, feed.waiting, feed.changed_by) == ("good", None, STEWARD)
    assert f"Accepted by {STEWARD}" in feed.said
    assert not list(desk.waiting_file("fx").parent.iterdir())


def test_a_refused_rate_is_not_asked_about_again_but_another_one_is(desk):
    file = offered(desk, ABSURD)
    with pytest.raises(Absurd):
        refresh(desk, "fx")
    refuse_waiting(desk, "fx", desk.store.feeds.get("fx").waiting, STEWARD)
    with pytest.raises(Absurd):
        refresh(desk, "fx")
    feed = desk.store.feeds.get("fx")
    assert (feed.outcome, feed.waiting) == ("refused", None)
    assert STEWARD in feed.said
    file.write_text(ABSURD.replace("9.00", "9.50"))
    with pytest.raises(Absurd):
        refresh(desk, "fx")
    assert desk.store.feeds.get("fx").outcome == "waiting"
    file.write_text(ABSURD.replace("9.00", "7.60"))
    refresh(desk, "fx")
    assert rate_of(desk) == 7.6
    assert desk.store.feeds.get("fx").refused is None


def test_a_later_failure_does_not_lose_what_waits(desk):
    file = offered(desk, ABSURD)
    refresh_due(desk)
    digest = desk.store.feeds.get("fx").waiting
    file.write_text("<html>")
    with pytest.raises(BadInput):
        refresh(desk, "fx")
    feed = desk.store.feeds.get("fx")
    assert feed.waiting == digest
    assert "web page" in feed.said
    assert feed.said.count("9, after 7.5") == 1  # what the steward decides on
    file.write_text(GOOD)
    refresh(desk, "fx")
    refresh(desk, "fx")
    feed = desk.store.feeds.get("fx")
    assert (feed.waiting, feed.said) == (digest, "USD on 2 July 2026: 9, after 7.5 on 1 July 2026.")
    accept_waiting(desk, "fx", digest, STEWARD)
    assert rate_of(desk) == 9.0


@pytest.mark.parametrize(
    "good", [GOOD, "currency,rate_date,rate\nEUR,2026-07-03,7.8\n", GOOD + "USD,2026-07-01,7.51\n"]
)
def test_a_good_delivery_leaves_what_waits_unless_it_says_something_newer_of_it(desk, good):
    file = offered(desk, ABSURD)
    refresh_due(desk)
    waits = desk.store.feeds.get("fx")
    file.write_text(good)
    assert refresh(desk, "fx")["published"]
    feed = desk.store.feeds.get("fx")
    assert (feed.outcome, feed.waiting) == ("good", waits.waiting)
    assert "9, after 7.5" in feed.said
    file.write_text("currency,rate_date,rate\nUSD,2026-07-02,7.6\n")
    refresh(desk, "fx")
    feed = desk.store.feeds.get("fx")
    assert (feed.outcome, feed.waiting, feed.said) == ("good", None, "")
    assert not list(desk.waiting_file("fx").parent.iterdir())


def test_what_waits_can_be_accepted_after_a_good_delivery_of_others(desk):
    file = offered(desk, ABSURD)
    refresh_due(desk)
    file.write_text(GOOD)
    refresh(desk, "fx")
    accept_waiting(desk, "fx", desk.store.feeds.get("fx").waiting, STEWARD)
    assert rate_of(desk) == 9.0


def test_an_upload_that_is_refused_says_nothing_about_the_source(desk):
    offered(desk, GOOD)
    refresh(desk, "fx")
    before = desk.store.feeds.get("fx")
    with pytest.raises(BadInput, match="web page"):
        bring_in(desk, "fx", b"<html>", "upload")
    assert desk.store.feeds.get("fx") == before
    with pytest.raises(Absurd):
        bring_in(desk, "fx", ABSURD.encode(), "upload")
    refuse_waiting(desk, "fx", desk.store.feeds.get("fx").waiting, STEWARD)
    before = desk.store.feeds.get("fx")
    with pytest.raises(BadInput, match="refused before"):
        bring_in(desk, "fx", ABSURD.encode(), "upload")
    assert desk.store.feeds.get("fx") == before


def test_a_warning_is_kept_for_the_steward_until_something_else_is_published(desk):
    file = offered(desk, "currency,rate_date,rate\nUSD,2026-04-15,3\n")
    refresh_due(desk)
    assert "moved by 20%" in desk.store.feeds.get("fx").said
    refresh(desk, "fx")
    assert "moved by 20%" in desk.store.feeds.get("fx").said
    file.write_text(GOOD)
    refresh(desk, "fx")
    assert desk.store.feeds.get("fx").said == ""


def test_both_feeds_are_brought_in_one_after_the_other(desk):
    file = offered(desk, GOOD)
    (file.parent / "prices.csv").write_text(PRICES)
    desk.store.feeds.set("products", "prices.csv", 6, 0, STEWARD)
    assert refresh_due(desk) == ["fx", "products"]
    file.write_text(GOOD.replace("7.30", "7.31"))
    (file.parent / "prices.csv").write_text(PRICES.replace("0.019", "0.018"))
    refresh_due(desk, datetime.now(UTC) + timedelta(hours=7))
    feeds = [desk.store.feeds.get(key) for key in ("fx", "products")]
    assert [(feed.outcome, feed.said) for feed in feeds] == [("good", "")] * 2


def test_the_schedule_does_not_bring_in_again_what_somebody_went_back_from(desk):
    before = current_version(desk.root)
    offered(desk, GOOD)
    refresh_due(desk)
    rollback(desk.root, before)
    later = datetime.now(UTC) + timedelta(hours=7)
    assert refresh_due(desk, later) == ["fx"]
    feed = desk.store.feeds.get("fx")
    assert (feed.outcome, current_version(desk.root)) == ("failed", before)
    assert "earlier version serves again" in feed.said
    refresh(desk, "fx")  # the steward asks
    assert current_version(desk.root) != before
    refresh_due(desk, later + timedelta(hours=7))
    assert desk.store.feeds.get("fx").outcome == "good"


# How old a rate may be


def test_a_rate_older_than_may_be_is_named_with_its_day(hand):
    ages = {"fx": 7, "products": 0}
    by_name = {rate.name: rate for rate in old_rates(hand, JUNE, ages)}
    assert str(by_name["USD"]) == "USD for 30 June 2026 is of 29 May 2026, 32 days before."
    assert "no rate" in str(by_name["EUR"])
    assert [rate.name for rate in old_rates(hand, MAY, ages)] == []  # the dollar of 29 May; no euro yet
    assert [rate.name for rate in old_rates(hand, JUNE, {"fx": 32, "products": 0})] == ["EUR"]
    assert old_rates(hand, JUNE, {"fx": 0, "products": 0}) == []


def test_prices_have_an_age_only_where_the_bank_says_so(hand):
    by_name = {rate.name: rate.days for rate in old_rates(hand, JUNE, {"fx": 0, "products": 365})}
    assert by_name.keys() == {"P2", "L1"}  # P1 changed on 31 May; W1 has no price
    assert by_name["L1"] == (JUNE - date(2020, 1, 1)).days  # next month's price does not count yet


def test_the_demo_bank_has_current_rates_at_every_date(demo):
    for as_of in demo.month_ends:
        assert old_rates(demo, as_of, {"fx": 7, "products": 0}) == []
    assert newest_days(demo)["fx"] == date(2026, 10, 30)
