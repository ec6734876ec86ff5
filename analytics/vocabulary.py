"""Words that data say in English, in the language in use: those of the contract, and the synthetic bank's own."""

from analytics.translation import mark
from analytics.translation import translate as _

WORDS = (
    # customer_type, gender, and what is known of a person
    mark("business"), mark("female"), mark("male"),
    mark("primary"), mark("secondary"), mark("college"), mark("bachelor"), mark("master"),
    mark("single"), mark("married"), mark("divorced"), mark("widowed"),
    mark("owned"), mark("mortgaged"), mark("rented"), mark("with family"),
    mark("convenience"), mark("credit"), mark("prestige"), mark("price"), mark("return"), mark("safety"), mark("service"),
    mark("high"), mark("medium"), mark("low"), mark("balanced"), mark("indifferent"),
    mark("buddhist"), mark("christian"), mark("muslim"), mark("taoist"), mark("none"),
    mark("career"), mark("culture"), mark("family"), mark("fitness"), mark("gaming"), mark("homebody"), mark("nightlife"),
    mark("outdoors"), mark("travel"),
    mark("ambitious"), mark("analytical"), mark("cautious"), mark("sociable"), mark("spontaneous"),
    # category of a product
    mark("deposit"), mark("loan"), mark("card"), mark("fund"), mark("wealth"), mark("insurance"), mark("fx"), mark("payment"),
    # channel, kind and category of a transaction
    mark("mobile"), mark("online"), mark("branch"), mark("atm"), mark("phone"), mark("system"),
    mark("bill"), mark("cash"), mark("fee"), mark("interest"), mark("investment"), mark("pension"),
    mark("salary"), mark("transfer"),
    mark("dining"), mark("education"), mark("entertainment"), mark("fuel"), mark("groceries"), mark("health"),
    mark("housing"), mark("services"), mark("shopping"), mark("supplies"), mark("transport"),
    # business lines
    mark("Retail"), mark("Premier"), mark("Business"),
)  # fmt: skip
# Keys, and words that mean something else on a page: classes of columns.
_OTHERWISE = {
    "personal": mark("private customer"), "sensitive": mark("sensitive to prices"), "transfer_in": mark("transfer in"),
    "transfer_out": mark("transfer out"), "loan_payment": mark("loan payment"),
}  # fmt: skip
_KNOWN = dict(zip(WORDS, WORDS, strict=True)) | _OTHERWISE


def in_words(said: object) -> str:
    """A value of the data as a person reads it; as it stands where it is none of these.

    >>> in_words("deposit"), in_words("personal"), in_words("K 7")
    ('deposit', 'private customer', 'K 7')
    """
    text = str(said)
    return _(_KNOWN[text]) if text in _KNOWN else text
