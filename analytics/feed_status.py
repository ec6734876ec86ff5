"""Whether the rates are current, and what a steward has to do about them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from analytics.feeds import FEEDS
from analytics.formats import day
from analytics.store.feeds import Feed, Feeds
from analytics.translation import mark
from analytics.translation import translate as _
from analytics.warehouse.engine import Warehouse
from analytics.warehouse.rates.freshness import OldRate, newest_days, old_rates

# What a feed may be in, the most pressing first.
STATES = {
    "waiting": mark("Waiting for your decision"),
    "failed": mark("Could not be refreshed"),
    "old": mark("Too old"),
    "late": mark("Late"),
    "refused": mark("Refused"),
    "none": mark("No rates yet"),
    "current": mark("Current"),
}
_SENTENCES = {
    "waiting": mark("{feed} wait for your decision: those of {day} still serve, for figures as of {as_of}."),
    "failed": mark("{feed} could not be refreshed: those of {day} still serve, for figures as of {as_of}."),
    "old": mark("{feed} are too old: the newest are of {day}, for figures as of {as_of}."),
    "late": mark("{feed} are late: those of {day} still serve, for figures as of {as_of}."),
    "refused": mark("{feed} were refused: those of {day} still serve, for figures as of {as_of}."),
    "none": mark("{feed} are not there yet, for figures as of {as_of}."),
}
_AND_NONE_YET = {
    "waiting": mark("{feed} wait for your decision: there are none yet, for figures as of {as_of}."),
    "failed": mark("{feed} could not be refreshed: there are none yet, for figures as of {as_of}."),
    "late": mark("{feed} are late: there are none yet, for figures as of {as_of}."),
    "refused": mark("{feed} were refused: there are none yet, for figures as of {as_of}."),
}


@dataclass(frozen=True)
class Status:
    """One feed: its settings and last attempt, its newest day, and those in use that are too old."""

    feed: Feed
    state: str
    newest: date | None
    old: list[OldRate]

    @property
    def label(self) -> str:
        return _(FEEDS[self.feed.key])


def statuses(warehouse: Warehouse, feeds: Feeds, moment: datetime | None = None) -> list[Status]:
    """All feeds, for the newest date that figures are stated as of; the most pressing first."""
    newest, moment = newest_days(warehouse), moment or datetime.now(UTC)
    old = old_rates(warehouse, warehouse.newest_as_of, feeds.ages())
    found = []
    for key in FEEDS:
        feed, mine = feeds.get(key), [rate for rate in old if rate.feed == key]
        found.append(Status(feed, _state(feed, newest[key], mine, moment), newest[key], mine))
    return sorted(found, key=lambda status: list(STATES).index(status.state))


def is_late(feed: Feed, moment: datetime) -> bool:
    """Whether a scheduled feed has had nothing good to offer for two of its rounds."""
    if not feed.every_hours or feed.checked_at is None:
        return False
    return feed.good_at is None or (moment - feed.good_at).total_seconds() > 2 * 3600 * feed.every_hours


def rates_sentence(found: list[Status], as_of: date) -> str:
    """The page's answer: that all is current, or what presses most."""
    first = found[0]
    if first.state == "current":
        by_key = {status.feed.key: day(status.newest) for status in found}
        return _(
            "The rates in use are current: exchange rates of {fx} and product prices of {products}, for figures as of {as_of}."
        ).format(**by_key, as_of=day(as_of))
    said = _SENTENCES if first.newest else _SENTENCES | _AND_NONE_YET
    return _(said[first.state]).format(feed=first.label, day=day(first.newest), as_of=day(as_of))


def _state(feed: Feed, newest: date | None, old: list[OldRate], moment: datetime) -> str:
    signs = {
        "waiting": feed.waiting is not None,
        "failed": feed.outcome == "failed",
        "old": bool(old),
        "late": is_late(feed, moment),
        "refused": feed.outcome == "refused",
        "none": newest is None,
        "current": True,
    }
    return next(state for state in STATES if signs[state])
