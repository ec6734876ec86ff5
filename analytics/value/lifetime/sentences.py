"""Lifetime value in sentences: what is expected, how the last prediction came out, which model it is."""

from datetime import date

from analytics.formats import day, in_a_row, money, number, percent
from analytics.lifetime.models import Margins, Model
from analytics.translation import plural
from analytics.translation import translate as _
from analytics.value.lifetime.backtest import Backtest
from analytics.value.lifetime.outlook import Outlook


def outlook_sentence(found: Outlook, as_of: date, currency: str) -> str:
    """What the book is expected to bring, over which months."""
    if not found.count:
        return _("No customer of your book has a history as of {day}.").format(day=day(as_of))
    customers = plural("Your {n} customer", "Your {n} customers", found.count).format(n=number(found.count))
    gain = plural(
        "{customers} can be expected to bring {total} in the {months} month after {day}.",
        "{customers} can be expected to bring {total} in the {months} months after {day}.",
        found.months,
    )
    loss = plural(
        "{customers} can be expected to cost {total} in the {months} month after {day}.",
        "{customers} can be expected to cost {total} in the {months} months after {day}.",
        found.months,
    )
    return (gain if found.total >= 0 else loss).format(
        customers=customers, total=money(abs(found.total), currency), months=number(found.months),
        day=day(as_of),
    )  # fmt: skip


def backtest_sentence(tested: Backtest, currency: str) -> str:
    """How the prediction of a year ago compares with what came."""
    amounts = {
        "day": day(tested.made),
        "predicted": money(tested.predicted, currency),
        "observed": money(tested.observed, currency),
    }
    if tested.ratio is None:
        return _(
            "A year ago, as of {day}, the model would have foretold {predicted}; {observed} came."
        ).format(**amounts)
    return _(
        "A year ago, as of {day}, the model would have foretold {predicted}; {observed} came, so it said {ratio} of it."
    ).format(ratio=percent(tested.ratio), **amounts)


def model_words(model: Model) -> str:
    """What the model takes for granted and what was found, for those who want to know."""
    if isinstance(model, Margins):
        return _margins_words(model)
    return in_a_row(
        _("Purchases by BG/NBD, amounts by Gamma-Gamma, for only transactions are known."),
        _(
            "Days with an amount of zero or more count as purchases: r {r}, alpha {alpha}, a {a}, b {b} (weeks), "
            "log-likelihood {height}; amounts: p {p}, q {q}, v {v}."
        ).format(
            r=number(model.activity.r, 3), alpha=number(model.activity.alpha, 3),
            a=number(model.activity.a, 3), b=number(model.activity.b, 3),
            height=number(model.activity.log_likelihood, 1), p=number(model.spend.p, 2),
            q=number(model.spend.q, 2), v=number(model.spend.v, 2),
        ),
    )  # fmt: skip


def _margins_words(model: Margins) -> str:
    fit = model.survival
    first, later = (1 - float(fit.staying([tenure], 12)[0]) for tenure in (0, 60))
    return in_a_row(
        _("Margin and survival, for profit is known and can be negative."),
        _("Each customer's mean month of the last year goes on for as long as such customers stay."),
        _(
            "Of customers in their first year {first} leave within twelve months, after five years {later} "
            "(shifted beta-geometric, a {a}, b {b}, fitted to {n} customers)."
        ).format(
            first=percent(first, 1), later=percent(later, 1), a=number(fit.a, 2), b=number(fit.b, 1),
            n=number(fit.customers),
        ),
    )  # fmt: skip
