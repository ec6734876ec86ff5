"""The Chinese catalogue: whole, current, and with the same placeholders as the code."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from string import Formatter
from threading import Barrier

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from analytics import formats
from analytics.access.personas import PERSONAS
from analytics.access.roles import ROLES
from analytics.indicators import CATALOGUE, FAMILIES, SENSITIVITIES, UNITS
from analytics.methods import METHODS
from analytics.translation import LANGUAGES, LOCALE_FOLDER, language, translate, use_language

ROOT = Path(__file__).parents[2]
CHINESE = "zh_CN"
HAN = re.compile(r"[\u4e00-\u9fff]")


def catalogue_of(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=CHINESE)


@pytest.fixture(scope="module")
def chinese() -> Catalog:
    return catalogue_of(LOCALE_FOLDER / CHINESE / "LC_MESSAGES" / "clientele.po")


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    target = tmp_path_factory.mktemp("messages") / "clientele.pot"
    subprocess.run([ROOT / ".ci" / "extract-messages", sys.executable, target], check=True, cwd=ROOT)
    return catalogue_of(target)


@pytest.fixture
def in_chinese() -> Iterator[None]:
    use_language(CHINESE)
    yield
    use_language("en")


def messages(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def texts(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def placeholders(text: str) -> list[tuple[str, str | None, str | None]]:
    found = [(name, shape, as_) for _text, name, shape, as_ in Formatter().parse(text) if name is not None]
    return sorted(found, key=str)


def test_the_catalogue_holds_exactly_the_texts_of_the_code(chinese: Catalog, extracted: Catalog) -> None:
    there, wanted = ({texts(m.id) for m in messages(c)} for c in (chinese, extracted))
    assert wanted - there == set(), "new in the code: run `make messages` and translate"
    assert there - wanted == set(), "no longer in the code: run `make messages`"


def test_no_text_hides_from_the_extractor(extracted: Catalog) -> None:
    """As one inside an f-string does on Python 3.11, and an f-string itself everywhere."""
    known = {texts(m.id)[0] for m in messages(extracted)}
    hidden = []
    for path in [ROOT / "app.py", *ROOT.glob("analytics/**/*.py"), *ROOT.glob("pages/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
                continue
            text = node.args[0]
            if node.func.id in {"_", "translate", "mark", "plural"} and (
                isinstance(text, ast.JoinedStr)
                or (isinstance(text, ast.Constant) and text.value not in known)
            ):
                hidden.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert hidden == []


def test_every_text_is_translated(chinese: Catalog) -> None:
    assert [m.id for m in messages(chinese) if not all(texts(m.string))] == []


def test_nothing_is_fuzzy(chinese: Catalog) -> None:
    assert not chinese.fuzzy
    assert [m.id for m in messages(chinese) if m.fuzzy] == []


def test_a_translation_has_the_placeholders_of_its_text(chinese: Catalog) -> None:
    """Of the plural, where there is one: Chinese has one form for all counts."""
    wrong = [
        m.id
        for m in messages(chinese)
        for text in texts(m.string)
        if placeholders(text) != placeholders(texts(m.id)[-1])
    ]
    assert wrong == []


def test_singular_and_plural_take_the_same_placeholders(extracted: Catalog) -> None:
    plurals = [texts(m.id) for m in messages(extracted) if m.pluralizable]
    assert plurals
    assert [one for one, many in plurals if placeholders(one) != placeholders(many)] == []


def test_a_share_is_written_one_way(chinese: Catalog) -> None:
    both = [text for message in messages(chinese) for text in (*texts(message.id), *texts(message.string))]
    assert [text for text in both if re.search(r"[0-9}] %", text)] == []


def test_chinese_has_chinese_punctuation_and_no_spaces_between_characters(chinese: Catalog) -> None:
    slips = re.compile(r"[\u4e00-\u9fff] +[\u4e00-\u9fff]|[\u4e00-\u9fff][,;:?!(]|[,;:?!)][\u4e00-\u9fff]")
    found = [text for m in messages(chinese) for text in texts(m.string) if slips.search(text)]
    assert found == []


@pytest.mark.parametrize("key", METHODS)
@pytest.mark.usefixtures("in_chinese")
def test_a_method_explains_itself_and_its_settings(key: str) -> None:
    method = METHODS[key]
    shown = [method.label, *(setting.label for setting in method.settings)]
    shown += [text for s in method.settings for text in (s.help, *s.choices.values()) if text]
    own = [translate(text) for text in shown] + list(method.paragraphs().values())
    assert [text for text in own if not HAN.search(text)] == []


@pytest.mark.usefixtures("in_chinese")
def test_every_indicator_has_a_chinese_label_and_meaning() -> None:
    shown = [text for row in CATALOGUE.values() for text in (row.label, row.meaning)]
    assert [text for text in shown if not HAN.search(translate(text))] == []


@pytest.mark.usefixtures("in_chinese")
def test_two_indicators_never_share_a_chinese_label() -> None:
    labels = [translate(row.label) for row in CATALOGUE.values()]
    assert sorted({label for label in labels if labels.count(label) > 1}) == []


@pytest.mark.usefixtures("in_chinese")
def test_families_units_roles_and_personas_are_chinese() -> None:
    rows = (FAMILIES, UNITS, SENSITIVITIES, ROLES)
    shown = [text for row in rows for text in row.values()] + [persona.label for persona in PERSONAS]
    assert [text for text in shown if not HAN.search(translate(text))] == []


@pytest.mark.parametrize(
    ("value", "currency", "written"),
    [
        (1_240_000, "CNY", "124万元"),
        (1.2e8, "CNY", "1.2亿元"),
        (-4930, "USD", "-4,930美元"),
        (5, "XYZ", "5XYZ"),
    ],
)
@pytest.mark.usefixtures("in_chinese")
def test_an_amount_has_its_currency_behind_it(value: float, currency: str, written: str) -> None:
    assert formats.money(value, currency) == written


def test_a_language_holds_in_its_own_thread_alone() -> None:
    """Each thread chooses, waits for all others to have chosen, and still speaks its own."""
    codes = [*LANGUAGES] * 4
    everybody = Barrier(len(codes))

    def spoken(code: str) -> tuple[str, str]:
        use_language(code)
        everybody.wait(timeout=20)
        return language(), translate("Customers")

    use_language("en")
    with ThreadPoolExecutor(len(codes)) as pool:
        found = list(pool.map(spoken, codes))
    words = {"en": "Customers", CHINESE: "客户"}
    assert found == [(code, words[code]) for code in codes]
    assert translate("Customers") == "Customers"


def test_an_unknown_language_is_english() -> None:
    use_language("tlh")
    assert (language(), translate("Customers")) == ("en", "Customers")
