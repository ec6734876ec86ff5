"""What a campaign's page says, in words: did it work, and what would the next one bring?"""

from collections.abc import Callable
from math import isinf

from analytics.formats import NOTHING, day, in_a_row, money, number, percent
from analytics.needs.campaigns import Report
from analytics.needs.plan import Expected, Past
from analytics.needs.power import Design
from analytics.needs.uplift import ANSWER_DAYS, Interval
from analytics.translation import plural
from analytics.translation import translate as _


def points(share: float | None, *, signed: bool = True) -> str:
    """A difference of shares in points.

    >>> points(0.0613), points(-0.02), points(0.03, signed=False)
    ('+6.1', '-2.0', '3.0')
    """
    if share is None:
        return NOTHING
    text = number(share * 100, 1)
    return f"+{text}" if signed and share > 0 and not text.startswith("+") else text


def worked_sentence(one: Report) -> str:
    """The headline: whether a campaign worked, by how much, how sure, as of when."""
    gap = one.found.difference
    if gap is None:
        return _HEADS[one.verdict]().format(name=one.name, day=day(one.as_of))
    told = {
        "name": one.name,
        "points": points(gap.value),
        "low": points(gap.low),
        "high": points(gap.high),
        "day": day(one.as_of),
    }
    head = _HEADS[one.verdict]().format(**told)
    if one.settled:
        figures = _(
            "Contact added {points} points to the response (95% interval {low} to {high}), as of {day}."
        )
    else:
        figures = _("The difference is {points} points (95% interval {low} to {high}), as of {day}.")
    return in_a_row(head, figures.format(**told))


_HEADS: dict[str, Callable[[], str]] = {
    "works": lambda: _("“{name}” worked."),
    "does not": lambda: _("“{name}” did not work."),
    "harms": lambda: _("“{name}” did harm."),
    "early": lambda: _("“{name}”: too early to tell, answers are still coming."),
    "few": lambda: _("“{name}” can't be judged: too few have answered."),
    "wide": lambda: _("“{name}” can't be judged: it may have worked or not."),
    "unknown": lambda: _("“{name}” can't be judged: nobody was left alone to compare with."),
    "nobody": lambda: _("“{name}” can't be judged: nobody of your book was contacted."),
}


def why(one: Report) -> str:
    """What the verdict rests on, and what would change it."""
    worth = points(one.worth_finding, signed=False)
    if one.verdict == "early" and one.waiting:
        text = plural(
            "{n} customer is still to be contacted.", "{n} customers are still to be contacted.", one.waiting
        )
        return text.format(n=number(one.waiting))
    texts = {
        "works": _("The whole interval lies above zero."),
        "harms": _("The whole interval lies below zero: those left alone answered more often."),
        "does not": _(
            "Zero is in the interval, and {worth} points, the least that is worth finding, lie above it."
        ),
        "early": _("Until {days} days after the last contact answers still come in."),
        "few": _("Fewer than ten have answered in both groups together."),
        "wide": _(
            "The interval holds zero and also {worth} points, the least that is worth finding: more customers would tell."
        ),
        "nobody": _("All of your customers in it were left alone."),
        "unknown": _("Without a hold-out nobody knows who would have answered anyway."),
    }
    return texts[one.verdict].format(worth=worth, days=ANSWER_DAYS)


def per_sale_text(found: Interval | None, currency: str) -> str:
    """The cost of an extra sale with its interval."""
    if found is None:
        return _("no extra sale was seen")
    shape = _("from {low} to {high}")
    if isinf(found.high):
        shape = _("from {low} without an upper end: there may have been no extra sale")
    return shape.format(low=money(found.low, currency), high=money(found.high, currency))


def design_sentence(found: Design) -> str:
    """What the hold-out of a plan can show, with its power calculation."""
    told = {
        "reach": number(found.reach), "holdout": number(found.holdout), "share": percent(found.share),
        "contacted": number(found.contacted), "points": points(found.uplift, signed=False),
        "base": percent(found.base, 1), "power": percent(found.power), "needed": number(found.needed),
        "least": points(found.detectable, signed=False),
    }  # fmt: skip
    if not found.enough:
        said = _(
            "No hold-out of this reach can show it: with {holdout} of {reach} left alone ({share}), an uplift of {points} "
            "points over {base} would be found with a chance of {power} only; that takes {needed} customers."
        )
        more = _("What these can show are {least} points or more.")
        return in_a_row(said, more if found.detectable is not None else "").format(**told)
    return _(
        "{holdout} of {reach} are left alone ({share}), {contacted} contacted: an uplift of {points} points over a response "
        "of {base} is then found with a chance of {power}."
    ).format(**told)


def past_sentence(found: Past) -> str:
    """Where the expected response comes from."""
    if found.uplift is None:
        return _("No earlier campaign tells what to expect: give your own expectation.")
    texts = {
        "product": plural("{n} earlier campaign of this product", "{n} earlier campaigns of this product", found.campaigns),
        "channel": plural("{n} earlier campaign in this channel", "{n} earlier campaigns in this channel", found.campaigns),
        "all": plural("{n} earlier campaign of any product", "{n} earlier campaigns of any product", found.campaigns),
    }  # fmt: skip
    return _(
        "{campaigns} in your book: contact added {points} points (95% interval {low} to {high})."
    ).format(
        campaigns=texts[found.about].format(n=number(found.campaigns)),
        points=points(found.uplift.value),
        low=points(found.uplift.low),
        high=points(found.uplift.high),
    )


def expected_sentence(found: Expected, currency: str) -> str:
    """What a plan would cost and bring."""
    sales = _("About {n} extra sales ({low} to {high}) for {cost}.").format(
        n=number(found.sales.value, 1), low=number(found.sales.low, 1), high=number(found.sales.high, 1),
        cost=money(found.cost, currency),
    )  # fmt: skip
    if found.result is None:
        return sales
    result = _("Over twelve months they would bring {value} after that cost ({low} to {high}).")
    told = {"value": found.result.value, "low": found.result.low, "high": found.result.high}
    return in_a_row(sales, result.format(**{key: money(amount, currency) for key, amount in told.items()}))
