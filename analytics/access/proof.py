"""Which cells of a month's tables can be shown together (`guard`), and a table with the others left out."""

from typing import Any

import numpy as np
import pandas as pd

from analytics.access.guard import Deeds, Flags, by_size, counted, dispensable_first, safe_cells
from analytics.warehouse.volumes import FLOWS, PROVED

COUNTED = "volume_month"  # what customers are counted in, beside its flows
FIGURES = (*FLOWS, "customers")
WHOLE = ""  # the label of a total


def figures_of(source: str) -> tuple[str, ...]:
    """What is proved of one of PROVED, and therefore told to whoever sees no customers."""
    flows, _dimensions = PROVED[source]
    return (*flows, "customers") if source == COUNTED else flows


TOLD = {figure: source for source in PROVED for figure in figures_of(source)}


def safe_month(deeds: pd.DataFrame, floor: int, source: str = COUNTED) -> pd.DataFrame:
    """Every cell of a month's one-dimensional tables: month_end, dimension ("" the total), label, figures safe or not."""
    flows, dimensions = PROVED[source]
    deeds = deeds.reset_index(drop=True)
    cells, rows = _cells(deeds, dimensions)
    everybody = _doers(deeds, rows, "everybody")
    people = counted(everybody)
    order = by_size(people)
    for name in flows:
        done = dispensable_first(_doers(deeds, rows, name if name in deeds else "everybody"), people)
        cells[name] = safe_cells(done, order, floor)
    if source == COUNTED:
        cells["customers"] = safe_cells(people, order, floor)
    return cells


def _cells(deeds: pd.DataFrame, dimensions: tuple[str, ...]) -> tuple[pd.DataFrame, Flags]:
    """The cells, and which of them each deed counts in."""
    columns = [np.ones(len(deeds), dtype=np.bool_)]
    named: list[tuple[str, str | None]] = [("", WHOLE)]
    for dimension in dimensions:
        codes, labels = pd.factorize(deeds[dimension], sort=True, use_na_sentinel=False)
        columns += [codes == place for place in range(len(labels))]
        named += [(dimension, None if pd.isna(label) else label) for label in labels]
    month = deeds["month_end"].iloc[0] if len(deeds) else None
    kept = named if len(deeds) else []
    cells = pd.DataFrame(kept, columns=["dimension", "label"], dtype=object).assign(month_end=month)
    return cells, np.stack(columns, axis=1)[:, : len(kept)]


def _doers(deeds: pd.DataFrame, rows: Flags, measure: str) -> Deeds:
    """Who did what, customers numbered from 0: those in whose figure of the measure something is."""
    everybody = np.unique(_pairs(deeds["everybody"])[1])
    deed, who = _pairs(deeds[measure])
    return Deeds(rows, deed, np.searchsorted(everybody, who))


def _pairs(lists: "pd.Series[Any]") -> "tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]":
    """Each row's place with each customer in its list, in order."""
    counts = np.array([0 if who is None else len(who) for who in lists], dtype=np.int64)
    found = [np.zeros(0, dtype=np.int64), *(who for who in lists if who is not None)]
    who, place = np.concatenate(found).astype(np.int64), np.repeat(np.arange(len(lists)), counts)
    order = np.lexsort((who, place))
    return place[order], who[order]


def guarded(
    rows: pd.DataFrame, keys: list[str], flags: pd.DataFrame, floor: int, source: str = COUNTED
) -> pd.DataFrame:
    """The rows of one of PROVED, unsafe figures emptied and unsafe counts rounded; `told` whether a row may be seen.

    Where there are transactions these decide about a row, else any figure of it does that is not nil: that nobody did the
    one thing must not show a row of which few did the other.
    """
    flows = PROVED[source][0]
    grouped = flags.groupby(keys, dropna=False)
    safe = grouped[list(figures_of(source))].all().assign(months=grouped.size()).reset_index()
    both = rows.merge(safe, on=keys, how="left", suffixes=("", "_safe"))
    shown = both[[f"{name}_safe" for name in flows]].eq(True)
    some = shown & both[list(flows)].ne(0).to_numpy()
    both["told"] = shown["transactions_safe"] if source == COUNTED else some.any(axis=1)
    if source == COUNTED:
        exact = both["customers_safe"].eq(True) & (both["months"] == 1)
        both["customers"] = both["customers"].where(exact, both["customers"] // floor * floor)
        shown["customers_safe"] = True
    for name in figures_of(source):
        seen = both["told"] & shown[f"{name}_safe"]
        both[name] = both[name] if seen.all() else both[name].astype("float64").where(seen)
    return both[[*rows.columns, "told"]]


def together(parts: list[pd.DataFrame], keys: list[str]) -> tuple[pd.DataFrame, int]:
    """The rows of several tables that may be seen, and how many may not.

    A figure is empty where its own table hides it, and nil where that has no such row.
    """
    found = pd.concat([part[keys] for part in parts]).drop_duplicates(ignore_index=True)
    told = pd.Series(data=False, index=found.index)
    for part in parts:
        found = found.merge(part, on=keys, how="left")
        missing = found["told"].isna()
        figures = [name for name in part if name not in (*keys, "told")]
        found.loc[missing, figures] = 0
        told |= found.pop("told").eq(True)
    found = found[told] if len(parts) == 1 else found[told].sort_values(keys)
    return found.reset_index(drop=True), int((~told).sum())
