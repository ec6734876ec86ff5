"""Which pages a role opens, and which roles never see a customer's row."""

from collections.abc import Iterable

from analytics.translation import mark as _

ROLES = {
    "relationship_manager": _("Relationship manager"),
    "manager": _("Manager"),
    "analyst": _("Analyst"),
    "back_office": _("Back office"),
    "steward": _("Data steward"),
    "auditor": _("Auditor"),
}
MY_BOOK = ("overview", "customers", "customer", "segments", "compare")
VALUE = ("value", "profit", "lifetime", "movement")
ACT = ("needs", "campaigns")
MANAGE = ("volumes", "team", "review")
PAGES = {
    "relationship_manager": (*MY_BOOK, *VALUE, *ACT),
    "manager": (*MY_BOOK, *VALUE, *ACT, *MANAGE),
    "analyst": (*MY_BOOK, *VALUE, *MANAGE),
    "back_office": ("volumes",),
    "steward": ("rates", "data", "access"),
    "auditor": ("audit",),
}
OTHER_ROLE = ("overview",)
EVERYONE = ("glossary",)
WITHOUT_ROWS = frozenset({"back_office", "steward", "auditor"})
TOTALS_ONLY = frozenset({"back_office"})  # of these, who may see totals of the customers that a grant names


def pages_of(roles: Iterable[str]) -> frozenset[str]:
    """The pages that any of these roles opens; the glossary is everyone's.

    >>> sorted(pages_of(["steward"])), sorted(pages_of(["teller"]))
    (['access', 'data', 'glossary', 'rates'], ['glossary', 'overview'])
    """
    opened = {page for role in roles for page in PAGES.get(role, OTHER_ROLE)}
    return frozenset({*opened, *EVERYONE})
