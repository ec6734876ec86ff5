"""Profit, and profit at other rates, in sentences: the Profit page's answers."""

from datetime import date

from analytics.formats import day, money, number, percent
from analytics.shock import Shock
from analytics.translation import plural
from analytics.translation import translate as _
from analytics.value.profit import Earned
from analytics.value.shocks import Repriced


def earned_sentence(whole: Earned, as_of: date, currency: str) -> str:
    """What a person's customers contributed, and what it is made of.

    >>> parts = {"deposits": 200_00, "lending": 90_00, "fees": 80_00, "risk": -30_00, "service": -20_00}
    >>> earned_sentence(Earned(3, parts, 320_00), date(2026, 10, 31), "CNY").split(": ")[1]
    'CNY 290 of spread and CNY 80 of fees, less CNY 50 of risk and service.'
    """
    if whole.customers == 0:
        return _("There is no customer in your book as of {day}.").format(day=day(as_of))
    if whole.profit >= 0:
        text = plural(
            "Your {n} customer contributed {total} in the twelve months to {day}: {lines}.",
            "Your {n} customers contributed {total} in the twelve months to {day}: {lines}.",
            whole.customers,
        )
    else:
        text = plural(
            "Your {n} customer cost {total} in the twelve months to {day}: {lines}.",
            "Your {n} customers cost {total} in the twelve months to {day}: {lines}.",
            whole.customers,
        )
    return text.format(
        n=number(whole.customers), total=money(abs(whole.profit) / 100, currency), day=day(as_of),
        lines=lines_clause(whole, currency),
    )  # fmt: skip


def lines_clause(whole: Earned, currency: str) -> str:
    """Spread, fees and costs, as the second half of a sentence."""
    amounts = {
        "spread": money(whole.spread / 100, currency),
        "fees": money(whole.parts["fees"] / 100, currency),
        "costs": money(whole.costs / 100, currency),
    }
    if whole.costs < 0:  # negative unit costs or balances: no "less"
        return _("{spread} of spread, {fees} of fees, and risk and service of {costs}").format(**amounts)
    if whole.costs == 0:
        return _("{spread} of spread and {fees} of fees").format(**amounts)
    return _("{spread} of spread and {fees} of fees, less {costs} of risk and service").format(**amounts)


def shock_words(shock: Shock, names: dict[str, str]) -> str:
    """A change of rates in words; empty for none.

    names : what products are called, by product_id.

    >>> shock_words(Shock((("D1", -0.0025), ("D2", -0.0025)), -0.005, (("USD", 0.1),)), {"D1": "Savings"})
    'Savings, D2 -0.25 points; transfer curve -0.5 points; USD +10%'
    """
    parts = []
    for by in dict.fromkeys(by for _name, by in shock.products if by):
        listed = _(", ").join(names.get(key, key) for key, moved in shock.products if moved == by)
        parts.append(_("{what} {points} points").format(what=listed, points=_signed(by * 100)))
    if shock.curve:
        parts.append(_("transfer curve {points} points").format(points=_signed(shock.curve * 100)))
    for by in dict.fromkeys(by for _name, by in shock.currencies if by):
        listed = _(", ").join(key for key, moved in shock.currencies if moved == by)
        parts.append(_("{what} {percent}").format(what=listed, percent=f"{_signed(by * 100)}%"))
    return _("; ").join(parts)


def repriced_sentence(found: Repriced, currency: str) -> str:
    """What the change does to the book's profit, and to how many customers' tier."""
    change = found.after - found.before
    amounts = {
        "before": money(found.before / 100, currency),
        "after": money(found.after / 100, currency),
        "change": money(abs(change) / 100, currency),
    }
    if change == 0:
        return _("Nothing changes: profit stays {before}.").format(**amounts)
    if found.before > 0:
        share = percent(abs(change) / found.before, 1)
        more = _("Profit would have been {after} instead of {before}: {change} more ({share}).")
        less = _("Profit would have been {after} instead of {before}: {change} less ({share}).")
        return (more if change > 0 else less).format(share=share, **amounts)
    more = _("Profit would have been {after} instead of {before}: {change} more.")
    less = _("Profit would have been {after} instead of {before}: {change} less.")
    return (more if change > 0 else less).format(**amounts)


def movers_sentence(found: Repriced) -> str:
    """How many customers are touched, and how many change tier."""
    touched = plural(
        "It touches {n} of {all} customers", "It touches {n} of {all} customers", found.changed
    ).format(n=number(found.changed), all=number(found.count))
    if found.tiers is None:
        return _(
            "{touched}. Net profit is not positive before or after, so there are no ABC tiers to compare."
        ).format(touched=touched)
    moved = plural("{n} changes its ABC tier", "{n} change their ABC tier", found.movers)
    return _("{touched}; {moved}.").format(touched=touched, moved=moved.format(n=number(found.movers)))


def _signed(points: float) -> str:
    """A change with its sign, and no more decimals than it needs."""
    decimals = next((n for n in range(4) if round(points, n) == round(points, 4)), 4)
    return f"{'+' if points > 0 else ''}{number(points, decimals)}"
