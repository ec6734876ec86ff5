"""A segmentation as SQL gives every customer the segment that the method gave, in the engine where the data live."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import pairwise_distances_argmin
from threadpoolctl import threadpool_limits
from typer.testing import CliRunner

from analytics.access.personas import PERSONAS
from analytics.commands import app
from analytics.errors import NotAllowed, NotEnoughData
from analytics.methods import METHODS
from analytics.population import population
from analytics.recipe import Recipe
from analytics.scoring import scoring_sql
from analytics.segmentation import segment

INDICATORS = (
    "balance_average_3m", "credit_amount_12m", "transactions_count_12m", "days_since_last_transaction",
    "average_ticket_12m", "region",
)  # fmt: skip
FORMULAS = {
    "named_rules", "value_tiers", "weighted_score", "rfm", "life_stage", "matrix", "kmeans", "limited_kmeans",
    "decision_tree", "gaussian_mixture", "mixed",
}  # fmt: skip
BY_HAND = {
    "named_rules": {"rules": [
        {"name": "East's", "where": "region in ('East', 'O''Hara') and not profit_12m <= 1000.1"},
        {"name": "Unknown", "where": "average_ticket_12m is empty or region != 'South'"},
        {"name": "Few", "where": "transactions_count_12m in (1, 2, 3) or profit_12m < -0.3"}]},
    "value_tiers": {"scheme": "thresholds", "thresholds": [-10.5, 0.1, 5000]},
    "matrix": {"cuts": "thresholds", "across_thresholds": [1000.1], "up_thresholds": [0]},
    "limited_kmeans": {"most": 500, "segments": 4},
}  # fmt: skip
VARIANTS = (
    [(key, {}) for key in METHODS]
    + [(key, BY_HAND[key]) for key in BY_HAND]
    + [
        (method.key, {setting.key: choice})
        for method in METHODS.values()
        for setting in method.settings
        for choice in setting.choices
        if choice not in (setting.default, "thresholds", "own", "ahp")
    ]
)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    with threadpool_limits(1):
        yield


@pytest.fixture
def book(demo, whole_book):
    return whole_book(demo)


def recipe(key, given=None, **more):
    content = {"value": "profit_12m", "indicators": list(INDICATORS), **more}
    return Recipe.from_content(content | {"method": {"key": key} | (given or {})})


def scored(open_raw, book, sql):
    return open_raw(book.warehouse).execute(sql).df().set_index("customer_id")["segment"].sort_index()


@pytest.mark.parametrize(
    ("key", "given"), VARIANTS, ids=[f"{key}-{'-'.join(given)}" for key, given in VARIANTS]
)
def test_the_engine_gives_every_customer_the_segment_that_the_method_gave(key, given, book, open_raw):
    result = segment(book, recipe(key, given))
    if key not in FORMULAS:
        with pytest.raises(NotEnoughData, match="is no formula that a database could work out"):
            scoring_sql(result)
        return
    found = scored(open_raw, book, scoring_sql(result))
    expected = result.members.set_index("customer_id")["segment"].reindex(found.index, fill_value=0)
    assert len(found) == result.customers
    pd.testing.assert_series_equal(found.astype("int64"), expected, check_names=False)


def test_the_engine_and_scikit_learn_agree_on_the_nearest_centre_and_the_likeliest_cloud(book, open_raw):
    table = population(book, recipe("kmeans")).table
    for key in ("kmeans", "gaussian_mixture"):
        result = segment(book, recipe(key))
        matrix = result.model.preparation.matrix(table)
        if key == "kmeans":
            labels = pairwise_distances_argmin(matrix, result.model.centres)
        else:
            labels = result.model.mixture.predict(matrix)
        numbers = np.zeros(5, np.int64)
        numbers[list(result.order)] = np.arange(1, len(result.order) + 1)
        assert (scored(open_raw, book, scoring_sql(result)) == pd.Series(numbers[labels], table.index)).all()


def test_only_those_whom_the_recipe_asks_for_are_scored(book, open_raw):
    result = segment(book, recipe("kmeans", where="region = 'East' and age_years > 30.5"))
    found = scored(open_raw, book, scoring_sql(result))
    assert set(found.index) == set(result.members["customer_id"])
    assert 0 < len(found) < len(book.frame(["region"]))


def test_everybody_in_one_segment_is_a_formula_too(book, open_raw):
    result = segment(book, recipe("kmeans", indicators=["customer_type"], where="customer_type = 'business'"))
    assert set(scored(open_raw, book, scoring_sql(result))) == {1}


def test_a_title_stays_a_comment_and_numbers_keep_every_bit(book, open_raw):
    result = segment(book, recipe("value_tiers", title="mine\nDROP TABLE customers; --"))
    sql = scoring_sql(result)
    assert "\nDROP" not in sql
    assert sql.splitlines()[1].startswith(f"-- recipe {result.recipe_hash}, value_tiers, ")
    cuts = [part.split("'")[0] for part in sql.split("CAST('")[1:]]
    assert {float(cut) for cut in cuts} == set(result.details["cuts"])


def test_another_relation_can_be_named_and_it_is_one_statement(book, open_raw):
    sql = scoring_sql(segment(book, recipe("decision_tree")), relation="their_own")
    body = "\n".join(line for line in sql.splitlines() if not line.startswith("--"))
    assert body.startswith("SELECT")
    assert ";" not in body
    assert 'FROM "their_own"' in body


def test_the_command_writes_it_for_whoever_may_take_files(demo_folder, tmp_path, monkeypatch, open_raw, book):
    monkeypatch.setenv("CLIENTELE_STORE", f"sqlite:///{tmp_path / 'store.sqlite'}")
    (tmp_path / "recipe.toml").write_text(recipe("kmeans").to_toml(), encoding="utf-8")
    target = tmp_path / "segments.sql"

    def called(user):
        words = ["--recipe", tmp_path / "recipe.toml", "--sql", target, "--warehouse", demo_folder]
        return CliRunner().invoke(app, ["segment", "--user", user, *map(str, words)])

    allowed, denied = (
        next(one.email for one in PERSONAS if one.may_export is may and one.columns) for may in (True, False)
    )
    assert isinstance(called(denied).exception, NotAllowed)
    assert not target.exists()
    assert called(allowed).exit_code == 0
    assert set(scored(open_raw, book, target.read_text(encoding="utf-8"))) <= set(range(1, 6))
