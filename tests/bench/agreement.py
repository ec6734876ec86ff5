"""How well a fit on a sample agrees with a fit on every customer: `python -m tests.bench.agreement` prints a table.

    python -m tests.bench.agreement BANK                every method that fits a sample, on a bank of 20,000
    python -m tests.bench.agreement BANK --methods hierarchical --segments 6

BANK is a warehouse folder of the demo bank. A full fit is called stable where it agrees with full fits on nine
customers of ten, drawn three times, at least as well as is asked of the sample: else there is no one answer to
agree with.
"""

import argparse
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from analytics.methods import METHODS
from tests.bench.report import kept, table

SAMPLED = ("hierarchical", "density", "mixed")
ASKED, DRAWS = 0.9, 3
SETS = {
    "habits": ("transactions_count_12m", "credit_amount_12m", "channel_branch_share_12m",
               "channel_mobile_share_12m", "days_since_last_transaction", "age_years"),
    "worth and habits": ("credit_amount_12m", "average_ticket_12m", "age_years", "days_since_last_transaction",
                         "channel_branch_share_12m", "channel_mobile_share_12m", "profit_12m",
                         "investments_average_3m"),
    "worth and age": ("profit_12m", "balance_average_3m", "transactions_count_12m", "products_held",
                      "tenure_years", "age_years"),
}  # fmt: skip


@dataclass(frozen=True)
class Agreement:
    """Adjusted Rand indices of a method on a table.

    sampled : of the fit on a sample with the full fit, by seed. stable : the least of the full fit with those
    that lack a random tenth of the customers, on the others.
    """

    sampled: tuple[float, ...]
    stable: float


def agreement(
    key: str, people: pd.DataFrame, *, seeds: Sequence[int] = (1, 2, 3), **settings: Any
) -> Agreement:
    """Fit a method on its sample and on everybody of a table of indicators, and compare."""
    with everybody(key):
        whole = labels(key, people, 1, settings)
        again = [_without_a_tenth(key, people, whole, draw, settings) for draw in range(DRAWS)]
    samples = [labels(key, people, seed, settings) for seed in seeds]
    return Agreement(tuple(adjusted_rand_score(whole, sample) for sample in samples), min(again))


def _without_a_tenth(
    key: str, people: pd.DataFrame, whole: np.ndarray, draw: int, settings: dict[str, Any]
) -> float:
    some = np.random.default_rng(draw).random(len(people)) < 0.9
    return adjusted_rand_score(whole[some], labels(key, people[some], 1, settings))


def labels(key: str, people: pd.DataFrame, seed: int, settings: dict[str, Any]) -> np.ndarray:
    """The method's labels of these customers."""
    value = pd.Series(1.0, index=people.index)
    return METHODS[key].run(people, value, seed=seed, **settings).labels


@contextmanager
def everybody(key: str) -> Iterator[None]:
    """The method fits on every customer while this lasts."""
    module = import_module(type(METHODS[key]).__module__)
    usual = module.LARGEST
    module.LARGEST = 10**9
    try:
        yield
    finally:
        module.LARGEST = usual


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("bank", type=Path)
    parser.add_argument("--methods", nargs="+", default=list(SAMPLED), choices=SAMPLED)
    parser.add_argument("--segments", nargs="+", type=int, default=[4, 7])
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=list(SETS))
    return parser.parse_args()


def main() -> None:
    """Measure and print the table."""
    asked = arguments()
    os.environ["CLIENTELE_WAREHOUSE"] = str(asked.bank)
    from tests.bench.jobs import ANALYST, book  # reads the folder from the environment

    whole = book(ANALYST)
    rows = []
    for name in asked.sets:
        people = whole.frame(SETS[name]).set_index("customer_id").sort_index()
        for key in asked.methods:
            has_count = any(setting.key == "segments" for setting in METHODS[key].settings)
            for settings in [{"segments": n} for n in asked.segments] if has_count else [{}]:
                rows.append(_row(name, key, settings, agreement(key, people, **settings)))
                print("  " + " | ".join(rows[-1]), flush=True)
    header = ("indicators", "method", "segments", "full fit stable", "sample: mean", "least", "asked", "kept")
    print("\n" + table(header, rows))


def _row(name: str, key: str, settings: dict[str, Any], found: Agreement) -> tuple[str, ...]:
    stable = found.stable >= ASKED
    figures = (f"{found.stable:.2f}", f"{mean(found.sampled):.2f}", f"{min(found.sampled):.2f}")
    ours = kept(-mean(found.sampled), -ASKED) if stable else "not stable"
    return name, key, str(settings.get("segments", "")), *figures, f"{ASKED}", ours


if __name__ == "__main__":
    main()
