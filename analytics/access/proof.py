"""Which cells of a month's tables can be shown together (`guard`), and a table with the others left out."""

from typing import Any

import numpy as np
import pandas as pd

from analytics.access.guard import Deeds, Flags, by_size, counted, dispensable_first, safe_cells
from analytics.warehouse.volumes import DIMENSIONS, SUMS

FLOWS = ("transactions", *SUMS)
FIGURES = (*FLOWS, "customers")  # what is proved, and therefore told to whoever sees no customers
WHOLE = ""  # the label of a total


def safe_month(deeds: pd.DataFrame, floor: int) -> pd.DataFrame:
    """Every cell of a month's one-dimensional tables: month_end, dimension ("" the total), label, FIGURES safe or not."""
    deeds = deeds.reset_index(drop=True)
    cells, rows = _cells(deeds)
    everybody = _doers(deeds, rows, "transactions")
    people = counted(everybody)
    order = by_size(people)
    for name in FLOWS:
        done = dispensable_first(_doers(deeds, rows, name), people)
        cells[name] = safe_cells(done, order, floor)
    cells["customers"] = safe_cells(people, order, floor)
    return cells


def _cells(deeds: pd.DataFrame) -> tuple[pd.DataFrame, Flags]:
    """The cells, and which of them each deed counts in."""
    columns = [np.ones(len(deeds), dtype=np.bool_)]
    named: list[tuple[str, str | None]] = [("", WHOLE)]
    for dimension in DIMENSIONS:
        codes, labels = pd.factorize(deeds[dimension], sort=True, use_na_sentinel=False)
        columns += [codes == place for place in range(len(labels))]
        named += [(dimension, None if pd.isna(label) else label) for label in labels]
    month = deeds["month_end"].iloc[0] if len(deeds) else None
    kept = named if len(deeds) else []
    cells = pd.DataFrame(kept, columns=["dimension", "label"], dtype=object).assign(month_end=month)
    return cells, np.stack(columns, axis=1)[:, : len(kept)]


def _doers(deeds: pd.DataFrame, rows: Flags, measure: str) -> Deeds:
    """Who did what, customers numbered from 0: those in whose figure of the measure something is."""
    everybody = np.unique(_pairs(deeds["transactions"])[1])
    deed, who = _pairs(deeds[measure])
    return Deeds(rows, deed, np.searchsorted(everybody, who))


def _pairs(lists: "pd.Series[Any]") -> "tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]":
    """Each row's place with each customer in its list, in order."""
    counts = np.array([0 if who is None else len(who) for who in lists], dtype=np.int64)
    found = [np.zeros(0, dtype=np.int64), *(who for who in lists if who is not None)]
    who, place = np.concatenate(found).astype(np.int64), np.repeat(np.arange(len(lists)), counts)
    order = np.lexsort((who, place))
    return place[order], who[order]


def suppressed(
    rows: pd.DataFrame, keys: list[str], flags: pd.DataFrame, floor: int
) -> tuple[pd.DataFrame, int]:
    """The rows that may be seen, unsafe amounts emptied and unsafe counts rounded, and how many may not."""
    keys = keys or ["whole"]
    rows = rows.assign(whole=WHOLE) if keys == ["whole"] else rows
    grouped = flags.groupby(keys, dropna=False)
    safe = grouped[list(FIGURES)].all().assign(months=grouped.size()).reset_index()
    both = rows.merge(safe, on=keys, how="left", suffixes=("", "_safe"))
    for name in SUMS:
        both[name] = both[name].astype("float64").where(both[f"{name}_safe"])
    exact = both["customers_safe"] & (both["months"] == 1)
    both["customers"] = both["customers"].where(exact, both["customers"] // floor * floor)
    shown = both["transactions_safe"]
    return both.loc[shown, rows.columns], int((~shown).sum())
