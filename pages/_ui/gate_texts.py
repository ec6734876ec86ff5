"""The plain pages that the gate answers with: no script, no version, no path."""

import html
from dataclasses import dataclass, replace

from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse

from analytics.errors import AnalyticsError
from analytics.translation import mark as _
from analytics.translation import translate, use_language

_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
_PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
{extra}<title>Clientele</title>
<style>:root {{ color-scheme: light dark; font: 1rem/1.6 "Source Sans 3", "Noto Sans CJK SC", "PingFang SC",
"Microsoft YaHei", sans-serif }} body {{ max-width: 34rem; margin: 15vh auto; padding: 0 1.5rem }}
h1 {{ font-size: 1.4rem; font-weight: 600 }} code {{ overflow-wrap: anywhere }}</style></head>
<body><main><h1>{title}</h1>{paragraphs}</main></body></html>
"""


@dataclass(frozen=True)
class Answer:
    """A page of the gate. `commands` are shown as they are to be typed."""

    status: int
    title: str
    paragraphs: tuple[str, ...]
    commands: tuple[str, ...] = ()
    link: tuple[str, str] | None = None  # address and text


STRANGER = Answer(
    403,
    _("Please sign in"),
    (_("This service needs a sign-in provider, and none has been set up. Ask the people who run it."),),
)
BOUND_OPENLY = Answer(
    403,
    _("Please sign in"),
    (
        _("This server listens to other machines too, so it opens to nobody without a sign-in provider."),
        _("To use it on this machine alone, start it on localhost."),
    ),
)
NO_SESSION = Answer(
    403,
    _("Open the link from the terminal"),
    (
        _("This warehouse opens to its owner, through the link that the start printed in the terminal."),
        _("A link works once and for ten minutes. When yours is spent, a new one is printed there."),
        _("Anybody else needs a sign-in provider."),
    ),
)
NO_OWNER = Answer(
    403,
    _("This warehouse has no owner yet"),
    (
        _("Its data are real, so it opens to a named person only. Load it again and name its owner:"),
        _("Or set up a sign-in provider."),
    ),
    ("python -m analytics load SOURCE --owner you@bank.example",),
)
NO_WAREHOUSE = Answer(
    503,
    _("There is nothing to show yet"),
    (
        _("Build the demo bank, or bring your own data; then load this page again."),
        _("Published something before? The versions command lists it, and rollback goes back to it."),
    ),
    ("python -m analytics demo", "python -m analytics load SOURCE --owner you@bank.example"),
)
UNSAFE_PROVIDER = Answer(
    503,
    _("Nobody can sign in yet"),
    (
        _("A sign-in provider is named, but not in a way that would be safe, so that everybody is refused."),
        _("The people who run this service find the reasons in the terminal where it was started."),
    ),
)
SIGN_IN = Answer(
    403, _("Please sign in"), (_("Open this service's first page to sign in."),), link=("/", _("Sign in"))
)
ELSEWHERE = Answer(
    403,
    _("This is not its address"),
    (
        _(
            "The request came by another name, or from another site's page. Open the service by its own address."
        ),
    ),
)
NOT_NOW = Answer(
    503,
    _("Signing in does not work at the moment"),
    (_("Try again. If it stays so, tell the people who run this service."),),
    link=("/", _("Try again")),
)
NOT_SIGNED_IN = Answer(
    403,
    _("You are not signed in"),
    (_("The provider did not sign you in, or the way back took too long."),),
    link=("/", _("Sign in again")),
)
WELCOME = Answer(200, _("You are signed in"), (_("Clientele opens in a moment."),))


def refused(error: AnalyticsError) -> Answer:
    """A page for somebody whom the provider knows and who is not let in."""
    paragraphs = tuple(text for text in (error.what, error.remedy) if text)
    return replace(NOT_SIGNED_IN, paragraphs=paragraphs)


def speak(request: HTTPConnection) -> str:
    """Speak the browser's language for the rest of this request; its code."""
    language = "zh_CN" if request.headers.get("accept-language", "").lower().startswith("zh") else "en"
    use_language(language)
    return language


def page(answer: Answer, request: HTTPConnection, *, move_on: bool = False) -> HTMLResponse:
    """An answer in the browser's language. `move_on` goes to the app by itself.

    It moves on by a page of ours and not by a redirect: after a click elsewhere, browsers keep a strict
    cookie back until a request that our own page made.
    """
    language = speak(request)
    first, *rest = (f"<p>{html.escape(translate(text))}</p>" for text in answer.paragraphs)
    commands = "".join(f"<p><code>{html.escape(command)}</code></p>" for command in answer.commands)
    if answer.link:
        address, says = answer.link
        rest.append(f'<p><a href="{html.escape(address)}">{html.escape(translate(says))}</a></p>')
    text = _PAGE.format(
        language=language.replace("_", "-"),
        extra='<meta http-equiv="refresh" content="0;url=/">' if move_on else "",
        title=html.escape(translate(answer.title)),
        paragraphs=first + commands + "".join(rest),
    )
    return HTMLResponse(text, answer.status, _HEADERS)
