"""What one grant says, read from a row of the grants table or from the store."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

COLUMN_CLASSES = frozenset({"pii", "sensitive", "profit"})
LEVELS = ("own", "team", "branch", "region", "bank")


@dataclass(frozen=True)
class Grant:
    """A person, a role and the part of the bank that it covers.

    `departments` empty means all of them; `columns` is a subset of COLUMN_CLASSES; `valid_until` is the last
    day on which it holds, None for ever.
    """

    user_email: str
    role: str
    level: str
    employee_id: str | None = None
    unit_id: str | None = None
    departments: tuple[str, ...] = ()
    columns: frozenset[str] = frozenset()
    may_export: bool = False
    valid_until: date | None = None

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """A grant as the contract's table has it: lists comma separated, anything but the key may be empty.

        >>> Grant.from_row({"user_email": "A@b.c", "role": "analyst", "level": "bank", "columns": "profit,x"})
        Grant(user_email='a@b.c', role='analyst', level='bank', employee_id=None, unit_id=None, \
departments=(), columns=frozenset({'profit'}), may_export=False, valid_until=None)
        """
        return cls(
            user_email=same_email(row["user_email"]),
            role=str(row["role"]).strip().lower(),
            level=str(row["level"]).strip().lower(),
            employee_id=row.get("employee_id") or None,
            unit_id=row.get("unit_id") or None,
            departments=tuple(sorted(_listed(row.get("departments")))),
            columns=COLUMN_CLASSES & _listed(row.get("columns")),
            may_export=row.get("may_export") is True,
            valid_until=row.get("valid_until"),
        )

    def holds_on(self, today: date) -> bool:
        """Whether it is still valid."""
        return self.valid_until is None or self.valid_until >= today

    def as_plain(self) -> dict[str, Any]:
        """As plain values, for the trail and for what waits to be decided."""
        return {
            "user_email": self.user_email,
            "role": self.role,
            "level": self.level,
            "employee_id": self.employee_id,
            "unit_id": self.unit_id,
            "departments": ",".join(self.departments),
            "columns": ",".join(sorted(self.columns)),
            "may_export": self.may_export,
            "valid_until": self.valid_until.isoformat() if self.valid_until else None,
        }

    @classmethod
    def from_plain(cls, said: Mapping[str, Any]) -> Self:
        """Back from plain values.

        >>> grant = Grant("a@b.c", "analyst", "bank", columns=frozenset({"pii"}), valid_until=date(2026, 6, 30))
        >>> Grant.from_plain(grant.as_plain()) == grant
        True
        """
        until = said["valid_until"]
        return cls.from_row({**said, "valid_until": date.fromisoformat(until) if until else None})

    def narrows(self, before: Self) -> bool:
        """Whether it says the same as the one before it, or less: nothing more, nowhere else, no longer."""
        no_wider = not before.departments or (
            self.departments and set(self.departments) <= set(before.departments)
        )
        no_longer = before.valid_until is None or (
            self.valid_until and self.valid_until <= before.valid_until
        )
        return bool(
            self.identity == before.identity
            and no_wider
            and no_longer
            and self.columns <= before.columns
            and self.may_export <= before.may_export
        )

    @property
    def identity(self) -> str:
        """What makes it the same grant in another warehouse version.

        Departments, columns, export and expiry are left out: a grant that was revoked stays revoked when the
        next load brings it back a little wider.
        """
        parts = (self.user_email, self.role, self.level, self.employee_id or "", self.unit_id or "")
        return "\t".join(parts)


def same_email(email: str) -> str:
    """The form in which e-mail addresses are compared.

    >>> same_email(" Li.Wei@Demo.example")
    'li.wei@demo.example'
    """
    return str(email).strip().lower()


def _listed(text: str | None) -> frozenset[str]:
    return frozenset(part.strip() for part in (text or "").split(",") if part.strip())
