"""What one grant says, read from a row of the grants table or from the store."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

COLUMN_CLASSES = frozenset({"pii", "sensitive", "profit"})


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
