"""Propensity: the probability that a customer like this takes a product within twelve months.

Learnt from the viewer's own book, one model a product: who was in the book at a date and did not hold the
product, seen as of that date, and who of them opened it within the twelve months after. Logistic regression with
a quadratic penalty on the levels of `traits.TRAITS` and on the other products held; without class weights its
probabilities add up to those who took it. A product that too few took gets the smoothed share of its takers
among personal and among business customers, moved by what speaks for taking any product at all.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from analytics.access.book import Book
from analytics.calendar import months_before
from analytics.errors import NotEnoughData
from analytics.formats import day, number
from analytics.jobs import checkpoint
from analytics.needs.traits import People, people
from analytics.translation import plural
from analytics.translation import translate as _

YEAR = 12  # months
FEWEST_TAKERS = 5  # of a product, for a model of its own: the penalty keeps one of few near their share
MOST_CUSTOMERS = 40_000  # that models are learnt from; of a larger book an even sample
MOST_OTHERS = 6_000  # who did not take a product, for its model: an even sample that counts for all of them
PENALTY = 0.2  # scikit-learn's C, chosen on the demonstration bank's back-test; from 0.1 to 1 hardly matters
PRIOR = 20.0  # customers that a share of few is drawn to the product's, and that to all products'
GROUPED_BY = "customer_type"


@dataclass(frozen=True)
class Propensities:
    """What was learnt: a customer's log-odds for product p are columns @ weights[p] + intercepts[p].

    made, until : seen as of the one, taken by the other. customers : learnt from. candidates, takers : of each
    product. modelled : whether it has a model of its own. weights : shape (n_products, n_columns), columns as
    `People.columns`. usual : how many have each column, as a share; what a trait says is told against it.
    """

    made: date
    until: date
    customers: int
    candidates: NDArray[np.int64]
    takers: NDArray[np.int64]
    modelled: NDArray[np.bool_]
    weights: NDArray[np.float32]
    intercepts: NDArray[np.float32]
    usual: NDArray[np.float32]

    def probability(self, columns: NDArray[np.float32]) -> NDArray[np.float32]:
        """Of each product; shape (n_customers, n_products)."""
        found: NDArray[np.float32] = expit(columns @ self.weights.T + self.intercepts)
        return found

    def warnings(self, products: pd.DataFrame) -> list[str]:
        """What a reader should know of how far this book carries."""
        few = int((~self.modelled & products["is_active"].to_numpy(bool)).sum())
        if not few:
            return []
        text = plural(
            "{n} product was taken by fewer than {fewest} customers of this book in the year to {day}: how likely "
            "it is for each is told from its share and from who takes anything, and is rough.",
            "{n} products were taken by fewer than {fewest} customers of this book in the year to {day}: how likely "
            "they are for each is told from their share and from who takes anything, and is rough.",
            few,
        )
        return [text.format(n=number(few), fewest=FEWEST_TAKERS, day=day(self.until))]


def propensities(book: Book, until: date) -> Propensities:
    """Learn from the twelve months to a date.

    Raises NotEnoughData without accounts, their opening dates, or a month end a year before.
    """
    made = a_year_of_history(book, until)
    seen = people(book, made)
    checkpoint(0.3, _("Learning who takes what"))
    return learnt(seen, taken(book, seen, until), until)


def a_year_of_history(book: Book, until: date) -> date:
    """The month end a year before. Raises NotEnoughData where the data do not reach back to it."""
    made = months_before(until, YEAR)
    if made not in book.warehouse.month_ends or book.warehouse.missing(("accounts.opened_on",)):
        raise NotEnoughData(
            _("Who takes what can't be learnt as of {day}: that needs accounts with their opening dates, and "
              "data from {made} or earlier.").format(day=day(until), made=day(made)),
            _("Choose a later as-of date, or load more history."),
        )  # fmt: skip
    return made


def taken(book: Book, seen: People, until: date) -> NDArray[np.bool_]:
    """Who opened which product after they were seen, by a date; shape (n_customers, n_products)."""
    told = book.joined(
        f"""SELECT DISTINCT customer_no, product_id FROM accounts
        WHERE opened_on > DATE '{seen.known.as_of}' AND opened_on <= DATE '{until}'""",
        what="products opened", as_of=seen.known.as_of,
    )  # fmt: skip
    found = np.zeros(seen.known.held.shape, dtype=bool)
    columns = seen.known.products.index.get_indexer(told["product_id"].to_numpy())
    rows = pd.Index(seen.known.ids).get_indexer(told["customer_id"].to_numpy())
    found[rows[columns >= 0], columns[columns >= 0]] = True
    return found


def learnt(seen: People, outcome: NDArray[np.bool_], until: date) -> Propensities:
    """The model of every product, from customers as they were seen and what they took.

    Nothing depends on the order of customers. Raises NotEnoughData without any.
    """
    if not len(seen):
        raise NotEnoughData(
            _("Nobody was in the book at {day}: there is nobody to learn from.").format(day=day(seen.known.as_of)),
            _("Ask for a larger book, or a later as-of date."),
        )  # fmt: skip
    rows = _evenly(seen.known.ids, MOST_CUSTOMERS)
    columns, held, outcome = seen.columns(rows).astype(np.float64), seen.known.held[rows], outcome[rows]
    outcome = outcome & ~held
    candidates, takers = (~held).sum(axis=0), outcome.sum(axis=0)
    modelled = (takers >= FEWEST_TAKERS) & (candidates - takers >= FEWEST_TAKERS)
    weights, intercepts = _shares(seen, columns, held, outcome)
    with threadpool_limits(limits=1):  # the count of threads must not decide the last digits
        if outcome.sum() >= FEWEST_TAKERS and not modelled.all():
            intercepts += _in_general(seen, columns, held, outcome, weights)
        for place in np.flatnonzero(modelled):
            checkpoint()
            weights[place], intercepts[place] = _model(columns, ~held[:, place], outcome[:, place])
    return Propensities(
        made=seen.known.as_of, until=until, customers=len(rows), candidates=candidates, takers=takers,
        modelled=modelled, weights=weights.astype(np.float32), intercepts=intercepts.astype(np.float32),
        usual=columns.mean(axis=0).astype(np.float32),
    )  # fmt: skip


def _model(
    columns: NDArray[np.float64], free: NDArray[np.bool_], took: NDArray[np.bool_],
    who: NDArray[np.intp] | None = None,
) -> tuple[NDArray[np.float64], float]:  # fmt: skip
    """Weights and intercept of one outcome, of those who were free to have it.

    who : the row of `columns` of each, where the same customer stands several times.
    """
    others = np.flatnonzero(free & ~took)
    kept = others[:: -(-len(others) // MOST_OTHERS)]
    rows = np.concatenate([np.flatnonzero(took), kept])
    counts_for = np.where(took[rows], 1.0, len(others) / len(kept))
    model = LogisticRegression(C=PENALTY, solver="newton-cholesky", max_iter=50, tol=1e-6)
    model.fit(columns[rows if who is None else who[rows]], took[rows], sample_weight=counts_for)
    return model.coef_[0], float(model.intercept_[0])


def _in_general(
    seen: People, columns: NDArray[np.float64], held: NDArray[np.bool_], outcome: NDArray[np.bool_],
    weights: NDArray[np.float64],
) -> float:  # fmt: skip
    """Let what speaks for taking anything at all, whatever it is, speak in `weights` for every product.

    Learnt over all pairs of customer and product at once. Gives what intercepts move by, so that shares stay.
    """
    who, _what = np.nonzero(~held)
    general, _start = _model(columns[:, : -held.shape[1]], np.ones(len(who), bool), outcome[~held], who)
    general[_grouped_by(seen)] = 0.0  # shares know the kind of customer already
    weights[:, : len(general)] += general
    return -float(np.log(np.mean(np.exp(columns[:, : len(general)] @ general))))


def _grouped_by(seen: People) -> slice:
    """The columns of the trait that shares are grouped by; none where it is not there."""
    first = 0
    for trait in seen.traits:
        if trait.key == GROUPED_BY:
            return slice(first, first + trait.levels)
        first += trait.levels
    return slice(0, 0)


def _evenly(ids: NDArray[np.object_], most: int) -> NDArray[np.intp]:
    """An even sample that depends on the customers alone, and always in the same order."""
    order = np.argsort(pd.util.hash_array(ids), kind="stable")
    return order[:most]


def _shares(
    seen: People, columns: NDArray[np.float64], held: NDArray[np.bool_], outcome: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Smoothed shares as weights and intercepts: each group's is drawn to the product's, that to all products'."""
    free = ~held
    whole = (outcome.sum() + 0.5) / (free.sum() + 1.0)
    each = (outcome.sum(axis=0) + PRIOR * whole) / (free.sum(axis=0) + PRIOR)
    weights, intercepts = np.zeros((held.shape[1], columns.shape[1])), logit(each)
    for column in range(columns.shape[1])[_grouped_by(seen)]:
        among = columns[:, column] > 0
        share = (outcome[among].sum(axis=0) + PRIOR * each) / (free[among].sum(axis=0) + PRIOR)
        weights[:, column] = logit(share) - intercepts
    return weights, intercepts
