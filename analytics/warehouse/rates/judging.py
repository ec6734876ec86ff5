"""Which newest quotes are too far from the ones before them to be taken without asking."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from analytics.formats import day as written
from analytics.formats import in_a_row, number, percent
from analytics.translation import translate as _
from analytics.warehouse.rates.layouts import Kind

FAR = 0.2  # of the exchange rate before; for prices, as many percentage points
UNHEARD_OF = 1.0  # a first price of 100% a year and more: most likely 3 written for 3%
SAME = 1e-9  # cross rates may differ in their last digits


@dataclass(frozen=True)
class Doubt:
    """A newest quote that somebody should look at. before : the quote before it, None for a first price."""

    name: str
    figure: str
    day: date
    now: float
    before: float | None
    before_day: date | None

    def __str__(self) -> str:
        """In words.

        >>> print(Doubt("USD", "rate", date(2026, 10, 30), 9.0, 7.2, date(2026, 10, 29)))
        USD on 30 October 2026: 9, after 7.2 on 29 October 2026.
        """
        if self.before is None or self.before_day is None:
            said = _("{name} from {day}: {figure} of {now} a year.")
            return said.format(
                name=self.name, day=written(self.day), figure=self.figure, now=percent(self.now)
            )
        said = _("{name} on {day}: {now}, after {before} on {before_day}.")
        now, before = (
            f"{value:.6g}" if self.figure == "rate" else percent(value, 2)
            for value in (self.now, self.before)
        )
        return said.format(
            name=self.name, day=written(self.day), now=now, before=before, before_day=written(self.before_day)
        )


@dataclass(frozen=True)
class Change:
    """What a delivery would change. rows : the quotes that are new or other than known, to be written."""

    rows: pd.DataFrame
    new: int
    other: int
    same: int


def change(delivered: pd.DataFrame, known: pd.DataFrame, kind: Kind) -> Change:
    """Which delivered quotes are not known yet, or known otherwise. Both frames: the kind's columns."""
    both = delivered.merge(known, "left", kind.key, suffixes=("", "_known"), indicator=True)
    new = both["_merge"] == "left_only"
    moved = np.zeros(len(both), dtype=bool)
    for name in kind.figures:
        apart = (both[name] - both[f"{name}_known"]).abs()
        moved |= (apart > SAME * both[name].abs().clip(lower=1e-12)).to_numpy()
    other = ~new & moved
    return Change(
        both.loc[new | other, kind.columns].reset_index(drop=True),
        int(new.sum()), int(other.sum()), int((~new & ~other).sum()),
    )  # fmt: skip


def doubts(changed: Change, known: pd.DataFrame, kind: Kind) -> list[Doubt]:
    """The newest quotes that are absurd against the ones before; older ones are imported as they are.

    A newest quote that corrects the one known for the same day is held against the one before that day.
    """
    whole = pd.concat([changed.rows, known[kind.columns]]).drop_duplicates(kind.key).sort_values(kind.key)
    newest = whole.groupby(kind.name, sort=True).tail(2)
    written_now = set(map(tuple, changed.rows[kind.key].to_numpy()))
    found: list[Doubt] = []
    for name, rows in newest.groupby(kind.name, sort=True):
        last = rows.iloc[-1]
        if (name, last[kind.day]) not in written_now:
            continue
        before = rows.iloc[0] if len(rows) > 1 else None
        found += _of_one(str(name), last, before, kind)
    return found


def _of_one(
    name: str, last: "pd.Series[Any]", before: "pd.Series[Any] | None", kind: Kind
) -> Iterable[Doubt]:
    for figure in kind.figures:
        now = float(str(last[figure]))
        then = None if before is None else float(str(before[figure]))
        if _absurd(now, then, kind):
            day = pd.Timestamp(str(last[kind.day])).date()
            earlier = None if before is None else pd.Timestamp(str(before[kind.day])).date()
            yield Doubt(name, figure, day, now, then, earlier)


def _absurd(now: float, before: float | None, kind: Kind) -> bool:
    if before is None:
        return not kind.positive and abs(now) >= UNHEARD_OF
    moved = abs(now / before - 1) if kind.positive else abs(now - before)
    return moved >= FAR - SAME


def rewritten(changed: Change, known: pd.DataFrame, kind: Kind) -> int:
    """How many known quotes a delivery would move as far as an absurd one: imported, but worth a word."""
    both = changed.rows.merge(known, "inner", kind.key, suffixes=("", "_known"))
    return sum(
        any(_absurd(float(row[name]), float(row[f"{name}_known"]), kind) for name in kind.figures)
        for row in both.to_dict("records")
    )


def in_words(found: list[Doubt], most: int = 5) -> str:
    """All doubts in a row, the first few of them in full."""
    more = _("And {n} more.").format(n=number(len(found) - most)) if len(found) > most else ""
    return in_a_row(*map(str, found[:most]), more)
