"""Low, middling and high in words, for the names that segments are made of."""

from analytics.methods.base import Words
from analytics.translation import mark as _
from analytics.translation import translate

# Low and high in words that read better than "low ..." and "high ..."; every other indicator has these.
PHRASES: dict[str, tuple[str, str]] = {
    "days_since_last_transaction": (_("recently active"), _("long inactive")),
    "transactions_count_12m": (_("rarely active"), _("often active")),
    "active_months_12m": (_("active in few months"), _("active in most months")),
    "months_since_first_transaction": (_("newcomers"), _("long active with us")),
    "tenure_years": (_("short with the bank"), _("long with the bank")),
    "age_years": (_("younger"), _("older")),
    "products_held": (_("few products"), _("many products")),
    "referrals_count": (_("few referrals"), _("many referrals")),
    "response_rate": (_("rarely respond"), _("often respond")),
    "nps": (_("unlikely to recommend us"), _("likely to recommend us")),
    "accounts_open": (_("few accounts"), _("many accounts")),
}


def inside(label: str) -> str:
    """A label as it is written within a sentence.

    >>> inside("Average balance"), inside("NPS")
    ('average balance', 'NPS')
    """
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def grade(key: str, level: int, words: Words) -> str:
    """An indicator's low (-1), middling (0) or high (1) figures in words.

    >>> grade("profit_12m", 1, Words()), grade("age_years", -1, Words())
    ('high profit 12m', 'younger')
    """
    if level and key in PHRASES:
        return translate(PHRASES[key][level > 0])
    shapes = {-1: translate("low {label}"), 0: translate("middling {label}"), 1: translate("high {label}")}
    return shapes[level].format(label=inside(words.label(key)))


def title(traits: list[str]) -> str:
    """Traits in a row as a name.

    >>> title(["high profit", "younger"])
    'High profit, younger'
    """
    name = translate(", ").join(traits)
    return name[:1].upper() + name[1:]
