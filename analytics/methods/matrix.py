"""The two-axis matrix."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.errors import BadInput, NotEnoughData
from analytics.methods.base import LEFT_OUT, Assignment, Labels, Method, Treatment, Words
from analytics.methods.binning import bin_of, quantile_edges
from analytics.methods.phrases import grade, title
from analytics.methods.preparation import cells_of, is_number
from analytics.methods.settings import Setting
from analytics.translation import mark as _
from analytics.translation import translate

Numbers = NDArray[np.float64]
LEVELS = {2: (-1, 1), 3: (-1, 0, 1)}


@dataclass(frozen=True)
class MatrixModel:
    """Cuts along two indicators.

    keys : across and up. cuts : of each, ascending, size - 1 of them. upper : whether a figure equal to a
    cut is in the upper field rather than the lower. The label is (bin up) * size + (bin across), bins from
    0; LEFT_OUT where either is empty.
    """

    keys: tuple[str, str]
    cuts: tuple[tuple[float, ...], tuple[float, ...]]
    upper: bool

    def predict(self, table: pd.DataFrame, value: "pd.Series[float]") -> Labels:
        across, up = (cells_of(table[key]) for key in self.keys)
        labels = bin_of(up, self.cuts[1], upper=self.upper)
        labels *= len(self.cuts[0]) + 1
        labels += bin_of(across, self.cuts[0], upper=self.upper)
        return np.where(np.isnan(across) | np.isnan(up), LEFT_OUT, labels)


class MatrixMethod(Method):
    """Cut two indicators into low and high, or three steps each, and take every combination.

    Use it when two questions matter together, such as what a customer brings now and what could be had.
    Not when the two indicators say nearly the same: then most customers lie on the diagonal.
    Source: customary, after the growth-share matrix of the Boston Consulting Group, 1970.
    """

    key, label, order = "matrix", _("Matrix of two indicators"), 35
    settings = (
        Setting("across", _("Across"), default="credit_amount_12m", kind="indicator",
                help=_("Such as what the customer brings now.")),
        Setting("up", _("Up"), default="balance_average_3m", kind="indicator",
                help=_("Such as what could be had: balance, income, products not yet held.")),
        Setting("size", _("Fields"), default="2", kind="choice",
                choices={"2": _("Two by two"), "3": _("Three by three")},
                help=_("How many steps each indicator has.")),
        Setting("cuts", _("Where to cut"), default="quantiles", kind="choice",
                choices={"quantiles": _("Equal numbers of customers in each step"),
                         "thresholds": _("Own thresholds")},
                help=_("A figure equal to a quantile is in the lower step, one equal to an own threshold "
                       "in the upper.")),
        Setting("across_thresholds", _("Thresholds across"), default=[], kind="thresholds",
                only_with=("cuts", "thresholds"), help=_("Smallest first: one for two steps, two for three.")),
        Setting("up_thresholds", _("Thresholds up"), default=[], kind="thresholds",
                only_with=("cuts", "thresholds"), help=_("Smallest first: one for two steps, two for three.")),
    )  # fmt: skip

    def resolve(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """As every method; besides BadInput where the axes or the thresholds do not fit."""
        settings = super().resolve(given)
        if settings["across"] == settings["up"]:
            what = translate("The matrix has the same indicator on both axes.")
            raise BadInput(what, translate("Choose two different ones."))
        wanted = int(settings["size"]) - 1
        for key in ("across_thresholds", "up_thresholds"):
            if settings["cuts"] == "thresholds" and len(settings[key]) != wanted:
                what = translate("“{setting}” needs {wanted} of them for this many fields; {n} given.")
                label = translate(next(setting.label for setting in self.settings if setting.key == key))
                raise BadInput(
                    what.format(setting=label, wanted=wanted, n=len(settings[key])),
                    translate("Separate several by commas, smallest first, such as 1000, 10000."),
                )
        return settings

    def assign(
        self, table: pd.DataFrame, *, value: "pd.Series[float]", words: Words, seed: int, **settings: Any
    ) -> Assignment:
        keys = (settings["across"], settings["up"])
        across, up = (_known(table, key, words) for key in keys)
        by_hand = settings["cuts"] == "thresholds"
        size = int(settings["size"])
        if by_hand:
            cuts = (tuple(settings["across_thresholds"]), tuple(settings["up_thresholds"]))
        else:
            cuts = (_quantiles(across, size), _quantiles(up, size))
        model = MatrixModel(keys, cuts, upper=by_hand)
        labels = model.predict(table, value)
        return Assignment(
            labels=labels,
            naming=lambda: {field: name for field, (name, _rule) in _described(model, words).items()},
            rules={field: rule for field, (_name, rule) in _described(model, words).items()},
            treatments=_treatments(model, words),
            left_out=_left_out(keys, (across, up), words),
            quality={"silhouette": None},
            warnings=_diagonal(labels, size),
            details={"cuts": dict(zip(keys, map(list, cuts), strict=True))},
            model=model,
        )


def _known(table: pd.DataFrame, key: str, words: Words) -> Numbers:
    """The column's figures. Raises where there are none."""
    label = words.label(key)
    if not is_number(table[key]):
        what = translate("{label} is a category, so it has no low and high.").format(label=label)
        raise BadInput(what, translate("Choose an amount, a count or a share."))
    cells = cells_of(table[key])
    if np.isnan(cells).all():
        what = translate("{label} is empty for every customer.").format(label=label)
        raise NotEnoughData(what, translate("Choose another indicator for this axis."))
    return cells


def _quantiles(cells: Numbers, size: int) -> tuple[float, ...]:
    return tuple(quantile_edges(cells[~np.isnan(cells)], size).tolist())


def _described(model: MatrixModel, words: Words) -> dict[int, tuple[str, str]]:
    """Name and rule of every field, by its label."""
    levels = LEVELS[len(model.cuts[0]) + 1]
    found, both = {}, translate("{first} and {second}")
    for up, high in enumerate(levels):
        for across, wide in enumerate(levels):
            label = up * len(levels) + across
            name = title([grade(model.keys[0], wide, words), grade(model.keys[1], high, words)])
            rule = both.format(first=_side(model, 0, across, words), second=_side(model, 1, up, words))
            found[label] = name, rule
    return found


def _side(model: MatrixModel, axis: int, step: int, words: Words) -> str:
    """One indicator's step in words, with its amounts."""
    key, cuts = model.keys[axis], model.cuts[axis]
    low = words.quantity(key, cuts[step - 1]) if step else ""
    high = words.quantity(key, cuts[step]) if step < len(cuts) else ""
    label = words.label(key)
    if model.upper:
        shape = translate("{label} from {low} to under {high}") if low else translate("{label} under {high}")
        shape = shape if high else translate("{label} of {low} and more")
    else:
        shape = (
            translate("{label} above {low}, at most {high}") if low else translate("{label} at most {high}")
        )
        shape = shape if high else translate("{label} above {low}")
    return shape.format(label=label, low=low, high=high)


def _treatments(model: MatrixModel, words: Words) -> list[Treatment]:
    by_hand, by_quantile = translate("Cut by hand at {cuts}."), translate("Cut by quantile at {cuts}.")
    shape = by_hand if model.upper else by_quantile
    return [
        Treatment(key, shape.format(cuts=translate("; ").join(words.quantity(key, cut) for cut in cuts)))
        for key, cuts in zip(model.keys, model.cuts, strict=True)
    ]


def _left_out(keys: tuple[str, str], cells: tuple[Numbers, Numbers], words: Words) -> dict[str, int]:
    """Customers by what they lack, the first axis first; nobody is counted twice."""
    first, second = np.isnan(cells[0]), np.isnan(cells[1])
    counts = (int(first.sum()), int((second & ~first).sum()))
    empty = translate("{label} is empty")
    return {empty.format(label=words.label(key)): n for key, n in zip(keys, counts, strict=True) if n}


def _diagonal(labels: Labels, size: int) -> list[str]:
    """A warning where the two axes tell customers apart in the same way."""
    counts = np.bincount(labels[labels >= 0], minlength=size**2).reshape(size, size)
    inside = int(counts.sum())
    if not inside or (counts > 0).sum() > size:
        return []
    return [translate("Most fields are empty: the two indicators say nearly the same, or their ties are never "
                      "parted. Choose another axis, or own thresholds.")]  # fmt: skip
