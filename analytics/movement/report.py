"""Who is in another segment at another month end, why, and what they are worth."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.access.book import Book
from analytics.access.presence import newcomers
from analytics.errors import BadInput
from analytics.indicators import summed
from analytics.jobs import checkpoint
from analytics.movement import sentences
from analytics.movement.causes import (
    BEHAVIOUR,
    BOUNDARIES,
    CAUSES,
    CODES,
    DEFINITION,
    EITHER,
    JOINED,
    NOWHERE,
    Codes,
    causes_of,
)
from analytics.movement.matching import Segments, told_in
from analytics.movement.runs import Labels, Numbers, Roll, Run, amounts_of, at, roll_of, run
from analytics.population import Population, population
from analytics.recipe import Recipe
from analytics.translation import translate as _
from analytics.workers import both

FROZEN, REFITTED = "frozen", "refitted"


@dataclass(frozen=True)
class Movement:
    """A recipe at two month ends.

    names : of every segment by number: those of the first date with its numbers, then what came up since.
    table, worth : customers and what they are worth, rows by their segment at the first date and columns by that at
        the last; NOWHERE, last and only where anybody is there, holds those in no segment. Both have all segments.
    causes : by cause (all of CAUSES, in that order) customers and value; those who moved, each once.
    flows : first, last, cause, customers, value of those who moved, most customers first.
    members : customer_id, first, last, cause (empty for whoever stayed), value; everybody in a segment at either date.
    value : the indicator that worth is measured in: at the last date, and of whoever is gone at the first.
    newcomers : how many of those who joined came to the bank after the first date; the others came into the population.
    """

    first: date
    last: date
    boundaries: str
    value: str
    currency: str
    names: dict[int, str]
    table: pd.DataFrame
    worth: pd.DataFrame
    causes: pd.DataFrame
    flows: pd.DataFrame
    members: pd.DataFrame
    newcomers: int
    recipe_hash: str
    version: str
    warnings: list[str]

    @property
    def customers(self) -> int:
        """Everybody who is in a segment at either date."""
        return len(self.members)

    @property
    def of_both_dates(self) -> int:
        """Who is in a segment at both dates, and so can have changed it."""
        return int(((self.members["first"] != NOWHERE) & (self.members["last"] != NOWHERE)).sum())

    @property
    def moved(self) -> int:
        return int(self.causes["customers"].sum())

    @property
    def sentence(self) -> str:
        """The answer in words, in the language in use."""
        return sentences.headline(self)

    def customers_of(self, first: int, last: int, cause: str) -> pd.DataFrame:
        """The members of one flow, the most valuable first."""
        rows = self.members
        chosen = rows[(rows["first"] == first) & (rows["last"] == last) & (rows["cause"] == cause)]
        return chosen.sort_values("value", ascending=False, kind="stable", ignore_index=True)

    @cached_property
    def movers(self) -> pd.DataFrame:
        """Those who moved as a file has them: customer_id, first, last (by name), cause, value."""
        rows = self.members[self.members["cause"].notna()]
        names = {number: sentences.called(self, number) for number in (NOWHERE, *self.names)}
        return rows.assign(
            first=rows["first"].map(names), last=rows["last"].map(names), cause=rows["cause"].astype("str")
        ).reset_index(drop=True)

    def document(self) -> dict[str, Any]:
        """The `migrate` JSON of contract.md; besides: dates, segments, flows, worth and what to say.

        either : who moved by behaviour or boundaries, where a method keeps no rule to tell them apart by.
        """
        counts = self.causes["customers"].to_dict()
        worth = summed(self.value, self.causes["value"]).to_dict()
        total = float(summed(self.value, self.members["value"].sum()))
        segments = [
            {"segment": int(number), "name": sentences.called(self, int(number))}
            for number in self.table.index
        ]
        return {
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "boundaries": self.boundaries,
            "customers": self.customers,
            "moved": self.moved,
            "table": self.table.to_numpy().tolist(),
            "causes": counts,
            "value": {
                "indicator": self.value,
                **worth,
                "moved": float(summed(self.value, sum(worth.values()))),
                "total": total,
            },
            "worth": summed(self.value, self.worth.to_numpy()).tolist(),
            "segments": segments,
            "joined": {
                "new_to_the_bank": self.newcomers,
                "came_in": int(counts[JOINED]) - self.newcomers,
            },
            "flows": self.flows.assign(value=summed(self.value, self.flows["value"])).to_dict("records"),
            "recipe_hash": self.recipe_hash,
            "version": self.version,
            "sentence": self.sentence,
            "warnings": self.warnings,
        }


@dataclass(frozen=True)
class Step:
    """What is changed on the way to the last date: the cause that it stands for, whom it reads, and where they are.

    run : the run whose own numbers `segments` are in; None where they are in those of the step before.
    """

    cause: str
    people: Population
    segments: Labels
    run: Run | None = None


def movement(
    book: Book, recipe: Recipe, first: date, last: date, boundaries: str = FROZEN, then: Recipe | None = None
) -> Movement:
    """Who of a book is in another segment of a recipe at `last` than at `first`, and why.

    The way from the one to the other has steps, and each who moved has one cause, the step at which they leave
    their first segment for good: *behaviour*, other figures in the segments of the first date as they were;
    *boundaries* (refitted alone), the same recipe run anew at the last date; *definition*, the recipe `then` instead.
    Whoever ends in the segment where they began has not moved. *joined* are in no segment at the first date and in
    one at the last, *left* the other way round; what a changed filter does to either counts as definition.

    boundaries : "frozen", the first date's boundaries hold at both (those of `then` too), or "refitted".
    Segments of another run stand for those of the first by their lasting name (tiers, RFM), else by whom they share
    the most customers with, so that a new name is no movement. Where a method keeps no rule, behaviour and boundaries
    can't be told apart and count as "either". Value is what the recipe measures it in at the first date.
    Raises BadInput for dates the wrong way round, NotEnoughData for frozen boundaries without a rule, and as `segment`.
    """
    _check(first, last, boundaries)
    checkpoint(0.0, _("looking at the first date"))
    people = population(book, at(recipe, first))
    now_recipe = at(recipe, last, str(people.value.name))
    checkpoint(0.3, _("running it at both dates"))
    began, (now, again) = both(
        lambda: _named(run(people, at(recipe, first))), lambda: _at_the_last(book, now_recipe, boundaries)
    )
    steps = _from_the_first(began, now, again)
    if then is not None:
        checkpoint(0.7, _("running the new definition"))
        steps.append(_defined(book, then, first, last, boundaries))
    checkpoint(0.9, _("setting them side by side"))
    return _told(book, began, now, steps, (first, last, boundaries))


def movement_toml(
    book: Book, recipe: str, first: date, last: date, boundaries: str = FROZEN, then: str = ""
) -> Movement:
    """`movement` from recipes as plain text, so that equal questions can share an answer."""
    changed = Recipe.from_toml(then) if then else None
    return movement(book, Recipe.from_toml(recipe), first, last, boundaries, changed)


def _check(first: date, last: date, boundaries: str) -> None:
    if boundaries not in (FROZEN, REFITTED):
        what = _("Boundaries are “frozen” or “refitted”, not “{given}”.")
        raise BadInput(what.format(given=boundaries), _("Choose one of the two."))
    if first > last:
        raise BadInput(_("The first date is after the last."), _("Put the earlier month end first."))


def _named(found: Run) -> Run:
    """A run whose names, which take as long as the method itself, are known."""
    _names = found.names
    return found


def _at_the_last(book: Book, recipe: Recipe, boundaries: str) -> tuple[Population, Run | None]:
    """Who is there at the last date and, where boundaries are found anew, where they are by these."""
    people = population(book, recipe)
    return people, run(people, recipe) if boundaries == REFITTED else None


def _from_the_first(began: Run, now: Population, again: Run | None) -> list[Step]:
    """The steps of the recipe itself."""
    if again is None:
        return [Step(BEHAVIOUR, now, began.place(now))]
    if began.found.model is None:
        return [Step(EITHER, now, again.segments, again)]
    return [Step(BEHAVIOUR, now, began.place(now)), Step(BOUNDARIES, now, again.segments, again)]


def _defined(book: Book, then: Recipe, first: date, last: date, boundaries: str) -> Step:
    """The step to another definition, with its own boundaries of the first date or of the last."""
    people = population(book, at(then, last))
    if boundaries == REFITTED:
        changed = run(people, at(then, last))
        return Step(DEFINITION, people, changed.segments, changed)
    began = run(population(book, at(then, first)), at(then, first))
    return Step(DEFINITION, people, began.place(people), began)


def _told(
    book: Book, began: Run, now: Population, steps: Sequence[Step], asked: tuple[date, date, str]
) -> Movement:
    first, last, boundaries = asked
    everybody = roll_of([began.people, *(step.people for step in steps), now])
    ours = everybody.spread(began.segments, 0)
    segments, way = _in_one_numbering(began, steps, everybody, ours)
    new = _new(book, began, steps, everybody, (first, last))
    codes = causes_of(ours, [(step.cause, told) for step, told in zip(steps, way, strict=True)], new)
    theirs = way[-1]
    value = everybody.spread(amounts_of(began.people), 0)
    value[everybody.places[-1]] = amounts_of(now)
    _of_others(book, value, everybody, str(began.people.value.name), last)
    kept = (ours != NOWHERE) | (theirs != NOWHERE)
    columns = [column[kept] for column in (ours, theirs, codes, value)]
    facts = _figures(*columns, size=max(segments.names) + 1)
    members = _members(everybody, kept, *columns)
    joined = int((new & (codes == CODES[JOINED]))[kept].sum())
    found = Movement(
        first=first, last=last, boundaries=boundaries, value=str(began.people.value.name),
        currency=book.warehouse.manifest.base_currency, names=segments.names, members=members, newcomers=joined,
        recipe_hash=began.recipe.hash(), version=book.warehouse.manifest.version, warnings=[], **facts,
    )  # fmt: skip
    return replace(found, warnings=sentences.warnings(found, book, began, steps))


def _of_others(book: Book, value: Numbers, everybody: Roll, key: str, last: date) -> None:
    """Fill in what those are worth whom only another definition looks at."""
    others = np.ones(everybody.size, bool)
    others[everybody.places[0]] = others[everybody.places[-1]] = False
    if others.any():
        known = book.frame((key,), as_of=last).set_index("customer_id")[key]
        ids = pd.Index(everybody.ids.to_pandas())[others]
        value[others] = known.reindex(ids).fillna(0.0).to_numpy(np.float64)


def _in_one_numbering(
    began: Run, steps: Sequence[Step], everybody: Roll, ours: Labels
) -> tuple[Segments, list[Labels]]:
    """Where everybody is after each step, in the numbers of the first run and of what came up since."""
    segments, known, way = Segments.of(began), ours, []
    for place, step in enumerate(steps, start=1):
        told = everybody.spread(step.segments, place)
        if step.run is not None:
            segments, told = told_in(segments, step.run, known, told, same=step.cause != DEFINITION)
        known = told
        way.append(told)
    return segments, way


def _new(
    book: Book, began: Run, steps: Sequence[Step], everybody: Roll, days: tuple[date, date]
) -> NDArray[np.bool_]:
    """Who came to the bank after the first date: without a filter whoever could not be read at it."""
    there = np.zeros(everybody.size, bool)
    there[everybody.places[0]] = True
    if there.all():
        return np.zeros(everybody.size, bool)
    if not began.recipe.where.strip():
        return ~there
    came = newcomers(book, *days)
    return np.asarray(~there & pd.Index(everybody.ids.to_pandas()).isin(came))


def _figures(ours: Labels, theirs: Labels, codes: Codes, value: Numbers, *, size: int) -> dict[str, Any]:
    """table, worth, causes and flows in one count over first, last and cause."""
    shape = (size, size, len(CAUSES) + 1)
    cells = np.ravel_multi_index((ours, theirs, codes.astype(np.int64) + 1), shape)
    counts = np.bincount(cells, minlength=size * size * shape[2]).reshape(shape)
    worth = np.asarray(np.bincount(cells, weights=value, minlength=counts.size), np.float64).reshape(shape)
    table, worths = counts.sum(axis=2), worth.sum(axis=2)
    nowhere = [NOWHERE] if table[NOWHERE].any() or table[:, NOWHERE].any() else []
    used = [at for at in range(1, size) if table[at].any() or table[:, at].any()]
    shown = [*used, *nowhere]
    both = {
        "customers": counts[:, :, 1:].sum(axis=(0, 1)),
        "value": worth[:, :, 1:].sum(axis=(0, 1)),
    }
    return {
        "table": pd.DataFrame(table[np.ix_(shown, shown)], index=shown, columns=shown),
        "worth": pd.DataFrame(worths[np.ix_(shown, shown)], index=shown, columns=shown),
        "causes": pd.DataFrame(both, index=pd.Index(list(CAUSES), name="cause")),
        "flows": _flows(counts, worth),
    }


def _flows(counts: NDArray[np.int64], worth: NDArray[np.float64]) -> pd.DataFrame:
    places = np.argwhere(counts[:, :, 1:])
    first, last, cause = places.T
    names = np.array(list(CAUSES), dtype=object)
    rows = pd.DataFrame({
        "first": first, "last": last, "cause": names[cause],
        "customers": counts[first, last, cause + 1], "value": worth[first, last, cause + 1],
    })  # fmt: skip
    return rows.sort_values("customers", ascending=False, kind="stable", ignore_index=True)


def _members(
    everybody: Roll, kept: NDArray[np.bool_], ours: Labels, theirs: Labels, codes: Codes, value: Numbers
) -> pd.DataFrame:
    ids = pd.Series(everybody.ids.to_pandas(), dtype="str")
    causes = pd.Categorical.from_codes(codes, pd.Index(list(CAUSES)))
    return pd.DataFrame(
        {"customer_id": ids[kept].array, "first": ours, "last": theirs, "cause": causes, "value": value}
    )
