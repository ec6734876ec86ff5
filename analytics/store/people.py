"""Who signed in through the provider, and which of their sign-ins still count.

A person is known by issuer and subject, which never change; the address that they were first met under decides
which grants are theirs. A sign-in is known by the digest of its cookie, so that a copy of the cookie lives and
ends with it, and a cookie that was never begun here is nobody's.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from analytics.access.grants import same_email
from analytics.errors import NotAllowed, UnknownName
from analytics.store.database import in_utc, now, writing
from analytics.store.owned import pass_on, set_aside
from analytics.store.tables import people, sign_ins
from analytics.translation import translate as _

KEPT = timedelta(
    days=31
)  # after its end; a cookie without a row is refused, so nothing depends on keeping it


class AddressTaken(NotAllowed):
    """The address belongs to somebody else whom the provider knows by another subject."""


@dataclass(frozen=True)
class SignIn:
    """A sign-in that counts now."""

    email: str
    began_at: datetime
    ends_at: datetime


class People:
    """People and their sign-ins."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def met(self, issuer: str, subject: str, email: str) -> str:
        """The address whose grants are this person's; whoever is new is remembered under the one given.

        A known person keeps the address that they were first met under, whatever the provider says later:
        renaming oneself, or being renamed, never brings another person's grants. A steward moves them.
        Raises AddressTaken for somebody new whose address is another person's.
        """
        known = select(people.c.email).where(people.c.issuer == issuer, people.c.subject == subject)
        address = same_email(email)
        row = {"issuer": issuer, "subject": subject, "email": address, "met_at": now()}
        with writing(self._engine) as connection:
            found = connection.scalar(known)
            if found is not None:
                return str(found)
            try:
                with connection.begin_nested():
                    connection.execute(insert(people).values(row))
            except IntegrityError as error:
                found = connection.scalar(known)  # another sign-in of theirs may have been faster
                if found is not None:
                    return str(found)
                raise AddressTaken(
                    _("The address {email} belongs to another person here.").format(email=email),
                    _("Ask a data steward: an address can be passed on only on purpose."),
                ) from error
        return address

    def begin(self, email: str, digest: str, ends_at: datetime) -> None:
        """Let a cookie count until then. Sign-ins that ended long ago are forgotten on the way."""
        with writing(self._engine) as connection:
            row = {"person_id": self._id(connection, email), "began_at": now(), "ends_at": ends_at}
            connection.execute(delete(sign_ins).where(sign_ins.c.ends_at < now() - KEPT))
            connection.execute(insert(sign_ins).values(**row, digest=digest))

    def signed_in(self, digest: str) -> SignIn | None:
        """Whose sign-in a cookie is, if it counts now: begun here, since they last signed out, and not ended."""
        since = or_(people.c.signed_out_at.is_(None), sign_ins.c.began_at >= people.c.signed_out_at)
        wanted = (
            select(people.c.email, sign_ins.c.began_at, sign_ins.c.ends_at)
            .join(people, people.c.id == sign_ins.c.person_id)
            .where(sign_ins.c.digest == digest, sign_ins.c.ended_at.is_(None), since)
        )
        with self._engine.connect() as connection:
            row = connection.execute(wanted).first()
        if row is None or in_utc(row.ends_at) <= now():
            return None
        return SignIn(row.email, in_utc(row.began_at), in_utc(row.ends_at))

    def end(self, digest: str) -> None:
        """End one sign-in."""
        with writing(self._engine) as connection:
            one = update(sign_ins).where(sign_ins.c.digest == digest, sign_ins.c.ended_at.is_(None))
            connection.execute(one.values(ended_at=now()))

    def sign_out(self, email: str) -> int:
        """End every sign-in of a person, wherever they are signed in; how many there were."""
        with writing(self._engine) as connection:
            return self._sign_out(connection, self._id(connection, email))

    def move(self, email: str, to: str, connection: Connection) -> None:
        """Let a person, with what is their own, have another address and its grants from now on; they sign in anew.

        connection : of the transaction that records it. Raises UnknownName for nobody, AddressTaken where the other
        address is somebody's, and be it their own.
        """
        person, address = self._id(connection, email), same_email(to)
        if address == same_email(email):
            raise AddressTaken(_("That is their address already."), _("Name the new one."))
        try:
            connection.execute(update(people).where(people.c.id == person).values(email=address))
        except IntegrityError as error:
            raise AddressTaken(
                _("The address {email} belongs to another person here.").format(email=to),
                _("Forget that person first, if they have left."),
            ) from error
        self._sign_out(connection, person)
        set_aside(connection, address)
        pass_on(connection, same_email(email), address)

    def forget(self, email: str, connection: Connection) -> None:
        """Free an address for the next person who has it; what was this one's own stays theirs alone.

        connection : of the transaction that records it. Raises UnknownName for nobody.
        """
        person = self._id(connection, email)
        connection.execute(delete(sign_ins).where(sign_ins.c.person_id == person))
        connection.execute(delete(people).where(people.c.id == person))
        set_aside(connection, same_email(email))

    def _sign_out(self, connection: Connection, person: int) -> int:
        counting = (sign_ins.c.ended_at.is_(None), sign_ins.c.ends_at > now())
        connection.execute(update(people).where(people.c.id == person).values(signed_out_at=now()))
        ended = update(sign_ins).where(sign_ins.c.person_id == person, *counting)
        return connection.execute(ended.values(ended_at=now())).rowcount

    def _id(self, connection: Connection, email: str) -> int:
        found = connection.scalar(select(people.c.id).where(people.c.email == same_email(email)))
        if found is None:
            raise UnknownName(
                _("Nobody with the address {email} has signed in here.").format(email=email),
                _("Look for a spelling mistake."),
            )
        return int(found)
