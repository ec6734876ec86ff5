"""The Review page: how each segment does across the bank, what was agreed for it, and what was said of it."""

import pytest

from analytics.access.book import Book
from analytics.formats import percent
from analytics.review.report import ALL, review
from analytics.standard import shipped
from analytics.store.store import open_store
from analytics.warehouse.engine import open_warehouse
from tests.screens.session import ANALYST, BRANCH_MANAGER, marked, opened, table_with, texts, whole

COLUMNS = ("place", "segment", "called", "customers", "value", "top_share")


def shown_to(bank, persona, by):
    """What the page shows, by the verb itself; value is measured in profit on every page until another is chosen."""
    book = Book.open(open_warehouse(bank), open_store(None, bank), persona)
    recipe = shipped().model_copy(update={"value": "profit_12m"})
    return review(book, recipe.to_toml(), by=by)


def labels(at):
    return [button.label for button in at.button]


@pytest.mark.parametrize(("persona", "by"), [(BRANCH_MANAGER, "manager"), (ANALYST, "branch")])
def test_the_answer_the_tiles_and_the_cells_are_those_of_the_book(bank, persona, by):
    at = whole(opened("review", persona=persona))
    found = shown_to(bank, persona, by)
    people = int(found.cells.loc[found.cells["unit"] == ALL, "customers"].sum())
    best = found.cell(ALL, 1)
    said = at.title[0].value.replace("\\", "")
    assert f"“{found.names[1]}” is {percent(best['share_of_customers'])} of your {people:,} customers" in said
    assert f"brings {percent(best['share_of_value'])} of profit as of " in said
    assert at.metric[1].value == percent(best["share_of_value"])
    cells = table_with(at, *COLUMNS)
    assert cells["customers"].tolist() == found.cells["customers"].tolist()
    assert cells["place"].tolist() == [found.units[unit] for unit in found.cells["unit"]]
    assert cells["net"].tolist() == found.cells["net"].tolist()
    managing = persona == BRANCH_MANAGER
    assert ("Set" in labels(at)) == ("Keep" in labels(at)) == managing


def test_a_manager_sets_a_target_sees_how_far_it_is_and_takes_it_back(bank, bank_store):
    at = whole(opened("review", persona=BRANCH_MANAGER))
    assert "No target is set here." in texts(at)
    found = shown_to(bank, BRANCH_MANAGER, "manager")
    now = int(found.cell(ALL, 1)["customers"])
    at.number_input(key="target_figure_customers_0").set_value(float(now * 2))
    at.button(key="set_target").click().run()
    seen = texts(whole(at))
    assert f"Customers: at least {now * 2:,} by " in seen
    assert f"{now:,} as of " in seen
    assert "50% of it." in seen
    assert "Targets reached 0 of 1" in seen
    (target,) = bank_store.reviews.targets(found.recipe_hash)
    at.session_state["review_targets"] = True
    assert len(table_with(whole(at.run()), "target", "due", "by")) == 1
    at.button(key=f"drop_target_{target.id}").click().run()
    assert "No target is set here." in texts(whole(at))
    at.button(key="set_target").click().run()
    assert "A target is a figure above zero." in texts(at)


def test_a_comment_is_kept_with_its_version_as_plain_text_and_is_for_few(bank, bank_store):
    at = whole(opened("review", persona=BRANCH_MANAGER))
    hostile = "[click](https://evil.example) **bold** :red[x]"
    at.text_area(key=f"review_comment_{ALL}_1_0").set_value(hostile)
    at.button(key="keep_comment").click().run()
    seen = texts(whole(at))
    assert hostile in seen
    assert f"Speaks of version {open_warehouse(bank).version} as of " in seen
    assert not [live for live in ("](https://evil", "**bold**", ":red[x]") if live in marked(at)]
    at.selectbox(key="as_of").select_index(1).run()
    assert "Different now: the figures shown are as of another date." in texts(whole(at))
    there = whole(opened("review", persona=ANALYST))
    assert "evil" not in texts(there)
    at.button(key="keep_comment").click().run()
    assert "There is nothing to keep." in texts(at)


def test_a_chosen_cell_is_told_with_its_customers_and_its_need(bank):
    at = opened("review", persona=BRANCH_MANAGER)
    for key in ("review_needs", "review_members"):
        at.session_state[key] = True
    at.session_state["shown_review_unit"], at.session_state["shown_review_segment"] = "E0001", "2"
    at = whole(at.run())
    found = shown_to(bank, BRANCH_MANAGER, "manager")
    row = found.cell("E0001", 2)
    seen = texts(at)
    assert f"{row['before']:,} customers became {row['customers']:,}" in seen
    assert "Of the segment in your whole book" in seen
    listed = table_with(at, "customer_id", "value")
    assert set(listed["customer_id"]) == set(found.members("E0001", 2)["customer_id"])
    assert len(at.get("download_button")) == 2


def test_a_bank_of_transactions_alone_is_reviewed_as_a_whole(own_bank):
    own_bank(transactions="customer_id,booked_at,amount\nA,2026-06-01,90\nB,2026-06-02,9\nC,2026-06-03,1\n")
    at = whole(opened("review"))
    assert set(table_with(at, *COLUMNS)["place"]) == {"Whole book", "Not recorded"}
    assert "do not reach back" in texts(at)
