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
    # business lines and regions
    mark("Retail"), mark("Premier"), mark("Business"),
    mark("East"), mark("South"), mark("North"), mark("Central"), mark("West"), mark("Northeast"),
    # occupation
    mark("accountant"), mark("civil servant"), mark("clerk"), mark("contractor"), mark("delivery"), mark("designer"),
    mark("doctor"), mark("driver"), mark("engineer"), mark("entrepreneur"), mark("executive"), mark("farmer"),
    mark("investor"), mark("lawyer"), mark("manufacturer"), mark("nurse"), mark("programmer"), mark("retired"),
    mark("sales"), mark("self-employed"), mark("shop assistant"), mark("shop owner"), mark("student"), mark("teacher"),
    mark("trader"), mark("unemployed"), mark("worker"),
    # what a survey is answered
    mark("decides alone"), mark("price first"), mark("sceptical"), mark("trusts us"), mark("wants advice"),
)  # fmt: skip
# Keys, and words that mean something else on a page: classes of columns, a customer's manager.
_OTHERWISE = {
    "personal": mark("private customer"), "sensitive": mark("sensitive to prices"), "transfer_in": mark("transfer in"),
    "transfer_out": mark("transfer out"), "loan_payment": mark("loan payment"), "manager": mark("company manager"),
}  # fmt: skip
_KNOWN = dict(zip(WORDS, WORDS, strict=True)) | _OTHERWISE


def in_words(said: object) -> str:
    """A value of the data as a person reads it; as it stands where it is none of these.

    >>> in_words("deposit"), in_words("personal"), in_words("K 7")
    ('deposit', 'private customer', 'K 7')
    """
    text = str(said)
    return _(_KNOWN[text]) if text in _KNOWN else text
