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

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]
PRIME = 2**31 - 1  # products of two remainders fit 64 bits

SAID, TOO_FEW = "said by the cells shown", "too few customers"


@dataclass(frozen=True)
class Deeds:
    """What customers did: `rows`, shape (n, cells), says which cells each distinct deed counts in; the n-th pair of
    `deed` and `doer` says that this customer did that, the most dispensable customers first."""

    rows: Flags
    deed: Whole
    doer: Whole


@dataclass(frozen=True)
class Step:
    """How each party is widened: by which deed, by whom (None: a member did it), and the mix that this refutes."""

    deeds: Whole
    joins: list[int | None]
    mixes: Whole


class Parties:
    """As many parties as the floor says. Each has chosen as many deeds of its members as there are shown cells, and
    these deeds tell the cells apart: the matrix of deeds by cells has an inverse, which is kept."""

    def __init__(self, deeds: Deeds, floor: int) -> None:
        self.deeds = deeds
        # What the shown cells say of each deed, by columns as they come: sums of remainders stay exact in
        # these numbers, and they multiply fast.
        self.told = np.zeros(deeds.rows.shape, dtype=np.float64, order="F")
        self.shown: list[int] = []
        self.free = np.ones(int(deeds.doer.max(initial=-1)) + 1, dtype=np.bool_)
        self.mine = np.zeros((floor, len(deeds.rows)), dtype=np.bool_)
        self.chosen = np.zeros((floor, 0), dtype=np.int64)
        self.inverse = np.zeros((floor, 0, 0), dtype=np.int64)

    def plan(self, cell: int) -> "Step | str":
        """How each party could be widened to tell one more cell apart; else SAID or TOO_FEW."""
        column = self.deeds.rows[:, cell]
        mixes = _times(self.inverse, column[self.chosen].astype(np.int64))
        said = self.told[:, : len(self.shown)] @ mixes.T.astype(np.float64)
        apart = _not_divisible(said - column[:, None]).T
        if not apart.any(axis=1).all():
            return SAID
        chosen = (apart & self.mine).argmax(axis=1)
        joins: list[int | None] = [None] * len(apart)
        taken = self.free.copy()
        for party in np.flatnonzero(~(apart & self.mine).any(axis=1)):
            able = apart[party][self.deeds.deed] & taken[self.deeds.doer]
            place = int(able.argmax()) if able.size else 0
            if not able.any():
                return TOO_FEW
            chosen[party], joins[party] = self.deeds.deed[place], int(self.deeds.doer[place])
            taken[self.deeds.doer[place]] = False
        return Step(chosen, joins, mixes)

    def follow(self, cell: int, step: Step) -> None:
        """Widen the parties as planned: the inverse of a matrix with one more row and column."""
        for party, who in enumerate(step.joins):
            if who is not None:
                self.mine[party, self.deeds.deed[self.deeds.doer == who]] = True
                self.free[who] = False
        deeds, mixes = self.deeds.rows[step.deeds].astype(np.int64), step.mixes
        known = deeds[:, self.shown]
        left = (deeds[:, cell] - (known * mixes).sum(axis=1)) % PRIME
        scale = np.array([pow(int(one), -1, PRIME) for one in left])[:, None]
        row = _times(self.inverse.transpose(0, 2, 1), known) * scale % PRIME
        corner = (self.inverse + mixes[:, :, None] * row[:, None, :]) % PRIME
        right = np.concatenate([-mixes * scale % PRIME, scale], axis=1)
        self.inverse = np.concatenate(
            [np.concatenate([corner, -row[:, None, :] % PRIME], axis=1), right[:, :, None]], axis=2
        )
        self.chosen = np.concatenate([self.chosen, step.deeds[:, None]], axis=1)
        self.told[:, len(self.shown)] = self.deeds.rows[:, cell]
        self.shown.append(cell)


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
        step = parties.plan(cell)
        if isinstance(step, Step):
            parties.follow(cell, step)
        shown[cell] = step != TOO_FEW
    return shown


def counted(deeds: Deeds) -> Deeds:
    """What stands behind counts of customers: whoever is in a cell for many deeds counts once."""
    people = int(deeds.doer.max(initial=-1)) + 1
    found = np.zeros((people, deeds.rows.shape[1]), dtype=np.bool_)
    np.logical_or.at(found, deeds.doer, deeds.rows[deeds.deed])
    rows, row = _distinct(found)
    sizes = found.sum(axis=0)
    smallest = np.where(found, sizes, people + 1).min(axis=1, initial=people + 1)
    doer = np.argsort(-smallest, kind="stable")  # those of small cells are needed there
    return Deeds(rows, row.reshape(-1)[doer], doer)


def _distinct(rows: Flags) -> tuple[Flags, Whole]:
    """Rows without repetition, and which of them each row is: compared as bits, which is much quicker."""
    bits = np.packbits(rows, axis=1)
    whole = np.ascontiguousarray(bits).view(np.dtype((np.void, max(bits.shape[1], 1)))).reshape(-1)
    _kinds, first, which = np.unique(whole, return_index=True, return_inverse=True)
    return rows[first], which.reshape(-1)


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


def _not_divisible(numbers: NDArray[np.float64]) -> Flags:
    """Which whole numbers below 2**52 the prime does not divide; quicker than a remainder."""
    return np.asarray(numbers != np.rint(numbers / PRIME) * PRIME)


def _times(matrices: Whole, vectors: Whole) -> Whole:
    return np.asarray((matrices * vectors[:, None, :] % PRIME).sum(axis=2) % PRIME, dtype=np.int64)
