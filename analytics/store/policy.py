"""What holds for everybody: the floor below which totals are suppressed, and how many files a day may leave."""

from contextlib import nullcontext
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, insert, select

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

    def change(
        self, floor: int, daily_exports: int | None, by: str, within: Connection | None = None
    ) -> Policy:
        """Set both anew, in a transaction of its own or `within` one. Raises BadInput out of bounds."""
        require_bounds(floor, daily_exports)
        row = {
            "floor": floor,
            "daily_exports": daily_exports,
            "changed_by": same_email(by),
            "changed_at": now(),
        }
        with nullcontext(within) if within is not None else writing(self._engine) as connection:
            version = connection.scalars(insert(policies).values(row).returning(policies.c.id)).one()
        return Policy(int(version), floor, daily_exports)


def require_bounds(floor: int, daily_exports: int | None) -> None:
    """Raise BadInput for a setting that can't be."""
    _within(_("The floor of totals"), floor, LOWEST_FLOOR, HIGHEST_FLOOR)
    if daily_exports is not None:
        _within(_("Files a day"), daily_exports, 0, MOST_EXPORTS)


def _within(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise BadInput(
            _("{name} can't be {value}.").format(name=name, value=number(value)),
            _("Choose a number from {low} to {high}.").format(low=number(low), high=number(high)),
        )
