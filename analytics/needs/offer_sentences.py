"""What the offers say in words: who can be offered something, and why others can't."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from analytics.formats import day, number
from analytics.needs.suitability import REASONS
from analytics.translation import plural
from analytics.translation import translate as _

LABELS = {reason.key: reason.label for reason in REASONS}


def offered_sentence(customers: int, served: int) -> str:
    """Of so many customers, to how many something may be offered.

    >>> offered_sentence(93, 63)
    '63 of 93 customers may be offered something.'
    """
    if not customers:
        return _("There is no customer here to offer anything to.")
    if not served:
        return plural(
            "{n} customer, and nothing may be offered.",
            "{n} customers, and nothing may be offered to any.",
            customers,
        ).format(n=number(customers))
    text = plural(
        "{served} of {n} customer may be offered something.",
        "{served} of {n} customers may be offered something.",
        customers,
    )
    return text.format(served=number(served), n=number(customers))


def withheld_sentence(by_reason: Mapping[Any, int]) -> str:
    """Why the others may be offered nothing, the commonest reason first; "" where there are none.

    >>> withheld_sentence({"no_consent": 20, "stale_assessment": 10})
    'Nothing may be offered to 20 with no consent to marketing, 10 with risk assessment older than twelve months.'
    """
    told = sorted(((n, key) for key, n in by_reason.items() if n), reverse=True)
    if not told:
        return ""
    parts = [_("{n} with {reason}").format(n=number(n), reason=_(LABELS[key])) for n, key in told]
    return _("Nothing may be offered to {parts}.").format(parts=_(", ").join(parts))


def lapsed_sentence(customers: int, as_of: date) -> str:
    """How many risk assessments ran out after the date that the offers are of; "" where none did.

    >>> lapsed_sentence(16, date(2026, 6, 30))
    'The risk assessment of 16 of them ran out after 30 June 2026: renew it before anything is offered.'
    """
    if not customers:
        return ""
    text = _("The risk assessment of {n} of them ran out after {day}: renew it before anything is offered.")
    return text.format(n=number(customers), day=day(as_of))


def lapsed_since(as_of: date) -> str:
    """The same of one customer.

    >>> lapsed_since(date(2026, 6, 30))
    'The risk assessment ran out after 30 June 2026: renew it before anything is offered.'
    """
    text = _("The risk assessment ran out after {day}: renew it before anything is offered.")
    return text.format(day=day(as_of))
