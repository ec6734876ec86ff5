"""Whether a request comes from a browser on this very machine, and from this app's own pages."""

import re
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

_LOCAL_HOST = re.compile(r"(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?", re.ASCII)
_PASSED_ON = ("forwarded", "x-forwarded-", "x-real-ip", "via")


def is_loopback(address: str | None) -> bool:
    """Whether an address to bind to, or a peer's, is this machine's own.

    >>> [is_loopback(a) for a in ("localhost", "127.0.0.5", "::1", "::ffff:127.0.0.1", "0.0.0.0", None)]
    [True, True, True, True, False, False]
    """
    if address == "localhost":
        return True
    try:
        ip = ip_address(address or "")
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        return ip.ipv4_mapped.is_loopback
    return ip.is_loopback


def from_this_machine(request: HTTPConnection) -> bool:
    """Peer, local address and Host are loopback, and nothing says that a proxy passed it on.

    A proxy on this machine would make everybody a loopback peer; a page of another site could reach us
    through a name that resolves to 127.0.0.1, or through the browser's own requests.
    """
    ends = (request.client.host if request.client else None, (request.scope.get("server") or (None,))[0])
    return (
        all(is_loopback(end) for end in ends)
        and not any(name.startswith(_PASSED_ON) for name in request.headers)
        and _host_is_local(request)
        and _from_own_page(request)
    )


def _host_is_local(request: HTTPConnection) -> bool:
    hosts = request.headers.getlist("host")
    return len(hosts) == 1 and _LOCAL_HOST.fullmatch(hosts[0].lower()) is not None


def _from_own_page(request: HTTPConnection) -> bool:
    origins = request.headers.getlist("origin")
    if any(urlsplit(origin).netloc != request.headers["host"] for origin in origins):
        return False
    return asked_by_own_page(request)


def asked_by_own_page(request: HTTPConnection) -> bool:
    """Whether the browser says that a page of ours asked, or that a person opened this as a page."""
    asked_by = request.headers.get("sec-fetch-site", "none")
    opened_as_page = request.headers.get("sec-fetch-dest") == "document" and request.scope["type"] == "http"
    return asked_by in ("none", "same-origin") or opened_as_page
