"""What a feed's source has to offer: the bytes behind a path or an address, whole or not at all."""

import http.client
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from analytics.errors import BadInput
from analytics.formats import number
from analytics.translation import translate as _

PATIENCE = 60.0  # seconds for a whole delivery; no single wait may take as long as a third of it
LARGEST = 50_000_000  # bytes, packed or unpacked: the ECB's file since 1999 has two million
_BLOCK = 1 << 16


def is_address(source: str) -> bool:
    """Whether a source is an address on the web rather than a path.

    >>> is_address("https://www.ecb.europa.eu/stats/eurofxref-hist.zip"), is_address("rates.csv")
    (True, False)
    """
    return source.lower().startswith(("http://", "https://"))


def shown(source: str) -> str:
    """A source as messages name it: a file by its path, an address without what may be secret in it.

    >>> shown("https://me:secret@rates.example:8443/fx.csv?key=1")
    'https://rates.example:8443/fx.csv'
    """
    if not is_address(source):
        return source
    try:
        parts = urlsplit(source)
    except ValueError:  # what can't be read may have a secret anywhere
        return f"{source.partition('://')[0]}://…"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def checked(address: str) -> str:
    """An address that can be asked. Raises BadInput for one without a server, or that can't be read."""
    try:
        parts = urlsplit(address)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or any(letter.isspace() for letter in address):
        raise BadInput(
            _("{source} is not an address on the web.").format(source=shown(address)),
            _("Write one such as https://bank.example/rates.csv."),
        )
    return address


def fetch(source: str, *, patience: float = PATIENCE, largest: int = LARGEST) -> bytes:
    """All bytes behind a path or an http(s) address.

    patience : seconds for all of it. largest : bytes.
    Raises BadInput, with what to try, for a source that is not there, slow, cut off, too large or empty.
    """
    content = (
        _from_web(source, patience, largest) if is_address(source) else _from_disk(Path(source), largest)
    )
    if not content.strip():
        raise BadInput(_("{source} is empty.").format(source=shown(source)), _last_good())
    return content


def too_large(source: str, largest: int = LARGEST) -> BadInput:
    """What to say of a delivery beyond the limit."""
    said = _("{source} holds more than {n} MB.").format(source=source, n=number(largest / 1e6))
    return BadInput(said, _("Rates are small: check that this is the right file."))


def _from_disk(path: Path, largest: int) -> bytes:
    if not path.is_file():
        raise BadInput(_("There is no file {path}.").format(path=path), _("Check the path's spelling."))
    if path.stat().st_size > largest:
        raise too_large(str(path), largest)
    return path.read_bytes()


def _from_web(source: str, patience: float, largest: int) -> bytes:
    ends = monotonic() + patience
    request = urllib.request.Request(source, headers={"User-Agent": "Clientele"})  # noqa: S310  # http(s) alone
    try:
        with _opener().open(request, timeout=patience / 3) as response:
            content = b"".join(_blocks(response, ends, source, largest))
            promised = response.headers.get("Content-Length")
    except HTTPError as error:
        said = _("{source} answers {code} instead of a file.").format(source=shown(source), code=error.code)
        raise BadInput(said, _last_good()) from error
    except TimeoutError as error:
        raise _slow(source) from error
    except (URLError, OSError, http.client.HTTPException, ValueError) as error:
        if isinstance(getattr(error, "reason", None), TimeoutError):
            raise _slow(source) from error
        if isinstance(error, http.client.IncompleteRead):
            raise _cut_off(source) from error
        raise BadInput(_("{source} can't be reached.").format(source=shown(source)), _last_good()) from error
    if promised is not None and promised.isdigit() and int(promised) != len(content):
        raise _cut_off(source)
    return content


def _blocks(response: http.client.HTTPResponse, ends: float, source: str, largest: int) -> Iterator[bytes]:
    size = 0
    while block := response.read1(_BLOCK):
        size += len(block)
        if size > largest:
            raise too_large(shown(source), largest)
        if monotonic() > ends:
            raise _slow(source)
        yield block


def _opener() -> urllib.request.OpenerDirector:
    """The web and nothing else: Python's own opener would follow an address to files and FTP too."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler, urllib.request.UnknownHandler, urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler, urllib.request.HTTPDefaultErrorHandler,
        urllib.request.HTTPRedirectHandler, urllib.request.HTTPErrorProcessor,
    ):  # fmt: skip
        opener.add_handler(handler())
    return opener


def _slow(source: str) -> BadInput:
    return BadInput(_("{source} takes too long to answer.").format(source=shown(source)), _last_good())


def _cut_off(source: str) -> BadInput:
    said = _("{source} broke off before its end.").format(source=shown(source))
    return BadInput(said, _last_good())


def _last_good() -> str:
    return _("The rates that were known before still serve; try again later, or check the source.")
