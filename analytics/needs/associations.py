"""Products that customers of a segment hold together more often than chance would have it."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from efficient_apriori import Rule, apriori
from scipy.stats import false_discovery_control, hypergeom

from analytics.needs.matching import Numbers
from analytics.needs.measures import SURE, wilson

LEAST_COUNT, LEAST_SUPPORT = 5, 0.02  # customers, and share of the segment, that must hold the combination
LONGEST = 3  # products in a combination
BETTER = 1.1  # how many times the lift of a simpler rule one with more conditions must have
MOST, MOST_OF_ONE = 10, 2  # rules, and rules about one product
COLUMNS = ("if", "then", "support", "confidence", "lift", "customers", "base")


def associations(baskets: Sequence[tuple[str, ...]]) -> pd.DataFrame:
    """Rules "who holds `if` holds `then` too": COLUMNS, the surest first, at most MOST.

    baskets : the products of each customer of the segment, each product once; empty ones count as customers.
    support : share of the segment that holds all of it, `customers` of them. confidence : of those who hold `if`,
    the share that holds `then`; base is the share of all. lift is confidence / base: 1 is independence.
    Only rules are given whose confidence, at the lower end of its 95 % interval, is above base, and of which at most
    SURE are so by chance (Fisher's test; Benjamini and Hochberg 1995 over all rules tried); of several that say the
    same of one combination, or with more conditions hardly more, the surest alone.
    Source: Agrawal and Srikant 1994 (itemsets), Bayardo 1999 (rules that more conditions don't improve).

    >>> told = associations([("loan", "cover")] * 8 + [("loan",)] * 2 + [("card",)] * 10)
    >>> told[["if", "then", "customers", "lift"]].values.tolist()
    [[['cover'], 'loan', 8, 2.0]]
    """
    size = len(baskets)
    rules: list[Rule] = []
    if size >= LEAST_COUNT:
        support = max(LEAST_COUNT / size, LEAST_SUPPORT)
        _sets, rules = apriori(list(baskets), min_support=support, min_confidence=1e-9, max_length=LONGEST)
    rows = _rows([rule for rule in rules if len(rule.rhs) == 1], size)
    return pd.DataFrame(_without_repeats(rows), columns=list(COLUMNS))


def _rows(rules: list[Rule], size: int) -> list[dict[str, Any]]:
    """The sure ones with COLUMNS, the surest first; of equal ones the one with fewer conditions."""
    rules = sorted(rules, key=lambda rule: (len(rule.lhs), rule.lhs, rule.rhs))
    counts = np.array([(rule.count_full, rule.count_lhs, rule.count_rhs) for rule in rules], np.float64)
    both, given, then = counts.reshape(-1, 3).T
    base, confidence = then / size, both / given
    surely = wilson(confidence, given).low / base
    sure = (surely > 1) & (_chances(both, given, then, size) <= SURE)
    order = np.argsort(-surely, kind="stable")
    return [
        {
            "if": sorted(rules[at].lhs),
            "then": rules[at].rhs[0],
            "support": both[at] / size,
            "confidence": confidence[at],
            "lift": confidence[at] / base[at],
            "customers": int(both[at]),
            "base": base[at],
        }
        for at in order[sure[order]]
    ]


def _chances(both: Numbers, given: Numbers, then: Numbers, size: int) -> Numbers:
    """Fisher's exact test of as many or more together, adjusted for as many rules as were tried."""
    alone = hypergeom.sf(both - 1, size, then, given)
    return np.asarray(false_discovery_control(np.clip(alone, 0, 1)) if len(alone) else alone)


def _without_repeats(rows: list[dict[Any, Any]]) -> list[dict[Any, Any]]:
    """One rule a combination, and none that a simpler one says nearly as well."""
    kept: list[dict[Any, Any]] = []
    seen: set[frozenset[str]] = set()
    about = Counter[str]()
    simple = {(frozenset(row["if"]), row["then"]): row["lift"] for row in rows}
    for row in rows:
        whole = frozenset([*row["if"], row["then"]])
        simpler = [
            lift
            for (parts, then), lift in simple.items()
            if then == row["then"] and parts < frozenset(row["if"])
        ]
        if (
            whole in seen
            or (simpler and row["lift"] < BETTER * max(simpler))
            or about[row["then"]] == MOST_OF_ONE
        ):
            continue
        seen.add(whole)
        about[row["then"]] += 1
        kept.append(row)
    return kept[:MOST]
