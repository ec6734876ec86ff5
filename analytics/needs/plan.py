"""The mix for a segment: product, price room, channel, message, and what it would cost and bring."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from analytics.access.book import Book
from analytics.access.earnings import at_other_rates, priced_products, product_lines
from analytics.access.holdings import shelf
from analytics.access.outreach import channels_used
from analytics.errors import AnalyticsError
from analytics.needs.campaigns import Report, pooled
from analytics.needs.power import Design
from analytics.needs.uplift import Interval
from analytics.shock import Shock
from analytics.translation import translate as _

CHANNELS = ("phone", "branch", "mobile", "online")  # where nothing is known of what the bank used
POINT = 0.01
SHARE_USED = 0.05  # of a segment's transactions; a channel below it is not where its customers are
FEWEST_LEFT = 30  # hold-outs
USUAL_RESPONSE = 0.05  # of customers left alone, where no campaign tells


@dataclass(frozen=True)
class Margin:
    """What a product brings, in the book and over twelve months.

    holders : customers with a line of it. each : mean contribution of one of them, in the base currency, None
    without any. room : yearly points that its rate could move in the customers' favour until the contribution
    of the average holder is gone; 0 where there is none left, None where it has no rate to move.
    upwards : whether "in the customers' favour" is a higher rate, as for deposits.
    """

    holders: int
    each: float | None
    room: float | None
    upwards: bool = True


@dataclass(frozen=True)
class Expected:
    """What a campaign would bring: answers that there would not be otherwise, and money over twelve months.

    cost : of contacting everybody but the hold-out. earned : sales x margin, result : that less the cost; both
    None where the margin is not known.
    """

    sales: Interval
    cost: float
    earned: Interval | None
    result: Interval | None


@dataclass(frozen=True)
class Past:
    """What earlier campaigns say of a product in a channel.

    uplift, base : None where none tells. about : "product", "channel" or "all", what those campaigns share.
    """

    uplift: Interval | None
    base: float | None
    campaigns: int
    about: str


def margin(book: Book, as_of: date, product_id: str) -> Margin:
    """What a product brings and how far its rate could move. Raises NotAllowed without the class profit.

    The room is what the holders brought, over what one point costs: spread is linear in the customers' rate.
    Balances are held still; nobody is taken to bring more money because of a better rate.
    """
    lines = product_lines(book, as_of)
    mine = lines.loc[lines["product"] == product_id, "cents"]
    if mine.empty:
        return Margin(0, None, None)
    each = float(mine.sum()) / 100 / len(mine)
    priced = priced_products(book)
    if product_id not in set(priced["product_id"]):
        return Margin(len(mine), each, None)
    moved = at_other_rates(book, [Shock(), Shock(products=((product_id, POINT),))], as_of)
    change = float((moved["stage_1"] - moved["stage_0"]).sum())
    if not change:
        return Margin(len(mine), each, None)
    # A point more costs the bank on deposits and brings it something on loans.
    return Margin(len(mine), each, max(0.0, float(mine.sum()) / abs(change) * POINT), change < 0)


def known_margin(book: Book, as_of: date, product_id: str) -> Margin | str:
    """The same, or in words why it is not known to this person here."""
    reason = book.available["profit_12m"]
    if reason:
        return reason
    try:
        return margin(book, as_of, product_id)
    except AnalyticsError as error:
        return str(error)


def past(reports: Sequence[Report], product_id: str, channel: str) -> Past:
    """What campaigns that are through say, of the same product, else of the same channel, else all of them.

    Those that settle nothing alone count too: what they leave open is in the interval. Fewer than FEWEST_LEFT
    customers left alone say nothing of a product or a channel, nor of what they would do by themselves.
    """
    through = [one for one in reports if one.verdict != "early" and one.found.difference is not None]
    for about, fits in (
        ("product", [one for one in through if one.product_id == product_id]),
        ("channel", [one for one in through if one.channel == channel]),
        ("all", through),
    ):
        held = sum(one.found.arms.holdout for one in fits)
        if held >= FEWEST_LEFT or (held and about == "all"):
            answered = sum(one.found.arms.holdout_answers for one in fits)
            base = answered / held if held >= FEWEST_LEFT else None
            return Past(pooled([one.found for one in fits]), base, len(fits), about)
    return Past(None, None, 0, "all")


def expected(
    design: Design, uplift: Interval, cost_per_contact: float, margin_each: float | None
) -> Expected:
    """What contacting everybody but the hold-out costs and brings; intervals are those of the uplift alone.

    >>> from analytics.needs.power import design
    >>> found = expected(design(1000, 0.05, 0.05), Interval(0.05, 0.02, 0.08), 2.0, 100.0)
    >>> found.cost, found.sales.value, found.result.low
    (1300.0, 32.5, 0.0)
    """
    ends = (uplift.value, uplift.low, uplift.high)
    sales = Interval(*(end * design.contacted for end in ends))
    cost = cost_per_contact * design.contacted
    if margin_each is None:
        return Expected(sales, cost, None, None)
    earned = [round(end * design.contacted * margin_each, 2) for end in ends]
    low, high = min(earned[1:]), max(earned[1:])  # what loses money loses more with more of it
    return Expected(
        sales, cost, Interval(earned[0], low, high), Interval(earned[0] - cost, low - cost, high - cost)
    )


@dataclass(frozen=True)
class Channel:
    """A proposed channel. why : in words. choices : every channel that there is to choose from."""

    key: str
    why: str
    choices: tuple[str, ...]


def proposed_channel(used: "pd.Series[int]", reports: Sequence[Report]) -> Channel:
    """Where a segment would be met: of the channels in which campaigns worked, the cheapest for one extra
    sale, else of those that there are, the one that the segment uses most.

    used : transactions of its customers by channel. A person is not met in a channel that nobody can call
    from: only those in which campaigns ran are proposed, or CHANNELS where none ran.
    """
    ran = tuple(dict.fromkeys(one.channel for one in reports if one.channel))
    choices = tuple(dict.fromkeys((*ran, *CHANNELS)))
    shares = used / used.sum() if used.sum() else used.astype(float)
    worked = [one for one in reports if one.verdict == "works" and one.per_sale and one.channel]
    met = [one for one in worked if one.channel == "phone" or shares.get(one.channel, 0.0) >= SHARE_USED]
    if met:
        best = min(met, key=lambda one: one.per_sale.value if one.per_sale else 0.0)
        return Channel(best.channel, _("the cheapest for one extra sale so far"), choices)
    for key in used.index:
        if key in choices:
            return Channel(str(key), _("what this segment uses most"), choices)
    return Channel(choices[0], _("nothing is known of what this segment uses"), choices)


def used_by(book: Book, as_of: date, customer_ids: Sequence[str]) -> "pd.Series[int]":
    """Transactions of some of the book's customers by channel, none where channels are not known."""
    if book.warehouse.missing(("transactions.channel",)):
        return pd.Series(dtype="int64")
    return channels_used(book, as_of, customer_ids)


def products_on_offer(book: Book) -> dict[str, str]:
    """The products that are sold, by id: their names, with the id where several have the same."""
    sold = shelf(book).query("is_active").reset_index()
    twice = sold["name"].duplicated(keep=False)
    names = sold["name"].where(~twice, sold["name"] + " (" + sold["product_id"] + ")")
    return dict(zip(sold["product_id"].astype(str), names.astype(str), strict=True))


def proposed_message(product: str) -> str:
    """A text to begin with; the manager makes it theirs."""
    return _(
        "Good day, this is your relationship manager. I would like to tell you about {product}, which may suit "
        "you, and to hear what you need. May I take five minutes?"
    ).format(product=product)
