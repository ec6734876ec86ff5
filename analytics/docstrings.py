"""What the docstring of a method says, part by part: for those who show it, and for `make messages`."""

import ast
from collections.abc import Collection, Iterator, Mapping
from io import BytesIO
from typing import IO, Any

from babel.messages.extract import extract_python

STARTS = {"Use it when": "when", "Not when": "not_when", "Source:": "source"}


def parts_of(docstring: str) -> dict[str, str]:
    """The parts, each on one line: what, and those of when, not_when and source that there are.

    >>> parts_of("Cut in two.\\n\\n    Use it when one\\n    is too many.")
    {'what': 'Cut in two.', 'when': 'Use it when one is too many.'}
    """
    found: dict[str, list[str]] = {"what": []}
    current = "what"
    for line in docstring.splitlines():
        text = line.strip()
        current = next((part for start, part in STARTS.items() if text.startswith(start)), current)
        found.setdefault(current, []).append(text)
    return {part: " ".join(filter(None, lines)) for part, lines in found.items()}


def extract(
    source: IO[bytes], keywords: Mapping[str, Any], comment_tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[tuple[Any, ...]]:
    """Babel's extractor for the files of methods (babel.cfg): literal texts, and the docstrings' parts."""
    code = source.read()
    yield from extract_python(BytesIO(code), keywords, comment_tags, options)  # type: ignore[arg-type]
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ClassDef) and any(
            ast.unparse(base).endswith("Method") for base in node.bases
        ):
            for text in parts_of(ast.get_docstring(node) or "").values():
                yield node.lineno, None, text, []
