"""Suggestions: they fit what was chosen, exist, and say why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import UnknownName
from analytics.indicators import CATALOGUE
from analytics.methods import METHODS
from analytics.suggest import MOST, suggest

choices = st.lists(st.sampled_from(sorted(CATALOGUE)), max_size=8, unique=True)


def methods(*keys):
    return [hint.method for hint in suggest(keys, CATALOGUE)]


@given(choices)
def test_every_suggestion_is_a_method_that_takes_the_choice_and_says_why(keys):
    found = suggest(keys, CATALOGUE)
    assert len(found) <= MOST
    assert len({hint.method for hint in found}) == len(found)
    for hint in found:
        METHODS[hint.method].check_indicators(tuple(keys))
        assert hint.why.endswith((".", "。"))
        assert "{" not in hint.why


@given(choices)
def test_the_order_of_the_choice_does_not_matter_to_which_methods_fit(keys):
    assert methods(*keys) == methods(*reversed(keys))


@pytest.mark.parametrize(
    ("keys", "first"),
    [
        ([], "value_tiers"),
        (["profit_12m"], "value_tiers"),
        (["profit_12m", "balance_average_3m"], "matrix"),
        (["days_since_last_transaction", "transactions_count_12m", "credit_amount_12m"], "rfm"),
        (["months_since_first_transaction", "days_since_last_transaction", "age_years"], "life_stage"),
        (["profit_12m", "products_held", "tenure_years", "age_years"], "decision_tree"),
        (["balance_average_3m", "products_held", "card_spend_12m"], "kmeans"),
    ],
)
def test_the_best_fit_comes_first(keys, first):
    assert methods(*keys)[0] == first


def test_a_category_rules_out_what_measures_distances_between_numbers():
    found = methods("balance_average_3m", "age_years", "region")
    assert not {"kmeans", "gaussian_mixture", "matrix"} & set(found)
    assert "mixed" not in METHODS or found[0] == "mixed"


def test_a_mixture_is_not_suggested_where_there_are_few_different_figures():
    assert "gaussian_mixture" in methods("balance_average_3m", "age_years", "debit_amount_12m")
    assert "gaussian_mixture" not in methods("balance_average_3m", "age_years", "active_months_12m")
    assert "gaussian_mixture" not in methods("nps", "products_held")


def test_an_unknown_indicator_is_refused_by_name():
    with pytest.raises(UnknownName, match="Did you mean 'profit_12m'"):
        suggest(["profit_12"], CATALOGUE)
