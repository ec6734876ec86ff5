"""The only errors that a person is shown. Anything else is a bug: it is logged, never displayed."""

from collections.abc import Collection
from difflib import get_close_matches

from analytics.formats import in_a_row


class AnalyticsError(Exception):
    """Something a person can act on: what happened, then what to try.

    >>> str(AnalyticsError("The file is empty.", "Export it again."))
    'The file is empty. Export it again.'
    """

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what, remedy)
        self.what = what
        self.remedy = remedy

    def __str__(self) -> str:
        return in_a_row(self.what, self.remedy)


class BadInput(AnalyticsError):
    """A file, a recipe or an expression can't be read as it stands."""


class UnknownName(BadInput):
    """A name that no catalogue has."""


class NotAllowed(AnalyticsError):
    """The person's grants do not cover this."""


class NotEnoughData(AnalyticsError):
    """Too few customers, values or months to answer honestly."""


class NoWarehouse(AnalyticsError):
    """There is nothing published to read."""


class Cancelled(AnalyticsError):
    """The person stopped it, or their session went away."""


def nearest(name: str, known: Collection[str]) -> str | None:
    """The known name most like this one, if any is close.

    >>> nearest("profit12m", ["profit_12m", "region"])
    'profit_12m'
    """
    found = get_close_matches(name, list(known), n=1, cutoff=0.5)
    return found[0] if found else None
