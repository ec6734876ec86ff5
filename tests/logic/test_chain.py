"""Whoever writes the database without the key can't change the trail unseen: attacks in plain SQL."""

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.errors import AnalyticsError, BadInput
from analytics.settings import audit_key
from analytics.store.chain import Head
from analytics.store.database import open_engine
from analytics.store.store import Store, open_store

ENTRIES = 12
SEAL_OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
CHANGES = {
    "at": [
        "'2020-01-01 00:00:00.000000'",
        "datetime(at, '-1 second')",
        "replace(at, '.000000', '')",
        "'x'",
        "''",
    ],
    "person": ["'nobody@x.example'", "upper(person)", "person || ' '", "CAST(person AS BLOB)", "''"],
    "action": ["'signed in'", "'signed out'", "''"],
    "version": ["NULL", "'v9'", "''"],
    "details": ["'{}'", "replace(details, '1', '2')", "details || ' '", "'not json'"],
    "digest": [f"'{SEAL_OF_NOTHING}'", "''", "(SELECT digest FROM audit WHERE id = 1)"],
}
EVERY_CHANGE = [(column, value) for column, values in CHANGES.items() for value in values]


def filled(folder: Path) -> Store:
    store = open_store(None, folder)
    for place in range(1, ENTRIES + 1):
        store.audit.append(f"p{place}@x.example", "book read", {"place": place, "n": 1}, version=f"v{place}")
    return store


@pytest.fixture
def store(tmp_path):
    return filled(tmp_path)


@pytest.fixture
def attack(tmp_path) -> Callable[..., None]:
    """Run SQL on the trail's file as somebody who has it and not the key."""

    def run(*statements: str) -> None:
        with sqlite3.connect(tmp_path / "store.sqlite") as connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()

    return run


def test_a_trail_that_nobody_touched_is_whole(store):
    found = store.audit.verify()
    assert found.whole
    assert found.first is None
    assert found.head == store.audit.head()
    assert found.head.entries == ENTRIES


def test_a_trail_that_only_began_is_whole_too(tmp_path):
    assert open_store(None, tmp_path).audit.verify().whole


@pytest.mark.parametrize("place", [1, 6, ENTRIES])
@pytest.mark.parametrize(("column", "value"), EVERY_CHANGE)
def test_any_edit_of_any_column_is_found_where_it_was_made(store, attack, column, value, place):
    if place == 1 and "WHERE id = 1" in value:
        value = "(SELECT digest FROM audit WHERE id = 2)"
    attack(f"UPDATE audit SET {column} = {value} WHERE id = {place}")
    assert store.audit.verify().first == place


@pytest.mark.parametrize(
    ("statement", "first"),
    [
        ("DELETE FROM audit WHERE id = 1", 1),
        ("DELETE FROM audit WHERE id = 6", 6),
        ("DELETE FROM audit WHERE id BETWEEN 3 AND 5", 3),
        (f"DELETE FROM audit WHERE id = {ENTRIES}", ENTRIES),
        ("DELETE FROM audit WHERE id > 4", 5),
        ("DELETE FROM audit", 1),
        ("DROP TABLE audit", 1),
        ("DROP TABLE audit_head", 1),
        ("ALTER TABLE audit DROP COLUMN version", 1),
        ("UPDATE audit SET id = id + 100 WHERE id = 7", 7),
        ("UPDATE audit SET id = 0 WHERE id = 7", 1),
        ("UPDATE audit SET id = -id", 1),
    ],
)
def test_a_deletion_is_found_anywhere_and_of_the_whole_table(store, attack, statement, first):
    attack(statement)
    found = store.audit.verify()
    assert found.first == first
    assert found.why


@pytest.mark.parametrize("place", [0, ENTRIES + 1, ENTRIES + 50])
def test_an_entry_that_was_put_in_is_found(store, attack, place):
    attack(
        f"INSERT INTO audit SELECT {place}, at, person, action, version, details, digest FROM audit WHERE id = 3"
    )
    assert store.audit.verify().first == (1 if place == 0 else ENTRIES + 1)


def test_an_entry_in_the_middle_can_not_be_made_room_for(store, attack):
    attack(
        "UPDATE audit SET id = -id - 1 WHERE id > 5",
        "UPDATE audit SET id = -id WHERE id < 0",
        "INSERT INTO audit SELECT 6, at, person, action, version, details, digest FROM audit WHERE id = 5",
    )
    assert store.audit.verify().first == 6


def test_two_entries_that_changed_places_are_found(store, attack):
    attack(
        "UPDATE audit SET id = 99 WHERE id = 4",
        "UPDATE audit SET id = 4 WHERE id = 5",
        "UPDATE audit SET id = 5 WHERE id = 99",
    )
    assert store.audit.verify().first == 4


@pytest.mark.parametrize(
    "head",
    [
        "entries = 4, digest = (SELECT digest FROM audit WHERE id = 4)",
        f"entries = 4, digest = (SELECT digest FROM audit WHERE id = 4), seal = '{SEAL_OF_NOTHING}'",
        "entries = 4",
        "seal = ''",
        "digest = ''",
        "entries = 'many'",
    ],
)
def test_a_head_that_was_forged_without_the_key_is_found_and_never_sealed_again(store, attack, head):
    attack("DELETE FROM audit WHERE id > 4", f"UPDATE audit_head SET {head}")
    assert store.audit.verify().first == 5
    with pytest.raises(AnalyticsError, match="does not fit its key"):
        store.audit.append("a@x.example", "signed in", {})
    assert store.audit.verify().first == 5


@pytest.mark.parametrize("gone", ["DELETE FROM audit_head", "DELETE FROM audit; DELETE FROM audit_head"])
def test_a_head_that_was_taken_away_is_not_begun_anew(store, attack, tmp_path, gone):
    attack(*gone.split(";"))
    again = open_store(None, tmp_path)
    assert not again.audit.verify().whole
    with pytest.raises(AnalyticsError, match="does not fit its key"):
        again.audit.append("a@x.example", "signed in", {})


def test_a_second_head_is_found(store, attack):
    attack("INSERT INTO audit_head SELECT 2, entries, digest, seal FROM audit_head")
    assert not store.audit.verify().whole


def test_an_older_copy_put_back_whole_is_found_by_a_head_that_was_written_down(store, attack):
    attack("CREATE TABLE kept AS SELECT * FROM audit_head")
    store.audit.append("thief@x.example", "file taken", {"rows": 12})
    known = Head.of(str(store.audit.head()))
    assert store.audit.verify(known).whole
    attack(
        f"DELETE FROM audit WHERE id > {ENTRIES}",
        "UPDATE audit_head SET (entries, digest, seal) = (SELECT entries, digest, seal FROM kept)",
    )
    assert store.audit.verify().whole  # no chain can see it by itself
    assert store.audit.verify(known).first == ENTRIES + 1
    store.audit.append("thief@x.example", "signed in", {})
    assert store.audit.verify(known).first == ENTRIES + 1  # nor does growing past it help


@pytest.mark.parametrize("text", ["", "12", "12:", "12:xyz", "-1:" + "a" * 64, "0:" + "A" * 64, "a" * 64])
def test_what_is_no_head_is_refused_in_words(text):
    with pytest.raises(BadInput, match="audit verify"):
        Head.of(text)


def edits():
    numbers = st.integers(1, ENTRIES)
    change = st.builds(
        lambda edit, place: f"UPDATE audit SET {edit[0]} = {edit[1]} WHERE id = {place}",
        st.sampled_from(EVERY_CHANGE),
        numbers,
    )
    delete = st.builds("DELETE FROM audit WHERE id = {}".format, numbers)
    move = st.builds("UPDATE OR IGNORE audit SET id = {} WHERE id = {}".format, st.integers(-2, 20), numbers)
    copy = st.builds(
        "INSERT OR REPLACE INTO audit SELECT {}, at, person, action, version, details, digest FROM audit "
        "WHERE id = {}".format,
        st.integers(-2, 20),
        numbers,
    )
    head = st.builds(
        "UPDATE audit_head SET entries = {}, digest = coalesce((SELECT digest FROM audit WHERE id = {}), '')".format,
        st.integers(0, 20),
        numbers,
    )
    return st.lists(st.one_of(change, delete, move, copy, head), min_size=1, max_size=5)


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    folder = tmp_path_factory.mktemp("original")
    filled(folder)
    return folder


TRAIL = "SELECT id, at, person, action, version, details, digest FROM audit ORDER BY id"
HEAD = "SELECT entries, digest, seal FROM audit_head"


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(statements=edits())
def test_a_trail_is_whole_exactly_where_edits_left_it_as_it_was(original, tmp_path, statements):
    copy = tmp_path / "copy.sqlite"
    copy.unlink(missing_ok=True)
    source, target = sqlite3.connect(original / "store.sqlite"), sqlite3.connect(copy)
    source.backup(target)
    before = [target.execute(asked).fetchall() for asked in (TRAIL, HEAD)]
    for statement in statements:
        target.execute(statement)
    target.commit()
    after = [target.execute(asked).fetchall() for asked in (TRAIL, HEAD)]
    source.close()
    target.close()
    audit = open_store(f"sqlite:///{copy}", original).audit
    found = audit.verify()
    audit._engine.dispose()
    assert found.whole == (before == after)
    pairs = zip(before[0], after[0], strict=False)
    changed = [place for place, (one, two) in enumerate(pairs, 1) if one != two]
    if changed:
        assert found.first == changed[0]


def test_the_walk_says_how_far_it_is_and_holds_few_entries_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr("analytics.store.chain.AT_A_TIME", 4)
    shares: list[float] = []
    assert filled(tmp_path).audit.verify(step=shares.append).whole
    assert shares == [4 / ENTRIES, 8 / ENTRIES, 1.0]


def append_from(folder: Path, who: int) -> None:
    store = open_store(None, folder)
    for place in range(15):
        store.audit.append(f"p{who}@x.example", "book read", {"place": place})


@pytest.mark.usefixtures("bare_main")
def test_threads_and_processes_that_append_at_once_make_one_whole_chain(tmp_path):
    open_store(None, tmp_path)
    processes = [get_context("spawn").Process(target=append_from, args=(tmp_path, who)) for who in range(2)]
    for process in processes:
        process.start()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda who: append_from(tmp_path, who), range(2, 6)))
    for process in processes:
        process.join()
        assert process.exitcode == 0
    audit = open_store(None, tmp_path).audit
    assert audit.verify().whole
    assert audit.head().entries == 6 * 15
    assert all(audit.count(person=f"p{who}@x.example") == 15 for who in range(6))


def test_without_its_key_a_trail_is_not_gone_on_with_and_the_person_is_told(store, tmp_path):
    (tmp_path / "audit.key").unlink()
    with pytest.raises(AnalyticsError, match=r"audit\.key can't be read"):
        open_store(None, tmp_path)
    assert not (tmp_path / "audit.key").exists()


def test_with_another_key_nothing_fits_and_nothing_is_recorded(store, tmp_path):
    (tmp_path / "audit.key").write_text("0" * 64)
    audit = open_store(None, tmp_path).audit
    assert audit.verify().first == 1
    assert "key may be another one" in audit.verify().why
    with pytest.raises(AnalyticsError, match="does not fit its key"):
        audit.append("a@x.example", "signed in", {})


@pytest.mark.parametrize("key", [b"", b" \n", b"secret"])
def test_a_key_that_could_be_guessed_is_refused(tmp_path, monkeypatch, key):
    (tmp_path / "mine.key").write_bytes(key)
    monkeypatch.setenv("CLIENTELE_AUDIT_KEY_FILE", str(tmp_path / "mine.key"))
    with pytest.raises(AnalyticsError, match="too short"):
        audit_key(tmp_path)
    with pytest.raises(AnalyticsError, match="too short"):
        open_store(None, tmp_path)


def test_a_named_key_that_is_not_there_is_never_made(tmp_path, monkeypatch):
    monkeypatch.setenv("CLIENTELE_AUDIT_KEY_FILE", str(tmp_path / "mine.key"))
    with pytest.raises(AnalyticsError, match="can't be read"):
        open_store(None, tmp_path)
    assert not (tmp_path / "mine.key").exists()
    (tmp_path / "mine.key").write_text("k" * 64)
    assert open_store(None, tmp_path).audit.verify().whole  # that it failed left nothing half made


def test_the_key_is_readable_by_its_owner_alone(store, tmp_path):
    assert (tmp_path / "audit.key").stat().st_mode & 0o777 == 0o600


def test_half_a_character_in_what_is_recorded_stops_nobody(store):
    store.audit.append("a@x.example", "book read", {"where": "\ud83d x\x00"})
    assert store.audit.verify().whole


def test_an_engine_that_knows_no_trail_begins_none(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'bare.sqlite'}")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM audit_head").scalar_one() == 0
