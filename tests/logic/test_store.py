from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from analytics.access.grants import Grant
from analytics.errors import AnalyticsError, BadInput, UnknownName
from analytics.settings import store_url as default_url
from analytics.store.database import open_engine, writing
from analytics.store.store import open_store
from analytics.store.tables import metadata

TODAY = date(2026, 6, 30)
pytestmark = pytest.mark.both_stores
ANN, BEN = "ann@bank.example", "ben@bank.example"
TOML = 'title = "One"\n[method]\nkey = "tiers"\n'


def row(email=ANN, **said):
    """A row of the contract's grants table."""
    return {"user_email": email, "role": "manager", "level": "branch", "unit_id": "B01"} | said


def grant(email=ANN, **said):
    return Grant.from_row(row(email, **said))


# --- opening


def test_the_migrations_make_the_tables_that_the_code_uses(empty_url):
    engine = open_engine(empty_url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_store_is_beside_the_versions_in_wal_with_its_keys_watched(tmp_path, monkeypatch):
    monkeypatch.delenv("CLIENTELE_STORE", raising=False)
    engine = open_engine(default_url(tmp_path / "deep" / "warehouse"))
    assert (tmp_path / "deep" / "warehouse" / "store.sqlite").exists()
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_the_environment_can_name_another_store(tmp_path, monkeypatch):
    monkeypatch.setenv("CLIENTELE_STORE", f"sqlite:///{tmp_path / 'other.sqlite'}")
    open_store(None, tmp_path).defaults.set(ANN, {"as_of": "2026-05-31"})
    assert not (tmp_path / "store.sqlite").exists()
    assert open_store(None, tmp_path).defaults.get(ANN) == {"as_of": "2026-05-31"}


def test_many_can_open_a_new_store_at_once(empty_url, tmp_path):
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(lambda _: open_store(empty_url, tmp_path), range(4)))
    stores[0].recipes.save(ANN, "One", TOML)
    assert [r.name for r in stores[3].recipes.visible(ANN)] == ["One"]


def broken_stores(folder):
    (folder / "text.sqlite").write_text("not a database, but long enough to be read as one" * 100)
    (folder / "file").touch()
    yield f"sqlite:///{folder / 'text.sqlite'}"
    yield f"sqlite:///{folder / 'file' / 'store.sqlite'}"
    yield "nosuchdatabase://user:secret@host/db"
    yield "secret"


def test_a_store_that_cannot_be_opened_is_said_without_its_url(tmp_path):
    for url in broken_stores(tmp_path):
        with pytest.raises(AnalyticsError, match="can't be opened") as trouble:
            open_store(url, tmp_path)
        assert "secret" not in str(trouble.value)


def test_a_store_of_a_newer_clientele_is_left_alone(store, store_url, tmp_path):
    with writing(store.audit._engine) as connection:
        connection.exec_driver_sql("update alembic_version set version_num = '9999'")
    with pytest.raises(AnalyticsError, match="can't be opened"):
        open_store(store_url, tmp_path)


def test_writers_at_once_wait_for_each_other(store):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: store.recipes.save(ANN, f"Recipe {n}", TOML), range(20)))
    assert len(store.recipes.visible(ANN)) == 20


# --- recipes


def test_a_recipe_is_private_until_it_is_shared(store):
    saved = store.recipes.save("Ann@Bank.example", "Mine", TOML)
    assert store.recipes.visible(BEN, roles=["manager"], branches=["B01"]) == []
    with pytest.raises(UnknownName):
        store.recipes.get(saved.id, BEN, roles=["manager"], branches=["B01"])
    assert store.recipes.get(saved.id, ANN).toml == TOML


@pytest.mark.parametrize(
    ("share", "reader"),
    [
        (("role", "manager"), {"roles": ["manager"]}),
        (("branch", "B01"), {"branches": ["B02", "B01"]}),
        (("person", "BEN@bank.example"), {}),
    ],
)
def test_a_share_opens_a_recipe_to_those_it_names_and_nobody_else(store, share, reader):
    saved = store.recipes.save(ANN, "Ours", TOML, [share])
    assert store.recipes.get(saved.id, BEN, **reader) == saved
    stranger = {"roles": ["analyst"], "branches": ["B09"]}
    assert store.recipes.visible("eve@bank.example", **stranger) == []


def test_a_role_named_like_a_branch_is_not_that_branch(store):
    store.recipes.save(ANN, "Ours", TOML, [("branch", "manager")])
    assert store.recipes.visible(BEN, roles=["manager"]) == []


def test_own_recipes_come_first(store):
    store.recipes.save(ANN, "a", TOML, [("person", BEN)])
    store.recipes.save(BEN, "z", TOML)
    assert [r.name for r in store.recipes.visible(BEN)] == ["z", "a"]


def test_saving_again_replaces_the_text_and_keeps_the_shares(store):
    first = store.recipes.save(ANN, "Mine", TOML, [("role", "manager")])
    again = store.recipes.save(ANN, " Mine ", "title = 'Two'")
    assert (again.id, again.toml, again.shared_with) == (first.id, "title = 'Two'", (("role", "manager"),))
    assert store.recipes.save(ANN, "Mine", TOML, []).shared_with == ()


def test_two_people_may_use_one_name(store):
    store.recipes.save(ANN, "Mine", TOML)
    store.recipes.save(BEN, "Mine", "title = 'Ben'")
    assert [r.toml for r in store.recipes.visible(ANN)] == [TOML]


def test_a_reader_can_neither_rename_reshare_nor_delete(store):
    saved = store.recipes.save(ANN, "Ours", TOML, [("person", BEN)])
    for attempt in (
        lambda: store.recipes.rename(saved.id, BEN, "Taken"),
        lambda: store.recipes.share(saved.id, BEN, []),
        lambda: store.recipes.delete(saved.id, BEN),
    ):
        with pytest.raises(UnknownName):
            attempt()
    assert store.recipes.get(saved.id, ANN) == saved


def test_the_owner_can_rename_reshare_and_delete(store):
    saved = store.recipes.save(ANN, "Ours", TOML, [("person", BEN)])
    store.recipes.rename(saved.id, ANN, "Renamed")
    store.recipes.share(saved.id, ANN, [("branch", "B01")])
    now = store.recipes.get(saved.id, ANN)
    assert (now.name, now.shared_with) == ("Renamed", (("branch", "B01"),))
    store.recipes.delete(saved.id, ANN)
    assert store.recipes.visible(ANN, branches=["B01"]) == []


def test_a_name_in_use_is_not_taken_over_by_a_rename(store):
    store.recipes.save(ANN, "One", TOML)
    two = store.recipes.save(ANN, "Two", TOML)
    with pytest.raises(BadInput, match="One"):
        store.recipes.rename(two.id, ANN, "One")


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "a\0b"])
def test_a_name_must_be_there_and_short_enough_and_text(store, name):
    with pytest.raises(BadInput, match="1 to 200"):
        store.recipes.save(ANN, name, TOML)


@pytest.mark.parametrize("share", [("everyone", "x"), ("role", " "), ("", "")])
def test_a_share_with_nobody_known_is_refused_and_saves_nothing(store, share):
    with pytest.raises(BadInput, match="role, a branch or a person"):
        store.recipes.save(ANN, "Mine", TOML, [share])
    assert store.recipes.visible(ANN) == []


NO_NUL = some.characters(exclude_characters="\0", exclude_categories=["Cs"])


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=some.text(NO_NUL, min_size=1, max_size=200).filter(str.strip), toml=some.text(NO_NUL, max_size=500)
)
def test_any_name_and_text_come_back_as_they_were(store, name, toml):
    saved = store.recipes.save(ANN, name, toml)
    assert (saved.name, store.recipes.get(saved.id, ANN).toml) == (name.strip(), toml)


# --- defaults


def test_defaults_are_a_persons_own_and_replaced_whole(store):
    store.defaults.set("ANN@bank.example", {"value": "profit_12m", "indicators": ["region"]})
    store.defaults.set(ANN, {"value": "revenue_12m"})
    assert store.defaults.get(ANN) == {"value": "revenue_12m"}
    assert store.defaults.get(BEN) == {}


# --- grants


def test_no_grant_means_nothing(store):
    assert store.grants.effective(ANN, [], TODAY) == ()
    assert store.grants.effective(ANN, [row(BEN)], TODAY) == ()


def test_a_loaded_grant_counts_whatever_the_case_of_its_address(store):
    assert store.grants.effective("ANN@bank.example", [row("Ann@Bank.Example")], TODAY) == (grant(),)


def test_two_grants_add_up_and_a_repeated_one_counts_once(store):
    rows = [row(), row(unit_id="B02"), row()]
    assert store.grants.effective(ANN, rows, TODAY) == (grant(), grant(unit_id="B02"))


def test_a_grant_holds_through_its_last_day_and_not_after(store):
    rows = [row(valid_until=TODAY)]
    assert len(store.grants.effective(ANN, rows, TODAY)) == 1
    assert store.grants.effective(ANN, rows, TODAY + timedelta(days=1)) == ()


def test_a_revoked_grant_stays_revoked_through_load_and_rollback(store, store_url, tmp_path):
    old, new = [row(columns="profit")], [row(columns="pii,profit", departments="retail")]
    store.grants.effective(ANN, old, TODAY)
    store.grants.revoke(grant(), by=BEN)
    reopened = open_store(store_url, tmp_path)
    for version in (old, new, old):
        assert reopened.grants.effective(ANN, version, TODAY) == ()


def test_revoking_one_grant_leaves_the_others(store):
    rows = [row(), row(unit_id="B02"), row(BEN)]
    store.grants.effective(ANN, rows, TODAY)
    store.grants.revoke(grant(), by=BEN)
    assert store.grants.effective(ANN, rows, TODAY) == (grant(unit_id="B02"),)
    assert store.grants.effective(BEN, rows, TODAY) == (grant(BEN),)


def test_a_grant_that_the_current_version_lacks_does_not_count(store):
    assert store.grants.effective(ANN, [row()], TODAY) == (grant(),)
    assert store.grants.effective(ANN, [], TODAY) == ()
    assert store.grants.effective(ANN, [row()], TODAY) == (grant(),)


def test_a_change_made_here_wins_over_what_is_loaded(store):
    rows = [row(columns="pii,sensitive,profit", may_export=True)]
    store.grants.effective(ANN, rows, TODAY)
    narrowed = grant(columns="profit", departments="retail", valid_until=TODAY)
    store.grants.change(narrowed, by=BEN)
    assert store.grants.effective(ANN, rows, TODAY) == (narrowed,)
    assert store.grants.effective(ANN, rows, TODAY + timedelta(days=1)) == ()


def test_what_a_new_version_says_counts_where_nothing_was_changed_here(store):
    store.grants.effective(ANN, [row(columns="pii,profit")], TODAY)
    assert store.grants.effective(ANN, [row(columns="profit")], TODAY) == (grant(columns="profit"),)


def test_a_grant_given_here_needs_no_loaded_row_and_ends_when_revoked(store):
    store.grants.give(grant(columns="profit", valid_until=TODAY), by=BEN)
    assert store.grants.effective(ANN, [], TODAY) == (grant(columns="profit", valid_until=TODAY),)
    assert store.grants.effective(ANN, [], TODAY + timedelta(days=1)) == ()
    store.grants.revoke(grant(), by=BEN)
    assert store.grants.effective(ANN, [], TODAY) == ()


def test_giving_again_after_a_revocation_is_a_new_decision(store):
    store.grants.give(grant(), by=BEN)
    store.grants.revoke(grant(), by=BEN)
    store.grants.give(grant(may_export=True), by=BEN)
    assert store.grants.effective(ANN, [], TODAY) == (grant(may_export=True),)


def test_a_grant_that_nobody_holds_cannot_be_revoked_or_changed(store):
    for decide in (store.grants.revoke, store.grants.change):
        with pytest.raises(UnknownName, match=ANN):
            decide(grant(), by=BEN)


def test_a_loaded_grant_is_met_once_by_many_sessions(store):
    rows = [row(), row(unit_id="B02")]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: store.grants.effective(ANN, rows, TODAY), range(12)))
    assert set(found) == {(grant(), grant(unit_id="B02"))}
    with store.audit._engine.connect() as connection:
        assert connection.exec_driver_sql("select count(*) from grants").scalar() == 2


def test_an_unknown_column_class_opens_nothing():
    assert grant(columns="pii, everything").columns == frozenset({"pii"})


def test_export_must_be_said():
    assert not grant(may_export=None).may_export
    assert not grant(may_export="no").may_export


# --- results


def document(**said):
    """What `segment` gives, as far as the store looks at it."""
    return {"recipe_hash": "abc", "version": "v1", "as_of": "2026-06-30", "segments": []} | said


def test_a_result_is_kept_once_for_the_same_question_on_the_same_data(store):
    mine = store.recipes.save(ANN, "One", TOML).id
    for customers in (3, 4):
        store.results.save(mine, ANN, "all", document(customers=customers))
    store.results.save(mine, ANN, "all", document(version="v2", customers=5))
    assert [kept.document["customers"] for kept in store.results.of(mine, ANN, "all")] == [5, 4]


def test_a_result_is_seen_by_its_owner_alone_and_only_in_the_scope_it_was_made_in(store):
    mine = store.recipes.save(ANN, "One", TOML, [("person", BEN)]).id
    store.results.save(mine, ANN, "all", document())
    assert store.results.of(mine, ANN, "all")
    assert store.results.of(mine, ANN, "a branch") == []
    assert store.results.of(mine, BEN, "all") == []
    store.results.save(mine, BEN, "all", document(version="v2"))
    assert len(store.results.of(mine, ANN, "all")) == 1


def test_a_result_goes_with_its_recipe(store):
    mine = store.recipes.save(ANN, "One", TOML).id
    store.results.save(mine, ANN, "all", document())
    store.recipes.delete(mine, ANN)
    assert store.recipes.save(ANN, "One", TOML).id
    assert store.results.of(mine, ANN, "all") == []
