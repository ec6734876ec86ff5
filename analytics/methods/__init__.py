"""The methods: one file each, found here by walking the package."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from analytics.methods.base import Assignment, Method, Treatment, Words
from analytics.methods.settings import Setting

__all__ = ["METHODS", "Assignment", "Method", "Setting", "Treatment", "Words"]


def _below(cls: type[Method]) -> Iterator[type[Method]]:
    for sub in cls.__subclasses__():
        yield sub
        yield from _below(sub)


def _found() -> dict[str, Method]:
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    found = [cls() for cls in _below(Method) if "key" in vars(cls)]
    return {method.key: method for method in sorted(found, key=lambda m: (m.order, m.key))}


METHODS: dict[str, Method] = _found()
