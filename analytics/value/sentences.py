"""The first sentence of a page: figures, unit and date in words. Also a chart's text for a screen reader."""

from datetime import date

from analytics.formats import compact, day, in_a_row, number, percent
from analytics.translation import mark, plural
from analytics.translation import translate as _
from analytics.value.concentration import PARETO_SHARE, TOP_FRACTIONS, Concentration
from analytics.value.measures import top_count
from analytics.value.quantity import Quantity

# What customers did for a total above zero, and below; in the past tense, which fits one and many.
_FACTS = {
    "profit_12m": (
        mark("{customers} earned {total} in the twelve months to {day}"),
        mark("{customers} cost {total} more than they earned in the twelve months to {day}"),
    ),
    "revenue_12m": (
        mark("{customers} brought {total} of revenue in the twelve months to {day}"),
        mark("{customers} brought {total} of negative revenue in the twelve months to {day}"),
    ),
    "credit_amount_12m": (mark("{customers} received {total} in the twelve months to {day}"), ""),
    "debit_amount_12m": (mark("{customers} paid out {total} in the twelve months to {day}"), ""),
    "net_amount_12m": (
        mark("{customers} received {total} more than they paid out in the twelve months to {day}"),
        mark("{customers} paid out {total} more than they received in the twelve months to {day}"),
    ),
    "lifetime_value_36m": (
        mark("{customers} can be expected to bring {total} in the 36 months after {day}"),
        mark("{customers} can be expected to cost {total} in the 36 months after {day}"),
    ),
    "transactions_count_12m": (
        mark("{customers} made {total} transactions in the twelve months to {day}"),
        "",
    ),
    "balance_average_3m": (
        mark("{customers} held {total} on average in the three months to {day}"),
        mark("{customers} owed {total} on average in the three months to {day}"),
    ),
}
_ANY_FACT = (
    mark("{customers} had {total} in all as of {day} ({label})"),
    mark("{customers} had minus {total} in all as of {day} ({label})"),
)
_ADDS_UP = ("currency", "count")


def value_sentence(
    c: Concentration, quantity: Quantity, as_of: date, *, mine: bool = True, segment: str = ""
) -> str:
    """What the customers brought, and how few of them brought 80 % of it.

    mine : whether they are the reader's own customers. segment : name of the segment they are, if one.

    >>> from analytics.value.concentration import concentration
    >>> profit = Quantity("profit_12m", "Profit, 12 months", "currency", "CNY")
    >>> value_sentence(concentration([900, 80, 20, 0, 0]), profit, date(2026, 6, 30))
    'Your 5 customers earned CNY 1 k in the twelve months to 30 June 2026; 1 of them (20%) brought 80% of it.'
    """
    if c.customers == 0:
        return _("No customer has a value for {label} as of {day}.").format(
            label=quantity.label, day=day(as_of)
        )
    who = _customers(c.customers, mine=mine, segment=segment)
    if quantity.unit not in _ADDS_UP:
        middle = _("{customers}: half had {value} or less as of {day} ({label}).")
        return middle.format(
            customers=who, value=quantity.text(c.median), day=day(as_of), label=quantity.label
        )
    fact = _fact(c, quantity, as_of, who)
    more = _spread_clause(c, quantity)
    return _("{fact}; {more}.").format(fact=fact, more=more) if more else _("{fact}.").format(fact=fact)


def headline(c: Concentration, quantity: Quantity, *, mine: bool = True, segment: str = "") -> str:
    """The Value page's title: how few bring 80 %; what there is instead where that has no answer.

    >>> from analytics.value.concentration import concentration
    >>> profit = Quantity("profit_12m", "Profit, 12 months", "currency", "CNY")
    >>> headline(concentration([900, 80, 20, 0, 0]), profit)
    '1 of your 5 customers (20%) brings 80% of their CNY 1 k'
    """
    who = _customers(c.customers, mine=mine, segment=segment, start=False)
    if c.for_80 is None or c.customers < 2 or quantity.unit not in _ADDS_UP:
        start = _customers(c.customers, mine=mine, segment=segment)
        return _("{customers}: {total} ({label})").format(
            customers=start, total=_total(c, quantity), label=quantity.label
        )
    text = plural(
        "{n} of {customers} ({part}) brings {share} of their {total}",
        "{n} of {customers} ({part}) bring {share} of their {total}",
        c.for_80.customers,
    )
    return text.format(customers=who, total=_total(c, quantity), **_for_80(c))


def dependence_sentence(c: Concentration, quantity: Quantity) -> str:
    """How much hangs on the largest customers; empty where shares mean nothing or there is one customer.

    >>> from analytics.value.concentration import concentration
    >>> revenue = Quantity("revenue_12m", "Revenue, 12 months", "currency", "CNY")
    >>> dependence_sentence(concentration([50, 25, 25]), revenue)
    'The largest customer alone brings 50%. It is as concentrated as 2.7 customers with equal amounts.'
    """
    if not c.net_positive or c.customers < 2 or c.highest is None or c.even:
        return ""
    largest = percent(c.highest / c.total)
    few = next((f for f in TOP_FRACTIONS if top_count(c.customers, f) > 1 and c.customers > 1 / f), None)
    if few is None:
        first = _("The largest customer alone brings {largest}.").format(largest=largest)
    else:
        first = _("The largest customer alone brings {largest}, the best {n} ({part}) {share}.").format(
            largest=largest,
            n=number(top_count(c.customers, few)),
            part=percent(few),
            share=percent(c.top_share[few]),
        )
    if c.effective_customers is None:
        return first
    equal = number(c.effective_customers, 1 if c.effective_customers < 10 else 0)
    second = _("It is as concentrated as {n} customers with equal amounts.").format(n=equal)
    return in_a_row(first, second)


def loss_sentence(c: Concentration, quantity: Quantity) -> str:
    """Who is below zero and by how much in all; empty where nobody is."""
    if not c.whale.loss_makers:
        return ""
    text = plural(
        "{n} customer ({part}) is below zero, by {amount}.",
        "{n} customers ({part}) are below zero, by {amount} together.",
        c.whale.loss_makers,
    )
    return text.format(
        n=number(c.whale.loss_makers),
        part=percent(c.whale.loss_makers / c.customers),
        amount=quantity.text(c.whale.losses),
    )


def _customers(n: int, *, mine: bool, segment: str, start: bool = True) -> str:
    """Whose customers, how many; at the start of a sentence or inside it."""
    if segment and start:
        text = plural("The {n} customer of segment {segment}", "The {n} customers of segment {segment}", n)
    elif segment:
        text = plural("the {n} customer of segment {segment}", "the {n} customers of segment {segment}", n)
    elif mine and start:
        text = plural("Your {n} customer", "Your {n} customers", n)
    elif mine:
        text = plural("your {n} customer", "your {n} customers", n)
    elif start:
        text = plural("The {n} customer", "The {n} customers", n)
    else:
        text = plural("the {n} customer", "the {n} customers", n)
    return text.format(n=number(n), segment=segment)


def _total(c: Concentration, quantity: Quantity, *, absolute: bool = False) -> str:
    value = abs(c.total) if absolute else c.total
    return quantity.text(value) if quantity.unit == "currency" else compact(value)


def _fact(c: Concentration, quantity: Quantity, as_of: date, who: str) -> str:
    below = not c.net_positive and c.total < 0
    above_text, below_text = _FACTS.get(quantity.key, _ANY_FACT)
    text = _(below_text or _ANY_FACT[1]) if below else _(above_text)
    return text.format(
        customers=who, total=_total(c, quantity, absolute=True), day=day(as_of), label=quantity.label
    )


def _for_80(c: Concentration) -> dict[str, str]:
    count = c.for_80.customers if c.for_80 else 0
    return {"n": number(count), "part": percent(count / c.customers), "share": percent(PARETO_SHARE)}


def _spread_clause(c: Concentration, quantity: Quantity) -> str:
    """The second half of the sentence: how evenly; empty for one customer or nothing at all."""
    if c.customers == 1 or c.lowest == c.highest == 0:
        return ""
    if c.even:
        return _("each of them the same, {amount}").format(amount=quantity.text(c.mean))
    if c.for_80 is None:
        text = plural(
            "{n} of them was above zero, with {gains}, and {losers} below, with minus {losses}",
            "{n} of them were above zero, with {gains}, and {losers} below, with minus {losses}",
            c.whale.peak_customers,
        )
        return text.format(
            n=number(c.whale.peak_customers),
            gains=quantity.text(c.total + c.whale.losses),
            losers=number(c.whale.loss_makers),
            losses=quantity.text(c.whale.losses),
        )
    if quantity.unit == "currency":
        return _("{n} of them ({part}) brought {share} of it").format(**_for_80(c))
    text = plural(
        "{n} of them ({part}) accounts for {share} of it",
        "{n} of them ({part}) account for {share} of it",
        c.for_80.customers,
    )
    return text.format(**_for_80(c))
