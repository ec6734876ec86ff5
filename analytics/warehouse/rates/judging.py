"""Which new quotes are too far from the ones before them to be taken without asking."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from analytics.formats import day as written
from analytics.formats import in_a_row, number, percent
from analytics.translation import translate as _
from analytics.warehouse.rates.layouts import Kind

FAR = 0.2  # of the quote before
SMALL = 0.005  # prices of 0.1% and 0.2% are no mistake: half a percentage point is never far
UNHEARD_OF = 1.0  # a first price of 100% a year and more: most likely 3 written for 3%
SAME = 1e-9  # cross rates may differ in their last digits


@dataclass(frozen=True)
class Doubt:
    """A quote that somebody should look at. before : the quote before it, None for a first price.

    before_day : the same day where the quote corrects the newest known one.
    """

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
        if self.before_day == self.day:
            said = _("{name} on {day}: {now}, known as {before} until now.")
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
    """The quotes that are absurd against the ones before; history up to the newest known day is as it is.

    Every quote after the newest known one counts, each against its predecessor. One that corrects the newest
    known is held against that one and against the one before. Of a name without any, only the last counts.
    """
    known, rows = known[kind.columns].sort_values(kind.key), changed.rows.sort_values(kind.key)
    last = known.groupby(kind.name).tail(1)
    last_but_one = known.drop(last.index).groupby(kind.name).tail(1)
    newest = dict(last[kind.key].to_numpy().tolist())
    keys = rows[kind.key].to_numpy().tolist()
    later = rows[[name in newest and day > newest[name] for name, day in keys]]
    corrected = rows[[newest.get(name) == day for name, day in keys]]
    of_new_names = rows[[name not in newest for name, _day in keys]]
    pairs = [
        _pairs(last, later, kind),
        _pairs(last, corrected, kind),
        _pairs(last_but_one, corrected, kind),
        _pairs(known.head(0), of_new_names, kind).groupby(kind.name).tail(1),
    ]
    return _absurd_ones(pd.concat([some for some in pairs if not some.empty] or pairs[:1]), kind)


def _pairs(before: pd.DataFrame, rows: pd.DataFrame, kind: Kind) -> pd.DataFrame:
    """Rows with the columns of their predecessor, of the same name: one of `before`, or of their own."""
    both = pd.concat([before.assign(asked=False), rows.assign(asked=True)], ignore_index=True)
    both = both.sort_values(kind.key, kind="stable")
    earlier = both.groupby(kind.name)[[kind.day, *kind.figures]].shift().add_suffix("_before")
    return both.join(earlier)[both["asked"].astype(bool)]


def _absurd_ones(pairs: pd.DataFrame, kind: Kind) -> list[Doubt]:
    found: dict[tuple[str, date, str], Doubt] = {}
    for figure in kind.figures:
        for row in pairs[_absurd(pairs[figure], pairs[f"{figure}_before"], kind)].to_dict("records"):
            name, day, before = str(row[kind.name]), row[kind.day], float(row[f"{figure}_before"])
            then = (None, None) if np.isnan(before) else (before, row[f"{kind.day}_before"])
            found.setdefault((name, day, figure), Doubt(name, figure, day, float(row[figure]), *then))
    return sorted(found.values(), key=lambda doubt: (doubt.name, doubt.day))


def _absurd(quoted: "pd.Series[Any]", before: "pd.Series[Any]", kind: Kind) -> Any:
    """Which of these are too far from the ones before, as an array; NaN where there is none before."""
    now, then = quoted.to_numpy(float), before.to_numpy(float)
    moved = np.abs(now - then)
    far = moved >= FAR * np.abs(then) * (1 - SAME)
    if kind.positive:
        return far
    return np.where(np.isnan(then), np.abs(now) >= UNHEARD_OF, far & (moved > SMALL + SAME))


def rewritten(changed: Change, known: pd.DataFrame, kind: Kind) -> int:
    """How many known quotes a delivery would move as far as an absurd one: imported, but worth a word."""
    both = changed.rows.merge(known, "inner", kind.key, suffixes=("", "_known"))
    moved = [_absurd(both[name], both[f"{name}_known"], kind) for name in kind.figures]
    return int(np.any(moved, axis=0).sum())


def in_words(found: list[Doubt], most: int = 5) -> str:
    """All doubts in a row, the first few of them in full."""
    more = _("And {n} more.").format(n=number(len(found) - most)) if len(found) > most else ""
    return in_a_row(*map(str, found[:most]), more)
