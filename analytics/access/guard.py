"""Which totals can be shown to somebody who may not see the customers behind them.

A total is a sum over customers, and so is whatever follows from shown totals by adding and subtracting. The
floor must hold for all of it: no combination of shown totals, with whatever factors, may be about fewer customers
than the floor, as a small cell is, or what a partition's shown cells leave over, or the difference of two tables.

How that is proved: as many parties of customers as the floor says, no customer in two of them, each of which alone
tells all shown totals apart (no combination of these is zero for the whole party unless it is zero for everybody).
A combination that is about fewer customers than there are parties leaves one party out, is zero for it, and
therefore says nothing. A cell is shown only where every party can be widened to tell it apart from those shown
before it. Cells come in the order of their size, so that it is the smallest ones that stay hidden.

Arithmetic is exact, modulo a prime: what is independent there is so among fractions too.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]
PRIME = 2**31 - 1  # products of two remainders fit 64 bits


@dataclass(frozen=True)
class Deeds:
    """What customers did: `rows`, shape (n, cells), says which cells each distinct deed counts in; the n-th pair of
    `deed` and `doer` says that this customer did that, the most dispensable customers first."""

    rows: Flags
    deed: Whole
    doer: Whole


@dataclass
class Party:
    """Customers, and deeds of theirs, as many as there are shown cells, that tell these apart."""

    mine: Flags  # per deed whether a member did it
    chosen: list[int] = field(default_factory=list)
    inverse: Whole = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))

    def mix(self, cell: Flags) -> Whole:
        """By which factors the shown cells make this one, as far as the chosen deeds know."""
        return _times(self.inverse, cell[self.chosen].astype(np.int64))

    def learn(self, deed: int, shown: Whole, new: int, mix: Whole) -> None:
        """Choose one more deed. shown, new : in which cells it counts. The inverse of the bordered matrix."""
        scale = pow(int(new - shown @ mix % PRIME) % PRIME, -1, PRIME)
        row = _times(self.inverse.T, shown) * scale % PRIME
        corner = (self.inverse + mix[:, None] * row[None, :]) % PRIME
        column = -mix * scale % PRIME
        self.inverse = np.block([[corner, column[:, None]], [-row[None, :] % PRIME, np.array([[scale]])]])
        self.chosen.append(deed)


class Parties:
    """As many parties as the floor says, over one kind of deeds."""

    def __init__(self, deeds: Deeds, floor: int) -> None:
        self.deeds = deeds
        self.rows = deeds.rows.astype(
            np.float64
        )  # sums of remainders stay exact in it, and it multiplies fast
        self.shown: list[int] = []
        self.free = np.ones(int(deeds.doer.max(initial=-1)) + 1, dtype=np.bool_)
        self.parties = [Party(np.zeros(len(deeds.rows), dtype=np.bool_)) for _ in range(floor)]

    def plan(self, cell: int) -> "list[Step] | None":
        """How each party could be widened to tell one more cell apart: empty where the shown ones say it already,
        None where there are too few customers."""
        column = self.deeds.rows[:, cell]
        steps: list[Step] = []
        taken = self.free.copy()
        for party in self.parties:
            mix = party.mix(column)
            apart = (self.rows[:, self.shown] @ mix.astype(np.float64) - column) % PRIME != 0
            if not apart.any():
                return []
            own = apart & party.mine
            if own.any():
                steps.append(Step(int(own.argmax()), None, mix))
                continue
            able = apart[self.deeds.deed] & taken[self.deeds.doer]
            if not able.any():
                return None
            place = int(able.argmax())
            steps.append(Step(int(self.deeds.deed[place]), int(self.deeds.doer[place]), mix))
            taken[self.deeds.doer[place]] = False
        return steps

    def follow(self, cell: int, steps: "list[Step]") -> None:
        """Widen the parties as planned."""
        if not steps:
            return
        for party, step in zip(self.parties, steps, strict=True):
            row = self.deeds.rows[step.deed]
            if step.joins is not None:
                party.mine[self.deeds.deed[self.deeds.doer == step.joins]] = True
                self.free[step.joins] = False
            party.learn(step.deed, row[self.shown].astype(np.int64), int(row[cell]), step.mix)
        self.shown.append(cell)


@dataclass(frozen=True)
class Step:
    """A deed that tells a cell apart, who joins the party with it (None: a member did it), and the mix it refutes."""

    deed: int
    joins: int | None
    mix: Whole


def safe_cells(deeds: Deeds, order: Whole, floor: int) -> Flags:
    """Which cells can be shown together, looked at in this order.

    order : places of the cells that are asked for; the total over all deeds is a cell too, and comes first.
    floor : at least 1. Returns shape (cells,), True for those that may be shown.

    >>> who = np.arange(9)
    >>> rows = np.array([[1, 1, 0, 0]] * 2 + [[1, 0, 1, 0]] * 3 + [[1, 0, 0, 1]] * 4, dtype=bool)
    >>> deeds = Deeds(rows, who, who)
    >>> safe_cells(deeds, by_size(deeds), 3)  # a cell of two, and one that would give it away by subtraction
    array([ True, False, False,  True])
    """
    parties = Parties(deeds, floor)
    shown = np.zeros(deeds.rows.shape[1], dtype=np.bool_)
    for cell in order.tolist():
        steps = parties.plan(cell)
        if steps is not None:
            parties.follow(cell, steps)
            shown[cell] = True
    return shown


def counted(deeds: Deeds) -> Deeds:
    """What stands behind counts of customers: whoever is in a cell for many deeds counts once."""
    people = int(deeds.doer.max(initial=-1)) + 1
    found = np.zeros((people, deeds.rows.shape[1]), dtype=np.bool_)
    np.logical_or.at(found, deeds.doer, deeds.rows[deeds.deed])
    rows, row = np.unique(found, axis=0, return_inverse=True)
    sizes = found.sum(axis=0)
    smallest = np.where(found, sizes, people + 1).min(axis=1, initial=people + 1)
    doer = np.argsort(-smallest, kind="stable")  # those of small cells are needed there
    return Deeds(rows, row.reshape(-1)[doer], doer)


def by_size(people: Deeds) -> Whole:
    """The cells by how many customers are in them, most first; of equal ones the earlier."""
    sizes = np.bincount(people.deed, minlength=len(people.rows)) @ people.rows
    return np.argsort(-sizes, kind="stable")


def dispensable_first(deeds: Deeds, people: Deeds) -> Deeds:
    """The same deeds, in the order of the customers of `people`, without those that nobody did."""
    rank = np.empty(len(people.doer), dtype=np.int64)
    rank[people.doer] = np.arange(len(people.doer))
    place = np.argsort(rank[deeds.doer], kind="stable")
    done, deed = np.unique(deeds.deed[place], return_inverse=True)
    return Deeds(deeds.rows[done], deed.reshape(-1), deeds.doer[place])


def _times(matrix: Whole, vector: Whole) -> Whole:
    return np.asarray((matrix * vector % PRIME).sum(axis=1) % PRIME, dtype=np.int64)
