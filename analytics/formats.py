"""Figures, amounts and dates as people of the language in use write them (Babel's rules)."""

import math
from datetime import date, datetime
from decimal import ROUND_HALF_UP, localcontext
from functools import lru_cache

from babel.dates import format_date
from babel.numbers import format_compact_decimal, format_decimal, get_currency_name

from analytics.translation import language
from analytics.translation import translate as _

_LOCALES = {"en": "en_GB", "zh_CN": "zh_CN"}
_ENGLISH_SCALES = {"K": " k", "M": " m", "B": " bn", "T": " tn"}
NOTHING = "–"


def _locale() -> str:
    return _LOCALES[language()]


def _missing(value: float | None) -> bool:
    return value is None or not math.isfinite(value)


# A chart's hover texts are hundreds of figures, which every rerun of every session writes again.
_MOST_FIGURES = 20_000


@lru_cache(maxsize=_MOST_FIGURES)
def _decimal(value: float, pattern: str, locale: str) -> str:
    with localcontext(rounding=ROUND_HALF_UP):  # as the browser rounds what stands in a table
        return format_decimal(value, format=pattern, locale=locale)


@lru_cache(maxsize=_MOST_FIGURES)
def _compact_decimal(value: float, digits: int, locale: str) -> str:
    return format_compact_decimal(value, locale=locale, fraction_digits=digits)


def number(value: float | None, decimals: int = 0) -> str:
    """Grouped by thousands; nothing is ever "-0".

    >>> number(1234567), number(-0.4), number(2.5), number(6.25, 1)
    ('1,234,567', '0', '3', '6.3')
    """
    if value is None or _missing(value):
        return NOTHING
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    text = _decimal(value, pattern, _locale())
    return text if any(figure in text for figure in "123456789") else text.lstrip("-")


def compact(value: float | None) -> str:
    """Three significant figures and a scale word: 1.24 m, 124万.

    >>> compact(1_245_000), compact(950), compact(-12_345)
    ('1.25 m', '950', '-12.3 k')
    """
    if value is None or _missing(value):
        return NOTHING
    step = 4 if language() == "zh_CN" else 3
    if abs(value) < 10**step - 0.5:
        return number(value, _decimals(value))
    exponent = math.floor(math.log10(abs(value)))
    value = _half_up(
        value, 10.0 ** (exponent - 2)
    )  # before the scale word is chosen: 999,999 is 1 m, not 1000 k
    exponent = math.floor(math.log10(abs(value)))
    digits = max(0, 2 - exponent % step)
    text = _compact_decimal(value, digits, _locale())
    if text[-1].upper() in _ENGLISH_SCALES:
        return text[:-1] + _ENGLISH_SCALES[text[-1].upper()]
    return text.replace("bn", " bn").replace("tn", " tn")


def _half_up(value: float, unit: float) -> float:
    return math.copysign(math.floor(abs(value) / unit + 0.5) * unit, value)


def _decimals(value: float) -> int:
    """How many of a small amount's decimals say something."""
    if float(value).is_integer() or round(abs(value), 1) >= 100:
        return 0
    return 1 if abs(value) >= 10 else 2


def currency_word(code: str) -> str:
    """What stands beside an amount for its currency: CNY, 元.

    >>> currency_word("CNY")
    'CNY'
    """
    if language() != "zh_CN":
        return code
    return "元" if code == "CNY" else get_currency_name(code, locale=_locale())


def money(value: float | None, currency: str, *, full: bool = False) -> str:
    """An amount with its currency: CNY 1.24 m, 124万元; compact unless `full`.

    >>> money(2_380_000, "CNY"), money(1234.5, "CNY", full=True)
    ('CNY 2.38 m', 'CNY 1,234.50')
    """
    if value is None or _missing(value):
        return NOTHING
    figure = number(value, 2) if full else compact(value)
    word = currency_word(currency)
    return figure + word if language() == "zh_CN" else f"{word} {figure}"


def percent(share: float | None, decimals: int = 0) -> str:
    """A share as a percentage, without needless decimals; below 1 % with its first figure.

    >>> percent(0.1682), percent(0.004), percent(0.00996), percent(0.0002), percent(1)
    ('17%', '0.4%', '1%', '0.02%', '100%')
    """
    if share is None or _missing(share):
        return NOTHING
    if decimals == 0 and 0 < abs(share) < 0.01:
        first = -math.floor(math.log10(abs(share) * 100))  # where its first figure stands
        decimals = min(3, first if round(abs(share) * 100, first) < 1 else 0)
    return f"{number(share * 100, decimals)}%"


def day(value: date | None) -> str:
    """A date written out.

    >>> day(date(2026, 6, 30))
    '30 June 2026'
    """
    return format_date(value, "long", locale=_locale()) if value else NOTHING


def moment(value: datetime | None) -> str:
    """A moment's day and time, which all are kept in UTC; NOTHING for None.

    >>> moment(datetime(2026, 6, 30, 8, 5))
    '30 June 2026 08:05 UTC'
    """
    return f"{day(value.date())} {value:%H:%M} UTC" if value else NOTHING


def quantity(value: float | None, unit: str, currency: str = "", *, full: bool = False) -> str:
    """A figure of an indicator, written as its unit asks.

    >>> quantity(0.25, "share"), quantity(12.4, "days"), quantity(5_000, "currency", "CNY")
    ('25%', '12.4', 'CNY 5 k')
    """
    if unit == "currency":
        return money(value, currency, full=full)
    if unit == "share":
        return percent(value, 1 if full else 0)
    if value is None or _missing(value):
        return NOTHING
    return number(value, 0 if float(value).is_integer() else 1)


def labelled(label: str, text: object) -> str:
    """What something is called, and what there is to say of it.

    >>> labelled("Branch", "B011")
    'Branch: B011'
    """
    return _("{label}: {text}").format(label=label, text=text)


def in_a_row(*sentences: str) -> str:
    """Sentences one after the other; Chinese ones need no space between them.

    >>> in_a_row("One.", "", "Two.")
    'One. Two.'
    """
    return ("" if language() == "zh_CN" else " ").join(filter(None, sentences))
