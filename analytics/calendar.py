"""Month ends: the only dates that figures are stated as of."""

from calendar import monthrange
from datetime import date


def month_end(day: date) -> date:
    """The last day of the month that holds `day`.

    >>> month_end(date(2024, 2, 3))
    datetime.date(2024, 2, 29)
    """
    return day.replace(day=monthrange(day.year, day.month)[1])


def months_before(as_of: date, months: int) -> date:
    """The month end that lies `months` calendar months before the month of `as_of`.

    >>> months_before(date(2026, 6, 30), 12), months_before(date(2026, 3, 31), 1)
    (datetime.date(2025, 6, 30), datetime.date(2026, 2, 28))
    """
    index = as_of.year * 12 + as_of.month - 1 - months
    return month_end(date(index // 12, index % 12 + 1, 1))


def month_ends(first: date, last: date) -> tuple[date, ...]:
    """Every month end from the month of `first` to `last`, which closes the list even if mid-month.

    >>> month_ends(date(2026, 1, 10), date(2026, 2, 28))
    (datetime.date(2026, 1, 31), datetime.date(2026, 2, 28))
    """
    count = (last.year - first.year) * 12 + last.month - first.month
    return tuple(min(months_before(last, n), last) for n in range(count, -1, -1))
