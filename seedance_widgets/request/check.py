"""Checks of a request, before anything is sent."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence, Set, Sized
from dataclasses import replace
from enum import Enum
from itertools import islice
from pathlib import PurePath
from typing import Any

from ..errors import RequestInvalid
from ..text import links
from ..types import GenerationRequest, Model
from ..values.plain import column, is_missing, no_value, plain, shown
from .media import is_reference
from .models import allowed_values, price_usd
from .options import OPTION, OPTIONS, Option
from .urls import check_public_url

MAX_MEDIA_URLS = 5
"""API page "image-to-video": `mediaUrls` takes 1 to 5 URLs."""


MAX_TOLD = 80
"""Characters of a value that a sentence repeats."""


MAX_DEPTH = 100
"""Levels of metadata."""


def make_request(
    prompt: str, options: Mapping[str, Any], defaults: Mapping[str, Any] | None = None
) -> GenerationRequest:
    """A request from a person's words and keywords, with our defaults filled in and every type checked.

    Does not ask whether the model takes the values: that is `check`, which needs the list of models.

    Raises:
        RequestInvalid: an unknown option, a wrong type, an empty prompt, a URL that the API could not fetch.
    """
    for name in options:
        if name not in OPTION:
            raise RequestInvalid(
                f"There is no option {name!r}.", field=name, allowed=OPTION, nearest=nearest(name, OPTION)
            )
    values = {o.name: o.default for o in OPTIONS} | dict(defaults or {})
    values |= {name: value for name, value in options.items() if value is not None}
    checked = {option.name: _typed(option, values[option.name]) for option in OPTIONS}
    return GenerationRequest(prompt=_checked_prompt(prompt), **checked)


def problems(prompt: str, options: Mapping[str, Any], models: Sequence[Model]) -> list[RequestInvalid]:
    """Everything that is wrong with a request, one error a field, for a form that shows each at its place."""
    errors = []
    for name, value in (("", None), *options.items()):
        alone = {} if not name else {name: value}
        try:
            request = make_request(prompt if not name else "any", alone)
            chosen = options.get("model")
            model = str(OPTION["model"].default if chosen is None else plain(chosen, "model"))
            if name:
                check(replace(request, model=model if name != "model" else request.model), models)
        except RequestInvalid as error:
            if error.field == (name or "prompt"):
                errors.append(error)
    return errors


def parse_value(option: Option, text: str) -> Any:
    """The Python value of an option written as text in a magic or a shell. Raises RequestInvalid."""
    if option.kind == "integer":
        try:
            return int(text)
        except ValueError:
            raise RequestInvalid(f"{option.flag} takes a whole number, not {text!r}.", field=option.name) from None
    if option.kind == "json":
        try:
            return _typed(option, json.loads(text))
        except (ValueError, RecursionError) as error:
            raise RequestInvalid(f"{option.flag} takes a JSON object; {error}.", field=option.name) from None
    if option.kind == "urls":
        return (text,)
    return text


def checked_usd(request: GenerationRequest, models: Sequence[Model]) -> float | None:
    """Check a request against the models, and price it by the same ones: US dollars, `None` without a known price.

    The one way from a request to a price that is shown or sent for. Raises RequestInvalid, as `check`.
    """
    check(request, models)
    return price_usd(request, models)


def check(request: GenerationRequest, models: Sequence[Model]) -> Model:
    """The model of the request, when it takes every value of it.

    Raises:
        RequestInvalid: an unknown model, or a value that the model does not take; names the nearest that it does; a
            link whose signature was not kept.
    """
    check_links(request)
    by_id = {model.id: model for model in models}
    model = by_id.get(request.model)
    if model is None:
        raise RequestInvalid(
            f"There is no model {shown(request.model)}.",
            field="model",
            allowed=by_id,
            nearest=nearest(request.model, by_id),
        )
    for option in OPTIONS:
        value = getattr(request, option.name)
        if option.allowed_by in (None, "id") or value is None:
            continue
        allowed = allowed_values(option, model)
        if allowed and value not in allowed:
            unit = f" {option.unit}" if option.unit else ""
            raise RequestInvalid(
                f"{model.id} does not take {option.label.lower()} {_told(value)}{unit}.",
                field=option.name,
                allowed=allowed,
                nearest=nearest(value, allowed),
            )
    return model


def check_links(request: GenerationRequest) -> None:
    """Raises RequestInvalid for a request that was kept without what signed a link of it: the link opens nothing."""
    field = request.lost_link
    if field is None:
        return
    value = getattr(request, field)
    urls = [value] if isinstance(value, str) else value
    url = next(each for each in urls if links.is_kept(each)).removesuffix(links.MARK).rstrip("#&")
    raise RequestInvalid(
        f"The link {url[:200]} was signed, and signatures are not kept: the server could not open it.",
        field=field,
        next_step=f"Give the link again, with a new signature ({OPTION[field].flag}).",
    )


def _told(value: object) -> str:
    return value if isinstance(value, str) and len(value) <= MAX_TOLD else shown(value)


def nearest(value: object, allowed: Iterable[object]) -> object:
    """The allowed value closest to what was given: by number for numbers, by spelling for words, else `None`."""
    choices = list(allowed)
    numbers = [c for c in choices if isinstance(c, int)]
    if isinstance(value, int) and numbers:
        return min(numbers, key=lambda n: abs(n - value))
    import difflib

    by_word = {str(choice): choice for choice in choices}
    close = difflib.get_close_matches(str(value), by_word, n=1, cutoff=0.55)
    return by_word[close[0]] if close else None


def _checked_prompt(prompt: object) -> str:
    if is_missing(prompt):
        raise no_value("prompt", prompt)
    prompt = plain(prompt, "prompt") if isinstance(prompt, str | Enum) else prompt
    if not isinstance(prompt, str):
        raise RequestInvalid(f"The prompt is text, not {type(prompt).__name__}.", field="prompt")
    if not prompt.strip():
        raise RequestInvalid("The prompt is empty.", field="prompt", next_step="Say what the video shows.")
    try:
        prompt.encode("utf-8")
    except UnicodeEncodeError:
        raise RequestInvalid("The prompt holds half of a character (a lone surrogate).", field="prompt") from None
    return prompt


def _typed(option: Option, value: Any) -> Any:
    if value is None:
        return None
    if is_missing(value):
        raise no_value(option.name, value)
    if option.kind == "urls":
        return _media(option, value)
    if option.kind == "json":
        return _json_object(option, value)
    if not isinstance(value, bytes | list | tuple | Mapping) and not callable(value):
        value = plain(value, option.name)
    if option.kind == "integer":
        return _whole_number(option, value)
    if option.kind == "url":
        return check_public_url(value, field=option.name, what=option.label)
    if not isinstance(value, str) or not value.isprintable() or not value.strip():
        raise RequestInvalid(f"{option.label} is a word, not {shown(value, 80)}.", field=option.name)
    return value


def _whole_number(option: Option, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value % 1 != 0:  # nan % 1 is nan
        of = f" of {option.counts}" if option.counts else ""
        raise RequestInvalid(f"{option.label} is a whole number{of}, not {shown(value)}.", field=option.name)
    return int(value)


def _media(option: Option, value: Any) -> tuple[str, ...]:
    if isinstance(value, Set):
        raise RequestInvalid(
            f"{option.label} is a set, and their order matters.", field=option.name, next_step="Give a list of URLs."
        )
    if isinstance(value, bytes | Mapping) or not (isinstance(value, str | Iterable) or _is_link(value)):
        raise RequestInvalid(f"{option.label} is a list of URLs, not {type(value).__name__}.", field=option.name)
    urls = (value,) if isinstance(value, str) or not isinstance(value, Iterable) else tuple(_listed(value))
    if len(urls) > MAX_MEDIA_URLS:
        raise RequestInvalid(
            f"{len(urls) if isinstance(value, Sized) else 'More'} reference media are too many.",
            field=option.name,
            next_step=f"The API takes at most {MAX_MEDIA_URLS}.",
        )
    for place, url in enumerate(urls, 1):
        if is_missing(url):
            raise no_value(option.name, url, f" at place {place} of {len(urls)}")
    texts = (plain(url, option.name) if isinstance(url, str) or _is_link(url) else url for url in urls)
    return tuple(
        url if is_reference(url) else check_public_url(url, field=option.name, what="The media URL") for url in texts
    )


def _listed(value: Iterable[Any]) -> Iterable[Any]:
    return islice(value if (cells := column(value)) is None else cells, 1_000)  # not to the end of what has none


def _is_link(value: object) -> bool:
    """Tell whether it stands for a link or a path: of the standard library, pydantic, httpx, yarl and others."""
    return isinstance(value, PurePath | Enum) or type(value).__name__.lower().endswith("url")


def _is_deep(value: Any) -> bool:
    """Tell whether a JSON value nests beyond what every reader of it takes; itself without recursion."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [inner for each in level for inner in _inside(each)]
        if not level:
            return False
    return True


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, list | tuple) else ()


def _json_value(option: Option, value: object) -> Any:
    """The plain value for what JSON does not know."""
    if isinstance(value, Set | bytes | bytearray):
        raise TypeError(f"{type(value).__name__} has no place in it")
    return plain(value, option.name)


def _json_object(option: Option, value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise RequestInvalid(f"{option.label} is a JSON object, not {shown(value, 80)}.", field=option.name)
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False, default=lambda each: _json_value(option, each))
        text.encode()
        if _is_deep(value):
            raise ValueError(f"it nests more than {MAX_DEPTH} levels deep")
        return dict(json.loads(text))
    except (TypeError, ValueError, RecursionError) as error:  # a lone surrogate is a ValueError too
        raise RequestInvalid(f"{option.label} cannot be written as JSON: {error}.", field=option.name) from None
