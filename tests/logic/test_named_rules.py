"""Named rules: the first that fits decides, and nobody is lost."""

import numpy as np
import pandas as pd

from analytics.indicators import CATALOGUE
from analytics.methods import METHODS
from analytics.methods.named_rules import DEFAULT_RULES
from analytics.where import parse


def named(table, rules):
    found = METHODS["named_rules"].run(table, table["profit_12m"], rules=rules)
    return [found.names[label] for label in found.labels], found


TABLE = pd.DataFrame(
    {"profit_12m": [5.0, 50.0, np.nan, -1.0], "region": ["East", "West", "East", None]},
    index=pd.Index(list("abcd"), name="customer_id"),
)


def test_the_first_rule_that_fits_decides():
    rules = [{"name": "Good", "where": "profit_12m > 10"}, {"name": "Any", "where": "profit_12m > 0"}]
    assert named(TABLE, rules)[0] == ["Any", "Good", "Everyone else", "Everyone else"]


def test_two_rules_of_one_name_are_one_segment():
    rules = [{"name": "Good", "where": "profit_12m > 10"}, {"name": "Good", "where": "region = 'East'"}]
    names, found = named(TABLE, rules)
    assert names == ["Good", "Good", "Good", "Everyone else"]
    assert found.rules[0] == "profit_12m > 10; or region = 'East'"


def test_a_rule_that_fits_nobody_is_told():
    names, found = named(TABLE, [{"name": "Rich", "where": "profit_12m > 1000"}])
    assert set(names) == {"Everyone else"}
    assert found.warnings == ["No customer fits the rule “Rich”."]


def test_a_rule_that_comes_too_late_is_told():
    rules = [{"name": "Any", "where": "profit_12m > 0"}, {"name": "Rich", "where": "profit_12m > 10"}]
    assert "Move it up" in named(TABLE, rules)[1].warnings[0]


def test_the_default_rules_need_transactions_only():
    keys = {key for rule in DEFAULT_RULES for key in parse(rule["where"], CATALOGUE).indicators}
    assert not [need for key in keys for need in CATALOGUE[key].needs if not need.startswith("transactions.")]
