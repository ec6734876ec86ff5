"""The laws that every method keeps. A method added to the package is held to them without a word here."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from analytics import methods
from analytics.errors import AnalyticsError, BadInput, UnknownName
from analytics.methods import METHODS, Setting
from analytics.methods.base import LEFT_OUT, Method

MONEY = ["profit_12m", "credit_amount_12m", "balance_average_3m"]
# Where a method has very different ways to go, each is held to the laws.
VARIANTS = [(method.key, {}) for method in METHODS.values()] + [
    (method.key, {setting.key: choice})
    for method in METHODS.values()
    for setting in method.settings
    for choice in setting.choices
    if choice not in (setting.default, "thresholds")
]
every_method = pytest.mark.parametrize(
    ("key", "given"), VARIANTS, ids=["-".join([key, *map(str, given.values())]) for key, given in VARIANTS]
)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Small fits wait for each other's threads longer than they take."""
    with threadpool_limits(1):
        yield


def people(each: int = 60, seed: int = 3) -> pd.DataFrame:
    """Four kinds of customers, told apart by amounts, habits and a category."""
    rng = np.random.default_rng(seed)
    kind = np.repeat(np.arange(4), each)
    n = len(kind)
    table = pd.DataFrame(
        {
            "profit_12m": np.array([20.0, 300.0, 4e3, 5e4])[kind] * rng.lognormal(0, 0.2, n),
            "credit_amount_12m": np.array([1e3, 9e3, 8e4, 6e5])[kind] * rng.lognormal(0, 0.2, n),
            "balance_average_3m": np.array([5e4, 1e2, 9e2, 7e3])[kind] * rng.lognormal(0, 0.2, n),
            "transactions_count_12m": rng.poisson(np.array([4, 24, 90, 220])[kind]).astype(float),
            "active_months_12m": np.array([1.0, 5.0, 9.0, 12.0])[kind],
            "days_since_last_transaction": np.array([250, 70, 20, 3])[kind] + rng.integers(0, 9, n) * 1.0,
            "transactions_change_6m": np.array([-0.8, 0.0, 0.1, 0.9])[kind] + rng.random(n) / 50,
            "months_since_first_transaction": rng.integers(2, 40, n).astype(float),
            "region": pd.Series(np.array(["East", "East", "South", "West"])[kind], dtype="str"),
        },
        index=pd.Index([f"C{number:04d}" for number in range(n)], name="customer_id"),
    )
    return table.sample(frac=1, random_state=seed).set_axis(table.index)


def run(key, table, given=None, **more):
    table = table if "profit_12m" in table else table.assign(profit_12m=1.0)
    return METHODS[key].run(table, table["profit_12m"], **(given or {}), **more)


def agreement(one, other):
    return adjusted_rand_score(one.labels, other.labels)


@every_method
def test_the_currency_unit_does_not_matter(key, given):
    table = people()
    before = run(key, table, given)
    for unit in (1000.0, 1 / 7.3):
        after = run(key, table.assign(**{column: table[column] * unit for column in MONEY}), given)
        assert agreement(before, after) == 1.0


@every_method
def test_the_order_of_rows_and_columns_does_not_matter(key, given):
    table = people()
    shuffled = table.sample(frac=1, random_state=1)[table.columns[::-1]]
    before, after = run(key, table, given), run(key, shuffled, given)
    again = pd.Series(after.labels, index=shuffled.index)[table.index]
    assert adjusted_rand_score(before.labels, again) == 1.0


@every_method
def test_what_customers_are_called_does_not_matter(key, given):
    table = people()
    renamed = table.set_axis([f"Z{number:04d}" for number in range(len(table), 0, -1)])
    assert agreement(run(key, table, given), run(key, renamed, given)) == 1.0


@every_method
def test_every_customer_twice_changes_nothing(key, given):
    table = people()
    twice = pd.concat([table, table.set_axis("D" + table.index.str[1:])])
    once, both = run(key, table, given).labels, run(key, twice, given).labels
    first, second = both[: len(table)], both[len(table) :]
    assert (first == second).all()
    # R's quantiles fall between two neighbours at a place that depends on how many customers there are: in
    # nested bins of a dozen customers that moves one of them now and then.
    assert adjusted_rand_score(once, first) >= (0.9 if given == {"binning": "nested"} else 1.0)


@every_method
def test_the_same_seed_gives_the_same_answer(key, given):
    table = people()
    assert (run(key, table, given, seed=11).labels == run(key, table, given, seed=11).labels).all()


@every_method
def test_every_customer_is_in_one_segment_or_counted_as_left_out(key, given):
    table = people()
    table.iloc[::5] = table.iloc[::5].mask(
        np.random.default_rng(0).random((len(table) // 5, table.shape[1])) < 0.5
    )
    found = run(key, table, given)
    assert found.labels.shape == (len(table),)
    assert found.labels.dtype == np.int64
    assert (found.labels == LEFT_OUT).sum() == sum(found.left_out.values())
    assert found.labels.min() >= LEFT_OUT
    assert set(found.names) == set(found.rules)


@every_method
def test_the_model_gives_the_labels_of_the_fit_again(key, given):
    table = people()
    table.iloc[::5] = table.iloc[::5].mask(
        np.random.default_rng(0).random((len(table) // 5, table.shape[1])) < 0.3
    )
    found = run(key, table, given)
    assert (found.model.predict(table, table["profit_12m"]) == found.labels).all()
    some = table.sample(frac=0.4, random_state=2)
    again = pd.Series(found.labels, index=table.index)[some.index]
    assert (found.model.predict(some, some["profit_12m"]) == again).all()


@every_method
def test_the_model_has_an_answer_for_whoever_comes(key, given):
    table = people()
    found = run(key, table, given)
    others = people(each=30, seed=8).assign(region="North")
    others.loc[others.index[::2], ["profit_12m", "credit_amount_12m"]] *= -50
    answers = found.model.predict(others, others["profit_12m"])
    assert answers.shape == (len(others),)
    assert set(answers) <= {LEFT_OUT, *found.names, *found.labels}


@every_method
def test_a_constant_column_changes_nothing_and_is_told(key, given):
    table = people()
    plain, padded = run(key, table, given), run(key, table.assign(products_held=1.0), given)
    assert agreement(plain, padded) == 1.0
    if METHODS[key].least_indicators:
        assert "same for every customer" in told(padded)["products_held"]


@every_method
def test_empty_values_are_dealt_with_openly(key, given):
    table = people()
    table["balance_average_3m"] = table["balance_average_3m"].where(np.arange(len(table)) % 4 > 0)
    table["age_years"] = np.where(np.arange(len(table)) % 10 == 0, 40.0, np.nan)
    found = run(key, table, given)
    if METHODS[key].least_indicators:
        assert told(found)["balance_average_3m"].startswith("60 empty values ")
        assert told(found)["age_years"] == "Left out: empty for 216 of 240 customers."


@every_method
def test_text_and_categories_are_the_same(key, given):
    table = people()
    coded = table.assign(
        region=pd.Categorical(table["region"], categories=["West", "North", "South", "East"])
    )
    assert agreement(run(key, table, given), run(key, coded, given)) == 1.0


@every_method
@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_handful_of_customers_gives_an_answer_or_a_reason(key, given, count):
    table = people().iloc[:count]
    try:
        found = run(key, table, given)
    except AnalyticsError as error:
        found = error
    assert (found.what and found.remedy) if isinstance(found, AnalyticsError) else len(found.labels) == count


@every_method
def test_identical_customers_are_never_parted(key, given):
    table = pd.concat([people().iloc[:1]] * 30).set_axis([f"C{number:02d}" for number in range(30)])
    found = run(key, table, given)
    assert len(np.unique(found.labels)) == 1


@every_method
def test_losses_and_zeros_are_taken(key, given):
    table = people()
    table["profit_12m"] = np.where(
        np.arange(len(table)) % 6 == 0, -table["profit_12m"] / 50, table["profit_12m"]
    )
    table.loc[table.index[1::6], "profit_12m"] = 0.0
    assert len(np.unique(run(key, table, given).labels)) > 1


def told(found):
    return {treatment.indicator: treatment.what for treatment in found.treatments}


@pytest.mark.parametrize("method", METHODS.values(), ids=lambda method: method.key)
def test_no_customers_is_an_error_in_words(method):
    with pytest.raises(AnalyticsError, match="no customers"):
        run(method.key, people().iloc[:0])


@pytest.mark.parametrize("method", METHODS.values(), ids=lambda method: method.key)
def test_a_method_documents_itself(method):
    parts = method.paragraphs()
    assert set(parts) == {"what", "when", "not_when", "source"}
    assert all(parts.values())
    assert method.label
    assert "\n" not in "".join(parts.values())


@pytest.mark.parametrize("method", METHODS.values(), ids=lambda method: method.key)
def test_a_setting_documents_itself_and_allows_its_default(method):
    for setting in method.settings:
        assert setting.check(setting.default) == setting.default
        assert setting.label
        assert setting.help
        if setting.kind == "choice":
            assert setting.default in setting.choices
        if setting.kind == "integer":
            assert setting.low <= setting.default <= setting.high


def test_every_file_of_the_package_with_a_method_is_found():
    assert {"named_rules", "value_tiers", "rfm", "kmeans", "gaussian_mixture"} <= set(METHODS)
    assert all(isinstance(method, Method) for method in METHODS.values())
    assert methods.METHODS is METHODS


def test_an_unknown_setting_is_named_with_the_nearest():
    with pytest.raises(UnknownName, match=r"K-means has no setting 'segmets'. Did you mean 'segments'"):
        METHODS["kmeans"].resolve({"segmets": 3})


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("boolean", 1), ("text", 3), ("thresholds", 5), ("thresholds", [2, 2]), ("thresholds", ["a"]),
        ("rules", []), ("rules", [{"name": "x"}]), ("rules", [{"name": "", "where": "a > 1"}]),
        ("rules", [{"name": "x", "where": "a >"}]), ("number", float("nan")), ("integer", 1.5), ("choice", "b"),
        ("integer", 10**400), ("thresholds", [10**400]), ("number", float("inf")),
        ("weights", "a"), ("weights", [{"indicator": "a"}]), ("weights", [{"indicator": "", "weight": 1}]),
        ("weights", {"a": "b"}), ("weights", [{"indicator": "a", "weight": 1}, {"indicator": "a", "weight": 2}]),
        ("pairwise", [{"first": "a", "second": "a", "times": 2}]), ("pairwise", [{"first": "a", "times": 2}]),
        ("pairwise", [{"first": "a", "second": "b", "times": 2}, {"first": "b", "second": "a", "times": 2}]),
    ],
)  # fmt: skip
def test_a_setting_refuses_what_it_can_not_take(kind, value):
    with pytest.raises(BadInput):
        Setting("x", "X", None, kind=kind, choices={"a": "A"}).check(value)


def test_a_setting_takes_what_it_can():
    assert Setting("x", "X", [], kind="thresholds").check([1, 2.5]) == [1.0, 2.5]
    assert Setting("x", "X", True, kind="boolean").check(False) is False
    assert Setting("x", "X", 1, kind="number", low=0).check(0.5) == 0.5


def test_a_setting_like_no_other_is_answered_with_those_there_are():
    with pytest.raises(UnknownName, match="There are: recency, frequency, monetary, binning"):
        METHODS["rfm"].resolve({"segments": 3})
