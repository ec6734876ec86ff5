"""Value tiers."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.errors import BadInput, NotEnoughData
from analytics.formats import labelled, number, percent
from analytics.methods.base import LEFT_OUT, Assignment, Labels, Method, Words
from analytics.methods.binning import bin_of, quantile_edges
from analytics.methods.preparation import cells_of
from analytics.methods.settings import Setting
from analytics.translation import mark as _
from analytics.translation import translate
from analytics.value.abc import abc_sizes_computed, abc_sizes_fixed

Numbers = NDArray[np.float64]
LOSS_MAKING = 3  # the tier of losses with ABC
SCHEMES = {
    "quantiles": _("Equal numbers of customers"),
    "abc_fixed": _("ABC: 80, 15 and 5% of the net total"),
    "abc_computed": _("ABC: computed from the curve"),
    "thresholds": _("Own thresholds"),
}


@dataclass(frozen=True)
class TiersModel:
    """Cuts along the value.

    cuts : ascending; with n of them there are n + 1 tiers. labels : of each tier, from the lowest value up.
    upper : whether a value equal to a cut is in the upper tier rather than the lower.
    """

    cuts: tuple[float, ...]
    labels: tuple[int, ...]
    upper: bool

    def predict(self, table: pd.DataFrame, value: "pd.Series[float]") -> Labels:
        amounts = cells_of(value)
        tiers = bin_of(amounts, self.cuts, upper=self.upper)
        return np.where(np.isnan(amounts), LEFT_OUT, np.array(self.labels, np.int64)[tiers])


Naming = Callable[[], dict[int, str]]
Tiers = tuple[TiersModel, Naming, dict[int, str], list[float]]


class ValueTiersMethod(Method):
    """Cut customers into tiers by the value that the recipe measures.

    Use it when the question is who matters most in money, and nothing else.
    Not when customers of the same value need different treatment.
    Source: computed ABC, Ultsch and Loetsch 2015; the others are customary.
    """

    key, label, order = "value_tiers", _("Value tiers"), 20
    settings = (
        Setting("scheme", _("Where to cut"), default="quantiles", kind="choice", choices=SCHEMES,
                help=_("Equal values always share a tier. With ABC, losses are a tier of their own.")),
        Setting("tiers", _("Number of tiers"), default=4, low=2, high=10, only_with=("scheme", "quantiles"),
                help=_("A value equal to a cut goes into the lower tier.")),
        Setting("thresholds", _("Thresholds"), default=[], kind="thresholds",
                only_with=("scheme", "thresholds"),
                help=_("Amounts, smallest first. A value equal to a threshold is in the upper tier.")),
    )  # fmt: skip

    def assign(
        self, table: pd.DataFrame, *, value: "pd.Series[float]", words: Words, seed: int, **settings: Any
    ) -> Assignment:
        amounts = cells_of(value)
        known = ~np.isnan(amounts)
        key = str(value.name)
        if not known.any():
            what = translate("{label} is empty for every customer.").format(label=words.label(key))
            raise NotEnoughData(what, translate("Measure value in another indicator."))
        cut = _CUTS[settings["scheme"]]
        model, naming, rules, cuts = cut(amounts[known], lambda amount: words.quantity(key, amount), settings)
        labels = model.predict(table, value)
        expected = naming()
        if settings["scheme"].startswith("abc"):
            del expected[LOSS_MAKING]  # that nobody makes a loss is no news
        empty = int((~known).sum())
        reason = translate("{label} is empty").format(label=words.label(key))
        return Assignment(
            labels=labels,
            naming=naming,
            rules={tier: rule.format(label=words.label(key)) for tier, rule in rules.items()},
            left_out={reason: empty} if empty else {},
            quality={"silhouette": None},
            warnings=missing_tiers(labels, expected),
            details={"cuts": cuts},
            model=model,
        )


def tier_names(count: int) -> dict[int, str]:
    """What tiers of equal numbers of customers are called, the lowest first.

    >>> tier_names(3)
    {0: 'Bottom 33%', 1: '33%–67%', 2: 'Top 33%'}
    """
    shares = [percent(at / count) for at in range(count + 1)]
    names = {at: f"{shares[count - at - 1]}–{shares[count - at]}" for at in range(count)}
    names[count - 1] = translate("Top {share}").format(share=shares[1])
    names[0] = translate("Bottom {share}").format(share=shares[1])
    return names


def tier_rules(edges: Numbers, written: Callable[[float], str]) -> dict[int, str]:
    """The rule of each tier, with `{label}` for what is cut; a figure equal to an edge is in the lower one."""
    count = len(edges) + 1
    rules = {at: translate("{{label}} above {low}, at most {high}").format(
        low=written(edges[at - 1]), high=written(edges[at])) for at in range(1, count - 1)}  # fmt: skip
    rules[0] = translate("{{label}} at most {high}").format(high=written(edges[0]))
    rules[count - 1] = translate("{{label}} above {low}").format(low=written(edges[-1]))
    return rules


def missing_tiers(labels: NDArray[np.int64], names: dict[int, str]) -> list[str]:
    """A warning that names the tiers which nobody is in."""
    found = set((np.flatnonzero(np.bincount(labels - LEFT_OUT)) + LEFT_OUT).tolist())
    missing = [name for tier, name in names.items() if tier not in found]
    if not missing:
        return []
    note = translate("Nobody is in: {names}. Equal values are never parted, so a tier can stay empty.")
    return [note.format(names=translate(", ").join(missing))]


def _quantiles(amounts: Numbers, written: Callable[[float], str], settings: dict[str, Any]) -> Tiers:
    count = int(settings["tiers"])
    edges = quantile_edges(amounts, count)
    model = TiersModel(tuple(edges.tolist()), tuple(range(count)), upper=False)
    return model, partial(tier_names, count), tier_rules(edges, written), edges.tolist()


def _thresholds(amounts: Numbers, written: Callable[[float], str], settings: dict[str, Any]) -> Tiers:
    cuts = settings["thresholds"]
    if not cuts:
        what = translate("Tiers by own thresholds need at least one threshold.")
        raise BadInput(what, translate("Add one to the recipe, such as thresholds = [10000, 100000]."))
    rules = {at: labelled("{label}", name) for at, name in _between(cuts).items()}
    model = TiersModel(tuple(cuts), tuple(range(len(cuts) + 1)), upper=True)
    return model, partial(_between, cuts), rules, list(cuts)


def _between(cuts: list[float]) -> dict[int, str]:
    """What tiers by own thresholds are called, the lowest first."""
    texts = [number(cut, 0 if float(cut).is_integer() else 2) for cut in cuts]
    names = {at: translate("{low} to under {high}").format(low=texts[at - 1], high=texts[at])
             for at in range(1, len(cuts))}  # fmt: skip
    names |= {0: translate("Under {high}").format(high=texts[0])}
    return names | {len(cuts): translate("{low} and more").format(low=texts[-1])}


def _abc(sizes: Callable[[Numbers], tuple[int, int]], rules: dict[int, str]) -> Callable[..., Tiers]:
    def cut(amounts: Numbers, written: Callable[[float], str], settings: dict[str, Any]) -> Tiers:
        ordered = np.sort(amounts)[::-1]
        if not ordered.sum() > 0:
            raise NotEnoughData(
                translate("The net total is not positive, so it has no classes A, B and C."),
                translate("Choose equal numbers, thresholds of your own, or another value indicator."),
            )
        in_a, in_b = sizes(ordered)
        ends = [float(ordered[end - 1]) for end in (in_a, in_a + in_b)]
        cuts = (0.0, max(0.0, ends[1]), max(0.0, ends[0]))
        names = {
            0: _("A: the vital few"),
            1: _("B: the middle"),
            2: _("C: the small"),
            LOSS_MAKING: _("Loss-making"),
        }
        return (
            TiersModel(cuts, (LOSS_MAKING, 2, 1, 0), upper=True),
            lambda: {tier: translate(name) for tier, name in names.items()},
            {tier: translate(rule) for tier, rule in rules.items()},
            ends,
        )

    return cut


_LOSSES = {LOSS_MAKING: _("{label} below zero")}
_CUTS: dict[str, Callable[..., Tiers]] = {
    "quantiles": _quantiles,
    "thresholds": _thresholds,
    "abc_fixed": _abc(abc_sizes_fixed, _LOSSES | {
        0: _("The largest in {label}, who bring the first 80% of the net total"),
        1: _("The next, up to 95% of the net total"),
        2: _("The rest without losses"),
    }),
    "abc_computed": _abc(abc_sizes_computed, _LOSSES | {
        0: _("The few in {label} up to where the curve comes nearest to all value from no customer"),
        1: _("The next, up to where the curve turns flat"),
        2: _("The rest without losses"),
    }),
}  # fmt: skip
