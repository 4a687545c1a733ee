"""What can be asked for: one table of options, the models, the checks and the price. Pure.

The validator, the form, the magic's and the shell's flags, tab completion, the simulator's checks and the reference
page all read `OPTIONS`. The live `/models` answer fills in the allowed values; `BUNDLED_MODELS` is the fallback.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence, Set, Sized
from dataclasses import dataclass, replace
from enum import Enum
from itertools import islice
from pathlib import PurePath
from typing import Any, Literal
from urllib.parse import urlsplit

from . import links
from .errors import RequestInvalid, SettingsInvalid
from .given import column, is_missing, no_value, plain, shown
from .types import GenerationRequest, Model

MAX_MEDIA_URLS = 5
"""API page "image-to-video": `mediaUrls` takes 1 to 5 URLs."""

MAX_DEPTH = 100
"""Levels of metadata."""

MAX_USD_PER_SECOND = 1_000.0
"""No second of video costs more: what is above is a mistake, and as good as no price."""
MAX_PRICED_S = 86_400
"""Of a longer video nobody knows the price."""
MEDIUM_SHARE = 0.6
"""API page "image-to-video": the example of 40 credits costs 64 with one image. It prints no figure for more media."""
MAX_ODD_PRICES = 10
MAX_TOLD = 80
"""Characters of a value that a sentence repeats."""

MEDIA_ENDINGS: Mapping[str, tuple[str, ...]] = {
    "image": (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp"),
    "video": (".mp4", ".mov", ".m4v"),
    "audio": (".mp3", ".wav"),
}

_WHOLE_SECONDS_4_TO_15 = tuple(range(4, 16))
_ASPECT_RATIOS = ("16:9", "9:16", "1:1")
_RESOLUTIONS = ("480p", "720p", "1080p")

BUNDLED_MODELS: tuple[Model, ...] = (
    Model(
        id="seedance-2.0",
        best_for="highest quality, multimodal",
        durations=_WHOLE_SECONDS_4_TO_15,
        aspect_ratios=_ASPECT_RATIOS,
        resolutions=_RESOLUTIONS,
        usd_per_second={"480p": 0.05, "720p": 0.1, "1080p": 0.2},
        mode="image_to_video",
    ),
    Model(
        id="seedance-2.0-fast",
        best_for="faster turnaround",
        durations=_WHOLE_SECONDS_4_TO_15,
        aspect_ratios=_ASPECT_RATIOS,
        resolutions=_RESOLUTIONS,
        mode="image_to_video",
    ),
    Model(
        id="seedance-1.5-pro",
        best_for="lower cost",
        durations=(5, 10),
        aspect_ratios=_ASPECT_RATIOS,
        resolutions=_RESOLUTIONS,
        mode="image_to_video",
    ),
)
"""The vendor's overview page, used only until the live list is known. It prints no price for the last two."""

Kind = Literal["choice", "integer", "urls", "url", "json"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option of a request, as every surface knows it."""

    name: str
    """Its Python keyword and field of `GenerationRequest`."""
    wire: str
    """Its name in the JSON body."""
    flag: str
    """Its name in a magic and in the shell."""
    label: str
    """Its name in a form."""
    kind: Kind
    help: str
    allowed_by: str | None = None
    """The field of `Model` that lists its allowed values; `None` where the model has no say."""
    default: Any = None
    """What we send when the person says nothing. `None`: left out. The API documents no defaults, so ours are
    always sent, and the price is known before the click."""


OPTIONS: tuple[Option, ...] = (
    Option(
        name="model",
        wire="model",
        flag="--model",
        label="Model",
        kind="choice",
        help="which model makes the video",
        allowed_by="id",
        default="seedance-2.0",
    ),
    Option(
        name="duration",
        wire="duration",
        flag="--duration",
        label="Duration",
        kind="integer",
        help="length in whole seconds",
        allowed_by="durations",
        default=5,
    ),
    Option(
        name="aspect_ratio",
        wire="aspectRatio",
        flag="--aspect-ratio",
        label="Aspect ratio",
        kind="choice",
        help="shape of the picture, width to height",
        allowed_by="aspect_ratios",
        default="16:9",
    ),
    Option(
        name="resolution",
        wire="resolution",
        flag="--resolution",
        label="Resolution",
        kind="choice",
        help="lines of the picture",
        allowed_by="resolutions",
        default="720p",
    ),
    Option(
        name="media_urls",
        wire="mediaUrls",
        flag="--media",
        label="Reference media",
        kind="urls",
        help="public https URL of a reference image, video or audio; up to five, in order",
        default=(),
    ),
    Option(
        name="webhook_url",
        wire="webhookUrl",
        flag="--webhook-url",
        label="Webhook",
        kind="url",
        help="https URL that the server calls when the job has ended",
    ),
    Option(
        name="metadata",
        wire="metadata",
        flag="--metadata",
        label="Metadata",
        kind="json",
        help="a JSON object that the server keeps with the request",
    ),
)

OPTION: Mapping[str, Option] = {option.name: option for option in OPTIONS}


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
    found = []
    for name, value in (("", None), *options.items()):
        alone = {} if not name else {name: value}
        try:
            request = make_request(prompt if not name else "any", alone)
            said = options.get("model")
            model = str(OPTION["model"].default if said is None else plain(said, "model"))
            if name:
                check(replace(request, model=model if name != "model" else request.model), models)
        except RequestInvalid as error:
            if error.field == (name or "prompt"):
                found.append(error)
    return found


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
            unit = " s" if option.kind == "integer" else ""
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


def allowed_values(option: Option, model: Model) -> tuple[Any, ...]:
    """What a model takes for an option; empty where the model has no say."""
    if option.allowed_by is None:
        return ()
    found = getattr(model, option.allowed_by)
    return (found,) if isinstance(found, str) else tuple(found)


def known_values(option: Option, models: Iterable[Model] = BUNDLED_MODELS) -> tuple[Any, ...]:
    """Every value that some model takes, in order, without repeats: for completion and help."""
    return tuple(dict.fromkeys(value for model in models for value in allowed_values(option, model)))


def price_usd(request: GenerationRequest, models: Sequence[Model]) -> float | None:
    """The estimated cost in US dollars, or `None` where the server names no price for it.

    The price list is for text alone. Each reference medium adds `MEDIUM_SHARE` of that, so that a cap rather counts too
    much than too little; `price_note` says so.
    """
    model = next((m for m in models if m.id == request.model), None)
    if model is None or request.duration is None or request.resolution is None:
        return None
    per_second = model.usd_per_second.get(request.resolution)
    if per_second is None or not 0 <= request.duration <= MAX_PRICED_S:
        return None
    return round(per_second * request.duration * (1 + MEDIUM_SHARE * len(request.media_urls)), 4)


def price_note(request: GenerationRequest) -> str:
    """What a price leaves open, as a sentence; empty where the price list covers the request."""
    many = len(request.media_urls)
    if not many:
        return ""
    media = "1 reference medium is" if many == 1 else f"{many} reference media are"
    return f"The price list names no price for media: {media} counted as {MEDIUM_SHARE * many * 100:.0f} % more."


def usable_prices(said: Any) -> tuple[dict[str, float], tuple[str, ...]]:
    """The prices of a second by resolution that can be meant, and in words what the server names instead of one."""
    if said is None:
        return {}, ()
    if not isinstance(said, Mapping):
        return {}, (f"{said!r:.40}",)
    named: dict[str, float] = {}
    odd: list[str] = []
    for resolution, usd in said.items():
        if usd is None:
            continue
        if isinstance(usd, int | float) and not isinstance(usd, bool) and 0 <= usd <= MAX_USD_PER_SECOND:
            named[resolution] = float(usd)
        else:
            odd.append(f"{usd!r:.40} at {resolution:.20}")
    return named, tuple(odd[:MAX_ODD_PRICES])


def with_known_price(live: Sequence[Model], bundled: Sequence[Model] = BUNDLED_MODELS) -> tuple[Model, ...]:
    """The live models, each with our one line on what it is best for, which the answer does not carry."""
    said = {model.id: model.best_for for model in bundled}
    return tuple(m if m.best_for else replace(m, best_for=said.get(m.id, "")) for m in live)


def media_kind(url: str) -> str | None:
    """`image`, `video` or `audio` by the ending of the URL's path; `None` where the ending says nothing."""
    path = urlsplit(url).path.lower()
    return next((kind for kind, endings in MEDIA_ENDINGS.items() if path.endswith(endings)), None)


def media_roles(urls: Sequence[str]) -> tuple[str, ...]:
    """What the server takes each URL for: it infers the mode from their number and kinds ("image-to-video")."""
    kinds = [media_kind(url) for url in urls]
    if kinds == ["image"]:
        return ("first frame",)
    if kinds == ["image", "image"]:
        return ("first frame", "last frame")
    return ("reference",) * len(urls)


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


STEP_URL = "It takes a public https URL, such as https://host/a.jpg."


def check_public_url(url: object, *, field: str, what: str) -> str:
    """A URL that a server on the internet can fetch: https, a public host, no credentials. Raises RequestInvalid."""

    def refuse(why: str) -> RequestInvalid:
        return RequestInvalid(f"{what} {told!r} {why}.", field=field, next_step=STEP_URL)

    if not isinstance(url, str):
        raise RequestInvalid(f"{what} {shown(url)} is not text.", field=field, next_step=STEP_URL)
    told = links.without_signature(url)[:80].encode("utf-8", "replace").decode()
    if any(c.isspace() or not c.isprintable() for c in url):
        raise refuse("has a space, a line break or an invisible character in it")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise refuse("is not a URL") from None
    if parts.username is not None or parts.password is not None:
        told = "…@" + (host or "")
        raise refuse("carries a user name or password, which the server would see")
    if parts.scheme != "https" or not host:
        raise refuse(_why_not_https(parts.scheme, url))
    if is_private_host(host):
        raise refuse("names a private or local host, which the server cannot reach")
    return url


def is_loopback_host(host: str) -> bool:
    """Whether a host is this very machine: `localhost`, or an address that loops back."""
    import ipaddress

    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_private_host(host: str) -> bool:
    """Whether a host name or address, however it is written, is one that only this machine or network can reach."""
    import ipaddress
    import socket

    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith((".localhost", ".local", ".internal", ".lan")):
        return True
    try:
        address: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(name.split("%")[0])
    except ValueError:
        try:  # 2130706433, 0x7f.1 and 010.0.0.1 are addresses to a resolver, and not to all the same one
            socket.inet_aton(name)
        except OSError:
            return "." not in name
        return True
    if isinstance(address, ipaddress.IPv6Address):
        if address.is_site_local:
            return True
        translated = address in ipaddress.IPv6Network("64:ff9b::/96")  # NAT64: how an IPv6 network reaches IPv4
        last = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if translated else None
        address = last or address.ipv4_mapped or address.sixtofour or address
    return not address.is_global or address.is_multicast or address.is_reserved


def _why_not_https(scheme: str, url: str) -> str:
    if scheme in ("http", "https") and not url[len(scheme) + 1 :].startswith("//"):
        return f"lacks a slash: after {scheme}: there are two"
    if scheme == "https":
        return "names no host"
    if scheme == "http":
        return "is http, not https"
    if scheme == "data":
        return "holds the data itself; the API takes only links"
    if scheme in ("", "file") or (len(scheme) == 1 and url[1:2] == ":"):
        return "is a path on this machine, which the server cannot reach"
    return f"is a {scheme} link, not https"


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


def _told(value: object) -> str:
    return value if isinstance(value, str) and len(value) <= MAX_TOLD else shown(value)


def _whole_number(option: Option, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value % 1 != 0:  # nan % 1 is nan
        raise RequestInvalid(f"{option.label} is a whole number of seconds, not {shown(value)}.", field=option.name)
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
    return tuple(check_public_url(url, field=option.name, what="The media URL") for url in texts)


def _listed(value: Iterable[Any]) -> Iterable[Any]:
    return islice(value if (cells := column(value)) is None else cells, 1_000)  # not to the end of what has none


def _is_link(value: object) -> bool:
    """Whether it stands for a link or a path: of the standard library, pydantic, httpx, yarl and others like them."""
    return isinstance(value, PurePath | Enum) or type(value).__name__.lower().endswith("url")


def _is_deep(value: Any) -> bool:
    """Whether a JSON value nests beyond what every reader of it takes; without recursion, or it would be the victim."""
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
    """What JSON does not know, as the plain value that it stands for."""
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


def check_base_url(url: str) -> str:
    """The API's address without a trailing slash: https anywhere, http on loopback only. Raises SettingsInvalid."""
    if not isinstance(url, str):
        raise SettingsInvalid(f"The address of the API (base_url) is text, not {shown(url)}.")
    url = url.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
        host.encode("idna")
    except ValueError:  # UnicodeError is one
        raise SettingsInvalid("SEEDANCE_BASE_URL is not a URL.") from None
    if parts.query or parts.fragment or any(c.isspace() or not c.isprintable() for c in url):
        raise SettingsInvalid("SEEDANCE_BASE_URL is an address and a path, without spaces, `?` or `#`.")
    if parts.username is not None or parts.password is not None:
        raise SettingsInvalid("SEEDANCE_BASE_URL carries a user name or password; the API takes only the key.")
    loopback = is_loopback_host(host)
    if parts.scheme == "https" and host:
        return url
    if parts.scheme == "http" and loopback:
        return url
    raise SettingsInvalid(
        f"SEEDANCE_BASE_URL is {shown(url, 80)}: the key would travel unencrypted.",
        next_step="Use https; http is for a simulator on this machine only.",
    )
