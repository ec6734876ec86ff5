"""Signing in through a provider: what its claims must say, and what is recorded.

A sign-in begins at the provider's call-back and nowhere else: there the id token must be fresh, and the cookie
that holds it becomes known. It ends at the sign-out, when a steward ends it, or CLIENTELE_SESSION_HOURS after it
began, whichever comes first. The id token's own `exp`, often minutes, says how long it may be traded for a
sign-in, not how long a person works: a cookie that was not begun while it held is refused for ever. Signing out
ends every sign-in of the person, on all their devices, and every copy of their cookies with it.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from analytics.errors import AnalyticsError, NotAllowed
from analytics.settings import session_hours
from analytics.store.database import now
from analytics.store.people import AddressTaken
from analytics.store.store import Store
from analytics.store.tables import ADDRESS
from analytics.translation import translate as _

CLOCKS_APART = 120  # seconds by which the provider's clock may be ahead of ours
ONCE_IN = timedelta(hours=1)
LONGEST = {"iss": 500, "sub": 255, "email": ADDRESS}  # characters, as the store keeps them
MICROSOFT = ("login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn")


class Unverified(NotAllowed):
    """The provider doesn't vouch for the address."""


class Incomplete(NotAllowed):
    """The provider's claims lack something, or are not for us, or not of now."""


@dataclass(frozen=True)
class Identity:
    """Who the provider says it is."""

    issuer: str
    subject: str
    email: str


def identity_of(claims: Mapping[str, Any], client_id: str, moment: float | None = None) -> Identity:
    """Who an id token is about.

    Raises Incomplete where it lacks something, is for another client, or is not of now; Unverified where the
    provider doesn't say that the address is the person's.
    """
    moment = time.time() if moment is None else moment
    issuer, subject, email = (_text(claims, name) for name in ("iss", "sub", "email"))
    if not (
        issuer and subject and "@" in email and _is_for(claims, client_id) and _is_of_now(claims, moment)
    ):
        raise Incomplete(
            _("The provider's answer is not complete, or not of now."),
            _("Try again. If it stays so, tell the people who run this service."),
        )
    if not _is_verified(claims, issuer):
        raise Unverified(
            _("The provider has not verified your address {email}.").format(email=email),
            _("Verify it there, then sign in again."),
        )
    return Identity(issuer, subject, email)


def sign_in(store: Store, claims: Mapping[str, Any], client_id: str, digest: str) -> str:
    """Begin a sign-in with the cookie of this digest; the address whose grants it opens.

    Raises NotAllowed for somebody who is not let in, which is recorded, and AnalyticsError where nothing can
    be recorded: then nobody is signed in.
    """
    ends_at = now() + timedelta(hours=session_hours())
    try:
        who = identity_of(claims, client_id)
        email = store.people.met(who.issuer, who.subject, who.email)
    except (Unverified, AddressTaken) as refusal:
        _record_refusal(store, claims, type(refusal).__name__)
        raise
    store.people.begin(email, digest, ends_at)
    try:
        said = {"issuer": who.issuer, "until": ends_at.isoformat()}
        store.audit.append(email, "signed in", said | ({"as": who.email} if who.email != email else {}))
    except AnalyticsError:
        store.people.end(digest)
        raise
    return email


def _record_refusal(store: Store, claims: Mapping[str, Any], why: str) -> None:
    """Once an hour for the same person and reason: trying again and again must not fill the trail."""
    email, subject = _text(claims, "email"), _text(claims, "sub")
    earlier = store.audit.entries(person=email, action="refused", since=now() - ONCE_IN, limit=None)
    if not any(
        entry.details.get("why") == why and entry.details.get("subject") == subject for entry in earlier
    ):
        said = {"why": why, "issuer": _text(claims, "iss"), "subject": subject}
        store.audit.append(email, "refused", said)


def sign_out(store: Store, email: str) -> None:
    """End every sign-in of a person, who asked for it."""
    ended = store.people.sign_out(email)
    if ended:
        store.audit.append(email, "signed out", {"sign_ins": ended})


def end_sessions(store: Store, email: str, by: str) -> int:
    """End every sign-in of a person, as a steward asks; how many there were. They may sign in again, and see
    what their grants then say. Raises UnknownName for somebody who never signed in."""
    ended = store.people.sign_out(email)
    store.audit.append(by, "session ended", {"of": email, "sign_ins": ended})
    return ended


def _text(claims: Mapping[str, Any], name: str) -> str:
    said = claims.get(name)
    return said.strip() if isinstance(said, str) and len(said) <= LONGEST[name] else ""


def _is_for(claims: Mapping[str, Any], client_id: str) -> bool:
    """Whether the token was made for this client, and asked for by it."""
    said = claims.get("aud")
    audience = said if isinstance(said, list) else [said]
    return client_id in audience and claims.get("azp", client_id) == client_id


def _is_of_now(claims: Mapping[str, Any], moment: float) -> bool:
    ends, began, counts_from = (_moment(claims.get(name)) for name in ("exp", "iat", "nbf"))
    if ends is None or began is None or ("nbf" in claims and counts_from is None):
        return False
    return began <= moment + CLOCKS_APART and (counts_from or 0) <= moment + CLOCKS_APART and moment < ends


def _moment(said: Any) -> float | None:
    return float(said) if isinstance(said, int | float) and not isinstance(said, bool) else None


def _is_verified(claims: Mapping[str, Any], issuer: str) -> bool:
    """Entra ID has no `email_verified`: there `xms_edov` says that the address's domain is the organisation's."""
    if "email_verified" in claims:
        return claims["email_verified"] is True
    vouched = claims.get("xms_edov")
    return urlsplit(issuer).hostname in MICROSOFT and (vouched is True or vouched in (1, "1", "true"))
