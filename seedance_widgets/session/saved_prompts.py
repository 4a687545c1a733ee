"""Prompts saved under a name with their options: `seedance_prompts.toml` beside the notebook, for people and for git.

    ["paper boat"]
    prompt = "A paper boat crosses a puddle in heavy rain"
    model = "seedance-2.0"
    duration = 5

The file is the person's own: comments, order and fields that we do not know stay when a prompt is saved. It is written
whole or not at all, and two notebooks that save at once lose nothing.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
import tomllib
import unicodedata
import warnings
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import RequestInvalid, TemplateInvalid, TemplateNotFound, TemplateWarning
from ..notebook import environment
from ..render.table import Column, Table
from ..render.text import shortened
from ..request.options import OPTION, OPTIONS
from ..text import links
from ..text.printable import one_line
from ..values.plain import flag, is_broken, plain, shown

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

FILE = "seedance_prompts.toml"
NOT_KEPT = tuple(option.name for option in OPTIONS if not option.saved)
"""Whoever wrote a file that we were given must not have our prompts sent elsewhere; and our own address is a secret."""
FIELDS = tuple(option.name for option in OPTIONS if option.saved)
"""The options of a request, as `Session.submit` names them. What else stands in the file is not ours."""
MAX_NAME = 100
MAX_BYTES = 5_000_000
"""A larger file was not written by hand."""
LOCK_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A prompt and its options under a name."""

    name: str
    prompt: str
    options: dict[str, Any] = field(default_factory=dict)
    """The keywords of `Session.submit`; what is left out has its default."""
    notice: str = field(default="", compare=False)
    """What of the file is not used, and why; empty where all is."""


class Templates(Mapping[str, Template]):
    """The templates of one file, by name, in the file's order. Reads it anew each time, so it is never stale.

    Args:
        path: The file; it need not be there.
        locks: Where the lock lies that notebooks take turns by.
    """

    def __init__(self, path: Path, *, locks: Path) -> None:
        self.path = path
        self._locks = locks

    def __getitem__(self, name: str) -> Template:
        """As `find`; what is not used of it is said as a TemplateWarning."""
        template = self.find(name)
        if template.notice:
            warnings.warn(template.notice, TemplateWarning, stacklevel=2)
        return template

    def find(self, name: str) -> Template:
        """The template of a name, which tells in `notice` what is not used of it.

        Raises TemplateNotFound, which is a KeyError, and TemplateInvalid for a file or template that is broken.
        """
        tables = self._tables()
        if not isinstance(name, str) or (key := _key(name)) not in tables:
            raise TemplateNotFound(self._not_found(name, list(tables)))
        return self._template(key, tables[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables())

    def __len__(self) -> int:
        return len(self._tables())

    def save(self, name: str, prompt: str, options: Mapping[str, Any], *, replace: bool = False) -> Template:
        """Write a template, without the address of a webhook, which it would not be read for either.

        What signs a link is not written: whoever uses the template gives such a link again. Raises TemplateInvalid,
        also for a name that is taken unless told to `replace` it.
        """
        name = checked_name(name)
        if not isinstance(prompt, str) or not prompt.strip():
            raise TemplateInvalid("There is no prompt to save.")
        if is_broken(prompt):
            raise TemplateInvalid("The prompt holds half of a character (a lone surrogate), so it was not saved.")
        if unknown := [each for each in options if each not in (*FIELDS, *NOT_KEPT)]:
            raise TemplateInvalid(f"A template has no option {unknown[0][:40]!r}; it takes {', '.join(FIELDS)}.")
        kept = {key: _plain(links.kept_in(_said(key, options[key]))) for key in FIELDS if options.get(key) is not None}
        kept = {key: value for key, value in kept.items() if value not in ([], {})}
        replace = flag(replace, "replace")
        template = Template(name=name, prompt=prompt, options=kept)
        with _lock(self._locks, self.path):
            there = self._tables().get(name)
            if there is not None and not replace and self._template(name, there) != template:
                raise TemplateInvalid(
                    f"There is a template {name!r} in {self.path.name} already.",
                    next_step="Choose another name; --replace (replace=True) writes over it.",
                )
            document = self._document()
            _put(document, template)
            self._write(_text(document))
        return template

    def delete(self, name: str) -> None:
        """Delete a template, and leave everything else of the file as it is.

        Raises TemplateNotFound, and TemplateInvalid where the file cannot be read or written.
        """
        with _lock(self._locks, self.path):
            tables = self._tables()
            if not isinstance(name, str) or (wanted := _key(name)) not in tables:
                raise TemplateNotFound(self._not_found(name, list(tables)))
            document = self._document()
            for key in [key for key in document if _key(key) == wanted]:
                del document[key]
            self._write(_text(document), failed="it is still there")

    def __repr__(self) -> str:
        return repr(self._table())

    def _repr_html_(self) -> str:
        return self._table()._repr_html_()

    def _table(self) -> Table[Template]:
        rows = [self._template(name, values) for name, values in self._tables().items()]
        empty = f"No prompts are saved in {self.path} yet: %seedance_save NAME saves the last one."
        return Table(rows, COLUMNS, note=str(self.path), empty=empty)

    # --- the file -------------------------------------------------------------------------------------------------
    def _read(self) -> str:
        try:
            if self.path.stat().st_size > MAX_BYTES:
                raise TemplateInvalid(f"{self.path} is larger than {MAX_BYTES // 1_000_000} MB, so it was not read.")
            data = self.path.read_bytes()
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise TemplateInvalid(f"{self.path} cannot be read ({error.strerror or error}).") from None
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise TemplateInvalid(f"{self.path}, line {line}: this is not UTF-8 text.", next_step=MEND) from None

    def _tables(self) -> dict[str, dict[str, Any]]:
        try:
            tables = tomllib.loads(self._read().replace("\r\n", "\n"))
        except tomllib.TOMLDecodeError as error:
            raise TemplateInvalid(_broken(self.path, str(error)), next_step=MEND) from None
        except RecursionError:
            raise TemplateInvalid(f"{self.path} is nested too deeply to be read.", next_step=MEND) from None
        return {_key(name): values for name, values in tables.items() if isinstance(values, dict)}

    def _document(self) -> TOMLDocument:
        import tomlkit

        return tomlkit.parse(self._read())

    def _template(self, name: str, values: Mapping[str, Any]) -> Template:
        prompt = values.get("prompt")
        if not isinstance(prompt, str) or not prompt.strip():
            raise TemplateInvalid(
                f"The template {name!r} in {self.path} has no prompt.",
                next_step='Give it a line such as prompt = "A paper boat".',
            )
        options = {key: values[key] for key in FIELDS if key in values}
        unused = [_not_used(name, key, str(values[key]), self.path.name) for key in NOT_KEPT if key in values]
        notice = " ".join(unused)
        return Template(name=name, prompt=prompt, options=options, notice=notice)

    def _not_found(self, name: object, names: list[str]) -> str:
        there = f"It has {', '.join(map(repr, names[:20]))}." if names else "It has none."
        return f"There is no template {shown(name)} in {self.path}. {there}"

    def _write(self, text: str, failed: str = "the prompt was not saved") -> None:
        """Whole or not at all; a link stays a link to the file that it names."""
        path = self.path.resolve()
        fresh = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        try:
            mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else None
            with open(fresh, "xb") as file:
                file.write(text.encode("utf-8"))
                file.flush()
                os.fsync(file.fileno())
            if mode is not None:
                fresh.chmod(mode)
            os.replace(fresh, path)
        except OSError as error:
            raise TemplateInvalid(f"{self.path} cannot be written ({error.strerror or error}); {failed}.") from None
        finally:
            with suppress(OSError):
                fresh.unlink(missing_ok=True)


def _not_used(name: str, key: str, value: str, file: str) -> str:
    shown = shortened(one_line(links.without_signature(value)), 80)
    sent = "must not have your prompts and clips sent there" if OPTION[key].kind == "url" else "must not choose it"
    return (
        f"The {key} of the template {name!r} in {file} ({shown}) is not used: a file that comes from elsewhere "
        f"{sent}. {key}=... or {OPTION[key].flag} gives your own."
    )


MEND = "Mend the file, or move it away; nothing was changed."


def here(locks: Path) -> Templates:
    """The templates of the notebook's folder."""
    return Templates(environment.folder() / FILE, locks=locks)


def checked_name(name: object) -> str:
    """A name on one line, as Unicode composes it. Raises TemplateInvalid."""
    words = _key(" ".join(name.split())) if isinstance(name, str) else ""
    if not words or len(words) > MAX_NAME or not words.isprintable() or words.startswith("-"):
        raise TemplateInvalid(
            f"A template's name is a word or a few, up to {MAX_NAME} characters and without a dash in front; "
            f"not {shown(name)}."
        )
    return words


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _put(document: TOMLDocument, template: Template) -> None:
    """Set the prompt and its options, and leave everything else of the table as it is."""
    import tomlkit

    key = next((key for key in document if _key(key) == template.name), template.name)
    table: Any = document.get(key)
    if not isinstance(table, dict):
        if document.body:
            document.add(tomlkit.nl())
        document.add(key, tomlkit.table())
        table = document[key]
    table["prompt"] = tomlkit.string(template.prompt, multiline="\n" in template.prompt and _may_stand(template.prompt))
    for name in FIELDS:
        if name in template.options:
            table[name] = template.options[name]
        elif name in table:
            del table[name]


def _may_stand(prompt: str) -> bool:
    """Tell whether a prompt of several lines can be written as such and be read back byte for byte."""
    return "\r" not in prompt and all(c == "\n" or c == "\t" or c.isprintable() for c in prompt)


def _text(document: TOMLDocument) -> str:
    import tomlkit

    return tomlkit.dumps(document)


def _said(name: str, value: Any) -> Any:
    try:
        return plain(value, name)
    except RequestInvalid as error:
        raise TemplateInvalid(error.what, next_step=error.next_step) from None


def _plain(value: Any) -> Any:
    """A value as TOML has it. Raises TemplateInvalid for what it cannot hold."""
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if not isinstance(value, str | int | float | bool):
        raise TemplateInvalid(f"A template cannot hold {shown(value)}: TOML has no word for it.")
    return value


def _broken(path: Path, message: str) -> str:
    """The fault of the file, with its line."""
    place = re.search(r"\(at line (\d+), column \d+\)", message)
    where = f"{path}, line {place[1]}" if place else f"{path}, at its end"
    what = re.sub(r"\s*\(at .*\)$", "", message)
    return f"{where}: {what[:1].lower()}{what[1:]}."


def _lock(folder: Path, path: Path) -> Any:
    """One notebook at a time; the lock lies in the data folder, so that none comes into git."""
    from filelock import FileLock, Timeout

    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = sha256(str(path.resolve()).encode("utf-8", "replace")).hexdigest()[:16]
        return FileLock(folder / f"templates-{name}.lock", timeout=LOCK_S, mode=0o600).acquire()
    except (OSError, Timeout) as error:
        raise TemplateInvalid(f"{path} cannot be locked ({error}); the prompt was not saved.") from None


COLUMNS: tuple[Column[Template], ...] = (
    Column("name", lambda template: template.name, wraps=True),
    Column("prompt", lambda template: shortened(template.prompt), wraps=True),
    Column("options", lambda template: _options(template), wraps=True),
)


def _options(template: Template) -> str:
    return shortened(", ".join(f"{key} {value}" for key, value in template.options.items()), 60)
