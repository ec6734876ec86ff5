"""What methods cost at the whole bank and eight indicators, beside the same split written by hand.

Ours is everything: preparing the table, fitting, scoring everybody, names and warnings. The floor is scikit-learn's
own fit on the matrix that ours prepared, or what numpy needs for the cuts alone.

python -m tests.bench.methods data/bench-1000000    prints the tables for a bank that is there
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.mixture import GaussianMixture
from sklearn.tree import DecisionTreeRegressor

from analytics.methods import METHODS, Assignment
from analytics.methods.gaussian_mixture import FLOOR
from analytics.methods.prepare import prepare
from analytics.methods.rfm import BY_SCORES
from tests.bench.agreement import ASKED, agreement
from tests.bench.jobs import ANALYST, EIGHT, book
from tests.bench.measure import Measured, apart, in_turn, once, peak_memory
from tests.bench.report import kept
from tests.bench.report import table as lined

VALUE, OUTCOME, K = "credit_amount_12m", "average_ticket_12m", 5
CUSTOMERS = 20_000  # where methods that fit a sample are held against fitting everybody
SAMPLED: dict[str, tuple[str, ...]] = {"hierarchical": (), "density": (), "mixed": ("region",)}
BAR, MOST_MEMORY, MOST_INERTIA = 1.2, 4096, 1.01  # times the floor, MiB, times ten starts on everybody
Numbers = NDArray[np.float64]
Floor = Callable[[pd.DataFrame, Numbers], Any]


@dataclass(frozen=True)
class Split:
    """A method with its settings, the same by hand, and how often both are run after a warm-up."""

    label: str
    floor: Floor | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    runs: int = 5


def _fifths(cells: Numbers, cuts: int) -> NDArray[np.int64]:
    return np.searchsorted(np.nanquantile(cells, np.arange(1, cuts) / cuts), cells)


def _rfm(table: pd.DataFrame, matrix: Numbers) -> Any:
    keys = ("days_since_last_transaction", "transactions_count_12m", VALUE)
    recency, frequency, money = (_fifths(table[key].to_numpy(), 5) for key in keys)
    return BY_SCORES[np.maximum(4 - recency, 0), frequency, money]  # an empty recency is above every edge


def _tiers(table: pd.DataFrame, matrix: Numbers) -> Any:
    return _fifths(table[VALUE].to_numpy(), 4)


def _matrix(table: pd.DataFrame, matrix: Numbers) -> Any:
    return _fifths(table["debit_amount_12m"].to_numpy(), 2) * 2 + _fifths(table[VALUE].to_numpy(), 2)


def _tree(table: pd.DataFrame, matrix: Numbers) -> Any:
    tree = DecisionTreeRegressor(max_leaf_nodes=K, min_weight_fraction_leaf=0.05)
    rows, outcome = table.drop(columns=OUTCOME).to_numpy(), table[OUTCOME].fillna(0).to_numpy()
    return tree.fit(rows, outcome).apply(rows)


SPLITS: dict[str, Split] = {
    "kmeans": Split("k-means, 5 segments: scikit-learn's KMeans", lambda _t, m: KMeans(K).fit_predict(m)),
    "gaussian_mixture": Split(
        "Gaussian mixture, 5 segments: scikit-learn's GaussianMixture",
        lambda _t, m: GaussianMixture(K, reg_covar=FLOOR).fit_predict(m), runs=1,
    ),
    "rfm": Split("RFM: numpy's quantiles and searchsorted", _rfm),
    "value_tiers": Split("value tiers, quarters: numpy's quantiles and searchsorted", _tiers),
    "matrix": Split("matrix, two by two: numpy's quantiles and searchsorted", _matrix,
                    {"across": VALUE, "up": "debit_amount_12m"}),
    "decision_tree": Split("decision tree, 5 leaves: scikit-learn's DecisionTreeRegressor", _tree,
                           {"outcome": OUTCOME}, runs=3),
    "limited_kmeans": Split("size-limited k-means, even shares", runs=1),
    "hierarchical": Split("hierarchical, 5 segments", runs=1),
    "density": Split("density", runs=1),
    "mixed": Split("mixed numbers and categories, 5 segments", runs=1),
}  # fmt: skip


def measure(key: str) -> Measured:
    """Ours and the floor in turn in one process, so that what else the machine does falls on both.

    The answer holds the floor's medians, and for k-means its inertia over that of ten starts on everybody.
    """
    split, whole = SPLITS[key], book(ANALYST).frame(EIGHT).set_index("customer_id")
    run = partial(METHODS[key].run, whole, whole[VALUE], **split.settings)
    found = run()
    peak = peak_memory()
    matrix = prepare(whole).matrix
    works = {"ours": run} | ({"floor": partial(split.floor, whole, matrix)} if split.floor else {})
    told = in_turn(works, split.runs)
    answer = {"floor": told.get("floor", (0.0, 0.0))}
    answer |= {"inertia": _inertia(found, matrix)} if key == "kmeans" else {}
    return Measured(*told["ours"], peak, answer)


def sampled(key: str) -> Measured:
    """A method that fits a sample, beside itself fitting all of CUSTOMERS."""
    people = book(ANALYST).frame((*EIGHT, *SAMPLED[key])).set_index("customer_id").head(CUSTOMERS)
    done = once(lambda: agreement(key, people))
    return Measured(done.seconds, done.cpu, done.peak, asdict(done.answer))


def table(measured: Mapping[str, Measured]) -> str:
    """Seconds beside the floor's, as lines for the report."""
    rows = []
    for key, split in SPLITS.items():
        ours, (floor, floor_cpu) = measured[f"method: {key}"], measured[f"method: {key}"].answer["floor"]
        ratio = ours.seconds / floor if floor else None
        rows.append(
            (split.label, f"{ours.seconds:.2f}", f"{floor:.2f}" if floor else "",
             f"{ratio:.2f}" if ratio else "", f"{BAR}" if ratio else "", kept(ratio, BAR) if ratio else "",
             f"{ours.cpu / floor_cpu:.2f}" if ratio else "", f"{ours.peak:,.0f}", kept(ours.peak, MOST_MEMORY))
        )  # fmt: skip
    header = ("method, and its floor", "ours, s", "floor, s", "ratio", "bar", "kept", "ratio of CPU",
              "peak, MiB", f"at most {MOST_MEMORY:,}")  # fmt: skip
    inertia = measured["method: kmeans"].answer["inertia"]
    note = f"Inertia of k-means over that of ten starts on everybody: {inertia:.4f}"
    said = f"{note}; at most {MOST_INERTIA}: {kept(inertia, MOST_INERTIA)}."
    return lined(header, rows) + "\n\n" + said + "\n\n" + _agreements(measured)


def _agreements(measured: Mapping[str, Measured]) -> str:
    rows = []
    for key in SAMPLED:
        found = measured[f"sampled: {key}"]
        stable, ours = found.answer["stable"], median(found.answer["sampled"])
        verdict = "not stable" if stable < ASKED else kept(-ours, -ASKED)
        rows.append((METHODS[key].label, f"{stable:.3f}", f"{ours:.3f}", f"{ASKED}", verdict))
    header = (f"full fit of {CUSTOMERS:,} customers", "stable", "agreement of a sample's fit", "bar", "kept")
    return lined(header, rows)


def _inertia(found: Assignment, matrix: Numbers) -> float:
    centres = np.array(found.details["centres"])
    own = float(((matrix - centres[found.labels]) ** 2).sum())
    return own / float(KMeans(K, n_init=10, random_state=0).fit(matrix).inertia_)


JOBS: dict[str, Callable[[], Measured]] = {
    **{f"method: {key}": partial(measure, key) for key in SPLITS},
    **{f"sampled: {key}": partial(sampled, key) for key in SAMPLED},
}


def main(words: Sequence[str]) -> None:
    """Measure one job in this process; or, given a bank's folder, all of them, each in its own."""
    if words[0] in JOBS:
        print(json.dumps(asdict(JOBS[words[0]]())))
        return
    print(table({job: apart(Path(words[0]), job, 1, module="tests.bench.methods") for job in JOBS}))


if __name__ == "__main__":
    main(sys.argv[1:])
