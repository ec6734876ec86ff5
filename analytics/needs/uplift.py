"""Did it work? Response of the contacted minus response of those left alone, with its interval."""

from dataclasses import dataclass
from datetime import date, timedelta
from math import inf, sqrt

from scipy.stats import norm

from analytics.translation import mark as _

LEVEL = 0.95
ANSWER_DAYS = 30  # after its last contact a campaign's answers still come in
FEWEST_ANSWERS = 10  # of both groups together; fewer say nothing
WORTH_FINDING = 0.02  # the least uplift that anybody would care about, unless the plan says another

VERDICTS = {
    "works": _("It works"),
    "does not": _("It does not work"),
    "harms": _("It harms"),
    "early": _("Too early to tell: answers are still coming"),
    "few": _("Can't be told: too few answers"),
    "wide": _("Can't be told: the interval is too wide"),
    "unknown": _("Can't be told: nobody was left alone"),
    "nobody": _("Can't be told: nobody was contacted"),
}


@dataclass(frozen=True)
class Arms:
    """Customers of a campaign and how many of them answered, contacted and hold-out."""

    contacted: int
    contacted_answers: int
    holdout: int
    holdout_answers: int

    @property
    def answers(self) -> int:
        """Of both groups."""
        return self.contacted_answers + self.holdout_answers


@dataclass(frozen=True)
class Interval:
    """A figure with its interval; `value` lies within it."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Uplift:
    """What contact added.

    contacted, holdout : response of each group, None for a group of nobody. difference : None without both.
    """

    arms: Arms
    contacted: Interval | None
    holdout: Interval | None
    difference: Interval | None
    level: float = LEVEL

    @property
    def extra_sales(self) -> Interval | None:
        """How many answers there would not have been without the contacts."""
        found = self.difference
        if found is None:
            return None
        return Interval(*(end * self.arms.contacted for end in (found.value, found.low, found.high)))


def wilson(answers: int, customers: int, level: float = LEVEL) -> Interval:
    """A share with its score interval. Source: Wilson 1927; Newcombe 1998, Statistics in Medicine 17, method 3.

    >>> [round(end, 4) for end in (wilson(81, 263).low, wilson(81, 263).high)]
    [0.2553, 0.3662]
    """
    z = float(norm.ppf((1 + level) / 2))
    share = answers / customers
    middle = (share + z * z / (2 * customers)) / (1 + z * z / customers)
    half = z * sqrt(share * (1 - share) / customers + z * z / (4 * customers**2)) / (1 + z * z / customers)
    # At 0 and 1 an end is the share itself; arithmetic may miss it by a hair.
    return Interval(share, max(0.0, min(middle - half, share)), min(1.0, max(middle + half, share)))


def uplift(arms: Arms, level: float = LEVEL) -> Uplift:
    """Response of the contacted minus that of the hold-out, with the hybrid score interval.

    It holds its level with small groups and rare answers, where the usual one does not.
    Source: Newcombe 1998, Statistics in Medicine 17, 873-890, method 10.

    >>> found = uplift(Arms(70, 56, 80, 48)).difference
    >>> round(found.value, 4), round(found.low, 4), round(found.high, 4)
    (0.2, 0.0524, 0.3339)
    """
    called = wilson(arms.contacted_answers, arms.contacted, level) if arms.contacted else None
    left = wilson(arms.holdout_answers, arms.holdout, level) if arms.holdout else None
    if called is None or left is None:
        return Uplift(arms, called, left, None, level)
    value = called.value - left.value
    below = sqrt((called.value - called.low) ** 2 + (left.high - left.value) ** 2)
    above = sqrt((called.high - called.value) ** 2 + (left.value - left.low) ** 2)
    return Uplift(arms, called, left, Interval(value, value - below, value + above), level)


def cost_per_sale(found: Uplift, cost: float) -> Interval | None:
    """What a campaign paid for one answer that there would not have been otherwise, in the currency of `cost`.

    cost : of all its contacts. Where the interval of the uplift includes zero there may have been no extra
    sale at all: the upper end is infinite. None without an uplift above zero.

    >>> round(cost_per_sale(uplift(Arms(70, 56, 80, 48)), 140).value, 6)
    10.0
    """
    sales = found.extra_sales
    if sales is None or sales.value <= 0:
        return None
    return Interval(cost / sales.value, cost / sales.high, cost / sales.low if sales.low > 0 else inf)


def verdict(
    found: Uplift, last_contact: date | None, today: date, worth_finding: float = WORTH_FINDING
) -> str:
    """One of VERDICTS.

    Before ANSWER_DAYS have passed since the last contact, or with fewer than FEWEST_ANSWERS, it is too early,
    whatever the figures say. Then the interval decides: above zero it works, below zero it harms; with zero in
    it, it does not work where also `worth_finding` lies above it, else it is too wide to tell.
    """
    if found.difference is None and not found.arms.holdout and found.arms.contacted:
        return "unknown"
    if last_contact is None or today < last_contact + timedelta(days=ANSWER_DAYS):
        return "early"
    if not found.arms.contacted:
        return "nobody"
    if found.difference is None or found.arms.answers < FEWEST_ANSWERS:
        return "few"
    if found.difference.low > 0:
        return "works"
    if found.difference.high < 0:
        return "harms"
    return "does not" if found.difference.high < worth_finding else "wide"
