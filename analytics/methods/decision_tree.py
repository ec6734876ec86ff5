"""The decision tree."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.errors import BadInput, NotEnoughData
from analytics.formats import in_a_row, number, percent
from analytics.methods.base import Assignment, Method, Treatment, Words
from analytics.methods.fitting import LARGEST_FIT, Everyone
from analytics.methods.preparation import cells_of, is_number
from analytics.methods.prepare import MOST_CATEGORIES, MOST_EMPTY, RARE, scale_of
from analytics.methods.settings import Setting
from analytics.methods.tree import Column, Grown, grow
from analytics.methods.tree_words import names_of, rule_of
from analytics.translation import mark as _
from analytics.translation import translate

Numbers = NDArray[np.float64]
LITTLE = 0.02  # of the variance on customers held back: below it the tree says next to nothing
RESTATES = 0.97


class DecisionTreeMethod(Method):
    """Split customers step by step so that the segments differ most in an outcome; the splits are the rules.

    Use it when there is an outcome to explain, such as profit, answers to campaigns, or days of silence.
    Not when an indicator restates the outcome, as revenue does profit: the tree then tells what is known.
    Source: Breiman, Friedman, Olshen and Stone 1984.
    """

    key, label, order = "decision_tree", _("Decision tree"), 45
    least_indicators = 1
    lasting_names = False  # they say where the tree was split
    settings = (
        Setting("outcome", _("Outcome"), default="", kind="indicator",
                help=_("What the segments shall differ in: what value is measured in, unless you choose another. "
                       "It is never split on itself. For customers who leave, take days since last transaction.")),
        Setting("segments", _("Most segments"), default=5, low=2, high=12,
                help=_("Fewer come about where nothing is left to split.")),
        Setting("smallest", _("Smallest segment"), default=0.05, kind="number", low=0.005, high=0.5,
                help=_("As a share of the customers, 0.05 is 5%. Small segments repeat chance.")),
    )  # fmt: skip

    def assign(
        self, table: pd.DataFrame, *, value: "pd.Series[float]", words: Words, seed: int, **settings: Any
    ) -> Assignment:
        outcome = str(settings["outcome"] or value.name)
        table = table if outcome in table else table.assign(**{outcome: value})
        cells = _outcome(table, outcome, words)
        columns, treatments = _columns(table.drop(columns=outcome), words)
        known = ~np.isnan(cells)
        scale = scale_of(np.sort(cells[known]))
        treatments.append(Treatment(outcome, _outcome_in_words(cells, scale.bend)))
        if not columns or not scale.deviation:
            return _undivided(table, treatments, outcome if columns else "", words)
        matrix = np.column_stack([column.cells(table) for column in columns])
        grown = grow(
            columns, matrix[known], scale.apply(cells[known]), int(settings["segments"]),
            float(settings["smallest"]), seed,
        )  # fmt: skip
        labels = grown.model.predict(table, value)
        paths = grown.model.paths()
        typical = {leaf: _typical(cells[labels == leaf]) for leaf in paths}
        return Assignment(
            labels=labels,
            naming=lambda: names_of(paths, words),
            rules={leaf: rule_of(path, outcome, typical[leaf], words) for leaf, path in paths.items()},
            treatments=treatments,
            quality={"silhouette": None, "explained": grown.seen, "explained_unseen": grown.unseen},
            warnings=[*_doubts(grown, len(table), words.label(outcome)),
                      *_restated(columns, matrix[known], cells[known], words, outcome)],
            details={"outcome": outcome, "typical": typical, "gains": _gains(columns, grown.gains)},
            model=grown.model,
        )  # fmt: skip


def _outcome(table: pd.DataFrame, key: str, words: Words) -> Numbers:
    label = words.label(key)
    if not is_number(table[key]):
        what = translate("{label} is a category, so a tree can't be grown towards it.").format(label=label)
        raise BadInput(what, translate("Choose an amount, a count or a share as the outcome."))
    if table.shape[1] < 2:
        what = translate("The only indicator chosen is the outcome itself, {label}.").format(label=label)
        raise BadInput(what, translate("Choose indicators that could explain it."))
    cells = cells_of(table[key])
    if np.isnan(cells).all():
        what = translate("{label} is empty for every customer.").format(label=label)
        raise NotEnoughData(what, translate("Choose another outcome."))
    return cells


def _outcome_in_words(cells: Numbers, bend: float | None) -> str:
    notes = [translate("The outcome: not split on.")]
    unknown = int(np.isnan(cells).sum())
    if unknown:
        note = translate("{n} customers without it were placed by the rules, but had no say in them.")
        notes.append(note.format(n=number(unknown)))
    if bend is not None:
        notes.append(translate("Skewed: put on a scale that is logarithmic in both tails (asinh)."))
    return in_a_row(*notes)


def _columns(table: pd.DataFrame, words: Words) -> tuple[list[Column], list[Treatment]]:
    """What the tree may split on, whatever the order of rows and columns, and what was done to each."""
    columns, treatments = [], []
    for key in sorted(table.columns):
        found, notes = _of_number(key, table[key]) if is_number(table[key]) else _of_category(key, table[key])
        columns += found
        treatments.append(Treatment(str(key), in_a_row(*notes)))
    if not columns and all(_is_empty(table[key]) for key in table):
        what = translate("Every chosen indicator is empty for most of the {n} customers.")
        raise NotEnoughData(
            what.format(n=number(len(table))), translate("Choose indicators that are known for most.")
        )
    return columns, treatments


def _is_empty(column: "pd.Series[float]") -> bool:
    return bool(_empty(column) > MOST_EMPTY * len(column))


def _empty(column: "pd.Series[float]") -> int:
    return int((np.isnan(cells_of(column)) if is_number(column) else column.isna()).sum())


def _mostly_empty(column: "pd.Series[float]") -> list[str]:
    note = translate("Left out: empty for {n} of {total} customers.")
    return [note.format(n=number(_empty(column)), total=number(len(column)))]


def _of_number(key: str, column: "pd.Series[float]") -> tuple[list[Column], list[str]]:
    if _is_empty(column):
        return [], _mostly_empty(column)
    cells, notes, empty = cells_of(column), [], _empty(column)
    if empty:
        note = translate("{n} empty values go to that side of a split which they are more like.")
        notes.append(note.format(n=number(empty)))
    if not empty and cells.min() == cells.max():
        return [], [translate("Left out: the same for every customer.")]
    return [Column(key, gaps=empty > 0)], [*notes, translate("Taken as it is: a tree needs no scale.")]


def _of_category(key: str, column: "pd.Series[float]") -> tuple[list[Column], list[str]]:
    if _is_empty(column):
        return [], _mostly_empty(column)
    counts = column.dropna().astype(str).value_counts()
    notes = []
    if _empty(column):
        note = translate("{n} empty values belong to none of the categories.")
        notes.append(note.format(n=number(_empty(column))))
    kept = sorted(counts.index, key=lambda name: (-counts[name], name))[:MOST_CATEGORIES]
    kept = [name for name in kept if counts[name] >= RARE * len(column)]
    if len(counts) < 2 and not _empty(column):
        return [], [*notes, translate("Left out: the same for every customer.")]
    note = translate("{n} categories, each split off from all others; rare ones (below {share}) are not.")
    return [Column(key, category=name) for name in sorted(kept)], [
        *notes, note.format(n=number(len(kept)), share=percent(RARE))
    ]  # fmt: skip


def _undivided(table: pd.DataFrame, treatments: list[Treatment], outcome: str, words: Words) -> Assignment:
    """Everyone in one segment: nothing to explain, or nothing to explain it by."""
    why = translate("No chosen indicator tells these customers apart.")
    if outcome:
        why = translate("{label} is the same for every customer.").format(label=words.label(outcome))
    return Assignment(
        labels=np.zeros(len(table), np.int64),
        naming=lambda: {0: translate("Everyone")},
        rules={0: why},
        treatments=treatments,
        quality={"silhouette": None},
        warnings=[in_a_row(why, translate("One segment: choose other indicators or another outcome."))],
        model=Everyone(),
    )


def _typical(cells: Numbers) -> float | None:
    cells = cells[~np.isnan(cells)]
    return float(np.median(cells)) if len(cells) else None


def _doubts(grown: Grown, customers: int, label: str) -> list[str]:
    notes = []
    if grown.unseen is not None and grown.unseen < LITTLE:
        note = translate(
            "On customers that it was not grown on, the tree explains next to nothing of {label}. Choose other "
            "indicators, or take these segments for what their rules say and no more."
        )
        notes.append(note.format(label=label))
    if customers > LARGEST_FIT:
        note = translate(
            "Fitted on a random sample of {n} of {total} customers; every customer was then assigned."
        )
        notes.append(note.format(n=number(LARGEST_FIT), total=number(customers)))
    return notes


def _restated(
    columns: list[Column], matrix: Numbers, cells: Numbers, words: Words, outcome: str
) -> list[str]:
    """Indicators that put the customers in nearly the outcome's own order (Spearman)."""
    table = pd.DataFrame(matrix[:LARGEST_FIT]).rank()
    close = table.corrwith(pd.Series(cells[:LARGEST_FIT]).rank()).abs() > RESTATES
    names = [words.label(columns[at].key) for at in np.flatnonzero(close)]
    if not names:
        return []
    note = translate("{names} and {label} say nearly the same: without it the tree would tell more.")
    return [note.format(names=translate(", ").join(names), label=words.label(outcome))]


def _gains(columns: list[Column], gains: Numbers) -> dict[str, float]:
    """What each indicator adds to what is explained, the most telling first; together 1."""
    found: dict[str, float] = {}
    for column, gain in zip(columns, gains, strict=True):
        found[column.key] = found.get(column.key, 0.0) + float(gain)
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
