"""Figures as people write them."""

import math
import re
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import BadInput
from analytics.formats import NOTHING, compact, day, money, number, percent, quantity
from analytics.translation import in_language, use_language

amounts = st.floats(-1e14, 1e14)


@pytest.fixture(params=["en", "zh_CN"])
def either_language(request):
    use_language(request.param)
    yield request.param
    use_language("en")


@pytest.fixture
def chinese():
    use_language("zh_CN")
    yield
    use_language("en")


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0%"), (-0.0, "0%"), (0.004, "0.4%"), (0.00462, "0.5%"), (0.0094, "0.9%"),
        (0.00996, "1%"), (0.0099, "1%"), (0.01, "1%"), (0.0101, "1%"), (-0.00996, "-1%"), (-0.004, "-0.4%"),
        (0.0002, "0.02%"), (0.0000001, "0.000%"), (0.1682, "17%"), (1, "100%"), (1.304, "130%"),
    ],
)  # fmt: skip
def test_a_share_has_no_needless_decimals(share, text):
    assert percent(share) == text


@given(st.floats(-5, 5))
def test_shares_that_read_alike_are_written_alike(share):
    text = percent(share)
    assert not re.fullmatch(r"-?\d+\.0%", text)
    assert abs(float(text.rstrip("%")) / 100 - share) <= max(0.00501, 0) if abs(share) >= 0.01 else True


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (950, "950"), (-0.001, "0.00"), (0.25, "0.25"), (9.5, "9.50"), (12.34, "12.3"), (99.96, "100"), (999.6, "1 k"),
        (1_000, "1 k"), (1_240_000, "1.24 m"), (-12_345, "-12.3 k"), (999_499, "999 k"), (999_500, "1 m"),
        (999_999, "1 m"), (-999_999, "-1 m"), (999_999_999, "1 bn"), (2.5e12, "2.5 tn"),
    ],
)  # fmt: skip
def test_a_compact_amount_has_three_figures_and_the_next_scale_in_time(value, text):
    assert compact(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1_234, "1,234"), (9_999, "9,999"), (9_999.7, "1万"), (12_345, "1.23万"), (999_999, "100万"),
        (99_999_999, "1亿"), (-2_380_000, "-238万"), (1.5e12, "1.5万亿"),
    ],
)  # fmt: skip
def test_chinese_counts_in_ten_thousands(chinese, value, text):
    assert compact(value) == text


def test_chinese_puts_the_currency_behind_and_dates_in_its_order(chinese):
    assert money(2_380_000, "CNY") == "238万元"
    assert money(1234.5, "CNY", full=True) == "1,234.50元"
    assert day(date(2026, 6, 30)) == "2026年6月30日"


def test_amounts_carry_their_currency():
    assert money(-2_380_000, "USD") == "USD -2.38 m"
    assert money(1234.5, "CNY", full=True) == "CNY 1,234.50"


@pytest.mark.parametrize("nothing", [None, math.nan, math.inf, -math.inf, np.float64("nan")])
def test_what_is_not_known_is_a_dash_and_never_a_figure(either_language, nothing):
    written = [number(nothing), compact(nothing), percent(nothing), money(nothing, "CNY")]
    written += [quantity(nothing, unit) for unit in ("currency", "share", "days", "count")]
    assert set(written) == {NOTHING}
    assert day(None) == NOTHING


def test_numpys_numbers_are_numbers(either_language):
    assert number(np.int64(12345)) == number(np.float64(12345.0)) == "12,345"
    assert quantity(np.float64(3.0), "months") == "3"
    assert quantity(2.25, "years") == "2.3"


def test_a_half_goes_up_as_in_the_browsers_tables(either_language):
    written = [number(0.5), number(2.5), number(-2.5), number(6.25, 1), percent(0.0625, 1), percent(0.125)]
    assert written == ["1", "3", "-3", "6.3", "6.3%", "13%"]


@given(amounts, st.sampled_from(["en", "zh_CN"]))
def test_a_compact_amount_is_right_to_three_figures(value, language):
    use_language(language)
    try:
        text = compact(value)
    finally:
        use_language("en")
    scales = {" k": 1e3, " m": 1e6, " bn": 1e9, " tn": 1e12, "万亿": 1e12, "亿": 1e8, "万": 1e4}
    scale = next((scale for word, scale in scales.items() if text.endswith(word)), 1.0)
    read = float(re.sub(r"[^\d.-]", "", text)) * scale
    assert abs(read - value) <= max(abs(value) * 0.00501, 0.00501)


@given(amounts, st.integers(0, 3))
def test_nothing_is_ever_minus_nothing(value, decimals):
    assert not re.fullmatch(r"-[0.]+", number(value, decimals))
    assert float(number(value, decimals).replace(",", "")) == pytest.approx(value, abs=10.0**-decimals)


def test_an_error_is_read_in_one_go_in_either_language():
    error = BadInput("One.", "Two.")
    assert str(error) == "One. Two."
    with in_language("zh_CN"):
        assert str(error) == "One.Two."  # a Chinese full stop is as wide as a space
