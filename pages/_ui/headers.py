"""What every answer carries: what a page of ours may do in a browser, and nothing about what serves it."""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

import streamlit
import uvicorn
from starlette.datastructures import MutableHeaders
from starlette.types import Message, Scope, Send

_HALF_A_YEAR = 182 * 24 * 60 * 60
_ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_KEPT_BY_NOBODY = ("/media/", "/_stcore/", "/auth/", "/oauth2callback")
_TELLING = ("server", "x-powered-by", "access-control-allow-origin")


@cache
def policy() -> str:
    """What Streamlit's front end needs, and not more: its own files, one small script in its page known by its
    digest, styles written as it runs, pictures made as it runs, and its own websocket."""
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text("utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' {allowed}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def guarded(scope: Scope, send: Send, *, https: bool) -> Send:
    """A `send` that gives every answer its headers. https : whether browsers reach this server through it."""

    async def send_guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            _complete(MutableHeaders(scope=message), scope["path"], https=https)
        await send(message)

    return send_guarded


def _complete(headers: MutableHeaders, path: str, *, https: bool) -> None:
    for name in _TELLING:
        del headers[name]
    for name, value in _ALWAYS.items():
        headers[name] = value
    headers.setdefault("content-security-policy", policy())
    is_page = headers.get("content-type", "").startswith("text/html")
    if is_page or path.startswith(_KEPT_BY_NOBODY):
        headers["cache-control"] = "no-store"
    if https:
        headers["strict-transport-security"] = f"max-age={_HALF_A_YEAR}"
        _keep_to_https(headers)


def _keep_to_https(headers: MutableHeaders) -> None:
    """Streamlit leaves `Secure` off its cookies."""
    cookies = headers.getlist("set-cookie")
    del headers["set-cookie"]
    for cookie in cookies:
        attributes = [part.strip().lower() for part in cookie.split(";")[1:]]
        headers.append("set-cookie", cookie if "secure" in attributes else f"{cookie}; Secure")


def say_no_name() -> None:
    """Keep uvicorn, which Streamlit starts without asking us, from naming itself in every answer.

    Its headers are added beneath the gate, so they are taken out where it reads them.
    """

    def kept(self: uvicorn.Config) -> list[tuple[bytes, bytes]]:
        told: list[tuple[bytes, bytes]] = self.__dict__["encoded_headers"]
        return [(name, value) for name, value in told if name.lower() != b"server"]

    def told(self: uvicorn.Config, value: list[tuple[bytes, bytes]]) -> None:
        self.__dict__["encoded_headers"] = value

    uvicorn.Config.encoded_headers = property(kept, told)  # type: ignore[assignment]
