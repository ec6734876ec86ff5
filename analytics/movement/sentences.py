"""What is said of who moved: the answer in words, and what to know of it."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from analytics.access.book import Book
from analytics.calendar import months_before
from analytics.formats import day, in_a_row, number, percent, quantity
from analytics.indicators import CATALOGUE
from analytics.movement.causes import BEHAVIOUR, BOUNDARIES, DEFINITION, EITHER, JOINED, LEFT, NOWHERE
from analytics.movement.runs import Run, reads
from analytics.population import VALUES
from analytics.recipe import Recipe
from analytics.translation import mark, plural
from analytics.translation import translate as _

if TYPE_CHECKING:
    from analytics.movement.report import Movement, Step

BECAUSE = {
    BEHAVIOUR: mark("{n} by their behaviour"),
    BOUNDARIES: mark("{n} because the boundaries moved"),
    DEFINITION: mark("{n} by the changed definition"),
    EITHER: mark("{n} by their behaviour or because the boundaries moved"),
}


def headline(found: "Movement") -> str:
    """How many moved between the two dates, from where to where, why, and what they are worth."""
    return in_a_row(_changed(found), _came_and_went(found))


def changed(found: "Movement") -> int:
    """How many are in another segment, without who joined and who left."""
    return int(found.causes.loc[list(BECAUSE), "customers"].sum())


def _changed(found: "Movement") -> str:
    moved, days = changed(found), {"first": day(found.first), "last": day(found.last)}
    n = found.of_both_dates
    if not n:
        return _("No customer is in a segment both on {first} and on {last}.").format(**days)
    if not moved:
        said = plural(
            "The {n} customer of both dates did not change segment between {first} and {last}.",
            "Not one of the {n} customers of both dates changed segment between {first} and {last}.",
            n,
        )
        return said.format(n=number(n), **days)
    said = _(
        "{moved} of the {n} customers of both dates ({share}) changed segment between {first} and {last}{most}, and "
        "with them {worth} of {label}: {reasons}."
    )
    counts = found.causes["customers"]
    reasons = [
        _(text).format(n=number(int(counts[cause]))) for cause, text in BECAUSE.items() if counts[cause]
    ]
    row = CATALOGUE[found.value]
    worth = float(found.causes.loc[list(BECAUSE), "value"].sum())
    return said.format(
        moved=number(moved), n=number(n), share=percent(moved / n), **days, most=_most(found),
        worth=quantity(worth, row.unit, found.currency), label=_(row.label).lower(), reasons=_(", ").join(reasons),
    )  # fmt: skip


def _most(found: "Movement") -> str:
    """Between which two segments the most changed."""
    rows = found.flows[found.flows["cause"].isin(list(BECAUSE))]
    pairs = rows.groupby(["first", "last"], sort=False)["customers"].sum()
    first, last = pairs.index[int(pairs.to_numpy().argmax())]
    said = _(", most from “{one}” to “{other}” ({n})")
    return said.format(one=called(found, first), other=called(found, last), n=number(int(pairs.max())))


def called(found: "Movement", segment: int) -> str:
    """A segment's name."""
    return found.names[segment] if segment != NOWHERE else _("In no segment")


def _came_and_went(found: "Movement") -> str:
    """Who joined, apart by whether they are new to the bank, and who left."""
    joined, left = found.causes["customers"].loc[[JOINED, LEFT]].astype(int).tolist()
    came_in = joined - found.newcomers
    parts = [
        plural("{n} customer joined the bank", "{n} customers joined the bank", found.newcomers),
        plural("{n} came into the population", "{n} came into the population", came_in),
        plural("{n} left it", "{n} left it", left) if came_in else
        plural("{n} left the population", "{n} left the population", left),
    ]  # fmt: skip
    said = [
        text.format(n=number(n)) for text, n in zip(parts, (found.newcomers, came_in, left), strict=True) if n
    ]
    return _("{what}.").format(what=_(", ").join(said)) if said else ""


def warnings(found: "Movement", book: Book, began: Run, steps: "Sequence[Step]") -> list[str]:
    """What to know: how the value was chosen, history that is too short, attributes that have no history, fits."""
    runs = [began, *(step.run for step in steps if step.run is not None)]
    keys = list(dict.fromkeys([found.value, *(key for one in runs for key in reads(one.recipe))]))
    notes = [*began.people.doubts, *short_history(book, keys, found.first), *_without_history(keys)]
    for one in runs:
        notes += one.found.warnings
    return list(dict.fromkeys(notes))


def short_history(book: Book, keys: Sequence[str], first: date) -> list[str]:
    """That figures of the first date rest on fewer months than they should, so that data that fill up look like
    movement."""
    months = _window(keys)
    begin = book.warehouse.month_ends[0]
    held = sum(end <= first for end in book.warehouse.month_ends)
    if held >= months or months_before(first, months - 1) >= begin:
        return []
    note = plural(
        "The data begin in the month to {begin}: figures of {months} months to {first} hold {n} month of them, so part "
        "of the movement is data filling up.",
        "The data begin in the month to {begin}: figures of {months} months to {first} hold {n} months of them, so "
        "part of the movement is data filling up.",
        held,
    )
    return [note.format(begin=day(begin), months=number(months), first=day(first), n=number(held))]


def has_history(book: Book, recipe: Recipe, as_of: date) -> bool:
    """Whether a date has all the months before it that the recipe reads."""
    known, keys = book.warehouse.month_ends, (recipe.value or VALUES[0], *reads(recipe))
    return as_of in known and months_before(as_of, _window(keys) - 1) in known


def _window(keys: Sequence[str]) -> int:
    """How many months of history the indicators read at most."""
    return max([CATALOGUE[key].window for key in keys if CATALOGUE[key].source != "customers"], default=1)


def _without_history(keys: Sequence[str]) -> list[str]:
    named = [_(CATALOGUE[key].label) for key in keys if _is_todays(key)]
    if not named:
        return []
    note = _("{indicators}: known as of today alone, so taken as the same at both dates.")
    return [note.format(indicators=_(", ").join(named))]


def _is_todays(key: str) -> bool:
    row = CATALOGUE[key]
    return row.source == "customers" and row.unit == "category"
