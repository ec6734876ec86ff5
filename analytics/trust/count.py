"""How many segments? The curve over 1 to 10, the rule's pick and its own doubt."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.errors import NotEnoughData
from analytics.formats import in_a_row, number
from analytics.jobs import checkpoint
from analytics.methods import METHODS
from analytics.methods.base import Method
from analytics.methods.prepare import prepare
from analytics.population import Customers, Population, population
from analytics.recipe import MethodChoice, Recipe
from analytics.translation import translate as _
from analytics.trust.gap import REFERENCES, beyond_one_gaussian, gap_statistic, tibshirani
from analytics.trust.kinds import few_kinds
from analytics.trust.sample import part_of, sample_rows, tried
from analytics.workers import Progress, in_parallel

Numbers = NDArray[np.float64]
MOST_CUSTOMERS = 5_000
FEWEST_CUSTOMERS = 30
MOST_SEGMENTS = 10
FIGURES = ("silhouette", "bic")
COLUMNS = ["segments", "silhouette", "gap", "gap_error", "bic"]


@dataclass(frozen=True)
class Counts:
    """The curve over the number of segments.

    table : COLUMNS, one row a number from 1 on. silhouette : of the recipe's own method on at most 2,000
    customers, higher is better, NaN for 1. gap, gap_error : of k-means, higher is better. bic : lower is better,
    NaN where the method has none. pick : by Tibshirani's rule on the gap, or 1 where
    one Gaussian could be cut as tightly. sampled : of so many customers.
    """

    table: pd.DataFrame
    pick: int
    sentence: str
    sampled: int
    customers: int


def segment_counts(book: Customers, recipe: Recipe) -> Counts:
    """Try the recipe's method with 1 to MOST_SEGMENTS segments on at most MOST_CUSTOMERS customers.

    Raises NotEnoughData for a method that can't be asked for a number of segments, or with fewer than
    FEWEST_CUSTOMERS customers who differ; Cancelled when stopped.
    """
    method = METHODS[recipe.method.key]
    least, most = _bounds(method)
    checkpoint(0.0, _("Reading the customers"))
    whole = population(book, recipe)
    rows = sample_rows(len(whole.table), MOST_CUSTOMERS, recipe.method.seed)
    people = part_of(whole, rows)
    matrix = prepare(people.table).matrix
    _require_kinds(matrix)
    counts = range(1, MOST_SEGMENTS + 1)
    progress = Progress(MOST_SEGMENTS * (REFERENCES + 2) + REFERENCES + 1)
    gap, error = gap_statistic(matrix, counts, recipe.method.seed, progress)
    own = _curve(people, recipe, range(least, min(most, MOST_SEGMENTS) + 1), progress)
    table = pd.DataFrame({"segments": list(counts), "gap": gap, "gap_error": error})
    table = table.merge(own, on="segments", how="left")[COLUMNS]
    rule = int(table["segments"].iloc[tibshirani(gap, error)])
    apart = rule > 1 and beyond_one_gaussian(matrix, rule, recipe.method.seed, progress)
    pick = rule if apart else 1
    said = in_a_row(_picked(table, pick, rule), _others(table), _basis(len(rows), len(whole.table)))
    return Counts(table, pick, said, len(rows), len(whole.table))


def counts_toml(book: Customers, text: str) -> Counts:
    """`segment_counts` from a recipe as plain text, so that equal questions can share an answer."""
    return segment_counts(book, Recipe.from_toml(text))


def _bounds(method: Method) -> tuple[int, int]:
    """From how many to how many segments the method can be asked for."""
    for setting in method.settings:
        if setting.key == "segments" and setting.kind == "integer":
            return int(setting.low or 1), int(setting.high or MOST_SEGMENTS)
    what = _("{method} is not asked for a number of segments, so there is no curve over it.")
    raise NotEnoughData(
        what.format(method=_(method.label)), _("Choose a method with that setting, such as k-means.")
    )


def _require_kinds(matrix: Numbers) -> None:
    """Raise NotEnoughData where a curve would say nothing: one segment a kind of customers explains all."""
    if len(matrix) < FEWEST_CUSTOMERS or not matrix.shape[1]:
        what = _("{n} customers are too few, or too much alike, to say how many segments there are.")
        remedy = _("Widen the population to at least {least} customers, or choose other indicators.")
        raise NotEnoughData(what.format(n=number(len(matrix))), remedy.format(least=FEWEST_CUSTOMERS))
    distinct = len(np.unique(matrix, axis=0))
    if distinct <= MOST_SEGMENTS or few_kinds(pd.DataFrame(matrix)):
        what = _(
            "The customers have only {n} different values in these indicators: each is a group of its own."
        )
        raise NotEnoughData(what.format(n=number(distinct)), _("Choose indicators with more values."))


def _curve(people: Population, recipe: Recipe, counts: range, progress: Progress) -> pd.DataFrame:
    """segments, silhouette and bic of the recipe's own method, as far as it can be asked."""
    tasks = [partial(_tried, people, recipe, count) for count in counts]
    own = pd.DataFrame(
        in_parallel(tasks, progress, _("Trying each number of segments")), columns=["segments", *FIGURES]
    )
    if own["bic"].notna().any() and 1 not in counts:
        own.loc[len(own)] = _together(people, recipe)
    return own


def _tried(people: Population, recipe: Recipe, count: int) -> tuple[int, float, float]:
    """Silhouette and BIC with so many segments."""
    settings = {"key": recipe.method.key, "seed": recipe.method.seed, **recipe.method.settings}
    method = MethodChoice.model_validate(settings | {"segments": count})
    found = tried(people, recipe.model_copy(update={"method": method}))
    quality = found.quality if found else {}
    shown, bic = (np.nan if quality.get(key) is None else float(quality[key]) for key in FIGURES)
    return count, shown, bic


def _together(people: Population, recipe: Recipe) -> tuple[int, float, float]:
    """BIC of everyone in one group, which nobody may ask for as segments but which is to be compared with."""
    method = METHODS[recipe.method.key]
    settings = method.resolve(recipe.method.settings) | {"segments": 1}
    found = method.assign(
        people.table, value=people.value, words=people.words, seed=recipe.method.seed, **settings
    )
    return 1, float("nan"), float(found.quality["bic"])


def _basis(sampled: int, customers: int) -> str:
    what = _("Worked out on all {n} customers.")
    if sampled < customers:
        what = _("Worked out on a sample of {n} of {total} customers.")
    return what.format(n=number(sampled), total=number(customers))


def _picked(table: pd.DataFrame, pick: int, rule: int) -> str:
    """The pick, and how sure the rule is of it."""
    if rule > 1 and pick == 1:
        what = _("One group: the gap rule would say {n}, but one cloud without groups can be cut as tightly.")
        return what.format(n=number(rule))
    if pick == 1:
        said = _("One group: splitting the customers gains no more than it would in evenly spread data.")
    elif pick == len(table):
        said = _("At least {n} segments by the gap rule: the gain still grows at the end of the range.")
    else:
        said = _("{n} segments by the gap rule: one more gains no more than it would in evenly spread data.")
    return in_a_row(said.format(n=number(pick)), _doubt(table, pick))


def _doubt(table: pd.DataFrame, pick: int) -> str:
    """How narrowly the rule decided, in errors of the gap."""
    gap, error = table["gap"].to_numpy(), table["gap_error"].to_numpy()
    at = pick - 1
    if at + 1 < len(gap) and gap[at] < gap[at + 1]:
        what = _("It is close: {next} would be a little better, but within the error.")
        return what.format(next=number(pick + 1))
    later = int(np.argmax(gap))
    if later > at and gap[later] - error[later] > gap[at]:
        what = _("The gap rises again later, up to {n}: there may be finer groups inside.")
        return what.format(n=number(later + 1))
    return ""


def _others(table: pd.DataFrame) -> str:
    """What silhouette and BIC would say."""
    said, counts = [], table["segments"].to_numpy()
    if table["silhouette"].notna().any():
        shown = table["silhouette"].to_numpy()
        best = int(np.nanargmax(shown))
        what = _("The silhouette, which can't say one, is highest for {n} ({figure} of 1).")
        said.append(what.format(n=number(counts[best]), figure=number(shown[best], 2)))
    if table["bic"].notna().any():
        best = int(np.nanargmin(table["bic"].to_numpy()))
        said.append(_("BIC is lowest for {n}.").format(n=number(counts[best])))
    return in_a_row(*said)
