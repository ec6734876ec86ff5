"""The Movement page: who moved between two month ends, and why."""

import pytest

from analytics.access.book import Book
from analytics.movement.report import movement_toml
from analytics.recipe import Recipe
from analytics.store.store import open_store
from analytics.warehouse.engine import open_warehouse
from tests.screens.session import (
    ANALYST,
    BRANCH_MANAGER,
    RM,
    opened,
    table_with,
    texts,
    whole,
)

TIERS = 'title = "Quarters"\nvalue = "profit_12m"\n[method]\nkey = "value_tiers"\n'


def tile(at, label):
    (found,) = [metric.value for metric in at.metric if metric.label == label]
    return found


@pytest.mark.parametrize("persona", [RM, BRANCH_MANAGER, ANALYST])
def test_the_first_sentence_is_the_answer_and_the_flows_add_up(bank, persona):
    at = whole(opened("movement", persona=persona))
    book = Book.open(open_warehouse(bank), open_store(None, bank), persona)
    days = book.warehouse.month_ends[-13], book.warehouse.newest_as_of
    recipe = at.session_state["recipe"].model_copy(
        update={"as_of": days[1], "value": at.session_state["value"]}
    )
    found = movement_toml(book, recipe.to_toml(), *days, "refitted")
    assert found.sentence in texts(at).replace("\u00a0", " ")
    flows = table_with(at, "first", "last", "cause", "customers")
    assert flows["customers"].sum() == found.moved
    assert int(tile(at, "By behaviour").replace(",", "")) == found.causes.loc["behaviour", "customers"]
    listed = table_with(at, "customer_id", "value")
    assert len(listed) == min(500, flows["customers"][0])
    assert at.get("plotly_chart")


def test_a_changed_definition_is_told(bank, bank_store):
    saved = bank_store.recipes.save(RM, "Quarters", TIERS)
    fifths = Recipe.from_toml(TIERS).model_copy(update={"title": "Fifths"})
    fifths = fifths.model_copy(update={"method": fifths.method.model_copy(update={"tiers": 5})})
    other = bank_store.recipes.save(RM, "Fifths", fifths.to_toml())
    at = whole(opened("movement", persona=RM))
    at.selectbox(key="movement_recipe").set_value(str(saved.id))
    at.selectbox(key="movement_then").set_value(str(other.id)).run()
    assert "by the changed definition" in texts(whole(at))
    assert "Changed definition" in set(table_with(at, "first", "last", "cause")["cause"])
