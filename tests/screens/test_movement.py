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
    address,
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


def test_a_saved_recipe_frozen_or_refitted_and_from_another_month(bank, bank_store):
    saved = bank_store.recipes.save(RM, "Quarters", TIERS)
    at = whole(opened("movement", persona=RM))
    at.selectbox(key="movement_recipe").set_value(str(saved.id)).run()
    assert "Top 25%" in str(table_with(at, "first", "last", "cause")["first"].tolist())
    at.selectbox(key="shown_movement_boundaries").set_value("frozen").run()
    assert not [metric for metric in whole(at).metric if metric.label == "By moved boundaries"]
    earlier = at.selectbox(key="shown_movement_from").options
    at.selectbox(key="shown_movement_from").set_value(open_warehouse(bank).month_ends[-4].isoformat()).run()
    assert len(earlier) > 12
    whole(at)
    assert address(at)["on_movement_from"] == open_warehouse(bank).month_ends[-4].isoformat()
    link = address(at)
    again = whole(opened("movement", persona=RM, link=link))
    assert again.selectbox(key="shown_movement_boundaries").value == "frozen"


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


def test_who_stays_and_what_is_ahead_are_worked_out_when_they_are_opened(bank):
    at = whole(opened("movement", persona=BRANCH_MANAGER))
    before = len(at.get("plotly_chart"))
    at.session_state["movement_stays"] = True
    whole(at.run())
    assert len(at.get("plotly_chart")) == before + 2
    assert "are still active, the most" in texts(at)
    at.session_state["movement_ahead"] = True
    whole(at.run())
    seen = texts(at)
    assert "If the next year goes like the last" in seen
    sizes = table_with(at, "name", "before", "now", "forecast", "change")
    assert sizes["now"].sum() == at.session_state["book"].count()
    assert "can't be tested here" in seen  # the bank has 26 months


def test_without_a_year_of_history_the_forecast_says_so(own_bank):
    own_bank(transactions="customer_id,booked_at,amount\nA,2026-05-31,5\nB,2026-06-30,7\nC,2026-06-30,9\n")
    at = opened("movement")
    at.session_state["movement_ahead"] = True
    whole(at.run())
    assert "do not reach far enough before" in texts(at)
    assert "data filling up" in texts(at)


def test_at_the_first_month_end_nothing_is_set_beside_itself(bank):
    first = open_warehouse(bank).month_ends[0].isoformat()
    at = whole(opened("movement", persona=RM, link={"as_of": first}))
    assert "There is no month end before this one to compare with." in texts(at)
    assert not at.metric
