"""A recipe keeps its meaning through a file, and what can't be run is refused by name."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import BadInput, UnknownName
from analytics.indicators import CATALOGUE
from analytics.methods import METHODS
from analytics.recipe import MethodChoice, Recipe

EXAMPLE = """
title = "Affluent and drifting"
as_of = "2026-06-30"            # left out: the newest month end
value = "profit_12m"            # what "most valuable" and the shares are measured in
where = "tenure_years >= 1 and region in ('East', 'South')"
indicators = ["profit_12m", "balance_average_3m", "days_since_last_transaction"]

[method]
key = "kmeans"
segments = 5
seed = 7
"""


def checked(text: str) -> Recipe:
    recipe = Recipe.from_toml(text)
    recipe.check(CATALOGUE, METHODS)
    return recipe


def test_the_contracts_example_is_read():
    recipe = checked(EXAMPLE)
    assert recipe.as_of == date(2026, 6, 30)
    assert recipe.indicators == ("profit_12m", "balance_average_3m", "days_since_last_transaction")
    assert recipe.method.settings == {"segments": 5}
    assert recipe.method.seed == 7


def test_a_toml_date_is_as_good_as_its_text():
    assert Recipe.from_toml(EXAMPLE.replace('"2026-06-30"', "2026-06-30")) == Recipe.from_toml(EXAMPLE)


keys = st.sampled_from(sorted(CATALOGUE))
recipes = st.builds(
    Recipe,
    title=st.text(max_size=20),
    as_of=st.none() | st.dates(),
    value=st.none() | keys,
    where=st.text(max_size=20),
    indicators=st.lists(keys, unique=True, max_size=5).map(tuple),
    method=st.builds(MethodChoice, key=st.sampled_from(sorted(METHODS)), seed=st.integers(0, 2**32 - 1)),
    names=st.dictionaries(st.text(max_size=20), st.text(max_size=20), max_size=3),
)


@given(recipes)
def test_a_recipe_survives_its_file(recipe):
    again = Recipe.from_toml(recipe.to_toml())
    assert again == recipe
    assert again.hash() == recipe.hash()


@pytest.mark.parametrize("method", METHODS.values(), ids=lambda method: method.key)
def test_every_methods_defaults_survive_the_file(method):
    settings = {setting.key: setting.default for setting in method.settings}
    recipe = Recipe(method=MethodChoice(key=method.key, **settings))
    assert Recipe.from_toml(recipe.to_toml()).method.settings == settings
    assert recipe.hash() == Recipe(method=MethodChoice(key=method.key)).hash()


def test_the_hash_is_of_the_question_alone():
    recipe = Recipe.from_toml(EXAMPLE)
    assert len(recipe.hash()) == 12
    assert recipe.model_copy(update={"title": "Mine"}).hash() == recipe.hash()
    assert recipe.model_copy(update={"indicators": recipe.indicators[::-1]}).hash() == recipe.hash()
    for change in ({"where": ""}, {"value": None}, {"as_of": None}, {"indicators": ("profit_12m",)}):
        assert recipe.model_copy(update=change).hash() != recipe.hash()
    assert recipe.model_copy(update={"names": {"Loyal": "Friends"}}).hash() == recipe.hash()
    seeded = recipe.model_copy(update={"method": MethodChoice(key="kmeans", segments=5, seed=8)})
    assert seeded.hash() != recipe.hash()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('["profit_12m",', '["profit12m",', "Unknown indicator 'profit12m'. Did you mean 'profit_12m'?"),
        ('value = "profit_12m"', 'value = "profit"', "Unknown indicator 'profit'"),
        ('key = "kmeans"', 'key = "kmean"', "Unknown method 'kmean'. Did you mean 'kmeans'?"),
        (
            "segments = 5",
            "segment = 5",
            "The method K-means has no setting 'segment'. Did you mean 'segments'?",
        ),
        ("title =", "titel =", "A recipe has no 'titel'. Did you mean 'title'?"),
        (
            "tenure_years >=",
            "tenure_year >=",
            "Unknown indicator 'tenure_year'. Did you mean 'tenure_years'?",
        ),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(old, new, said):
    with pytest.raises(UnknownName) as error:
        checked(EXAMPLE.replace(old, new))
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("segments = 5", "segments = 1", "'segments' must be a whole number from 2 to 12, got 1 instead."),
        ("segments = 5", "segments = 13", "'segments' must be"),
        ("segments = 5", "segments = 2.5", "'segments' must be"),
        ("segments = 5", 'segments = "5"', "'segments' must be"),
        ("segments = 5", "segments = true", "'segments' must be"),
        ("seed = 7", "seed = -1", "'method.seed'"),
        ("seed = 7", "seed = true", "'method.seed'"),
        ('"2026-06-30"', '"June"', "'as_of'"),
        ('"2026-06-30"', "0", "'as_of'"),
        (
            'key = "kmeans"\nsegments = 5',
            'key = "matrix"\nsize = 3',
            "'size' must be a text in quotes, got 3 instead.",
        ),
        ("segments = 5", "segments = ", "not valid TOML"),
        ('"profit_12m", ', '"balance_average_3m", ', "'balance_average_3m' is in the recipe twice"),
        ('value = "profit_12m"', 'value = "region"', "'region' is not an amount"),
        ("tenure_years >= 1", "tenure_years >= 'x'", "can't be compared"),
        ("tenure_years >= 1", "tenure_years >=", "can't be read at position"),
    ],
)
def test_what_is_out_of_range_is_refused_by_name(old, new, said):
    with pytest.raises(BadInput) as error:
        checked(EXAMPLE.replace(old, new))
    assert said in str(error.value)


NAMED = EXAMPLE + '[names]\n"High profit, many products" = "Friends of the house"\n'


def test_own_names_are_read_and_written():
    assert checked(NAMED).names == {"High profit, many products": "Friends of the house"}
    assert Recipe.from_toml(checked(NAMED).to_toml()) == checked(NAMED)
    assert "names" not in checked(EXAMPLE).to_toml()


@pytest.mark.parametrize("own", ['""', '"  "', f'"{"x" * 61}"', '"two\\nlines"'])
def test_an_own_name_is_one_line_that_is_there_and_short(own):
    with pytest.raises(BadInput, match="one line of 1 to 60 characters"):
        checked(NAMED.replace('"Friends of the house"', own))


def test_an_own_name_must_be_text():
    with pytest.raises(BadInput, match="'names"):
        checked(NAMED.replace('"Friends of the house"', "5"))


def test_a_recipe_without_a_method_is_refused():
    with pytest.raises(BadInput, match="'method'"):
        checked('indicators = ["profit_12m"]')


def test_a_method_of_distances_needs_an_indicator():
    with pytest.raises(BadInput, match="K-means needs at least 1"):
        checked('[method]\nkey = "kmeans"')


def test_indicators_inside_rules_are_checked():
    rules = "[method]\nkey = 'named_rules'\nrules = [{name = 'Good', where = \"profit12m > 0\"}]"
    with pytest.raises(UnknownName, match=r"'profit12m'. Did you mean 'profit_12m'"):
        checked(rules)


@pytest.mark.parametrize(
    "text", ['key = "rfm"\nrecency = "region"', 'key = "life_stage"\nsilence = "region"']
)
def test_a_category_where_a_number_is_needed_is_refused(text):
    with pytest.raises(BadInput, match="'region' is a category"):
        Recipe.from_toml(f"[method]\n{text}").check(CATALOGUE, METHODS)


@pytest.mark.parametrize("text", ["x = " + "9" * 5_000, "x = " + "[" * 3_000 + "]" * 3_000, "x = ", "\x00"])
def test_what_is_no_recipe_at_all_is_refused_in_words(text):
    with pytest.raises(BadInput, match="not valid TOML"):
        Recipe.from_toml(text)
