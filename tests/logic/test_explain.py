"""Rules that a person can read, true as printed; differences whose intervals hold what they claim."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.methods import Words
from analytics.profile import profile
from analytics.trust.cuts import speakable
from analytics.trust.explain import SEARCHED, differences, reasons
from analytics.where import parse

UNITS = {"profit_12m": "currency", "channel_mobile_share_12m": "share", "age_years": "years",
         "products_held": "count", "region": "category"}  # fmt: skip
WORDS = Words({key: key for key in UNITS}, UNITS, "CNY")
SCALES = {"": 1, "k": 1e3, "m": 1e6, "bn": 1e9, "tn": 1e12, "%": 0.01}


def people(n=600, seed=5):
    random = np.random.default_rng(seed)
    kind = random.integers(0, 3, n)
    return kind + 1, pd.DataFrame(
        {
            "profit_12m": np.array([-500.0, 4e3, 9e4])[kind] * random.lognormal(0, 0.6, n),
            "channel_mobile_share_12m": np.where(random.random(n) < 0.1, np.nan, random.beta(1 + kind, 2)),
            "age_years": random.normal(30 + 12 * kind, 9, n).round(2),
            "products_held": random.poisson(1 + kind).astype(float),
            "region": np.where(random.random(n) < 0.5, "East", np.array(["South", "West", "North"])[kind]),
        },
        index=[f"C{number:05d}" for number in range(n)],
    )


def figure(text):
    found = re.fullmatch(r"(?:CNY )?(-?[\d,]+(?:\.\d+)?) ?(k|m|bn|tn|%|)", text)
    return round(float(found[1].replace(",", "")) * SCALES[found[2]], 10)


def applied(rule, table):
    """What a printed rule says, read by nothing of the product's own."""
    fits = np.ones(len(table), bool)
    for part in rule.split(" and "):
        key, said = part.split(" ", 1)
        column = table[key]
        if said == "is empty":
            fits &= column.isna()
        elif said.startswith("is "):
            fits &= column.isin(said[3:].split(" or "))
        elif said.startswith("from "):
            low, high = said[5:].split(" to under ")
            fits &= (column >= figure(low)) & (column < figure(high))
        elif said.startswith("at least "):
            fits &= column >= figure(said[9:])
        elif said.startswith("exactly "):
            fits &= column == figure(said[8:])
        else:
            fits &= column < figure(said.removeprefix("under "))
    return fits


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 6))
def test_precision_and_cover_are_of_the_rule_as_printed(seed, count):
    kind, table = people(300, seed)
    random = np.random.default_rng(seed)
    segments = np.where(random.random(300) < 0.7, kind, random.integers(1, count + 1, 300))
    segments = np.unique(segments, return_inverse=True)[1] + 1
    for row in reasons(table, segments, WORDS).to_dict("records"):
        if row["where"]:
            fits, inside = applied(row["rule"], table), segments == row["segment"]
            assert row["precision"] == (fits & inside).sum() / fits.sum()
            assert row["cover"] == (fits & inside).sum() / inside.sum()
            assert len(re.findall(r" and | to under ", row["rule"])) <= 2
            assert (parse(row["where"], UNITS).mask(table) == fits).all()


def test_a_rule_that_made_the_segments_is_found_again():
    _kind, table = people()
    one = (table["profit_12m"] >= 20_000) & (table["region"] == "East")
    two = ~one & (table["channel_mobile_share_12m"] < 0.25)
    found = reasons(table, np.select([one, two], [1, 2], 3), WORDS)
    assert found.loc[0, ["precision", "cover"]].tolist() == [1.0, 1.0]
    assert "profit_12m at least CNY 20 k" in found.loc[0, "rule"]
    assert "region is East" in found.loc[0, "rule"]
    assert re.search(r"channel_mobile_share_12m under 2[4-6]%", found.loc[1, "rule"])


def test_gaps_are_a_reason_too():
    _kind, table = people()
    segments = np.where(table["channel_mobile_share_12m"].isna(), 1, 2)
    found = reasons(table, segments, WORDS)
    assert found.loc[0, "rule"] == "channel_mobile_share_12m is empty"
    assert found.loc[0, ["precision", "cover"]].tolist() == [1.0, 1.0]


def test_neither_the_order_of_customers_nor_each_of_them_twice_changes_a_rule():
    segments, table = people()
    shuffled = np.random.default_rng(1).permutation(len(table))
    expected = reasons(table, segments, WORDS)
    pd.testing.assert_frame_equal(reasons(table.iloc[shuffled], segments[shuffled], WORDS), expected)
    twice = pd.concat([table, table.set_axis("D" + table.index.str[1:])])
    pd.testing.assert_frame_equal(reasons(twice, np.tile(segments, 2), WORDS), expected)


def test_a_large_book_is_searched_in_a_sample_and_measured_whole():
    segments, table = people(3 * SEARCHED)
    segments[:40], table.loc[table.index[:40], "age_years"] = 4, 99.5  # few, but not to be missed
    for row in reasons(table, segments, WORDS).to_dict("records"):
        fits, inside = applied(row["rule"], table), segments == row["segment"]
        assert row["precision"] == (fits & inside).sum() / fits.sum()
        assert row["cover"] == (fits & inside).sum() / inside.sum()
    assert (row["precision"], row["cover"]) == (1.0, 1.0)


def test_what_nothing_tells_apart_is_said():
    segments, table = people()
    same = pd.DataFrame({"age_years": 40.0, "region": "East"}, index=table.index)
    found = reasons(same, segments, WORDS)
    assert (found["rule"] == "No short rule tells this segment from the others").all()
    assert (found["cover"] == 1).all()
    assert found["precision"].sum() == pytest.approx(1)
    everyone = reasons(table, np.ones(len(table), int), WORDS)
    assert everyone.to_dict("records") == [
        {"segment": 1, "rule": "Everyone", "precision": 1.0, "cover": 1.0, "where": ""}
    ]


@given(st.floats(-1e12, 1e12), st.sampled_from(["currency", "share", "years", "count"]), st.integers(1, 2))
def test_a_cut_is_printed_as_it_is_applied(value, unit, digits):
    cut = speakable(value, digits, unit)
    assert figure(Words({}, {"x": unit}, "CNY").quantity("x", cut)) == pytest.approx(cut, rel=1e-12)


def test_differences_are_those_of_the_profile_the_most_telling_first():
    segments, table = people()
    found = differences(table, segments)
    same = found.merge(profile(table, segments), on=["segment", "indicator"], suffixes=("", "_profile"))
    assert len(same) == len(found) == 3 * table.shape[1]
    np.testing.assert_allclose(same["standard"], same["standard_profile"], atol=1e-12)
    assert ((found["low"] <= found["standard"]) & (found["standard"] <= found["high"])).all()
    strength = found.assign(strength=found["standard"].abs()).groupby("segment")["strength"]
    assert strength.apply(lambda part: part.is_monotonic_decreasing).all()


def test_one_customer_and_no_customer_have_no_interval():
    table = pd.DataFrame({"age_years": [20.0, 30.0, 40.0, np.nan, np.nan]})
    found = differences(table, np.array([1, 2, 2, 3, 3])).set_index("segment")
    assert found["standard"].isna().tolist() == [False, False, True]
    assert found["low"].isna().tolist() == [True, False, True]


def drawn(random, n):
    """Customers of two kinds of whom a third is the first, from a population that is known."""
    inside = random.random(n) < 0.3
    return inside, pd.DataFrame(
        {
            "age_years": random.normal(40 + 10 * inside, 8, n),
            "profit_12m": random.lognormal(5 + inside, 0.9, n),
            "region": np.where(random.random(n) < 0.2 + 0.5 * inside, "East", "West"),
            "gender": np.where(random.random(n) < 0.25 + 0.7 * inside, "female", "male"),
        }
    )


@pytest.mark.parametrize("n", [60, 500])
def test_the_intervals_hold_the_difference_of_the_population_as_often_as_they_claim(n):
    random = np.random.default_rng(11)
    inside, population = drawn(random, 400_000)
    truth = differences(population, np.where(inside, 1, 2)).set_index(["segment", "indicator"])["standard"]
    held = []
    for _draw in range(250):
        inside, table = drawn(random, n)
        found = differences(table, np.where(inside, 1, 2)).set_index(["segment", "indicator"])
        held.append(
            (found["low"] <= truth.reindex(found.index)) & (truth.reindex(found.index) <= found["high"])
        )
    share = pd.concat(held).groupby(level=[0, 1]).mean()
    assert share.min() > 0.91, share.to_string()
    assert 0.93 < share.mean() < 0.98
