"""What fitting lifetime value costs: CDNOW beside PyMC-Marketing's own MAP fit, and a million customers.

    python -m tests.bench.lifetime                           ours alone
    python -m tests.bench.lifetime /path/to/venv/bin/python  beside PyMC-Marketing (an extra, not a dependency)

Ours is everything from plain columns: merging equal histories and both fits. Theirs is `fit(method="map")` of
both models, after a warm-up that lets it compile.
"""

import json
import subprocess
import sys
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analytics.lifetime.bgnbd import fit_bgnbd, merged
from analytics.lifetime.gamma_gamma import fit_gamma_gamma
from tests.bench.measure import ROOT, Measured, Work, timed
from tests.bench.report import kept
from tests.bench.report import table as lined

CDNOW = ROOT.parent / "shared" / "data" / "cdnow_sample.txt"
END, MILLION, RUNS = date(1997, 9, 30), 1_000_000, 5
PUBLISHED = (0.243, 4.414, 0.793, 2.426), (6.25, 3.74, 15.44)
FASTER, MOST_TIMES = 1 / 20, 60.0  # than theirs; the million against the small fit
Columns = dict[str, NDArray[np.float64]]

THEIRS = """
import json, sys, time, warnings, logging
warnings.filterwarnings("ignore"); logging.disable(logging.CRITICAL)
import pandas as pd
from pymc_marketing import clv
told = json.load(sys.stdin)
rows = pd.DataFrame({"customer_id": range(len(told["repeats"])), "frequency": told["repeats"],
    "recency": [d / 7 for d in told["last"]], "T": [d / 7 for d in told["age"]], "monetary_value": told["mean"]})
bought = rows[(rows.frequency > 0) & (rows.monetary_value > 0)]
def both():
    begin = time.perf_counter()
    fits = [clv.BetaGeoModel(data=rows), clv.GammaGammaModel(data=bought)]
    for model in fits:
        model.fit(method="map", progressbar=False)
    took = time.perf_counter() - begin
    values = [{k: float(v) for k, v in m.fit_result.mean().data_vars.items()} for m in fits]
    return took, values
both()
runs = sorted(both()[0] for _ in range(3))
print(json.dumps([runs[1], both()[1]]))
"""


def cdnow() -> Columns:
    """The CDNOW sample's first 39 weeks: repeats, last and age in days, mean of the repeat days."""
    bought: dict[str, dict[date, float]] = {}
    for cells in (line.split() for line in CDNOW.read_text().splitlines() if line.strip()):
        day = date.fromisoformat(cells[2])
        if day <= END:
            days = bought.setdefault(cells[1], {})
            days[day] = days.get(day, 0.0) + float(cells[4])
    rows = []
    for days in bought.values():
        first, *more = sorted(days)
        mean = sum(days[day] for day in more) / max(1, len(more))
        rows.append((len(more), (max(days) - first).days, (END - first).days, mean))
    return dict(zip(("repeats", "last", "age", "mean"), np.array(rows, dtype=float).T, strict=True))


def simulated(customers: int, seed: int = 1) -> Columns:
    """Customers like CDNOW's, from the published models."""
    chance = np.random.default_rng(seed)
    (r, alpha, a, b), (p, q, v) = PUBLISHED
    rate, going = chance.gamma(r, 1 / alpha, customers) / 7, chance.beta(a, b, customers)
    age = chance.integers(190, 274, customers).astype(float)
    at, last, repeats = np.zeros(customers), np.zeros(customers), np.zeros(customers)
    here = np.arange(customers)
    while len(here):
        at[here] += chance.exponential(1 / np.maximum(rate[here], 1e-12))
        here = here[at[here] <= age[here]]
        repeats[here] += 1
        last[here] = np.floor(at[here])
        here = here[chance.random(len(here)) >= going[here]]
    mean = (
        chance.gamma(p * np.maximum(repeats, 1)) / chance.gamma(q, 1 / v, customers) / np.maximum(repeats, 1)
    )
    return {"repeats": repeats, "last": last, "age": age, "mean": np.where(repeats > 0, mean, 0.0)}


def both_fits(columns: Columns) -> list[float]:
    """Both models from plain columns: what is timed. Gives the parameters."""
    activity = fit_bgnbd(merged(columns["repeats"], columns["last"], columns["age"]))
    spend = fit_gamma_gamma(columns["repeats"], columns["mean"])
    return [activity.r, activity.alpha, activity.a, activity.b, spend.p, spend.q, spend.v]


def ours(columns: Columns) -> Work:
    """A job of both fits."""
    return partial(both_fits, columns)


def theirs(python: Path, columns: Columns) -> tuple[float, str]:
    """Seconds of PyMC-Marketing's MAP fits in a Python that has it, and what it found."""
    told = json.dumps({name: column.tolist() for name, column in columns.items()})
    done = subprocess.run(
        [str(python), "-c", THEIRS], input=told, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"PyMC-Marketing failed:\n{done.stderr[-2000:]}")
    seconds, found = json.loads(done.stdout.splitlines()[-1])
    words = [f"{name} {value:.3g}" for model in found for name, value in model.items()]
    return float(seconds), ", ".join(words)


def table(small: Measured, large: Measured, python: Path | None) -> str:
    """What was measured, beside the bars."""
    times = large.seconds / small.seconds
    rows = [
        ("CDNOW, 2,357 customers", f"{small.seconds * 1000:.1f} ms", _written(small), "", ""),
        ("a million customers, simulated", f"{large.seconds:.2f} s", _written(large),
         f"{times:.0f}x CDNOW (bar {MOST_TIMES:.0f}x)", kept(times, MOST_TIMES)),
    ]  # fmt: skip
    if python:
        seconds, found = theirs(python, cdnow())
        share = small.seconds / seconds
        rows.append(
            ("PyMC-Marketing's MAP fit, CDNOW", f"{seconds:.2f} s", found,
             f"ours takes 1/{1 / share:.0f} of it (bar 1/{1 / FASTER:.0f})", kept(share, FASTER))
        )  # fmt: skip
    return lined(("BG/NBD and Gamma-Gamma", "time", "parameters", "against", "kept"), rows)


def _written(measured: Measured) -> str:
    names = ("r", "alpha", "a", "b", "p", "q", "v")
    return ", ".join(f"{name} {value:.3g}" for name, value in zip(names, measured.answer, strict=True))


def measured(python: Path | None = None) -> str:
    """The table, measured now; python : one that has PyMC-Marketing."""
    if not CDNOW.exists():
        return f"Lifetime value was not measured: there is no {CDNOW}."
    small = timed(ours(cdnow()), RUNS)
    large = timed(ours(simulated(MILLION)), RUNS)
    return table(small, large, python)


def main() -> None:
    """Measure and print the table."""
    print(measured(Path(sys.argv[1]) if len(sys.argv) > 1 else None))


if __name__ == "__main__":
    main()
