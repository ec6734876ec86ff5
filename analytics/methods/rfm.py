"""RFM: recency, frequency, monetary value."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.formats import number
from analytics.methods.base import LEFT_OUT, Assignment, Method, Treatment, Words
from analytics.methods.binning import bin_of, quantile_edges
from analytics.methods.preparation import cells_of
from analytics.methods.settings import Setting
from analytics.translation import mark as _
from analytics.translation import translate

BINS = 5
Codes = NDArray[np.int64]
Range = tuple[int, int]
ANY = (1, 5)

# The first row that holds a code names it. Together the rows hold all 125; 5 is best in each place.
NAMES: tuple[tuple[str, Range, Range, Range], ...] = (
    (_("Champions"), (4, 5), (4, 5), (4, 5)),
    (_("Loyal"), (3, 5), (3, 5), (3, 5)),
    (_("New"), (5, 5), (1, 1), ANY),
    (_("Promising"), (4, 4), (1, 1), ANY),
    (_("Potentially loyal"), (4, 5), (2, 5), ANY),
    (_("About to sleep"), (3, 3), (1, 1), ANY),
    (_("Need attention"), (3, 3), (2, 5), ANY),
    (_("Can't lose them"), (1, 1), (4, 5), (4, 5)),
    (_("At risk"), (1, 2), (3, 5), ANY),
    (_("At risk"), (1, 2), (1, 2), (4, 5)),
    (_("Hibernating"), (2, 2), (1, 2), (1, 3)),
    (_("Lost"), (1, 1), (1, 2), (1, 3)),
)


class RFMMethod(Method):
    """Score recency, frequency and monetary value from 1 to 5 and name the 125 combinations.

    Use it when all you have is transactions, or the question is who is drifting away.
    Not when value comes from balances rather than from transactions.
    Source: Hughes 1994; bins and tie rule as in the R package rfm.
    """

    key, label, order = "rfm", _("RFM"), 30
    settings = (
        Setting("recency", _("Recency"), default="days_since_last_transaction", kind="indicator",
                help=_("Fewer is better. Customers without it are a segment of their own.")),
        Setting("frequency", _("Frequency"), default="transactions_count_12m", kind="indicator",
                help=_("More is better.")),
        Setting("monetary", _("Monetary value"), default="credit_amount_12m", kind="indicator",
                help=_("More is better.")),
        Setting("binning", _("Binning"), default="independent", kind="choice",
                choices={"independent": _("Independent: fifths of all customers, each on its own"),
                         "nested": _("Nested: frequency within recency, money within both")},
                help=_("Fifths by quantile. A value equal to an edge goes into the lower bin.")),
    )  # fmt: skip

    def assign(
        self, table: pd.DataFrame, *, value: "pd.Series[float]", words: Words, seed: int, **settings: Any
    ) -> Assignment:
        keys = [settings["recency"], settings["frequency"], settings["monetary"]]
        cells = [cells_of(table[key]) for key in keys]
        unknown = np.isnan(cells[1]) | np.isnan(cells[2])
        silent = np.isnan(cells[0]) & ~unknown
        scored = ~unknown & ~silent
        bins = _bins([column[scored] for column in cells], settings["binning"] == "nested")
        recency, frequency, monetary = BINS - bins[0], bins[1] + 1, bins[2] + 1
        names, rules, by_code = _named()
        labels = np.where(silent, len(names), LEFT_OUT).astype(np.int64)
        labels[scored] = by_code[recency - 1, frequency - 1, monetary - 1]
        reason = translate("{first} or {second} is empty")
        reason = reason.format(first=words.label(keys[1]), second=words.label(keys[2]))
        return Assignment(
            labels=labels,
            names=names | {len(names): translate("No transactions yet")},
            rules=rules | {len(names): translate("{label} is empty").format(label=words.label(keys[0]))},
            treatments=_treatments(keys, cells, scored),
            left_out={reason: int(unknown.sum())} if unknown.any() else {},
            quality={"silhouette": None},
            warnings=_few(int(scored.sum())),
            details={"codes": _counts(recency * 100 + frequency * 10 + monetary)},
        )


def name_of(code: int) -> str:
    """The segment of a three-digit code, such as 555.

    >>> name_of(555), name_of(111)
    ('Champions', 'Lost')
    """
    recency, frequency, monetary = code // 100, code // 10 % 10, code % 10
    return next(
        name for name, r, f, m in NAMES
        if r[0] <= recency <= r[1] and f[0] <= frequency <= f[1] and m[0] <= monetary <= m[1]
    )  # fmt: skip


def _bins(cells: list[NDArray[np.float64]], nested: bool) -> list[Codes]:
    """Bins 0 to 4 of each column, nested ones within all combinations of those before."""
    group, found = np.zeros(len(cells[0]), np.int64), []
    for column in cells:
        bins = np.zeros(len(column), np.int64)
        for at in np.unique(group):
            inside = group == at
            bins[inside] = bin_of(column[inside], quantile_edges(column[inside], BINS))
        found.append(bins)
        group = group * BINS + bins if nested else group
    return found


def _named() -> tuple[dict[int, str], dict[int, str], Codes]:
    """Names and rules by label, and the label of every code."""
    numbers = {name: at for at, name in enumerate(dict.fromkeys(row[0] for row in NAMES))}
    rules: dict[int, list[str]] = {at: [] for at in numbers.values()}
    for name, *ranges in NAMES:
        parts = [f"{letter} {low}–{high}" if low < high else f"{letter} {low}"
                 for letter, (low, high) in zip("RFM", ranges, strict=True)]  # fmt: skip
        rules[numbers[name]].append(" ".join(parts))
    by_code = np.empty((BINS, BINS, BINS), np.int64)
    for at in np.ndindex(by_code.shape):
        code = (at[0] + 1) * 100 + (at[1] + 1) * 10 + at[2] + 1
        by_code[at] = numbers[name_of(code)]
    either = translate("{first}; or {second}")
    texts = {at: parts[0] if len(parts) == 1 else either.format(first=parts[0], second=parts[1])
             for at, parts in rules.items()}  # fmt: skip
    return {at: translate(name) for name, at in numbers.items()}, texts, by_code


def _treatments(
    keys: list[str], cells: list[NDArray[np.float64]], scored: NDArray[np.bool_]
) -> list[Treatment]:
    fifths = translate("Scored 1 to 5 by fifths; a value equal to an edge goes into the lower bin.")
    same = translate("The same for every customer: all are in the lowest bin.")
    constant = [not scored.any() or column[scored].min() == column[scored].max() for column in cells]
    return [Treatment(key, same if flat else fifths) for key, flat in zip(keys, constant, strict=True)]


def _few(scored: int) -> list[str]:
    if scored >= BINS:
        return []
    return [translate("Fifths of {n} customers say little. Widen the population.").format(n=number(scored))]


def _counts(codes: Codes) -> dict[str, int]:
    found, counts = np.unique(codes, return_counts=True)
    return {str(code): int(count) for code, count in zip(found, counts, strict=True)}
