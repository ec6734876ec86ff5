"""The store's database when things go wrong around it: many at once, another clock, a server that goes away."""

import logging
import subprocess
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from analytics.access.grants import Grant
from analytics.errors import AnalyticsError, BadInput
from analytics.store.database import in_utc
from analytics.store.store import open_store
from analytics.store.tables import audit
from tests import postgres as servers

pytestmark = pytest.mark.both_stores
ANN, BEN = "ann@bank.example", "ben@bank.example"
TODAY = date(2026, 6, 30)
SECRET = "s3cret-of-the-store"


@pytest.fixture
def own_server():
    """A PostgreSQL server that this test may stop."""
    server = servers.new_server()
    yield server
    servers.removed(server)


def opened_elsewhere(url, folder):
    """Another process that opens the store and writes to it."""
    program = (
        "import sys; from pathlib import Path; from analytics.store.store import open_store\n"
        "print(open_store(sys.argv[1], Path(sys.argv[2])).audit.append('a@b.example', 'signed in', {}))"
    )
    return subprocess.run(
        [sys.executable, "-c", program, url, str(folder)], capture_output=True, text=True, check=True
    )


def test_processes_that_open_a_new_store_at_once_make_it_once_and_write_one_trail(empty_url, tmp_path):
    with ThreadPoolExecutor(3) as pool:
        told = list(pool.map(lambda _: opened_elsewhere(empty_url, tmp_path).stdout.strip(), range(3)))
    assert sorted(told) == ["1", "2", "3"]


def test_moments_are_utc_whatever_the_servers_clock_says(store):
    store.audit.append(ANN, "signed in", {})
    (entry,) = store.audit.entries()
    assert entry.at.tzinfo == UTC
    assert abs((datetime.now(UTC) - entry.at).total_seconds()) < 600


def test_an_entry_read_back_gives_the_digest_that_it_was_written_with(store):
    store.audit.append(ANN, "signed in", {"way": "提供者"}, version="v1")
    with store.audit._engine.connect() as connection:
        row = connection.execute(select(audit)).one()._asdict()
    assert in_utc(row["at"]).utcoffset().total_seconds() == 0
    assert store.audit.verify().whole


def test_two_that_give_the_same_grant_at_once_give_it_once(store):
    grant = Grant.from_row({"user_email": ANN, "role": "manager", "level": "branch", "unit_id": "B01"})
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: store.grants.give(grant, by=BEN), range(8)))
    assert store.grants.effective(ANN, [], TODAY) == (grant,)


def test_entries_written_at_once_are_numbered_without_a_gap(store):
    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(lambda _: store.audit.append(ANN, "signed in", {}), range(12)))
    assert sorted(numbers) == list(range(1, 13))


def test_a_loaded_grant_too_long_to_be_decided_about_does_not_count(store):
    long, short = (
        {"user_email": ANN, "role": "manager", "level": "branch", "unit_id": unit}
        for unit in ("B" * 900, "B1")
    )
    assert store.grants.effective(ANN, [long, short], TODAY) == (Grant.from_row(short),)


def test_what_a_server_can_not_keep_is_refused_in_words(postgres, tmp_path):
    database = postgres.new_store(tmp_path)
    held = open_store(postgres.url(database), tmp_path)
    for settings_of in ("x" * 400 + "@b.example", "a\0@b.example"):
        with pytest.raises(BadInput, match="can't keep this text"):
            held.defaults.set(settings_of, {})
    postgres.drop(database)


def test_a_server_that_went_away_is_said_in_words_and_found_again_when_it_is_back(
    own_server, tmp_path, caplog
):
    caplog.set_level(logging.DEBUG)
    held = open_store(own_server.url("postgres"), tmp_path)
    held.recipes.save(ANN, "One", "title = 'One'")
    own_server.stop()
    for ask in (lambda: held.recipes.visible(ANN), lambda: held.audit.append(ANN, "signed in", {})):
        with pytest.raises(AnalyticsError, match="does not answer") as trouble:
            ask()
        told = "".join(traceback.format_exception(trouble.value))
        assert SECRET not in told + caplog.text
    own_server.start()
    assert [recipe.name for recipe in held.recipes.visible(ANN)] == ["One"]
    assert held.audit.append(ANN, "signed in", {}) == 1


def test_a_server_that_is_not_there_and_a_url_that_is_none_are_said_without_the_password(tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    for url in (
        f"postgresql+psycopg://clientele:{SECRET}@/store?host={tmp_path}",
        f"postgresql+psycopg://clientele:{SECRET}@localhost:{SECRET}/store",
        f"postgresql+nosuchdriver://clientele:{SECRET}@localhost/store",
    ):
        with pytest.raises(AnalyticsError, match="can't be opened") as trouble:
            open_store(url, tmp_path)
        told = "".join(traceback.format_exception(trouble.value))
        assert SECRET not in told + caplog.text


def test_what_a_statement_carried_is_not_in_its_error(store):
    row = {"id": 1, "at": datetime.now(UTC), "person": SECRET, "action": "x", "details": "{}", "digest": ""}
    with store.audit._engine.connect() as connection:
        connection.execute(audit.insert().values(row))
        with pytest.raises(IntegrityError, match="audit") as trouble:
            connection.execute(audit.insert().values(row))
    assert SECRET not in str(trouble.value)
