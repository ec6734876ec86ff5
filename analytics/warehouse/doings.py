"""What customers did, what they are counted by of it, and where its months are kept."""

from collections.abc import Iterable
from datetime import date
from itertools import combinations

BLOCK = 60  # months that one number holds, counted back from the one after the newest, which may have begun
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


def bit_of_month(month: date, newest: date) -> tuple[int, int]:
    """Where `doing_months` keeps a month: its block, and its bit there.

    >>> bit_of_month(date(2026, 10, 31), newest=date(2026, 10, 31)), bit_of_month(date(2021, 11, 30), date(2026, 10, 31))
    ((0, 2), (1, 1))
    """
    back = (newest.year - month.year) * 12 + newest.month - month.month + 1
    return back // BLOCK, 1 << back % BLOCK
