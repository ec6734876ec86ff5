"""Concentration by segment, branch, any label, and over time: the same as each group measured by itself."""

import numpy as np
import pandas as pd
import pytest

from analytics.calendar import months_before
from analytics.errors import BadInput, NotAllowed
from analytics.recipe import Recipe
from analytics.segmentation import segment
from analytics.value.concentration import concentration
from analytics.value.findings import decomposition_sentence, movement_sentence
from analytics.value.grouped import by_group, grouped
from analytics.value.over_time import over_time, points

RECIPE = """
title = "Thirds"
indicators = ["transactions_count_12m", "balance_average_3m"]
[method]
key = "kmeans"
segments = 3
"""


@pytest.fixture(scope="module")
def book(demo, whole_book):
    return whole_book(demo)


@pytest.fixture(scope="module")
def profits(book):
    return book.frame(("profit_12m", "region", "branch", "education"))


@pytest.mark.parametrize("by", ["region", "branch"])
def test_each_label_is_measured_by_itself(book, demo, profits, by):
    found = by_group(book, "profit_12m", demo.newest_as_of, by)
    assert set(found.parts) == set(profits[by])
    for name, part in found.parts.items():
        own = concentration(profits.loc[profits[by] == name, "profit_12m"])
        assert (part.customers, part.total, part.top_share) == (
            own.customers,
            pytest.approx(own.total),
            own.top_share,
        )
    table = found.table
    assert table["customers"].sum() == len(profits)
    assert table["total"].sum() == pytest.approx(profits["profit_12m"].sum())
    assert table["share"].sum() == pytest.approx(1)
    assert table["total"].is_monotonic_decreasing
    best = table.iloc[0]
    assert best["for_80"] == found.parts[best["group"]].for_80.customers
    assert found.decomposition.gains_only
    assert found.decomposition.groups["customers"].sum() == len(profits)


def test_segments_are_the_recipes(book, demo):
    found = by_group(book, "profit_12m", demo.newest_as_of, "segment", RECIPE)
    members = segment(book, Recipe.from_toml(RECIPE)).members
    assert (
        found.table.set_index("group")["customers"].to_dict()
        == members["segment_name"].value_counts().to_dict()
    )
    assert found.decomposition.explained > found.decomposition.explained_by_chance


def test_customers_without_a_label_are_a_group_of_their_own(bank_of, whole_book):
    bank = bank_of(
        customers="customer_id,district_id\nA,D1\nB,D1\nC,\n",
        districts="district_id,region\nD1,East\n",
        transactions="customer_id,booked_at,amount\nA,2026-06-30,10\nB,2026-06-30,30\nC,2026-06-30,5\n",
    )
    found = by_group(whole_book(bank), "credit_amount_12m", bank.newest_as_of, "region")
    assert found.table.set_index("group")["customers"].to_dict() == {"East": 2, "Not recorded": 1}


def test_managers_of_one_name_are_two_and_one_without_a_name_has_the_number(bank_of, whole_book):
    days = "".join(f"{name},2026-06-30,10\n" for name in "ABCD")
    bank = bank_of(
        customers="customer_id,manager_id\nA,E1\nB,E2\nC,E3\nD,E4\n",
        employees="employee_id,name\nE1,Li Na\nE2,Li Na\nE3,Wu Ting\n",
        transactions=f"customer_id,booked_at,amount\n{days}",
    )
    found = by_group(whole_book(bank), "credit_amount_12m", bank.newest_as_of, "manager")
    assert set(found.parts) == {"Li Na (E1)", "Li Na (E2)", "Wu Ting", "E4"}


def test_a_book_is_grouped_alone(demo, book_with, profits):
    branch = demo.query("SELECT branch_id FROM customers LIMIT 1")["branch_id"][0].as_py()
    own = book_with(demo, {"role": "manager", "level": "branch", "unit_id": branch, "columns": "profit"})
    found = by_group(own, "profit_12m", demo.newest_as_of, "branch")
    assert len(found.table) == 1
    assert 0 < own.count() == found.table["customers"].sum() < len(profits)


def test_what_makes_no_groups_is_refused(book, demo, whole_book):
    with pytest.raises(BadInput, match="makes no groups"):
        by_group(book, "profit_12m", demo.newest_as_of, "age_years")
    with pytest.raises(NotAllowed):
        by_group(whole_book(demo, ""), "profit_12m", demo.newest_as_of, "region")


def test_groups_with_losses_and_of_one_have_empty_cells_and_no_error():
    labels = pd.Series(["loses", "loses", "one"], dtype="category")
    found = grouped("region", np.array([-5.0, 1.0, 3.0]), labels)
    rows = found.table.set_index("group")
    assert rows.loc["loses", ["top_share", "for_80", "share"]].isna().all()
    assert rows.loc["loses", "losses"] == 5
    assert rows.loc["one", "top_share"] == 1
    assert grouped("region", np.array([-5.0, -1.0, np.nan]), labels).decomposition is None


def test_products_add_up_to_the_book_to_the_cent(book, demo, profits):
    found = by_group(book, "profit_12m", demo.newest_as_of, "product")
    assert round(found.table["total"].sum(), 2) == round(profits["profit_12m"].sum(), 2)
    assert found.decomposition is None  # customers are in several
    assert found.table["customers"].max() <= len(profits)
    east = by_group(book, "profit_12m", demo.newest_as_of, "product", where="region = 'East'")
    own = profits.loc[profits["region"] == "East", "profit_12m"]
    assert round(east.table["total"].sum(), 2) == round(own.sum(), 2)


def test_products_over_time_are_those_of_their_time(book, demo):
    whole = over_time(book, "profit_12m", demo.newest_as_of)
    parts = over_time(book, "profit_12m", demo.newest_as_of, "product")
    assert parts.groupby("month_end")["total"].sum().tolist() == pytest.approx(whole["total"].tolist())


def test_only_profit_is_known_by_product_and_only_to_who_may_see_it(book, demo, whole_book):
    with pytest.raises(BadInput, match="not known by product"):
        by_group(book, "credit_amount_12m", demo.newest_as_of, "product")
    with pytest.raises(NotAllowed):
        by_group(whole_book(demo, ""), "profit_12m", demo.newest_as_of, "product")


def test_the_hand_written_banks_products_add_up_too(hand, whole_book):
    found = by_group(whole_book(hand), "profit_12m", hand.newest_as_of, "product")
    whole = whole_book(hand).frame(("profit_12m",))["profit_12m"].sum()
    assert round(found.table["total"].sum(), 2) == round(whole, 2)
    assert set(found.parts) <= {"Deposit", "Dollar deposit", "Loan", "Plan", "No product"}


def test_three_years_are_measured_at_each_quarter(book, demo):
    found = over_time(book, "profit_12m", demo.newest_as_of)
    assert found["month_end"].tolist() == points(book, "profit_12m", demo.newest_as_of)
    assert found["month_end"].is_monotonic_increasing
    assert found["group"].unique().tolist() == [""]
    for row in (found.iloc[0], found.iloc[-1]):
        then = concentration(book.frame(("profit_12m",), as_of=row["month_end"])["profit_12m"])
        assert row["customers"] == then.customers
        assert row["total"] == pytest.approx(then.total)
        assert row["top_share"] == pytest.approx(then.top_share[0.2])
        assert row["for_80_share"] == pytest.approx(then.for_80.customers / then.customers)
        assert row["peak_share"] == pytest.approx(then.whale.peak_share)


def test_no_point_lacks_a_year_before_it(book, demo):
    """26 months are 15 month ends with a full year, of which every third is shown."""
    assert len(points(book, "profit_12m", demo.newest_as_of, every=1)) == 15
    assert (
        points(book, "profit_12m", demo.newest_as_of)
        == points(book, "profit_12m", demo.newest_as_of, every=1)[2::3]
    )
    first = points(book, "profit_12m", demo.newest_as_of, every=1)[0]
    assert months_before(first, 11) == demo.month_ends[0]
    assert len(points(book, "balance_average_3m", demo.newest_as_of, every=1)) == 24


def test_months_for_which_nobody_has_a_value_are_left_out(book, demo):
    """Lifetime value is worked out for the newest month ends alone."""
    found = over_time(book, "lifetime_value_36m", demo.newest_as_of, every=1)
    assert (found["customers"] > 0).all()
    assert found["month_end"].iloc[-1] == demo.newest_as_of


def test_groups_over_time_add_up_to_the_book(book, demo):
    whole = over_time(book, "profit_12m", demo.newest_as_of)
    parts = over_time(book, "profit_12m", demo.newest_as_of, "region")
    sums = parts.groupby("month_end")[["customers", "total"]].sum()
    assert sums["customers"].tolist() == whole["customers"].tolist()
    assert sums["total"].tolist() == pytest.approx(whole["total"].tolist())


def test_a_segments_past_is_that_of_its_members_today(book, demo):
    parts = over_time(book, "profit_12m", demo.newest_as_of, "segment", RECIPE)
    now = by_group(book, "profit_12m", demo.newest_as_of, "segment", RECIPE).table.set_index("group")
    last = parts[parts["month_end"] == demo.newest_as_of].set_index("group")
    assert last["customers"].to_dict() == now["customers"].to_dict()
    first = parts.groupby("group")["customers"].first().reindex(last.index)
    assert (first <= last["customers"]).all()


def test_the_sentences_say_what_a_manager_can_repeat(book, demo, profits):
    found = by_group(book, "profit_12m", demo.newest_as_of, "region")
    said = decomposition_sentence(found.decomposition, "Region")
    assert said.startswith("Region: ")
    assert "% of the inequality lies between the 2 groups" in said
    assert "Losses count as zero here." in said
    random = pd.Series(np.random.default_rng(0).integers(0, 3, len(profits)).astype(str), dtype="category")
    chance = grouped("region", profits["profit_12m"].to_numpy(), random).decomposition
    assert "next to nothing" in decomposition_sentence(chance, "Lot")
    assert decomposition_sentence(None, "Region") == ""

    moved = pd.DataFrame(
        {"month_end": pd.to_datetime(["2024-10-31", "2026-10-31"]), "top_share": [0.75, 0.836]}
    )
    assert movement_sentence(moved) == (
        "Value became more concentrated: the top fifth brought 75.0% on 31 October 2024, 83.6% on 31 October 2026."
    )
    assert "less concentrated" in movement_sentence(moved.assign(top_share=[0.8, 0.7]))
    assert "hardly moved" in movement_sentence(moved.assign(top_share=[0.8, 0.804]))
    assert movement_sentence(moved.head(1)) == ""
