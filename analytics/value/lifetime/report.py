"""The `lifetime` command: models fitted to one book's history, and what the book is worth by them."""

from dataclasses import asdict
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from analytics.access.book import Book
from analytics.access.histories import purchases, standing
from analytics.errors import NotEnoughData
from analytics.formats import number
from analytics.jobs import checkpoint
from analytics.lifetime.bgnbd import fit_bgnbd, merged
from analytics.lifetime.gamma_gamma import GammaGamma, fit_gamma_gamma
from analytics.lifetime.models import DISCOUNT, HORIZON, Margins, Purchases
from analytics.translation import translate as _
from analytics.value.lifetime.outlook import check_settings

FEW = 300  # customers below which a fit says more about luck than about them
RELATED = 0.3  # correlation of how often and how much from which Gamma-Gamma's assumption is in doubt
SHAKY = 1.5  # q below which the mean over customers hangs on a few of them


def lifetime_document(
    book: Book, as_of: date | None = None, months: int = HORIZON, discount: float = DISCOUNT
) -> dict[str, Any]:
    """The document of the `lifetime` command, in weeks and the base currency.

    Fitted to the book's own history up to the date. `survival` and `expected` stand beside what the contract
    asks for. Raises NotEnoughData where BG/NBD can't be fitted; what else can't be is null, with a warning.
    """
    check_settings(months, discount)
    day = book.as_of(as_of)
    rows = purchases(book, day)
    checkpoint(0.3, _("Fitting"))
    activity = fit_bgnbd(merged(rows["repeats"], rows["last"], rows["age"]))
    warnings = _size_warnings(len(rows))
    spend = _spend(rows, warnings)
    margins, stays = _margins(book, day, warnings)
    expected = _worth(margins, stays, months, discount) if margins else None
    if expected is None and spend:
        expected = _worth(Purchases(activity, spend), rows, months, discount)
    return {
        "as_of": day,
        "customers": len(rows),
        "bgnbd": _named(activity, "r", "alpha", "a", "b", "log_likelihood"),
        "gamma_gamma": _named(spend, "p", "q", "v", "log_likelihood", "customers") if spend else None,
        "survival": _named(margins.survival, "a", "b", "log_likelihood", "customers") if margins else None,
        "expected": expected,
        "warnings": warnings,
    }


def _named(model: Any, *names: str) -> dict[str, Any]:
    return {name: asdict(model)[name] for name in names}


def _size_warnings(customers: int) -> list[str]:
    if customers >= FEW:
        return []
    note = _("A fit to {n} customers is rough: from {few} on it can be relied on.")
    return [note.format(n=number(customers), few=number(FEW))]


def _spend(rows: pd.DataFrame, warnings: list[str]) -> GammaGamma | None:
    """The model of amounts, or a warning why there is none; also where its assumptions are in doubt."""
    try:
        spend = fit_gamma_gamma(rows["repeats"], rows["mean"])
    except NotEnoughData as error:
        warnings.append(str(error))
        return None
    known = rows[(rows["repeats"] > 0) & (rows["mean"] > 0)]
    related = (
        float(np.corrcoef(known["repeats"], known["mean"])[0, 1]) if known["repeats"].nunique() > 1 else 0
    )
    if abs(related) > RELATED:
        note = _(
            "How often customers buy and how much are related ({r}); Gamma-Gamma takes them to be unrelated."
        )
        warnings.append(note.format(r=number(related, 2)))
    if spend.q < SHAKY:
        note = _("q is {q}, close to 1: the expected amount hangs on a few customers with large ones.")
        warnings.append(note.format(q=number(spend.q, 2)))
    return spend


def _margins(book: Book, day: date, warnings: list[str]) -> tuple[Margins | None, pd.DataFrame]:
    """Survival where profit can be seen and enough customers have left, else a warning."""
    reason = book.available["profit_12m"]
    if reason:
        warnings.append(_("No survival and margin: {reason}").format(reason=reason))
        return None, pd.DataFrame()
    rows = standing(book, day)
    try:
        return Margins.fit(rows), rows
    except NotEnoughData as error:
        warnings.append(str(error))
        return None, rows


def _worth(model: Margins | Purchases, rows: pd.DataFrame, months: int, discount: float) -> dict[str, Any]:
    total = float(model.worth(rows, months, discount).sum())
    return {
        "model": model.key,
        "months": months,
        "discount": discount,
        "customers": len(rows),
        "total": total,
        "per_customer": total / len(rows),
    }
