"""The bank's standard: one recipe for everybody, set by those who answer for the whole bank."""

from datetime import date

import pytest

from analytics.access.book import Book
from analytics.access.grants import Grant
from analytics.errors import NotAllowed, UnknownName
from analytics.recipe import Recipe
from analytics.segmentation import segment
from analytics.standard import drop_standard, make_standard, may_decide, shipped, standard

ANN, BEN = "ann@bank.example", "ben@bank.example"
TOML = 'title = "Ours"\nvalue = "credit_amount_12m"\n[method]\nkey = "value_tiers"\ntiers = 3\n'
OTHER = TOML.replace("Ours", "Theirs")


def person(store, warehouse, email, **grant):
    """The book of someone with one grant."""
    row = {"user_email": email, "role": "manager", "level": "bank", "columns": "profit"} | grant
    store.grants.give(Grant.from_row(row), by="test@bank.example")
    return Book.open(warehouse, store, email)


def test_a_bank_without_a_standard_has_the_shipped_one(store, hand, whole_book):
    found = standard(store)
    assert found == shipped()
    assert (found.method.key, found.method.settings) == ("value_tiers", {"scheme": "abc_fixed"})
    assert "until the bank makes its own" in found.title
    assert segment(whole_book(hand), found).segments["name"].iloc[0] == "A: the vital few"


@pytest.mark.parametrize("role", ["manager", "steward"])
def test_who_answers_for_the_bank_sets_it(store, hand, role):
    book = person(store, hand, ANN, role=role)
    saved = store.recipes.save(ANN, "Ours", TOML)
    assert may_decide(store, book)
    make_standard(store, book, saved.id)
    assert standard(store) == Recipe.from_toml(TOML)
    drop_standard(store, book)
    assert standard(store) == shipped()
    assert store.recipes.get(saved.id, ANN).toml == TOML


@pytest.mark.parametrize(
    "grant",
    [
        {"role": "analyst"},
        {"role": "relationship_manager"},
        {"role": "auditor"},
        {"level": "branch", "unit_id": "B1"},
        {"level": "region", "unit_id": "B0"},
        {"departments": "Retail"},
        {"valid_until": date(2020, 1, 1)},
    ],
)
def test_nobody_else_does(store, hand, grant):
    book = person(store, hand, ANN, **grant)
    saved = store.recipes.save(ANN, "Ours", TOML)
    assert not may_decide(store, book)
    with pytest.raises(NotAllowed):
        make_standard(store, book, saved.id)
    with pytest.raises(NotAllowed):
        drop_standard(store, book)
    assert standard(store) == shipped()


def test_a_revoked_grant_decides_nothing(store, hand):
    grant = Grant.from_row({"user_email": ANN, "role": "manager", "level": "bank"})
    book = person(store, hand, ANN)
    store.grants.revoke(grant, by=BEN)
    assert not may_decide(store, book)


def test_only_an_own_recipe_can_be_made_the_standard(store, hand):
    theirs = store.recipes.save(BEN, "Theirs", OTHER, [("person", ANN)])
    with pytest.raises(UnknownName):
        make_standard(store, person(store, hand, ANN), theirs.id)
    assert standard(store) == shipped()


def test_there_is_one_at_a_time(store, hand):
    ann, ben = person(store, hand, ANN), person(store, hand, BEN, role="steward")
    first, second = store.recipes.save(ANN, "Ours", TOML), store.recipes.save(BEN, "Theirs", OTHER)
    make_standard(store, ann, first.id)
    make_standard(store, ben, second.id)
    assert standard(store).title == "Theirs"
    assert not store.recipes.get(first.id, ANN).is_standard
    assert store.recipes.get(second.id, BEN).is_standard


def test_everyone_may_read_it_and_only_its_owner_change_it(store, hand):
    saved = store.recipes.save(ANN, "Ours", TOML)
    make_standard(store, person(store, hand, ANN), saved.id)
    assert [recipe.name for recipe in store.recipes.visible("anybody@bank.example")] == ["Ours"]
    with pytest.raises(UnknownName):
        store.recipes.rename(saved.id, "anybody@bank.example", "Mine")


def test_it_is_run_in_the_readers_own_book(store, hand):
    saved = store.recipes.save(ANN, "Ours", TOML)
    make_standard(store, person(store, hand, ANN), saved.id)
    mine = person(store, hand, BEN, role="relationship_manager", level="own", employee_id="E1")
    seen = segment(mine, standard(store)).members["customer_id"]
    assert set(seen) == set(mine.frame(())["customer_id"]) < {f"C{at}" for at in range(1, 7)}


def test_sharing_it_otherwise_leaves_it_the_standard(store, hand):
    saved = store.recipes.save(ANN, "Ours", TOML)
    make_standard(store, person(store, hand, ANN), saved.id)
    store.recipes.share(saved.id, ANN, [("person", BEN)])
    assert store.recipes.get(saved.id, BEN).shared_with == (("person", BEN), ("standard", "bank"))
    store.recipes.save(ANN, "Ours", TOML, [])
    assert store.recipes.standard().shared_with == (("standard", "bank"),)


def test_nobody_becomes_the_standard_by_sharing(store):
    saved = store.recipes.save(ANN, "Ours", TOML, [("standard", "bank")])
    store.recipes.share(saved.id, ANN, [("standard", "bank"), ("person", BEN)])
    assert store.recipes.standard() is None


def test_another_text_is_not_the_standard_until_it_is_said_again(store, hand):
    book = person(store, hand, ANN)
    saved = store.recipes.save(ANN, "Ours", TOML)
    make_standard(store, book, saved.id)
    store.recipes.save(ANN, "Ours", TOML)
    assert standard(store).title == "Ours"
    store.recipes.save(ANN, "Ours", OTHER)
    assert standard(store) == shipped()
    make_standard(store, book, saved.id)
    assert standard(store).title == "Theirs"


def test_a_deleted_standard_gives_way_to_the_shipped_one(store, hand):
    saved = store.recipes.save(ANN, "Ours", TOML)
    make_standard(store, person(store, hand, ANN), saved.id)
    store.recipes.delete(saved.id, ANN)
    assert standard(store) == shipped()
