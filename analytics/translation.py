"""Every text a person reads, in their language.

Catalogue rows are written at import, before anybody's language is known: they use `mark`, which only
tells the extractor about the text. Whoever shows it calls `translate`.
"""

import gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = {"en": "English", "zh_CN": "中文"}
LOCALE_FOLDER = Path(__file__).parent / "locale"

_language: ContextVar[str] = ContextVar("language", default="en")


def mark(text: str) -> str:
    """Tell the extractor about a text that is translated when it is shown."""
    return text


def use_language(code: str) -> None:
    """Speak this language for the rest of the current thread or task; English where it is unknown."""
    _language.set(code if code in LANGUAGES else "en")


def language() -> str:
    """The language in use: a key of LANGUAGES."""
    return _language.get()


@contextmanager
def in_language(code: str) -> Iterator[None]:
    """Speak another language within, as `use_language`.

    >>> with in_language("zh_CN"):
    ...     language()
    'zh_CN'
    """
    before = language()
    use_language(code)
    try:
        yield
    finally:
        use_language(before)


@cache
def _catalogue(code: str) -> gettext.NullTranslations:
    path = LOCALE_FOLDER / code / "LC_MESSAGES" / "clientele.po"
    if not path.exists():
        return gettext.NullTranslations()
    # Compiled in memory, so that no build step and no binary file can fall behind the text.
    compiled = BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=code))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def translate(text: str) -> str:
    """The text in the language in use.

    >>> translate("no such message")
    'no such message'
    """
    return _catalogue(language()).gettext(text) if text else ""


def plural(singular: str, plural_form: str, n: int) -> str:
    """The form that fits n, untranslated counts left as placeholders.

    >>> plural("{n} customer", "{n} customers", 2)
    '{n} customers'
    """
    return _catalogue(language()).ngettext(singular, plural_form, n)
