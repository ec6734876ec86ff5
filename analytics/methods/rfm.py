"""RFM: recency, frequency, monetary value."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.formats import number
from analytics.methods.base import LEFT_OUT, Assignment, Labels, Method, Treatment, Words
from analytics.methods.binning import bin_of, quantile_edges
from analytics.methods.preparation import cells_of
from analytics.methods.settings import Setting
from analytics.translation import mark as _
from analytics.translation import translate

BINS = 5
Codes = NDArray[np.int64]
Numbers = NDArray[np.float64]
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


LABELS = {name: at for at, name in enumerate(dict.fromkeys(row[0] for row in NAMES))}
SILENT = len(LABELS)
BY_SCORES = np.array(
    [LABELS[name_of(100 * r + 10 * f + m)]
     for r in range(1, BINS + 1) for f in range(1, BINS + 1) for m in range(1, BINS + 1)], np.int64
).reshape(BINS, BINS, BINS)  # fmt: skip


@dataclass(frozen=True)
class RFMModel:
    """Edges of fifths, and the name of every combination of them (BY_SCORES, by score less 1).

    keys : recency, frequency, monetary. edges : for each of them one row of four edges; when nested, for
    frequency a row for each bin of recency, for monetary one for each of recency * 5 + frequency (bins from
    0, lowest first). A value above n edges is in bin n. Recency's score is 5 - bin, the others' bin + 1.
    """

    keys: tuple[str, str, str]
    edges: tuple[tuple[tuple[float, ...], ...], ...]

    def predict(self, table: pd.DataFrame, value: "pd.Series[float]") -> Labels:
        cells = [cells_of(table[key]) for key in self.keys]
        return self.named(cells, self.scores(cells))

    def named(self, cells: list[Numbers], scores: tuple[Codes, Codes, Codes]) -> Labels:
        """The labels of cells that have these scores."""
        recency, frequency, monetary = scores
        labels: Labels = BY_SCORES.ravel()[((recency - 1) * BINS + frequency - 1) * BINS + monetary - 1]
        labels[np.isnan(cells[0])] = SILENT
        labels[np.isnan(cells[1]) | np.isnan(cells[2])] = LEFT_OUT
        return labels

    def scores(self, cells: list[Numbers]) -> tuple[Codes, Codes, Codes]:
        """Recency, frequency and monetary value, 1 to 5 each; of no meaning where a cell is empty."""
        group, bins = np.zeros(len(cells[0]), np.int64), []
        for column, rows in zip(cells, self.edges, strict=True):
            edges = np.array(rows).T
            found = bin_of(column, edges[:, 0] if len(rows) == 1 else (edge[group] for edge in edges))
            bins.append(found)
            group = group * BINS + found
        return BINS - bins[0], bins[1] + 1, bins[2] + 1


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
        keys = (settings["recency"], settings["frequency"], settings["monetary"])
        cells = [cells_of(table[key]) for key in keys]
        unknown = np.isnan(cells[1]) | np.isnan(cells[2])
        scored = ~unknown & ~np.isnan(cells[0])
        inside = cells if scored.all() else [column[scored] for column in cells]
        model = RFMModel(keys, _edges(inside, settings["binning"] == "nested"))
        scores = model.scores(cells)
        recency, frequency, monetary = (score[scored] for score in scores)
        reason = translate("{first} or {second} is empty")
        reason = reason.format(first=words.label(keys[1]), second=words.label(keys[2]))
        return Assignment(
            labels=model.named(cells, scores),
            naming=lambda: (
                {label: translate(name) for name, label in LABELS.items()}
                | {SILENT: translate("No transactions yet")}
            ),
            rules=_rules() | {SILENT: translate("{label} is empty").format(label=words.label(keys[0]))},
            treatments=_treatments(keys, cells, scored),
            left_out={reason: int(unknown.sum())} if unknown.any() else {},
            quality={"silhouette": None},
            warnings=_few(int(scored.sum())),
            details={"codes": _counts(recency * 100 + frequency * 10 + monetary)},
            model=model,
        )


def _edges(cells: list[Numbers], nested: bool) -> tuple[tuple[tuple[float, ...], ...], ...]:
    """Edges of fifths of each column; nested ones within all combinations of the bins before.

    Where nobody is in a combination, somebody may come to be: the edges of all customers stand there.
    """
    group, groups, found = np.zeros(len(cells[0]), np.int64), 1, []
    for column in cells:
        if not len(column):
            found.append(((0.0,) * (BINS - 1),) * groups)
            continue
        edges = np.tile(quantile_edges(column, BINS), (groups, 1))
        for at in np.unique(group) if groups > 1 else ():
            edges[at] = quantile_edges(column[group == at], BINS)
        found.append(tuple(map(tuple, edges.tolist())))
        if nested:
            group = group * BINS + (column[:, None] > edges[group]).sum(axis=1)
            groups *= BINS
    return tuple(found)


def _rules() -> dict[int, str]:
    """The scores of each name, by its label."""
    parts: dict[int, list[str]] = {label: [] for label in LABELS.values()}
    for name, *ranges in NAMES:
        texts = [f"{letter} {low}–{high}" if low < high else f"{letter} {low}"
                 for letter, (low, high) in zip("RFM", ranges, strict=True)]  # fmt: skip
        parts[LABELS[name]].append(" ".join(texts))
    either = translate("{first}; or {second}")
    return {label: texts[0] if len(texts) == 1 else either.format(first=texts[0], second=texts[1])
            for label, texts in parts.items()}  # fmt: skip


def _treatments(keys: tuple[str, ...], cells: list[Numbers], scored: NDArray[np.bool_]) -> list[Treatment]:
    fifths = translate("Scored 1 to 5 by fifths; a value equal to an edge goes into the lower bin.")
    same = translate("The same for every customer: all are in the lowest bin.")
    constant = [not scored.any() or column[scored].min() == column[scored].max() for column in cells]
    return [Treatment(key, same if flat else fifths) for key, flat in zip(keys, constant, strict=True)]


def _few(scored: int) -> list[str]:
    if scored >= BINS:
        return []
    return [translate("Fifths of {n} customers say little. Widen the population.").format(n=number(scored))]


def _counts(codes: Codes) -> dict[str, int]:
    counts = np.bincount(codes)
    return {str(code): int(counts[code]) for code in np.flatnonzero(counts)}
