"""Why these segments: a short rule for each that a person can read, and what sets each apart, with intervals."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analytics.jobs import checkpoint
from analytics.methods.base import Words
from analytics.methods.preparation import cells_of, is_number
from analytics.methods.prepare import on_own_scale
from analytics.translation import translate as _
from analytics.trust.cuts import candidates
from analytics.trust.rules import Search, as_filter, in_words

Labels = NDArray[np.int64]
Numbers = NDArray[np.float64]
SEARCHED = 20_000
LEVEL = 0.95
RULES = ["segment", "rule", "precision", "cover", "where"]
DIFFERENCES = ["segment", "indicator", "standard", "low", "high"]


def reasons(table: pd.DataFrame, segments: Labels, words: Words) -> pd.DataFrame:
    """A short rule for each segment: at most three conditions with round figures that come nearest to it.

    table : shape (n_customers, n_indicators), of the customers in segments. segments : 1, 2, ... without gaps.
    Returns RULES, one row a segment. precision : the share of the customers that fit the rule who are in the
    segment; cover : the share of the segment who fit the rule; both of the rule as it is printed, over all
    customers given. where : the same rule as a recipe's filter, empty for a rule that everyone fits.
    The search is for the best F1 among at most SEARCHED customers, as many of each segment where it has them.
    """
    chosen, weights = _searched(table, segments)
    search = Search(table.iloc[chosen], weights, candidates(table.iloc[chosen], segments[chosen], words))
    count = int(segments.max(initial=0))
    rows = []
    for segment in range(1, count + 1):
        checkpoint()
        rule = search.best(segments[chosen] == segment) if count > 1 else None
        fits = np.ones(len(table), bool) if rule is None else rule.mask(table).to_numpy()
        inside = segments == segment
        both = int((fits & inside).sum())
        text = _("Everyone") if count == 1 else _("No short rule tells this segment from the others")
        rows.append(
            (
                segment,
                in_words(rule, words) if rule else text,
                both / fits.sum() if fits.any() else np.nan,
                both / inside.sum(),
                as_filter(rule) if rule else "",
            )
        )
    return pd.DataFrame(rows, columns=RULES)


def _searched(table: pd.DataFrame, segments: Labels) -> tuple[NDArray[np.int64], Numbers]:
    """The customers to search over, and how many each stands for; the same whatever their order."""
    order = np.argsort(table.index.to_numpy(), kind="stable")
    if len(table) <= SEARCHED:
        return order, np.ones(len(table))
    random = np.random.default_rng(0)
    here, sizes = segments[order], np.bincount(segments)
    most = _even_share(sizes[sizes > 0])
    shuffled = random.permutation(len(order))
    place = pd.Series(here[shuffled]).groupby(here[shuffled]).cumcount().to_numpy()
    taken = np.sort(shuffled[place < most])
    weights = (sizes / np.minimum(sizes, most).clip(1))[here[taken]]
    return order[taken], weights


def _even_share(sizes: NDArray[np.int64]) -> int:
    """The most of each segment to take, so that all together are about SEARCHED."""
    most = SEARCHED // len(sizes)
    for _round in range(len(sizes)):
        spare = SEARCHED - np.minimum(sizes, most).sum()
        open_to_more = int((sizes > most).sum())
        most += spare // max(open_to_more, 1)
    return int(most)


def differences(table: pd.DataFrame, segments: Labels) -> pd.DataFrame:
    """What sets each segment apart: its differences from the book in standard units, with 95 % intervals.

    table : shape (n_customers, n_indicators), of the customers in segments. segments : 1, 2, ... without gaps.
    Returns DIFFERENCES, one row a segment and indicator, the most telling first within each; standard as in
    `profile.profile`. The interval treats the book as a draw of customers: how far the difference would
    repeat itself among as many others of the same kind; it is empty for a segment with one known value.
    Source: the influence function of (mean of the segment - mean of the book) / deviation of the book,
    Hampel 1974, with Student's t for small segments; for categories the share is Agresti and Coull's (1998).
    """
    count = int(segments.max(initial=0))
    parts = [_differences_of(str(key), table[key], segments, count) for key in table]
    if not parts:
        return pd.DataFrame(columns=DIFFERENCES)
    whole = pd.concat(parts, ignore_index=True)
    strength = -whole["standard"].abs().round(6)  # so that rounding does not decide the order
    order = whole.assign(strength=strength.fillna(1.0)).sort_values(["segment", "strength", "indicator"])
    return order[DIFFERENCES].reset_index(drop=True)


def _differences_of(key: str, column: "pd.Series[float]", segments: Labels, count: int) -> pd.DataFrame:
    if is_number(column):
        cells = cells_of(column)
        scaled, known = on_own_scale(cells)[1], ~np.isnan(cells)
        rows = [_difference(scaled[known], (segments == at)[known]) for at in range(1, count + 1)]
    else:
        codes = column.astype("category").cat.codes.to_numpy().astype(np.int64)
        known = codes >= 0
        rows = [_of_commonest(codes[known], (segments == at)[known]) for at in range(1, count + 1)]
    found = pd.DataFrame(rows, columns=["standard", "low", "high"])
    return found.assign(indicator=key, segment=np.arange(1, count + 1))


def _of_commonest(codes: Labels, inside: NDArray[np.bool_]) -> tuple[float, float, float]:
    """The same of "is in the segment's commonest category"."""
    if not inside.any():
        return np.nan, np.nan, np.nan
    member = (codes == np.bincount(codes[inside]).argmax()).astype(np.float64)
    spread = member.std()
    if not spread:
        return _difference(member * 0, inside)
    # A share of all or nearly all seems certain in a small segment; two more of each kind make it honest.
    share = (member[inside].sum() + 2) / (inside.sum() + 4)
    return _difference((member - member.mean()) / spread, inside, share * (1 - share) / spread**2)


def _difference(
    scaled: Numbers, inside: NDArray[np.bool_], least_variance: float = 0.0
) -> tuple[float, float, float]:
    """Mean of those inside, and its interval; scaled : of mean 0 and deviation 1 over everyone."""
    n, here = len(scaled), int(inside.sum())
    if not here:
        return np.nan, np.nan, np.nan
    middle = float(scaled[inside].mean())
    if here < 2:
        return middle, np.nan, np.nan
    influence = -scaled - middle * (scaled**2 - 1) / 2
    influence[inside] += (scaled[inside] - middle) * (n / here)
    missing = max(0.0, least_variance - float(scaled[inside].var())) / here
    error = np.sqrt(influence.var() / n * here / (here - 1) + missing)
    reach = float(stats.t.ppf((1 + LEVEL) / 2, here - 1) * error)
    return middle, middle - reach, middle + reach
