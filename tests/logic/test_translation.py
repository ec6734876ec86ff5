"""The language of each person, and texts that stay whole in it."""

import re
from contextvars import copy_context
from pathlib import Path
from threading import Thread

import pytest
from babel.messages.pofile import read_po

from analytics.indicators import CATALOGUE
from analytics.translation import LANGUAGES, LOCALE_FOLDER, language, mark, plural, translate, use_language

CHINESE = LOCALE_FOLDER / "zh_CN" / "LC_MESSAGES" / "clientele.po"
PLACEHOLDER = re.compile(r"\{[^{}]*\}")


@pytest.fixture
def chinese():
    use_language("zh_CN")
    yield
    use_language("en")


def test_an_unknown_language_is_english():
    use_language("xx")
    assert language() == "en"


def test_an_unknown_text_stays_as_it_is(chinese):
    assert translate("no such message") == "no such message"
    assert translate("") == ""  # gettext would answer with the catalogue's header
    assert mark("Profit") == "Profit"


def test_the_plural_follows_the_count():
    forms = [plural("{n} customer", "{n} customers", n) for n in (0, 1, 2)]
    assert forms == ["{n} customers", "{n} customer", "{n} customers"]


def test_one_persons_language_is_not_anothers(chinese):
    spoken = []
    for context in (copy_context(), None):
        listen = lambda: spoken.append(language())  # noqa: E731
        thread = Thread(target=context.run, args=(listen,)) if context else Thread(target=listen)
        thread.start()
        thread.join()
    assert spoken == ["zh_CN", "en"]


def test_indicators_speak_chinese(chinese):
    for row in CATALOGUE.values():
        for text in (row.label, row.meaning):
            assert re.search(r"[\u4e00-\u9fff]", translate(text)), text


@pytest.mark.parametrize("code", sorted(set(LANGUAGES) - {"en"}))
def test_a_translation_keeps_every_placeholder(code):
    path = Path(str(CHINESE).replace("zh_CN", code))
    with path.open("rb") as source:
        for message in read_po(source, locale=code):
            originals = message.id if isinstance(message.id, tuple) else (message.id,)
            texts = message.string if isinstance(message.string, tuple) else (message.string,)
            wanted = {frozenset(PLACEHOLDER.findall(text)) for text in originals}
            for text in filter(None, texts):
                assert not message.id or frozenset(PLACEHOLDER.findall(text)) in wanted, text
