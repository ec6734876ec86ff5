"""The Compare page: two recipes within reach, what they share, and who moves."""

import pytest

from analytics.access.grants import Grant
from tests.screens.session import (
    ANALYST,
    BRANCH_MANAGER,
    RM,
    STEWARD,
    opened,
    table_with,
    texts,
    turn_to,
    whole,
)

THREE = (
    'title = "Three"\nindicators = ["profit_12m", "tenure_years"]\n[method]\nkey = "kmeans"\nsegments = 3\n'
)


@pytest.mark.parametrize("persona", [RM, BRANCH_MANAGER, ANALYST])
def test_mine_is_held_against_the_banks_standard_to_begin_with(bank, persona):
    at = whole(opened("compare", persona=persona))
    assert at.selectbox(key="compare_first").value == "in use"
    assert at.selectbox(key="compare_second").value == "standard"
    assert {metric.label for metric in at.metric} >= {"Agreement", "Customers who move", "Value that moves"}


def test_the_streams_add_up_to_those_who_move(bank):
    at = whole(opened("compare", persona=RM))
    streams = table_with(at, "first", "second", "customers")
    moving = next(metric.value for metric in at.metric if metric.label == "Customers who move")
    assert int(moving.split()[0].replace(",", "")) == streams["customers"].sum()
    listed = table_with(at, "customer_id", "value")
    assert len(listed) == streams["customers"][0]


def test_the_cross_table_holds_every_customer_once(bank):
    at = whole(opened("compare", persona=RM))
    cross = next(table.value for table in at.dataframe if {"first", "1"} <= set(table.value))
    assert cross.drop(columns="first").to_numpy().sum() == at.session_state["book"].count()


def test_a_segment_can_have_any_name(bank, bank_store):
    tiers = (
        'indicators = []\n[method]\nkey = "value_tiers"\n[names]\n"Top 25%" = "first"\n"25%–50%" = "First"\n'
    )
    mine = bank_store.recipes.save(RM, "Odd names", tiers)
    at = whole(opened("compare", persona=RM))
    at.selectbox(key="compare_second").set_value(str(mine.id)).run()
    assert whole(at).metric


def test_what_a_reader_may_not_use_is_left_out_and_said(bank, bank_store):
    bank_store.grants.give(Grant(STEWARD, "relationship_manager", "own", employee_id="E0001"), by=STEWARD)
    shared = bank_store.recipes.save(RM, "With profit", THREE, [("person", STEWARD)])
    at = whole(opened("compare", persona=STEWARD))
    at.selectbox(key="compare_second").set_value(str(shared.id)).run()
    assert "“With profit · li.wei@demo.example” is run without Profit, which you can't use here." in texts(
        whole(at)
    )
    assert "profit" not in str([list(table.value.columns) for table in at.dataframe])


def test_a_recipe_held_against_itself_is_not_compared(bank):
    at = whole(opened("compare", persona=RM))
    at.selectbox(key="compare_second").set_value("in use").run()
    assert "two different recipes" in whole(at).title[0].value


def test_a_saved_recipe_can_be_compared_and_a_colleagues_only_when_shared(bank, bank_store):
    bank_store.recipes.save(RM, "My three", THREE)
    hidden = bank_store.recipes.save(ANALYST, "Theirs", THREE)
    shared = bank_store.recipes.save(ANALYST, "Shared", THREE, [("person", RM)])
    at = whole(opened("compare", persona=RM))
    offered = at.selectbox(key="compare_first").options
    assert "My three" in offered
    assert any(label.startswith("Shared") for label in offered)
    assert not any("Theirs" in label for label in offered)
    at.selectbox(key="compare_first").set_value(str(shared.id)).run()
    book = whole(at).session_state["book"]
    assert book.person.email == RM
    assert str(hidden.id) not in at.selectbox(key="compare_first").options


def test_the_recipe_in_use_on_segments_is_the_first_here(bank):
    at = whole(opened("segments", persona=RM, link={"method": "rfm"}))
    whole(turn_to(at, "compare"))
    assert "RFM" in at.selectbox(key="compare_first").options[0]
    assert at.title[0].value
    assert "customers" in texts(at)


def test_whoever_speaks_for_the_bank_sets_its_standard_and_takes_it_back(bank, bank_store):
    bank_store.recipes.save(ANALYST, "Our three", THREE)
    at = whole(opened("segments", persona=ANALYST))
    assert not any(button.key == "make_standard" for button in at.button)
    bank_store.grants.give(Grant(ANALYST, "manager", "bank"), by=STEWARD)
    whole(at.run()).button(key="make_standard").click().run()
    seen = whole(opened("compare", persona=RM))
    assert "The bank's standard: Three" in seen.selectbox(key="compare_second").options
    whole(at).button(key="drop_standard").click().run()
    assert "until the bank makes its own" in whole(seen.run()).selectbox(key="compare_second").options[1]
