"""Two segmentations side by side: a plain cross table, and who is elsewhere with how much value."""

import json
from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from analytics.compare import NOWHERE, compare, compare_toml
from analytics.errors import BadInput
from analytics.recipe import Recipe
from tests.logic.made_up import MadeUpBook


def people(ours, theirs, values=None):
    """Customers of whom one column says one group, another another."""
    n = len(ours)
    return MadeUpBook(
        pd.DataFrame(
            {
                "customer_id": [f"C{number:04d}" for number in range(n)],
                "region": pd.Series([f"R{at}" for at in ours], dtype="str"),
                "city_tier": pd.Series([f"T{at}" for at in theirs], dtype="str"),
                "profit_12m": np.arange(n) - 3.5 if values is None else np.asarray(values, float),
            }
        )
    )


def by(column, letter, count, where="", order=None):
    """A recipe whose segments are the groups of a column."""
    rules = [
        {"name": f"{letter}{at}", "where": f"{column} = '{letter}{at}'"} for at in order or range(1, count)
    ]
    method = {"key": "named_rules", "rules": rules or [{"name": "none", "where": "profit_12m < -1e9"}]}
    return Recipe.from_content({"value": "profit_12m", "where": where, "method": method})


pairs = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), min_size=2, max_size=60)


@settings(max_examples=30, deadline=None)
@given(pairs)
def test_the_table_is_a_plain_cross_table_and_adds_up(cells):
    ours, theirs = map(np.array, zip(*cells, strict=True))
    book = people(ours, theirs)
    found = compare(book, by("region", "R", 4), by("city_tier", "T", 5))
    members = found.members.merge(book.table, on="customer_id")
    assert found.adjusted_rand == pytest.approx(adjusted_rand_score(ours, theirs))
    assert found.customers == len(cells) == found.table.to_numpy().sum()
    plain = pd.crosstab(members["first"], members["second"])
    pd.testing.assert_frame_equal(plain, found.table, check_names=False, check_dtype=False)
    worth = members.pivot_table("profit_12m", "first", "second", "sum", fill_value=0)
    np.testing.assert_allclose(worth.to_numpy(), found.worth.to_numpy(), atol=1e-9)
    # Each segment is one of the groups that made it.
    assert members.groupby("first")["region"].nunique().max() == 1
    assert members.groupby("second")["city_tier"].nunique().max() == 1


def fewest_moved(table):
    """Every matching tried."""
    cells = table.to_numpy() if table.shape[0] <= table.shape[1] else table.to_numpy().T
    ways = permutations(range(cells.shape[1]), cells.shape[0])
    return cells.sum() - max(sum(cells[row, column] for row, column in enumerate(way)) for way in ways)


@settings(max_examples=30, deadline=None)
@given(pairs)
def test_as_few_as_possible_are_said_to_have_moved(cells):
    ours, theirs = map(np.array, zip(*cells, strict=True))
    found = compare(people(ours, theirs), by("region", "R", 4), by("city_tier", "T", 5))
    moved = found.members[found.members["moved"]]
    assert found.moved_customers == len(moved) == fewest_moved(found.table)
    assert found.moved_value == pytest.approx(moved["value"].sum())
    swapped = compare(people(ours, theirs), by("city_tier", "T", 5), by("region", "R", 4))
    assert swapped.adjusted_rand == pytest.approx(found.adjusted_rand)
    assert swapped.moved_customers == found.moved_customers


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=40), st.permutations([1, 2, 3]))
def test_a_relabelled_copy_agrees_and_moves_nobody(groups, order):
    book = people(groups, groups)
    found = compare(book, by("region", "R", 4), by("city_tier", "T", 4, order=order))
    assert found.adjusted_rand == 1.0
    assert (found.moved_customers, found.moved_value) == (0, 0.0)
    assert not found.members["moved"].any()
    assert NOWHERE not in found.table.index


def test_customers_in_one_of_the_two_alone_are_counted_and_said():
    book = people([1, 1, 2, 2, 0, 0], [1, 1, 2, 2, 0, 0], [10, 20, 30, 40, 50, 60])
    found = compare(
        book, by("region", "R", 3, where="profit_12m < 45"), by("region", "R", 3, where="profit_12m > 15")
    )
    assert found.customers == 6
    assert found.moved_customers == 3
    assert found.moved_value == 10 + 50 + 60  # the first has no value of its own for the last two
    assert found.table.loc[NOWHERE].sum() == 2
    assert found.table[NOWHERE].sum() == 1
    assert found.first_names[NOWHERE] == "In no segment"
    assert list(found.table.index)[-1] == NOWHERE
    assert found.warnings[:2] == [
        "1 customer is in a segment of the first alone: counted as moved.",
        "2 customers are in a segment of the second alone: counted as moved.",
    ]


def test_value_is_what_the_first_measures_it_in():
    book = people([1, 2, 1], [2, 2, 1], [5, 6, 7])
    book.table["credit_amount_12m"] = [100.0, 200.0, 400.0]
    other = by("city_tier", "T", 3).model_copy(update={"value": "credit_amount_12m"})
    one = by("region", "R", 3)
    assert compare(book, one, other).worth.to_numpy().sum() == 18
    assert compare(book, other, one).worth.to_numpy().sum() == 700


def test_what_is_said_holds_the_figures():
    book = people([1, 1, 2, 2], [1, 2, 2, 2], [100, 50, 30, 20])
    found = compare(book, by("region", "R", 3), by("city_tier", "T", 3))
    assert found.sentence.startswith(
        "1 of 4 customers (25%) are in another group, and with them CNY 50 of profit (25% of it)."
    )
    again = compare_toml(book, by("region", "R", 3).to_toml(), by("city_tier", "T", 3).to_toml())
    assert again.document() == found.document()
    document = json.loads(json.dumps(found.document()))
    assert document["moved"] == {"customers": 1, "value": 50.0}
    assert document["table"] == found.table.to_numpy().tolist()
    same = compare(book, by("region", "R", 3), by("region", "R", 3))
    assert same.sentence.startswith("Both put all 4 customers in the same groups.")


def test_the_demo_banks_tiers_beside_each_other_are_what_sql_counts(demo, whole_book, open_raw):
    cut = {"key": "value_tiers", "scheme": "thresholds"}
    one = Recipe.from_content({"value": "profit_12m", "method": {**cut, "thresholds": [0, 1000]}})
    other = Recipe.from_content({"value": "credit_amount_12m", "method": {**cut, "thresholds": [50_000]}})
    found = compare(whole_book(demo), one, other)
    rows = (
        open_raw(demo)
        .sql(
            """SELECT (profit_12m < 1000)::INT + (profit_12m < 0)::INT + 1 AS a, (credit_amount_12m < 50000)::INT + 1 AS b,
        count(*) AS n, sum(profit_12m) AS worth FROM customer_now GROUP BY ALL"""
        )
        .fetchall()
    )
    # Which number a tier has depends on its total; here the tiers of more profit are worth more.
    assert {(a, b): n for a, b, n, _worth in rows} == found.table.stack().loc[lambda n: n > 0].to_dict()
    assert sum(worth for *_cell, worth in rows) == pytest.approx(found.worth.to_numpy().sum())


def test_the_command_takes_two_recipes_or_the_standard(demo_folder, tmp_path, monkeypatch, capfd):
    from analytics.access.personas import PERSONAS
    from analytics.commands import run

    monkeypatch.setenv("CLIENTELE_STORE", f"sqlite:///{tmp_path / 'store.sqlite'}")
    path = Path(tmp_path / "mine.toml")
    path.write_text('indicators = ["transactions_count_12m"]\n[method]\nkey = "kmeans"\nsegments = 3\n')
    words = ["analytics", "compare", "--user", PERSONAS[2].email, "--warehouse", str(demo_folder), "--json"]

    def call(*more):
        monkeypatch.setattr("sys.argv", [*words, *map(str, more)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            run()
        return ended.value.code or 0, capfd.readouterr()

    code, said = call("--recipe", path, "--recipe", "standard")
    document = json.loads(said.out)
    assert code == 0
    assert np.shape(document["table"]) == (len(document["rows"]), len(document["columns"]))
    assert np.sum(document["table"]) == document["customers"] == 1500
    assert document["columns"][0]["name"] == "A: the vital few"
    assert call("--recipe", path)[0] == 2
    code, said = call("--recipe", path, "--recipe", tmp_path / "none.toml")
    assert code == 1
    assert said.err.count("\n") == 1


def test_a_recipe_that_cannot_be_run_is_refused():
    with pytest.raises(BadInput):
        compare(people([1], [1]), by("region", "R", 2), by("nothing", "R", 2))
