"""What customers did, what they are counted by of it, and where its months are kept."""

from collections.abc import Iterable
from datetime import date
from itertools import combinations

from analytics.calendar import months_before

BLOCK = 60  # months that one number holds, counted back from `counted_from`
ROOM = 12  # months that can be added before all are counted anew
DOINGS = ("product", "channel", "kind", "currency")  # of a transaction
LABELS = (*DOINGS, "category")
# What customers are counted by, none of it to all of it; its category adds nothing to a product.
COUNTED_BY = tuple(
    labels
    for many in range(len(LABELS))
    for labels in combinations(LABELS, many)
    if not {"product", "category"} <= set(labels)
)


def counted_before(labels: Iterable[str]) -> str:
    """The column of `doing_months` that tells in which months a customer is counted by these labels already.

    >>> counted_before({"kind", "product"})
    'before_product_kind'
    """
    return "_".join(["before", *(name for name in LABELS if name in labels)])


def counted_from(newest: date) -> date:
    """The month that the months of a version are counted back from, which is kept while months are added to it.

    >>> counted_from(date(2026, 10, 31))
    datetime.date(2027, 10, 31)
    """
    return months_before(newest, -ROOM)


def months_back(month: date, start: date) -> int:
    """How many months lie between a month and the one that is counted from."""
    return (start.year - month.year) * 12 + start.month - month.month


def bit_of_month(month: date, start: date) -> tuple[int, int]:
    """Where `doing_months` keeps a month: its block, and its bit there.

    >>> bit_of_month(date(2026, 10, 31), start=date(2026, 11, 30)), bit_of_month(date(2021, 11, 30), date(2026, 11, 30))
    ((0, 2), (1, 1))
    """
    back = months_back(month, start)
    return back // BLOCK, 1 << back % BLOCK
