"""The team in words: the answer with its figures and date."""

from typing import Any

import pandas as pd

from analytics.formats import day, in_a_row, number, percent, quantity
from analytics.indicators import CATALOGUE
from analytics.team.handover import Handover
from analytics.team.report import ABOVE, BELOW, EXPECTED, IN_BANK, IN_BOOK, UNCOMPARED, Team
from analytics.translation import mark, plural
from analytics.translation import translate as _

VERDICTS = {
    ABOVE: mark("above"), EXPECTED: mark("as expected"), BELOW: mark("below"), UNCOMPARED: mark("not compared"),
}  # fmt: skip
DISTANCES = {
    "same branch": mark("same branch"), "same area": mark("same area"), "elsewhere": mark("elsewhere"),
}  # fmt: skip
RESULTS = {
    ABOVE: mark("That is more than the {expected} that a book of this mix would bring ({low} to {high})."),
    EXPECTED: mark("That is as expected: a book of this mix would bring {expected} ({low} to {high})."),
    BELOW: mark("That is less than the {expected} that a book of this mix would bring ({low} to {high})."),
    UNCOMPARED: mark("There are too few similar customers of others to say what a book of this mix would bring."),
}  # fmt: skip
AGAINST = {
    IN_BOOK: mark(
        "Similar customers are those of the same type, and of similar balance, years with the bank, age and city, of the "
        "other employees here. The range holds {level} of those who do as well as the others; one outside it may "
        "still be chance."
    ),
    IN_BANK: mark(
        "Similar customers are those of the same type, and of similar balance, years with the bank, age and city, in the "
        "rest of the bank. The range holds {level} of those who do as well as the others; one outside it may "
        "still be chance."
    ),
}  # fmt: skip


def team_sentence(found: Team, currency: str) -> str:
    """Who looks after how many, what these bring, and whose result is out of what is expected."""
    rows = found.rows
    if rows.empty:
        return _("Nobody looks after customers here on {day}.").format(day=day(found.as_of))
    if len(rows) == 1:
        return one_sentence(rows.iloc[0], found, currency)
    said = _("{staff} employees look after {customers} customers, who bring {result} of {label} as of {day}:")
    said = said.format(
        staff=number(len(rows)), customers=number(int(rows["customers"].sum())), label=_label(found),
        result=amount(float(rows["result"].sum()), found, currency), day=day(found.as_of),
    )  # fmt: skip
    counts = rows["verdict"].value_counts()
    above, below, alike = (int(counts.get(verdict, 0)) for verdict in (ABOVE, BELOW, EXPECTED))
    if not above + below + alike:
        return in_a_row(said, _("there are too few similar customers of others to say more."))
    verdicts = _(
        "{above} above what similar customers of others would bring, {below} below, {alike} as expected."
    )
    return in_a_row(said, verdicts.format(above=number(above), below=number(below), alike=number(alike)))


def one_sentence(row: "pd.Series[Any]", found: Team, currency: str) -> str:
    """One employee's result and what a book like theirs would be expected to bring."""
    said = plural(
        "{n} customer of {name} brings {result} of {label} as of {day}.",
        "{n} customers of {name} bring {result} of {label} as of {day}.",
        int(row["customers"]),
    )
    told = {"expected": row["expected"], "low": row["low"], "high": row["high"]}
    said = said.format(
        n=number(int(row["customers"])), name=row["name"], label=_label(found), day=day(found.as_of),
        result=amount(row["result"], found, currency),
    )  # fmt: skip
    written = {key: amount(figure, found, currency) for key, figure in told.items()}
    return in_a_row(said, _(RESULTS[row["verdict"]]).format(**written))


def against_sentence(found: Team) -> str:
    """With whom results are compared; "" where they are not."""
    return _(AGAINST[found.compared]).format(level=percent(found.level)) if found.compared else ""


def bands_sentence(found: Team) -> str:
    """How many groups the data can tell apart, and how many would stand out by chance."""
    rows = found.rows[found.rows["band"] > 0]
    if len(rows) < 2:
        return ""
    groups = int(rows["band"].max())
    said = _("The ranges overlap so far that the data rank nobody before another.")
    if groups > 1:
        said = _(
            "The ranges part into {n} groups that the data can tell apart; within a group they rank nobody."
        )
        said = said.format(n=number(groups))
    chance = _("Where all did equally well, about {n} of {all} would lie outside their range by chance.")
    return in_a_row(said, chance.format(n=number(len(rows) * (1 - found.level), 1), all=number(len(rows))))


def unmanaged_sentence(found: Team) -> str:
    """Customers whom nobody looks after; "" without any."""
    if not found.unmanaged:
        return ""
    said = plural(
        "{n} customer has nobody who looks after them and is left out.",
        "{n} customers have nobody who looks after them and are left out.",
        found.unmanaged,
    )
    return said.format(n=number(found.unmanaged))


def handover_sentence(found: Handover) -> str:
    """How many customers go to how many, how near, and how much these then have to do."""
    gets = found.receivers[found.receivers["gets"] > 0]
    near = int((found.customers["distance"] == "same branch").sum())
    said = plural(
        "{n} customer would go to {staff} employees, {near} within the branch; the most loaded would then be at {load}.",
        "{n} customers would go to {staff} employees, {near} within the branch; the most loaded would then be at {load}.",
        len(found.customers),
    )
    said = said.format(
        n=number(len(found.customers)), staff=number(len(gets)), near=number(near),
        load=percent(float(gets["load_after"].max())),
    )  # fmt: skip
    stretched = _("There is not enough room: those with the least to do are taken beyond what was asked.")
    return in_a_row(said, stretched if found.stretched else "")


def amount(figure: float, found: Team, currency: str) -> str:
    """A result as its measure is written."""
    return quantity(figure, CATALOGUE[found.measure].unit, currency)


def _label(found: Team) -> str:
    return _(CATALOGUE[found.measure].label).lower()
