"""Feeds of rates: their settings, how the last attempt went, and whose turn it is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from analytics.access.grants import same_email
from analytics.errors import BadInput
from analytics.store.database import in_utc, now, writing
from analytics.store.tables import feeds
from analytics.translation import translate as _

# The ECB quotes on working days: over Easter or New Year the last rate may be five days old. Prices hold
# until the bank changes them, so that no age is too old unless the bank says so.
OLDEST_DAYS = {"fx": 7, "products": 0}
LONGEST_HOURS, LONGEST_DAYS = 24 * 31, 3650
TURN = timedelta(hours=1)  # a replica that was killed gives its turn back after this long


@dataclass(frozen=True)
class Feed:
    """One feed. every_hours : 0 for by hand alone. oldest_days : 0 where no age is too old.

    outcome : "" before the first attempt, good, waiting (for the steward), failed, refused (by the steward).
    said : why it is not good, or what was odd in a good one, in words. waiting : a digest of the quotes that
    wait. good_at : when the source last had nothing wrong with it. Moments are in UTC.
    """

    key: str
    source: str = ""
    every_hours: int = 0
    oldest_days: int = 0
    outcome: str = ""
    said: str = ""
    waiting: str | None = None
    refused: str | None = None
    checked_at: datetime | None = None
    good_at: datetime | None = None
    changed_by: str | None = None

    def is_due(self, moment: datetime, loaded_at: datetime | None = None) -> bool:
        """Whether the schedule asks for an attempt at this moment.

        loaded_at : when the data that serve were loaded. A load replaces the rates too, so one after the last
            attempt is a reason to ask again.

        >>> from datetime import UTC
        >>> Feed("fx", "fx.csv", 6, checked_at=datetime(2026, 6, 1, 8, tzinfo=UTC)).is_due(
        ...     datetime(2026, 6, 1, 14, tzinfo=UTC))
        True
        """
        if not self.source or self.every_hours <= 0:
            return False
        if self.checked_at is None or (loaded_at is not None and self.checked_at < loaded_at):
            return True
        return moment >= self.checked_at + timedelta(hours=self.every_hours)


class Feeds:
    """The two feeds, by key. A feed that was never set has the defaults."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, key: str) -> Feed:
        """What is known of a feed."""
        with self._engine.connect() as connection:
            row = connection.execute(select(feeds).where(feeds.c.key == key)).one_or_none()
        if row is None:
            return Feed(key, oldest_days=OLDEST_DAYS[key])
        moments = {
            name: moment and in_utc(moment)
            for name, moment in (("checked_at", row.checked_at), ("good_at", row.good_at))
        }
        return Feed(
            key, row.source, row.every_hours, row.oldest_days, row.outcome, row.said, row.waiting, row.refused,
            changed_by=row.changed_by, **moments,
        )  # fmt: skip

    def ages(self) -> dict[str, int]:
        """How old the rates of each feed may be, in days; 0 where no age is too old."""
        return {key: self.get(key).oldest_days for key in OLDEST_DAYS}

    def set(self, key: str, source: str, every_hours: int, oldest_days: int, by: str) -> None:
        """Change where a feed comes from, how often it is asked, and how old its rates may be.

        Raises BadInput for hours or days out of range, or a schedule without a source.
        """
        if not (0 <= every_hours <= LONGEST_HOURS and 0 <= oldest_days <= LONGEST_DAYS):
            raise BadInput(_("These hours or days are out of range."), _("Use whole numbers from 0."))
        if every_hours and not source.strip():
            raise BadInput(_("A schedule needs a source."), _("Give an address, or set the hours to 0."))
        self._write(key, source=source.strip(), every_hours=every_hours, oldest_days=oldest_days,
                    changed_by=same_email(by), changed_at=now())  # fmt: skip

    def claim(self, key: str, moment: datetime, loaded_at: datetime | None = None) -> bool:
        """Take the turn to refresh a feed that is due. Of several replicas only one is told True."""
        feed = self.get(key)
        if not feed.is_due(moment, loaded_at):
            return False
        free = or_(feeds.c.claimed_until.is_(None), feeds.c.claimed_until <= moment)
        still = feeds.c.checked_at == feed.checked_at if feed.checked_at else feeds.c.checked_at.is_(None)
        taken = update(feeds).where(feeds.c.key == key, free, still).values(claimed_until=moment + TURN)
        with writing(self._engine) as connection:
            return connection.execute(taken).rowcount == 1

    def release(self, key: str) -> None:
        """Give the turn back without an attempt: it is asked for again soon."""
        self._write(key, claimed_until=None)

    def record(
        self, key: str, outcome: str, said: str = "", waiting: str | None = None, by: str | None = None
    ) -> None:
        """Keep how an attempt went, and give the turn back. by : who accepted what waited."""
        moment = now()
        good = {"good_at": moment, "refused": None} if outcome == "good" else {}
        who = {"changed_by": same_email(by), "changed_at": moment} if by else {}
        self._write(
            key, outcome=outcome, said=said, waiting=waiting, checked_at=moment, claimed_until=None,
            **good, **who,
        )  # fmt: skip

    def refuse(self, key: str, said: str, by: str) -> None:
        """The quotes that wait are not to be taken, nor asked about again."""
        self._write(
            key, outcome="refused", said=said, refused=self.get(key).waiting, waiting=None,
            changed_by=same_email(by), changed_at=now(),
        )  # fmt: skip

    def _write(self, key: str, **values: Any) -> None:
        fresh = {
            "key": key,
            "source": "",
            "every_hours": 0,
            "oldest_days": OLDEST_DAYS[key],
            "outcome": "",
            "said": "",
        }
        change = update(feeds).where(feeds.c.key == key).values(**values)
        try:
            with writing(self._engine) as connection:
                if not connection.execute(change).rowcount:
                    connection.execute(insert(feeds).values(**(fresh | values)))
        except IntegrityError:  # another replica was first to make the row
            with writing(self._engine) as connection:
                connection.execute(change)
