"""A segmentation over a book: numbered by value, adding up, and the same whenever it is run again."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from analytics.errors import NotEnoughData, UnknownName
from analytics.methods import METHODS
from analytics.population import default_value
from analytics.recipe import Recipe
from analytics.segmentation import COLUMNS, segment
from analytics.translation import in_language
from tests.logic.made_up import MadeUpBook

INDICATORS = ["profit_12m", "balance_average_3m", "transactions_count_12m", "region"]
every_method = pytest.mark.parametrize("key", sorted(METHODS))


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(8)
    kind = np.arange(300) % 3
    profit = np.array([50.0, 2e3, 7e4])[kind] * rng.lognormal(0, 0.3, 300)
    return pd.DataFrame(
        {
            "customer_id": [f"C{number:04d}" for number in range(300)],
            "profit_12m": np.where(np.arange(300) % 25 == 0, -profit, profit),
            "credit_amount_12m": profit * 20,
            "balance_average_3m": np.array([9e3, 1e3, 4e4])[kind] * rng.lognormal(0, 0.3, 300),
            "transactions_count_12m": rng.poisson(np.array([5, 40, 150])[kind]).astype(float),
            "active_months_12m": np.array([2.0, 8.0, 12.0])[kind],
            "months_since_first_transaction": rng.integers(1, 40, 300).astype(float),
            "days_since_last_transaction": np.array([200.0, 30.0, 3.0])[kind] + rng.integers(0, 20, 300),
            "transactions_change_6m": np.array([-0.7, 0.0, 0.6])[kind],
            "region": pd.Series(np.array(["East", "South", "West"])[kind], dtype="str"),
        }
    )


def recipe(key="kmeans", indicators=INDICATORS, settings="", **fields):
    fields = "\n".join(f'{name} = "{value}"' for name, value in fields.items())
    return Recipe.from_toml(
        f'{fields}\nindicators = {json.dumps(indicators)}\n[method]\nkey = "{key}"\n{settings}'
    )


@every_method
def test_numbers_follow_value(key, table):
    result = segment(MadeUpBook(table), recipe(key))
    assert result.segments["segment"].tolist() == list(range(1, len(result.segments) + 1))
    assert result.segments["value"].is_monotonic_decreasing


@every_method
def test_everything_adds_up(key, table):
    result = segment(MadeUpBook(table), recipe(key, value="profit_12m"))
    document = result.document()
    assert document["customers"] == 300
    assert result.members["customer_id"].is_unique
    assert sum(row["customers"] for row in document["segments"]) + document["left_out"]["count"] == 300
    assert sum(row["value"] for row in document["segments"]) == pytest.approx(table["profit_12m"].sum())
    assert sum(row["share_of_value"] for row in document["segments"]) == pytest.approx(1)
    assert result.members.groupby("segment")["value"].sum().tolist() == pytest.approx(
        result.segments["value"].tolist()
    )


@every_method
def test_the_document_is_the_contracts(key, table):
    document = json.loads(json.dumps(segment(MadeUpBook(table), recipe(key)).document(), allow_nan=False))
    contract = {"recipe_hash", "version", "as_of", "customers", "left_out", "segments", "quality", "warnings"}
    assert contract <= set(document)
    assert set(document["left_out"]) == {"count", "reasons"}
    assert all(list(row) == COLUMNS for row in document["segments"])
    assert "silhouette" in document["quality"]
    assert document["as_of"] == "2026-06-30"
    assert document["version"] == "v1"
    assert {"numpy", "pandas", "python", "scikit-learn"} == set(document["libraries"])


@every_method
def test_names_are_words_and_all_different(key, table):
    result = segment(MadeUpBook(table), recipe(key))
    names = result.segments["name"]
    assert names.is_unique
    assert names.str.len().gt(0).all()
    assert result.segments["rule"].str.len().gt(0).all()
    assert result.members["segment_name"].dtype == "category"
    assert list(result.members["segment_name"].cat.categories) == names.tolist()


@every_method
def test_the_order_of_rows_changes_nothing(key, table):
    before = segment(MadeUpBook(table), recipe(key)).members.set_index("customer_id")["segment"]
    shuffled = MadeUpBook(table.sample(frac=1, random_state=5))
    after = segment(shuffled, recipe(key)).members.set_index("customer_id")["segment"]
    pd.testing.assert_series_equal(before, after)


@every_method
def test_the_same_recipe_gives_the_same_document(key, table):
    assert (
        segment(MadeUpBook(table), recipe(key)).document()
        == segment(MadeUpBook(table), recipe(key)).document()
    )


@every_method
def test_the_currency_unit_changes_amounts_only(key, table):
    money = ["profit_12m", "credit_amount_12m", "balance_average_3m"]
    small = table.assign(**{column: table[column] / 1000 for column in money})
    before, after = segment(MadeUpBook(table), recipe(key)), segment(MadeUpBook(small), recipe(key))
    assert (before.members["segment"] == after.members["segment"]).all()
    assert before.segments["name"].tolist() == after.segments["name"].tolist()


@every_method
def test_only_those_asked_for_are_segmented(key, table):
    result = segment(MadeUpBook(table), recipe(key, where="region in ('East', 'West')"))
    assert set(result.members["customer_id"]) == set(table["customer_id"][table["region"] != "South"])


def test_planted_groups_come_back(table):
    result = segment(
        MadeUpBook(table), recipe(settings="segments = 3", indicators=["transactions_count_12m", "region"])
    )
    assert adjusted_rand_score(np.arange(300) % 3, result.members["segment"]) == 1.0
    assert result.segments["name"][0] == "Region West, often active"


def test_where_the_net_total_is_not_positive_shares_of_value_are_null(table):
    losing = table.assign(profit_12m=-table["profit_12m"])
    document = segment(MadeUpBook(losing), recipe(value="profit_12m")).document()
    assert {row["share_of_value"] for row in document["segments"]} == {None}
    assert all(row["value"] is not None for row in document["segments"])


def test_a_net_total_of_nothing_but_dust_is_not_positive(table):
    amounts = np.zeros(len(table))
    amounts[:3] = 0.1, 0.2, -0.3
    document = segment(MadeUpBook(table.assign(profit_12m=amounts)), recipe(value="profit_12m")).document()
    assert {row["share_of_value"] for row in document["segments"]} == {None}


def test_customers_left_out_are_counted_with_the_reason(table):
    gaps = table.assign(profit_12m=table["profit_12m"].where(table.index % 10 > 0))
    result = segment(MadeUpBook(gaps), recipe("value_tiers", indicators=[], value="profit_12m"))
    assert result.document()["left_out"] == {"count": 30, "reasons": {"Profit is empty": 30}}
    assert not [warning for warning in result.warnings if "counted as 0" in warning]
    assert result.customers == 300
    assert len(result.members) == 270
    assert result.segments["share_of_customers"].sum() == pytest.approx(0.9)


def test_customers_without_a_value_count_as_nothing_and_are_told(table):
    gaps = table.assign(profit_12m=table["profit_12m"].where(table.index % 10 > 0))
    result = segment(MadeUpBook(gaps), recipe("named_rules", value="profit_12m"))
    assert "30 customers have no figure for profit: counted as 0." in result.warnings
    assert result.segments["value"].sum() == pytest.approx(gaps["profit_12m"].sum())


def test_value_is_the_first_amount_that_the_book_holds(table):
    assert default_value(MadeUpBook(table))[0] == "profit_12m"
    key, told = default_value(MadeUpBook(table.assign(profit_12m=0.0)))
    assert key == "credit_amount_12m"
    assert "credit_amount_12m" in told
    assert default_value(MadeUpBook(table.drop(columns="profit_12m")))[0] == "credit_amount_12m"


def test_a_book_without_amounts_is_refused(table):
    with pytest.raises(NotEnoughData, match="no amount"):
        segment(MadeUpBook(table[["customer_id", "region"]]), recipe(indicators=["region"]))


def test_a_population_of_nobody_is_refused(table):
    with pytest.raises(NotEnoughData, match="No customer of your book"):
        segment(MadeUpBook(table), recipe(where="profit_12m > 1000000000"))


def test_a_recipe_that_can_not_run_is_refused_before_any_query(table):
    book = MadeUpBook(table)
    book.frame = None
    with pytest.raises(UnknownName, match="profit12m"):
        segment(book, recipe(indicators=["profit12m"]))


def test_a_million_names_are_not_a_million_strings(table):
    members = segment(MadeUpBook(table), recipe()).members
    assert not [column for column in members if members[column].dtype == object]


def test_members_hold_the_indicators_that_were_looked_at(table):
    members = segment(MadeUpBook(table), recipe("rfm", indicators=["region"])).members
    assert list(members)[:4] == ["customer_id", "segment", "segment_name", "value"]
    rfm = {"days_since_last_transaction", "transactions_count_12m", "credit_amount_12m"}
    assert set(members) - {"customer_id", "segment", "segment_name", "value"} == rfm | {
        "region",
        "profit_12m",
    }


def named(table, **own):
    made = segment(MadeUpBook(table), recipe(settings="segments = 3"))
    names = {made.made_names[int(at[1:]) - 1]: name for at, name in own.items()}
    changed = recipe(settings="segments = 3").model_copy(update={"names": names | {"Never made": "Harmless"}})
    return made, segment(MadeUpBook(table), changed)


def test_a_segment_can_have_a_name_of_ones_own_and_nothing_else_changes(table):
    made, found = named(table, s2="Friends of the house")
    assert found.segments["name"].tolist() == [made.made_names[0], "Friends of the house", made.made_names[2]]
    assert found.made_names == made.made_names
    assert found.members["segment_name"].cat.categories.tolist() == found.segments["name"].tolist()
    assert found.recipe_hash == made.recipe_hash
    unnamed = found.segments.drop(columns="name")
    pd.testing.assert_frame_equal(unnamed, made.segments.drop(columns="name"))


def test_equal_own_names_are_numbered(table):
    _made, found = named(table, s1="Friends", s2=" Friends ", s3="Friends")
    assert found.segments["name"].tolist() == ["Friends", "Friends (2)", "Friends (3)"]


@pytest.mark.parametrize(("first", "second"), [("en", "zh_CN"), ("zh_CN", "en")])
@every_method
def test_an_own_name_holds_in_every_language(table, key, first, second):
    asked = recipe(key)
    with in_language(first):
        made = segment(MadeUpBook(table), asked)
    own = asked.model_copy(update={"names": {made.made_names[0]: "Friends"}})
    for language in (first, second):
        with in_language(language):
            found = segment(MadeUpBook(table), own)
            names = segment(MadeUpBook(table), asked).segments["name"].tolist()
        assert found.segments["name"].tolist() == ["Friends", *names[1:]]
        assert found.made_names == made.made_names
        assert not any("Friends" in warning for warning in found.warnings)


def test_an_own_name_can_be_written_by_the_name_that_was_seen(table):
    with in_language("zh_CN"):
        seen = segment(MadeUpBook(table), recipe("value_tiers")).segments["name"][0]
        own = recipe("value_tiers").model_copy(update={"names": {seen: "Friends"}})
        assert segment(MadeUpBook(table), own).segments["name"][0] == "Friends"
    assert seen != segment(MadeUpBook(table), recipe("value_tiers")).segments["name"][0]


def test_an_own_name_that_no_segment_has_here_is_told(table):
    recipe = Recipe.from_toml('indicators = []\n[method]\nkey = "value_tiers"\n[names]\n"Top 9%" = "Stars"\n')
    found = segment(MadeUpBook(table), recipe)
    assert any("called “Stars”" in warning for warning in found.warnings)
