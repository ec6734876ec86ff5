"""The page that somebody meant to open when they were sent to sign in: a link shows it once they are back."""

from urllib.parse import quote, unquote, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response

COOKIE = "clientele_page"
SECONDS = 10 * 60
LONGEST = 2_000


def remember_page(response: Response, request: HTTPConnection) -> Response:
    """Let the browser remember which page was asked for, for as long as signing in may take."""
    page = request.scope["path"] + (f"?{request.url.query}" if request.url.query else "")
    if page != "/" and is_own_page(page):
        response.set_cookie(COOKIE, quote(page, safe=""), max_age=SECONDS, httponly=True, samesite="lax")
    return response


def meant_page(request: HTTPConnection) -> str | None:
    """The remembered page, if it is one of ours."""
    page = unquote(request.cookies.get(COOKIE, ""))
    return page if is_own_page(page) else None


def without_page(headers: MutableHeaders, page: str | None) -> None:
    """Let an answer lead to the remembered page, and the browser forget it."""
    if page is not None:
        headers["location"] = page
        headers.append("set-cookie", f"{COOKIE}=; Max-Age=0; Path=/; HttpOnly; SameSite=lax")


def is_own_page(page: str) -> bool:
    """Whether an address stays on this server, however a browser may read it.

    >>> [is_own_page(p) for p in ("/value?as_of=2026-06-30", "//evil.example", "/\\\\evil.example", "https://x", "")]
    [True, False, False, False, False]
    """
    parts = urlsplit(page)
    plain = page.isascii() and page.isprintable() and len(page) <= LONGEST
    return page.startswith("/") and not page.startswith(("//", "/\\")) and plain and not parts.netloc
