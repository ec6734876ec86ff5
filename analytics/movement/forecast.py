"""From a year's moves to next year's sizes: a Markov chain, held against what came last time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.access.book import Book
from analytics.calendar import months_before
from analytics.errors import NotEnoughData
from analytics.formats import day, in_a_row, number
from analytics.jobs import checkpoint
from analytics.movement.causes import NOWHERE
from analytics.movement.runs import Labels, Run, at, roll_of, run
from analytics.movement.sentences import has_history
from analytics.population import Population, population
from analytics.recipe import Recipe
from analytics.translation import translate as _

YEAR = 12
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Forecast:
    """How segments may be sized in a year, by the boundaries of `as_of` throughout.

    moves : customers a year ago (rows) and now (columns) by segment; NOWHERE, the last of both, is in none.
    chances : each segment's row as shares, its sum 1; the column NOWHERE is leaving.
    sizes : segment (index), name, before (a year ago), now, forecast, change. leaving : how many are expected to leave
        and joining to come, as many as last year, so that forecast and leaving add up to now and joining.
    backtest : segment (index), name, forecast (of now, from a year ago by the moves of the year before), came,
        unchanged (a year ago); None where history is too short. errors : customers in the wrong segment's size, of
        the forecast and of "no change": how many too many or how many too few, whichever is more; None without one.
    """

    as_of: date
    names: dict[int, str]
    moves: pd.DataFrame
    chances: pd.DataFrame
    sizes: pd.DataFrame
    leaving: float
    joining: int
    backtest: pd.DataFrame | None
    errors: tuple[float, float] | None

    @property
    def sentence(self) -> str:
        """What grows and shrinks most, and how much such a forecast was worth last time."""
        return in_a_row(self._foreseen(), self._proved())

    def _foreseen(self) -> str:
        rows = self.sizes.sort_values("change", kind="stable")
        whole = rows["forecast"].round() - rows["now"]
        low, high = rows.iloc[0], rows.iloc[-1]
        if not whole.any():
            return _("If the next year goes like the last, no segment grows or shrinks by a whole customer.")
        if len(rows) == 1:
            said = _(
                "If the next year goes like the last, “{high}” goes from {high_now} to about {high_then} customers."
            )
        elif whole.iloc[-1] <= 0:
            said = _(
                "If the next year goes like the last, no segment grows: “{low}” shrinks most, from {low_now} to about "
                "{low_then} customers, and “{high}” least, from {high_now} to about {high_then}."
            )
        elif whole.iloc[0] < 0:
            said = _(
                "If the next year goes like the last, “{high}” grows most, from {high_now} to about {high_then} customers, and "
                "“{low}” shrinks most, from {low_now} to about {low_then}."
            )
        else:
            said = _(
                "If the next year goes like the last, “{high}” grows most, from {high_now} to about {high_then} customers, and "
                "“{low}” least, from {low_now} to about {low_then}."
            )
        return said.format(
            high=high["name"], high_now=number(high["now"]), high_then=number(high["forecast"]), low=low["name"],
            low_now=number(low["now"]), low_then=number(low["forecast"]),
        )  # fmt: skip

    def _proved(self) -> str:
        if self.errors is None:
            return _(
                "Whether such a forecast is any good can't be tested here: it needs figures of two years before {day}."
            ).format(day=day(self.as_of))
        ours, same = self.errors
        facts = {"ours": number(ours), "same": number(same)}
        if ours < same:
            said = _("A year ago it would have missed by {ours} customers, “no change” by {same}.")
        else:
            said = _(
                "Don't rely on it: a year ago it would have missed by {ours} customers, and “no change” by {same} only."
            )
        return said.format(**facts)

    def document(self) -> dict[str, Any]:
        """Sizes, chances and back-test, JSON-like."""
        return {
            "as_of": self.as_of.isoformat(),
            "sizes": self.sizes.reset_index().to_dict("records"),
            "chances": self.chances.to_numpy().tolist(),
            "leaving": self.leaving,
            "joining": self.joining,
            "backtest": None if self.backtest is None else self.backtest.reset_index().to_dict("records"),
            "errors": None if self.errors is None else list(self.errors),
            "sentence": self.sentence,
        }


def forecast(book: Book, recipe: Recipe, as_of: date) -> Forecast:
    """Next year's sizes from last year's moves: sizes now by the chances to move, and as many joining as last year.

    One year of moves says how often customers of a segment change it; that it goes on so is an assumption, which the
    back-test tries on the year before. Boundaries are those of `as_of` at all dates.
    Raises NotEnoughData where the figures of a year before are not whole, and as `segment`.
    Source: Markov chain on cross-sections, Anderson and Goodman 1957.
    """
    ago = [months_before(as_of, YEAR), months_before(as_of, 2 * YEAR)]
    if not has_history(book, at(recipe, ago[0]), ago[0]):
        raise NotEnoughData(
            _("The data do not reach far enough before {day} to see a year's moves.").format(day=day(ago[0])),
            _("Choose a later date."),
        )
    checkpoint(0.0, _("running it now"))
    now = run(population(book, at(recipe, as_of)), at(recipe, as_of))
    dates = [ago[0], *([ago[1]] if has_history(book, at(recipe, ago[1]), ago[1]) else [])]
    earlier = []
    for place, when in enumerate(dates, start=1):
        checkpoint(place / 3, _("looking back"))
        earlier.append(population(book, at(recipe, when, str(now.people.value.name))))
    return _foretold(now, earlier, as_of)


def forecast_toml(book: Book, recipe: str, as_of: date) -> Forecast:
    """`forecast` from a recipe as plain text, so that equal questions can share an answer."""
    return forecast(book, Recipe.from_toml(recipe), as_of)


def _foretold(now: Run, earlier: list[Population], as_of: date) -> Forecast:
    """earlier : a year ago, and two where that is known."""
    everybody = roll_of([*earlier, now.people])
    states: list[Labels] = [
        everybody.spread(now.place(people), which) for which, people in enumerate(earlier)
    ]
    here = everybody.spread(now.segments, len(earlier))
    count = len(now.order)
    moves = moves_of(states[0], here, count)
    before, sizes = moves.sum(axis=1)[1:], moves.sum(axis=0)[1:]
    expected, leaving = expected_sizes(moves, sizes)
    used = [at_ for at_ in range(1, count + 1) if moves[at_].any() or moves[:, at_].any()]
    shown, called = [*used, NOWHERE], pd.Index(used, name="segment")
    columns = {"before": before, "now": sizes, "forecast": expected, "change": expected - sizes}
    backtest = errors = None
    if len(states) > 1:
        foreseen, _gone = expected_sizes(moves_of(states[1], states[0], count), before)
        backtest = _table(now.names, called, {"forecast": foreseen, "came": sizes, "unchanged": before})
        errors = _missed(foreseen, sizes), _missed(before, sizes)
    return Forecast(
        as_of=as_of, names=dict(enumerate(now.names, start=1)), leaving=leaving, joining=int(moves[NOWHERE].sum()),
        moves=pd.DataFrame(moves[np.ix_(shown, shown)], index=shown, columns=shown),
        chances=pd.DataFrame(chances_of(moves)[np.ix_(used, shown)], index=used, columns=shown),
        sizes=_table(now.names, called, columns), backtest=backtest, errors=errors,
    )  # fmt: skip


def _table(
    names: Sequence[str], segments: "pd.Index[int]", columns: Mapping[str, NDArray[Any]]
) -> pd.DataFrame:
    """Columns over segment 1, 2, ... as rows of those that anybody is in."""
    place = segments.to_numpy() - 1
    return pd.DataFrame(
        {"name": [names[at_] for at_ in place]} | {key: column[place] for key, column in columns.items()},
        index=segments,
    )


def _missed(foreseen: NDArray[Any], came: NDArray[np.int64]) -> float:
    """How many customers too many the segments were given, or how many too few, whichever is more."""
    apart = foreseen - came
    return float(max(apart.clip(min=0).sum(), (-apart).clip(min=0).sum()))


def moves_of(before: Labels, after: Labels, count: int) -> NDArray[np.int64]:
    """Customers by segment before (rows) and after (columns), NOWHERE first; nobody who is in none at both."""
    shape = (count + 1, count + 1)
    cells = np.bincount(np.ravel_multi_index((before, after), shape), minlength=shape[0] * shape[1])
    moves = cells.reshape(shape)
    moves[NOWHERE, NOWHERE] = 0
    return np.asarray(moves)


def chances_of(moves: NDArray[np.int64]) -> Numbers:
    """Each row as shares; whoever is in a segment that nobody was in before is expected to stay.

    >>> chances_of(np.array([[0, 1, 1], [1, 3, 0], [0, 0, 0]])).tolist()
    [[0.0, 0.5, 0.5], [0.25, 0.75, 0.0], [0.0, 0.0, 1.0]]
    """
    totals = moves.sum(axis=1, keepdims=True)
    return np.where(totals > 0, moves / np.maximum(totals, 1), np.eye(len(moves)))


def expected_sizes(moves: NDArray[np.int64], sizes: NDArray[np.int64]) -> tuple[Numbers, float]:
    """Sizes a year on, and how many leave: those who are there by their chances, and joiners like those of the moves.

    moves : NOWHERE first in both. sizes : of segment 1, 2, ...

    >>> expected_sizes(np.array([[0, 2], [1, 3]]), np.array([8]))
    (array([8.]), 2.0)
    """
    kept = sizes @ chances_of(moves)[1:]
    return kept[1:] + moves[NOWHERE, 1:], float(kept[NOWHERE])
