"""What holds for everybody: the floor below which totals are suppressed, and how many files a day may leave."""

from dataclasses import dataclass

from sqlalchemy import Engine, insert, select

from analytics.access.grants import same_email
from analytics.errors import BadInput
from analytics.formats import number
from analytics.store.database import now, writing
from analytics.store.tables import policies
from analytics.translation import translate as _

LOWEST_FLOOR, HIGHEST_FLOOR = 2, 1_000
MOST_EXPORTS = 10_000


@dataclass(frozen=True)
class Policy:
    """The settings in force. `version` is 0 before anybody set anything, and grows with every change.

    floor : totals over fewer customers are hidden from whoever may not see these one by one.
    daily_exports : files that one person may take within 24 hours, None for any number.
    """

    version: int = 0
    floor: int = 5
    daily_exports: int | None = None


class Policies:
    """Every setting that ever held, the newest in force: nothing is overwritten."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def current(self) -> Policy:
        """What holds now."""
        newest = select(policies).order_by(policies.c.id.desc()).limit(1)
        with self._engine.connect() as connection:
            row = connection.execute(newest).first()
        return Policy(row.id, row.floor, row.daily_exports) if row else Policy()

    def change(self, floor: int, daily_exports: int | None, by: str) -> Policy:
        """Set both anew. Raises BadInput out of bounds."""
        _within(_("The floor of totals"), floor, LOWEST_FLOOR, HIGHEST_FLOOR)
        if daily_exports is not None:
            _within(_("Files a day"), daily_exports, 0, MOST_EXPORTS)
        row = {
            "floor": floor,
            "daily_exports": daily_exports,
            "changed_by": same_email(by),
            "changed_at": now(),
        }
        with writing(self._engine) as connection:
            connection.execute(insert(policies).values(row))
        return self.current()


def _within(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise BadInput(
            _("{name} can't be {value}.").format(name=name, value=number(value)),
            _("Choose a number from {low} to {high}.").format(low=number(low), high=number(high)),
        )
