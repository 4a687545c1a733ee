"""The plan of a sweep, before anything is sent: every combination, checked and priced."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..errors import RequestInvalid
from ..jobs import media
from ..render.table import Column
from ..render.text import usd
from ..request import braces as template
from ..request.axes import axis_name
from ..request.braces import Mode, Values
from ..request.check import checked_usd, make_request
from ..request.models import price_note, price_usd
from ..request.options import OPTION, OPTIONS
from ..text import links
from ..types import GenerationRequest, Json, Model
from ..values.plain import flag, index, plain, shown
from .rows import OUT_NAME, PROMPT, check_columns, rows_of
from .table import Lines, column, lines, sum_text

if TYPE_CHECKING:
    from ..jobs.job import Home

NAMED = 3
"""Combinations that do not fit and are named in the sentence; the plan shows more."""


@dataclass(frozen=True, slots=True)
class Place:
    """One combination, and what it asks for."""

    values: Values
    request: GenerationRequest
    cost_usd: float | None
    """Estimate in US dollars; `None` where the server names no price."""
    said: Values | None = field(default=None, compare=False, repr=False)
    """The values as they were given, signatures and all; `None`: the same. In memory only."""
    out_name: str | None = field(default=None, compare=False)
    """What the person calls its clip."""
    wire_request: GenerationRequest | None = field(default=None, repr=False, compare=False)
    """The same request with its links signed, where they are; in memory only."""

    @property
    def key(self) -> str:
        """The same for the same combination, however it was written."""
        return template.key_of(self.values)

    @property
    def lacks_signature(self) -> bool:
        """True where a link was signed: signatures are not kept, so it cannot be sent from the history alone."""
        return self.wire_request is None and self.request.lost_link is not None


@dataclass(frozen=True, slots=True)
class Misfit:
    """A combination that its model does not take, and why."""

    values: Values
    error: RequestInvalid
    row: int | None = None
    """Its number in a table, from 1."""

    @property
    def named(self) -> str:
        """Which it is, in words."""
        return template.described(self.values) if self.row is None else f"row {self.row}"


@dataclass(frozen=True, kw_only=True)
class SweepPlan:
    """Every job that a sweep would send, and what it would cost. Nothing was sent. Shows itself as a table."""

    templates: tuple[str, ...]
    axes: Mapping[str, list[Any]]
    """The variables and options that differ, with their values in order; a list of prompts is the axis `prompt`."""
    mode: Mode = "product"
    places: tuple[Place, ...]
    """What fits, in the order in which it is sent."""
    misfits: tuple[Misfit, ...] = ()
    """What does not fit its model: none of it is ever sent."""
    skip_invalid: bool = False
    """Whether what does not fit is left out; otherwise it stops the sweep."""
    label: str = ""
    """Where the jobs would go."""
    is_table: bool = False
    """Whether its combinations are the rows of a table."""

    def __len__(self) -> int:
        return len(self.places)

    @property
    def cost_usd(self) -> float | None:
        """The estimate for all of it, in US dollars; `None` where a price is not known."""
        costs = [place.cost_usd for place in self.places]
        return None if None in costs else round(sum(cost or 0.0 for cost in costs), 4)

    @cached_property
    def digest(self) -> str:
        """The same for two plans that ask for the same, in whatever order and however their values are written.

        What was not said does not count, so that an option of a later version leaves it as it is.
        """
        return _hash([p.key, _said(p.request)] for p in self.places)

    @cached_property
    def digest_0_1(self) -> str:
        """As version 0.1.0 made it: by this its sweeps are found, and go on."""
        return _hash([p.values if p.said is None else p.said, _said_0_1(p)] for p in self.places)

    def at_prices_of(self, models: Sequence[Model]) -> SweepPlan:
        """The same plan at the prices of these models."""
        return replace(self, places=tuple(priced(self.places, models)))

    def check(self) -> None:
        """Raise RequestInvalid unless all of it can be sent: names what does not fit."""
        if self.misfits and not (self.skip_invalid and self.places):
            raise self._not_fitting()

    def _not_fitting(self) -> RequestInvalid:
        first = self.misfits[0].error
        named = "; ".join(f"{m.named}: {m.error.what.rstrip('.')}" for m in self.misfits[:NAMED])
        more = len(self.misfits) - NAMED
        many = len(self.misfits) + len(self.places)
        fit = "does not fit" if len(self.misfits) == 1 else "do not fit"
        return RequestInvalid(
            f"{len(self.misfits)} of {many} combinations {fit}: {named}{f' (and {more} more)' if more > 0 else ''}.",
            field=first.field,
            next_step="skip_invalid=True (--skip-invalid) leaves them out." if self.places else first.next_step,
        )

    # --- showing --------------------------------------------------------------------------------------------------
    @property
    def title(self) -> str:
        """How many jobs, of what, and what they cost."""
        jobs = "1 job" if len(self.places) == 1 else f"{len(self.places):,} jobs"
        sign = " with " if self.mode == "zip" else " x "
        of = sign.join(f"{len(values)} {axis_name(name)}" for name, values in self.axes.items())
        of = "the rows of a table" if self.is_table else of
        return f"Plan: {jobs} ({of}), {sum_text([place.cost_usd for place in self.places])}"

    def _lines(self) -> Lines:
        names = list(self.axes)
        shows_prompt = not (names == [PROMPT] and all("{" not in text for text in self.templates))

        def values_of(name: str) -> Column[int]:
            return column(axis_name(name), lambda row: template.as_text(self.places[row].values.get(name, "")))

        columns = [column("#", lambda row: str(row + 1), number=True), *map(values_of, names)]
        if shows_prompt:
            heading = "prompt sent" if PROMPT in names else PROMPT
            columns.append(column(heading, lambda row: self.places[row].request.prompt))
        columns.append(column("cost (est.)", lambda row: usd(self.places[row].cost_usd) or "unknown", number=True))
        return lines(self.title, len(self.places), columns, self._notes())

    def _notes(self) -> list[str]:
        same = [
            f"{option.label.lower()} {option.text(value)}"
            for option in OPTIONS
            if option.is_plain and self.places and option.name not in self.axes
            if (value := getattr(self.places[0].request, option.name)) is not None
        ]
        notes = [f"All with {', '.join(same)}."] if same else []
        for option in OPTIONS:
            if option.kind == "url":
                distinct = dict.fromkeys(getattr(place.request, option.name) for place in self.places)
                notes += [f"{option.label}: {links.bare(address)}." for address in distinct if address]
        notes += dict.fromkeys(note for p in self.places if p.cost_usd is not None and (note := price_note(p.request)))
        word = "Left out" if self.skip_invalid else "Does not fit"
        notes += [f"{word}: {m.named}: {m.error.what}" for m in self.misfits[: 2 * NAMED]]
        if len(self.misfits) > 2 * NAMED:
            notes.append(f"{word}: {len(self.misfits) - 2 * NAMED} more.")
        return [*notes, *([f"{self.label}."] if self.label else [])]

    def __repr__(self) -> str:
        return repr(self._lines())

    def _repr_html_(self) -> str:
        return self._lines()._repr_html_()

    # --- keeping --------------------------------------------------------------------------------------------------
    def as_json(self) -> dict[str, Json]:
        """The plan as the history keeps it: every request in full, whatever the defaults of a later version are."""
        places = [_kept(place) for place in self.places]
        return {"templates": list(self.templates), "axes": dict(self.axes), "mode": self.mode, "places": places} | (
            {"table": True} if self.is_table else {}
        )


def plan_of(kept: Mapping[str, Json]) -> SweepPlan:
    """The plan that the history keeps."""
    from ..store.schema import request_of

    return SweepPlan(
        templates=tuple(kept["templates"]),
        axes={name: template.unsigned(many) for name, many in kept["axes"].items()},  # 0.1.0 kept signatures, too
        mode=kept["mode"],
        places=tuple(
            Place(template.unsigned(p["values"]), request_of(p["request"]), p["cost_usd"], out_name=p.get("out_name"))
            for p in kept["places"]
        ),
        is_table=kept.get("table", False),
    )


def priced(places: Sequence[Place], models: Sequence[Model]) -> list[Place]:
    """Places at the prices of some models."""
    return [replace(place, cost_usd=price_usd(place.request, models)) for place in places]


def _kept(place: Place) -> dict[str, Json]:
    kept = {"values": place.values, "request": asdict(place.request.kept), "cost_usd": place.cost_usd}
    return kept | ({"out_name": place.out_name} if place.out_name else {})


_FIELDS_0_1 = ("prompt", "model", "duration", "aspect_ratio", "resolution", "media_urls", "webhook_url", "metadata")


def _hash(values: Iterable[Json]) -> str:
    lines = sorted(json.dumps(each, sort_keys=True, ensure_ascii=False, default=str) for each in values)
    return hashlib.sha256("\n".join(lines).encode("utf-8", "replace")).hexdigest()


def _said(request: GenerationRequest) -> dict[str, Json]:
    """The options that a request has, and its words: what would be sent, without signatures."""
    options = {option.name: template.unsigned(getattr(request, option.name)) for option in OPTIONS}
    options = {name: value for name, value in options.items() if value not in (None, (), [], {})}
    return {**options, PROMPT: links.kept_in_text(request.prompt)}


def _said_0_1(place: Place) -> dict[str, Json]:
    """As 0.1.0 wrote it; an option that it did not have makes another request of it, and leaves it alone unsaid."""
    request = place.wire_request or place.request
    later = {option.name: getattr(request, option.name) for option in OPTIONS if option.name not in _FIELDS_0_1}
    later = {name: value for name, value in later.items() if value not in (None, (), [], {})}
    return {name: getattr(request, name) for name in _FIELDS_0_1} | later


def make_plan(
    home: Home, prompts: Any, given: Mapping[str, Any], *, mode: Mode = "product", skip_invalid: bool = False
) -> SweepPlan:
    """Check and price every combination. Sends nothing; asks the server at most what its models take.

    Args:
        home: Whose models count.
        prompts: A template, or many: a list, or a column of a table.
        given: Options and variables of the template: one value each, or a list of them, which makes an axis.
        mode: Each with each, or the first with the first and so on.
        skip_invalid: Leave out what a model does not take.

    Raises:
        RequestInvalid: the template, an axis, or the number of combinations is wrong. What single models do not take
            is in `misfits`.
    """
    given = media.in_axes(home.engine.media, given)
    if (table := rows_of(prompts)) is not None:
        return plan_of_rows(home, table, given, skip_invalid=skip_invalid)
    templates, axes, fixed = _sorted_out(prompts, given)
    template.check_count(axes, mode)
    names = [name for name in (*axes, *fixed) if name != PROMPT]
    braces = any(name in axes or name not in OPTION for name in names)
    if braces:
        template.check_names(templates, names, OPTION)
    combined = list(template.combinations(axes, mode))
    models = home.engine.models()  # the live list: it is the authority, and has the prices
    places: list[Place] = []
    misfits: list[Misfit] = []
    for values in combined:
        try:
            places.append(_place(templates, values, fixed, models, braces=braces))
        except RequestInvalid as error:
            misfits.append(Misfit(template.unsigned(values), error))
    return SweepPlan(
        templates=templates,
        axes={name: template.unsigned(many) for name, many in axes.items()},
        mode=mode,
        places=tuple(places),
        misfits=tuple(misfits),
        skip_invalid=skip_invalid,
        label=home.label,
    )


def plan_of_rows(
    home: Home, rows: list[Values], given: Mapping[str, Any], *, text: str = "", skip_invalid: bool = False
) -> SweepPlan:
    """Check and price the rows of a table, each of which is a request. Sends nothing.

    Args:
        home: Whose models count.
        rows: As `rows.rows_of` reads them.
        given: Options for every row that does not name its own.
        text: A template that the columns fill, where the table has no prompts of its own.
        skip_invalid: Leave out what a model does not take.

    Raises RequestInvalid, by row and column.
    """
    variables = template.names_in(text)
    rows = [row if media.GIVEN_NAMES.isdisjoint(row) else media.resolved(home.engine.media, row) for row in rows]
    check_columns(rows, variables)
    for name, value in given.items():
        if name not in OPTION or (OPTION[name].kind != "urls" and template.axis(name, value) is not None):
            raise RequestInvalid(
                f"{name} cannot be combined with a table.",
                field=name,
                next_step="What differs goes into a column; one value of an option holds for every row.",
            )
    names = list(dict.fromkeys(name for row in rows for name in row if name != OUT_NAME))
    if (PROMPT in names) is bool(text.strip()):
        fault = "both the table and the text have" if text.strip() else "neither the table nor a text has"
        raise RequestInvalid(f"There must be one prompt a row, and {fault} one.", field=PROMPT)
    models = home.engine.models()
    places: list[Place] = []
    misfits: list[Misfit] = []
    seen: dict[object, int] = {}
    for number, row in enumerate(rows, 1):
        values = {name: value for name, value in row.items() if name != OUT_NAME}
        _check_new(seen, template.key_of(values), number, names[0])
        try:
            place = _place_of_row(text, values, dict(given), models, number)
        except RequestInvalid as error:
            misfits.append(Misfit(template.unsigned(values), error, number))
        else:
            take = template.key_of({template.TAKE: values.get(template.TAKE, "")})
            _check_new(seen, (place.request, take), number, names[0])  # a default that one of them spells out
            out_name = row.get(OUT_NAME)
            places.append(replace(place, out_name=None if out_name is None else template.as_text(out_name)))
    return SweepPlan(
        templates=(text,) if text else tuple(place.request.prompt for place in places),
        axes={name: [template.unsigned(row[name]) for row in rows if name in row] for name in names},
        mode="zip",
        places=tuple(places),
        misfits=tuple(misfits),
        skip_invalid=skip_invalid,
        label=home.label,
        is_table=True,
    )


def _check_new(seen: dict[object, int], what: object, number: int, field: str) -> None:
    """Raise RequestInvalid where an earlier row asks for the same."""
    earlier = seen.setdefault(what, number)
    if earlier != number:
        raise RequestInvalid(
            f"Rows {earlier} and {number} are the same.",
            field=field,
            next_step="Drop one of them; a column take with 1 and 2 asks for the same thing twice on purpose.",
        )


def _place_of_row(text: str, values: Values, given: Values, models: Sequence[Model], number: int) -> Place:
    if text:
        variables = {name: value for name, value in values.items() if name not in OPTION and name != template.TAKE}
        template.check_names([text], variables, ())
        return _place((text,), values, given, models, braces=bool(variables))
    if PROMPT not in values:
        raise RequestInvalid(f"Row {number} has no prompt.", field=PROMPT)
    return _place(("",), values, given, models, braces=False)


def one_prompt(text: str, values: Values) -> str:
    """A template filled for one job. Raises RequestInvalid for a name without a value, and for a value not used."""
    template.check_names([text], values, ())
    return template.fill(text, values)


def _place(templates: Sequence[str], values: Values, fixed: Values, models: Sequence[Model], *, braces: bool) -> Place:
    written = values.get(PROMPT, templates[0])
    known = {name: value for name, value in {**fixed, **values}.items() if name != PROMPT}
    prompt = template.fill(written, known) if braces else written
    request = make_request(prompt, {name: value for name, value in known.items() if name in OPTION})
    cost_usd = checked_usd(request, models)
    kept = template.unsigned(values)
    signed = request if request.kept is not request else None
    given = values if kept != values else None
    return Place(kept, request.kept, cost_usd, given, wire_request=signed)


def mode_of(zip: bool) -> Mode:
    """The way to combine axes that `zip=` asks for. Raises SeedanceError unless it is true or false."""
    return "zip" if flag(zip, "zip") else "product"


def _sorted_out(prompts: Any, given: Mapping[str, Any]) -> tuple[tuple[str, ...], dict[str, list[Any]], Values]:
    """Templates, what differs, and what is the same for all."""
    axes: dict[str, list[Any]] = {}
    fixed: Values = {}
    many = template.axis(PROMPT, prompts)
    if many is not None:
        axes[PROMPT] = many
    elif not isinstance(prompts, str):
        raise RequestInvalid(f"The prompt is text or a list of texts, not {type(prompts).__name__}.", field=PROMPT)
    for name, value in given.items():
        _check_name(name)
        if name == template.TAKE and (count := index(value)) is not None:
            axes[name] = template.takes(count)
            continue
        values = None if _is_one_value(name, value) else template.axis(name, value)
        if values is not None:
            axes[name] = values
        elif value is not None:
            fixed[name] = plain(value, name)
        elif name not in OPTION:
            raise RequestInvalid(f"{name} is None: a variable of a template has a value.", field=name)
    templates = tuple(many if many is not None else [prompts])
    for number, text in enumerate(templates, 1):
        if not isinstance(text, str):
            raise RequestInvalid(f"Prompt {number} is not text but {shown(text)}.", field=PROMPT)
    if not axes:
        raise RequestInvalid(
            "A sweep needs something that differs, and no list was given.",
            field=PROMPT,
            next_step='Give one: session.sweep("a {animal}", animal=["fox", "owl"]). session.submit makes one video, '
            "and session.sweep_of(name) finds an earlier sweep.",
        )
    return templates, axes, fixed


def _check_name(name: str) -> None:
    if name == PROMPT:
        raise RequestInvalid(
            "prompt is the text itself and no variable of it.",
            field=PROMPT,
            next_step="Many prompts go in its place, as a list.",
        )
    if not isinstance(name, str) or not name.isidentifier():
        raise RequestInvalid(f"{shown(name)} is no name of a variable: letters, digits and _.", field=str(name)[:40])


def _is_one_value(name: str, value: Any) -> bool:
    """Tell whether a list is one value: the media of a request are a list themselves."""
    is_list = name in OPTION and OPTION[name].kind == "urls"
    return is_list and isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)
