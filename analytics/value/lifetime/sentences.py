"""Lifetime value in sentences: what is expected, how the last prediction came out, which model it is."""

from datetime import date

from analytics.formats import day, in_a_row, money, number, percent
from analytics.lifetime.credibility import Credibility
from analytics.lifetime.models import Margins, Model, Purchases
from analytics.lifetime.survival import Survival
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
            "A year ago, as of {day}, the model would have predicted {predicted} for the year; {observed} came."
        ).format(**amounts)
    return _(
        "A year ago, as of {day}, the model would have predicted {predicted} for the year; {observed} came: "
        "the prediction was {ratio} of it."
    ).format(ratio=percent(tested.ratio), **amounts)


def model_words(model: Model) -> str:
    """What the model takes for granted and what was found, for those who want to know."""
    if isinstance(model, Margins):
        return _margins_words(model)
    return in_a_row(
        _purchases_reason(model),
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


def _purchases_reason(model: Purchases) -> str:
    if not model.because:
        return _("Purchases by BG/NBD, amounts by Gamma-Gamma, for only transactions are known.")
    return _(
        "Purchases by BG/NBD, amounts by Gamma-Gamma; margin and survival could not be fitted: {reason}"
    ).format(reason=model.because)


def _few_months_words(believed: Credibility) -> str:
    if not believed.k:
        return ""
    return _(
        "The mean of customers of fewer than twelve months is drawn to that of the bank's customers, as if it had "
        "been seen for {k} months more."
    ).format(k=number(believed.k, 1))


def _survival_words(fit: Survival) -> str:
    if fit.alike:
        return _(
            "Customers do not differ in their chance of leaving: {share} leave within twelve months, however long "
            "they have stayed (fitted to {n} customers)."
        ).format(share=percent(1 - float(fit.staying([0], 12)[0]), 1), n=number(fit.customers))
    first, later = (1 - float(fit.staying([tenure], 12)[0]) for tenure in (0, 60))
    return _(
        "Of customers in their first year {first} leave within twelve months, after five years {later} "
        "(shifted beta-geometric, a {a}, b {b}, fitted to {n} customers)."
    ).format(
        first=percent(first, 1), later=percent(later, 1), a=number(fit.a, 2), b=number(fit.b, 1),
        n=number(fit.customers),
    )  # fmt: skip


def _margins_words(model: Margins) -> str:
    return in_a_row(
        _("Margin and survival, for profit is known and can be negative."),
        _("Each customer's mean month of the last year goes on for as long as such customers stay."),
        _few_months_words(model.credibility),
        _survival_words(model.survival),
    )
