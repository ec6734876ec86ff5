"""Backup, damage, restore: recipes, grants and the audit trail are there again, on either database."""

import json
import os
import shutil
import stat
import subprocess
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest

from analytics.access.grants import Grant
from analytics.backup import back_up, restore
from analytics.errors import AnalyticsError, BadInput
from analytics.store.store import open_store
from analytics.warehouse.engine import open_warehouse
from analytics.warehouse.versions import current_version, manifest_file, version_file
from tests import postgres as servers

ANN, BEN = "ann@bank.example", "ben@bank.example"
TODAY = date(2026, 6, 30)
LOADED = {"user_email": ANN, "role": "manager", "level": "branch", "unit_id": "B01"}
GIVEN = Grant.from_row(LOADED | {"user_email": BEN})
OPERATIONS = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()


@pytest.fixture
def bank(tmp_path, hand_folder, monkeypatch):
    """The bank of six customers in a folder of its own, with its store there."""
    monkeypatch.delenv("CLIENTELE_STORE", raising=False)
    monkeypatch.delenv("CLIENTELE_AUDIT_KEY_FILE", raising=False)
    shutil.copytree(hand_folder, tmp_path / "bank")
    return tmp_path / "bank"


def fill(store):
    """A recipe, a grant that was revoked, one that was given, and a trail."""
    store.recipes.save(ANN, "One", "title = 'One'", [("person", BEN)])
    store.grants.effective(ANN, [LOADED], TODAY)
    store.grants.revoke(Grant.from_row(LOADED), by=BEN)
    store.grants.give(GIVEN, by=ANN)
    for way in ("first", "second"):
        store.audit.append(ANN, "signed in", {"way": way})


def assert_filled(store):
    assert [recipe.name for recipe in store.recipes.visible(BEN)] == ["One"]
    assert store.grants.effective(ANN, [LOADED], TODAY) == ()
    assert store.grants.effective(BEN, [], TODAY) == (GIVEN,)
    assert [entry.details["way"] for entry in store.audit.entries(action="signed in")] == ["second", "first"]
    assert store.audit.verify().whole


def test_what_a_sqlite_store_and_its_warehouse_held_is_there_after_damage_and_restore(bank, tmp_path):
    store = open_store(None, bank)
    fill(store)
    made = back_up(bank, tmp_path / "kept")  # while the store is open, its last writes only in its log
    store.recipes.save(ANN, "Later", "title = 'Later'")
    for path in bank.rglob("*"):
        if path.is_file():
            path.write_bytes(b"damaged")
    assert restore(bank, tmp_path / "kept", "ann@localhost") == made
    assert_filled(open_store(None, bank))
    assert open_warehouse(bank).version == made.version
    assert open_store(None, bank).audit.entries()[0].details == {"made_at": made.made_at, "entries": 2}


def test_a_backup_can_be_restored_where_nothing_is_left(bank, tmp_path):
    fill(open_store(None, bank))
    back_up(bank, tmp_path / "kept")
    shutil.rmtree(bank)
    made = restore(bank, tmp_path / "kept", "ann@localhost")
    assert_filled(open_store(None, bank))
    assert open_warehouse(bank).query("SELECT count(*) AS n FROM customers")["n"][0].as_py() == 6
    assert made.version == current_version(bank)


def test_a_backup_is_for_its_owner_alone(bank, tmp_path):
    fill(open_store(None, bank))
    back_up(bank, tmp_path / "kept")
    for name, mode in (("", 0o700), ("store.sqlite", 0o600), ("audit.key", 0o600)):
        assert stat.S_IMODE((tmp_path / "kept" / name).stat().st_mode) == mode


def test_what_is_replaced_is_kept_beside_it(bank, tmp_path):
    fill(open_store(None, bank))
    back_up(bank, tmp_path / "kept")
    store = open_store(None, bank)
    store.recipes.save(ANN, "Later", "title = 'Later'")
    store.audit._engine.dispose()
    restore(bank, tmp_path / "kept", "ann@localhost")
    (aside,) = bank.glob("store.sqlite.before-*[0-9]")
    before = open_store(f"sqlite:///{aside}", bank)
    assert {recipe.name for recipe in before.recipes.visible(ANN)} == {"One", "Later"}


def test_a_damaged_store_is_neither_backed_up_nor_put_back(bank, tmp_path):
    store = open_store(None, bank)
    fill(store)
    back_up(bank, tmp_path / "kept")
    (tmp_path / "kept" / "store.sqlite").write_bytes(b"damaged" * 1_000)
    with pytest.raises(AnalyticsError, match="damaged"):
        restore(bank, tmp_path / "kept", "ann@localhost")
    assert_filled(store)
    store.audit._engine.dispose()  # what is in the log now goes into the file
    (bank / "store.sqlite").write_bytes(b"damaged" * 1_000)
    with pytest.raises(AnalyticsError, match="damaged"):
        back_up(bank, tmp_path / "again")


def test_no_backup_is_overwritten_and_no_other_folder_is_restored(bank, tmp_path):
    open_store(None, bank)
    back_up(bank, tmp_path / "kept")
    with pytest.raises(BadInput, match="not an empty folder"):
        back_up(bank, tmp_path / "kept")
    for path in ("store.sqlite", "backup.json"):
        (tmp_path / "kept" / path).unlink()
        with pytest.raises(BadInput, match="no whole backup"):
            restore(bank, tmp_path / "kept", "ann@localhost")


@pytest.mark.parametrize("version", ["../../evil", "/etc/evil", "v20260101T000000-0000/../../evil"])
def test_a_backup_whose_note_leads_elsewhere_is_none(bank, tmp_path, version):
    open_store(None, bank)
    back_up(bank, tmp_path / "kept")
    note = tmp_path / "kept" / "backup.json"
    note.write_text(json.dumps(json.loads(note.read_text()) | {"version": version}))
    for ending in (".duckdb", ".json"):
        target = tmp_path / "kept" / "versions" / f"{version}{ending}"
        with suppress(OSError):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text("evil")
    before = current_version(bank)
    with pytest.raises(BadInput, match="no whole backup"):
        restore(bank, tmp_path / "kept", "ann@localhost")
    assert current_version(bank) == before


def documented(program):
    """The one command of docs/operations.md that begins with a program's name, as it stands there."""
    (line,) = [line for line in OPERATIONS.splitlines() if line.startswith(f"{program} ")]
    return line


def by_the_book(line, server, database, folder):
    """Run a documented command as the text around it says."""
    programs = Path(servers.program("pg_dump")).parent
    place = {"PGHOST": str(server.home), "PGUSER": "postgres", "PGDATABASE": database}
    path = {"PATH": f"{programs}:{os.environ['PATH']}"}
    subprocess.run(["sh", "-c", line], cwd=folder, env={**os.environ, **place, **path}, check=True)


def test_the_documented_commands_bring_a_postgresql_store_back_after_damage(postgres, tmp_path):
    database = postgres.new_store(tmp_path)
    store = open_store(postgres.url(database), tmp_path)
    fill(store)
    by_the_book(documented("pg_dump"), postgres, database, tmp_path)
    with store.audit._engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE audit")
        connection.exec_driver_sql("DELETE FROM grants")
        connection.exec_driver_sql("UPDATE recipes SET toml = ''")
    by_the_book(documented("pg_restore"), postgres, database, tmp_path)
    assert_filled(open_store(postgres.url(database), tmp_path))
    store.audit.append(BEN, "signed in", {})
    assert store.audit.verify().whole
    postgres.drop(database)


def test_with_a_store_on_a_server_the_rest_is_backed_up_and_a_file_is_not_put_over_it(
    postgres, bank, tmp_path, monkeypatch
):
    fill(open_store(None, bank))
    whole = back_up(bank, tmp_path / "whole")
    database = postgres.new_database()
    monkeypatch.setenv("CLIENTELE_STORE", postgres.url(database))
    made = back_up(bank, tmp_path / "kept")
    assert (made.entries, made.version) == (None, whole.version)
    assert not (tmp_path / "kept" / "store.sqlite").exists()
    with pytest.raises(BadInput, match="names one on a server"):
        restore(bank, tmp_path / "whole", "ann@localhost")
    version_file(bank, made.version).unlink()
    manifest_file(bank, made.version).unlink()
    restore(bank, tmp_path / "kept", "ann@localhost")
    assert open_warehouse(bank).version == made.version
    postgres.drop(database)
