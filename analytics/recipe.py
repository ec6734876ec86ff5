"""A recipe: population filter + indicators + method + settings + seed + as-of date, as plain TOML."""

import hashlib
import json
import tomllib
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, StrictInt, ValidationError, field_validator

from analytics.errors import BadInput
from analytics.methods import METHODS, Method
from analytics.translation import translate as _
from analytics.where import parse, refuse_unknown

LONGEST_SEGMENT_NAME = 60


class MethodChoice(BaseModel):
    """Which method, its seed, and its settings by name (whatever else is given)."""

    model_config = ConfigDict(extra="allow", frozen=True)

    key: str
    seed: StrictInt = Field(default=7, ge=0, lt=2**32)

    @property
    def settings(self) -> dict[str, Any]:
        """The settings that were given; the method completes them with its defaults."""
        return dict(self.model_extra or {})


class Recipe(BaseModel):
    """How to make a segmentation. Immutable; two recipes that ask the same have the same hash."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = ""
    as_of: date | None = None
    value: str | None = None
    where: str = ""
    indicators: tuple[str, ...] = ()
    method: MethodChoice
    names: dict[str, str] = Field(
        default_factory=dict
    )  # a segment's made name in English -> the name that its owner gave

    @field_validator("as_of", mode="before")
    @classmethod
    def _no_number(cls, value: Any) -> Any:
        """A number would be read as seconds since 1970."""
        if isinstance(value, (int, float)):
            raise ValueError(_("write it as a date, such as 2026-06-30"))
        return value

    @classmethod
    def from_toml(cls, text: str) -> "Recipe":
        """Read contract.md's layout. Raises BadInput or UnknownName naming what can't be taken.

        >>> Recipe.from_toml('[method]\\nkey = "kmeans"\\nsegments = 5').method.settings
        {'segments': 5}
        """
        try:
            content = tomllib.loads(text)
        except (ValueError, RecursionError) as error:  # also of numbers and brackets beyond what Python reads
            what = _("The recipe is not valid TOML: {detail}.").format(detail=error)
            raise BadInput(what, _("Correct that line.")) from None
        return cls.from_content(content)

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> "Recipe":
        """A recipe from plain values, as from_toml. Raises the same errors."""
        for name in content:
            if name not in cls.model_fields:
                refuse_unknown(_("A recipe has no '{name}'."), name, cls.model_fields)
        try:
            return cls.model_validate(dict(content))
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            what = _("The recipe's '{place}' can't be taken: {detail}.")
            what = what.format(place=place, detail=first["msg"])
            raise BadInput(what, _("Compare it with the example in the documentation.")) from None

    def to_toml(self) -> str:
        """The recipe as a file; what is left at its default is left out."""
        return tomli_w.dumps(self._content())

    def _content(self) -> dict[str, Any]:
        content: dict[str, Any] = {"title": self.title, "as_of": self.as_of and self.as_of.isoformat()}
        content |= {"value": self.value, "where": self.where, "indicators": list(self.indicators)}
        method = {"key": self.method.key} | self.method.settings | {"seed": self.method.seed}
        content = {key: item for key, item in content.items() if item} | {"method": method}
        return content | ({"names": dict(self.names)} if self.names else {})

    def hash(self) -> str:
        """12 hex digits over what the recipe asks: no title, no name of a segment, no order of indicators."""
        content = self._content() | {"title": "", "indicators": sorted(self.indicators)}
        content.pop("names", None)
        content["where"] = self.where.strip()
        method = METHODS.get(self.method.key)
        if method:
            content["method"] |= method.resolve(self.method.settings)
        canonical = json.dumps(content, sort_keys=True, ensure_ascii=True, default=str)
        return hashlib.sha256(canonical.encode()).hexdigest()[:12]

    def check(self, catalogue: Mapping[str, Any], methods: Mapping[str, Method]) -> None:
        """Refuse by name what the catalogues lack or a method does not allow.

        Raises UnknownName (indicator, method, setting; with the nearest one) or BadInput (out of range,
        unreadable).
        """
        if self.method.key not in methods:
            refuse_unknown(_("Unknown method '{name}'."), self.method.key, methods)
        method = methods[self.method.key]
        keys = (*self.indicators, *method.indicators(self), *([self.value] if self.value else []))
        check_known(keys, catalogue)
        self._check_twice()
        self._check_names()
        if self.value and catalogue[self.value].unit == "category":
            what = _("'{name}' is not an amount, so it can't say who is most valuable.")
            raise BadInput(
                what.format(name=self.value), _("Choose an indicator that adds up, such as profit_12m.")
            )
        self._check_numbers(method, catalogue)
        method.check_indicators(self.indicators)
        for text in (self.where, *rule_texts(method, self)):
            if text.strip():
                parse(text, catalogue)

    def _check_twice(self) -> None:
        for key in self.indicators:
            if self.indicators.count(key) > 1:
                what = _("The indicator '{name}' is in the recipe twice.").format(name=key)
                raise BadInput(what, _("Name it once."))

    def _check_numbers(self, method: Method, catalogue: Mapping[str, Any]) -> None:
        settings = method.resolve(self.method.settings)
        for setting in method.settings:
            key = settings[setting.key]
            if setting.kind == "indicator" and key and catalogue[key].unit == "category":
                what = _("'{name}' is a category, and '{setting}' needs a number.")
                raise BadInput(
                    what.format(name=key, setting=setting.key), _("Choose an amount, a count or a share.")
                )

    def _check_names(self) -> None:
        for made, own in self.names.items():
            if not 0 < len(own.strip()) <= LONGEST_SEGMENT_NAME or not own.isprintable():
                what = _("The name for the segment “{made}” must be one line of 1 to {most} characters.")
                raise BadInput(
                    what.format(made=made, most=LONGEST_SEGMENT_NAME),
                    _("Type a shorter name, or take it away to have the made one again."),
                )


def check_known(keys: Collection[str], catalogue: Collection[str]) -> None:
    """Raise UnknownName for the first key that the catalogue lacks, with the nearest one."""
    for key in keys:
        if key not in catalogue:
            refuse_unknown(_("Unknown indicator '{name}'."), key, catalogue)


def rule_texts(method: Method, recipe: Recipe) -> list[str]:
    """The filters inside the method's settings."""
    settings = method.resolve(recipe.method.settings)
    kinds = {setting.key: setting.kind for setting in method.settings}
    return [rule["where"] for key, rules in settings.items() if kinds[key] == "rules" for rule in rules]
