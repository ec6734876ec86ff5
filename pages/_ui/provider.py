"""The sign-in provider of `[auth]` in Streamlit's secrets, and the cookie that Streamlit keeps its answer in.

This leans on names of Streamlit's that are not public: how it signs and splits the cookie, and how it makes the
address of its sign-in page. Streamlit is pinned, and tests/logic/test_provider.py signs with Streamlit's own code.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from streamlit.auth_util import get_redirect_uri, get_secrets_auth_section
from streamlit.user_info import generate_login_redirect_url
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from analytics.errors import AnalyticsError
from analytics.settings import session_hours
from pages._ui.loopback import is_loopback

CALLBACK = "/oauth2callback"
SHORTEST_SECRET = 32  # characters
MOST_CHUNKS = 20
_CHUNKS = re.compile(r"chunks-(\d{1,2})")
_FIELDS = ("client_id", "client_secret", "server_metadata_url", "client_kwargs")


@dataclass(frozen=True)
class Provider:
    """Where people sign in, and where they come back to."""

    name: str
    origin: str
    client_id: str
    cookie_secret: str

    @property
    def host(self) -> str:
        return urlsplit(self.origin).netloc

    @property
    def is_https(self) -> bool:
        return self.origin.startswith("https://")

    def login_address(self) -> str:
        """Where this server sends a browser on to the provider; holds for two minutes."""
        return generate_login_redirect_url(self.name)

    def claims(self, cookies: Mapping[str, str]) -> tuple[dict[str, Any], str] | None:
        """What Streamlit's cookie holds, and the digest that it is known by; None where it was not signed here.

        A large cookie comes in parts, each signed by itself: the digest is of all of them, so that parts of two
        cookies never make a third that anybody knows.
        """
        parts = _parts(cookies, self.cookie_secret)
        if parts is None:
            return None
        names, text = parts
        try:
            claims = json.loads(text)
        except ValueError:
            return None
        if not isinstance(claims, dict) or claims.get("origin") != self.origin:
            return None
        digest = hashlib.sha256("\n".join(f"{name}={cookies[name]}" for name in names).encode()).hexdigest()
        return claims, digest


def is_configured() -> bool:
    """Whether people sign in through a provider here."""
    return bool(get_secrets_auth_section())


def provider() -> Provider | None:
    """The provider, or None where its configuration would not be safe: `faults` says why."""
    if faults():
        return None
    auth = get_secrets_auth_section().to_dict()
    name, section = _chosen(auth)
    back = urlsplit(get_redirect_uri(get_secrets_auth_section()) or "")
    return Provider(name, f"{back.scheme}://{back.netloc}", section["client_id"], auth["cookie_secret"])


def faults() -> list[str]:
    """What in `[auth]` would let a sign-in be forged or stolen, for whoever runs the server; never the secrets."""
    auth = get_secrets_auth_section().to_dict()
    named = [key for key, value in auth.items() if isinstance(value, dict) and key != "client_kwargs"]
    _, section = _chosen(auth)
    told = section.get("client_kwargs")
    metadata = str(section.get("server_metadata_url") or "")
    back = get_redirect_uri(get_secrets_auth_section()) or ""
    held = {
        "cookie_secret must be a random text of at least 32 characters": _is_strong(
            auth.get("cookie_secret")
        ),
        'redirect_uri must end in "/oauth2callback", at the root of its host': urlsplit(back).path
        == CALLBACK,
        "redirect_uri must begin with https, but for localhost": _is_safe(back),
        "server_metadata_url must begin with https, but for localhost": _is_safe(metadata),
        "client_id and client_secret must be there": all(section.get(name) for name in _FIELDS[:2]),
        'client_kwargs must hold code_challenge_method = "S256" (PKCE)': isinstance(told, dict)
        and told.get("code_challenge_method") == "S256",
        "only one provider can be used": len(named) + ("client_id" in auth) <= 1,
        "server.baseUrlPath can't be used": not st.get_option("server.baseUrlPath"),
    }
    return [fault for fault, holds in held.items() if not holds] + _wrong_hours()


def _wrong_hours() -> list[str]:
    try:
        session_hours()
    except AnalyticsError as error:
        return [str(error)]
    return []


def _chosen(auth: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The one provider: written into [auth] itself, or in a section of its own."""
    if "client_id" in auth:
        return "default", auth
    for name, section in auth.items():
        if isinstance(section, dict) and name != "client_kwargs":
            return name, section
    return "default", {}


def _is_strong(secret: object) -> bool:
    return (
        isinstance(secret, str)
        and len(secret) >= SHORTEST_SECRET
        and len(set(secret)) >= SHORTEST_SECRET // 4
    )


def _is_safe(address: str) -> bool:
    parts = urlsplit(address)
    return bool(parts.netloc) and (
        parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
    )


def _parts(cookies: Mapping[str, str], secret: str) -> tuple[list[str], str] | None:
    first = _signed(cookies, USER_COOKIE_NAME, secret)
    if first is None:
        return None
    split = _CHUNKS.fullmatch(first)
    if split is None:
        return [USER_COOKIE_NAME], first
    names = [f"{USER_COOKIE_NAME}_{number + 1}" for number in range(min(int(split[1]), MOST_CHUNKS))]
    texts = [_signed(cookies, name, secret) for name in names]
    if any(text is None for text in texts):
        return None
    return [USER_COOKIE_NAME, *names], "".join(text or "" for text in texts)


def _signed(cookies: Mapping[str, str], name: str, secret: str) -> str | None:
    value = cookies.get(name)
    found = decode_signed_value(secret, name, value) if value else None
    return None if found is None else found.decode()
