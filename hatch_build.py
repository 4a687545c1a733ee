"""The parts of the package's metadata that depend on where its repository is: links, and the README as it is published.

The address stands in one line of pyproject.toml, `[tool.seedance] repository`. While it is empty, links stay relative.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

PICTURES = (".png", ".webp", ".jpg", ".svg", ".gif")
_MARKDOWN = re.compile(r"(\]\()([^)\s]+)(\))")
_HTML = re.compile(r"""((?:src|srcset|href)=")([^"]+)(")""")


class CustomMetadataHook(MetadataHookInterface):
    """Adds `readme` and `urls`."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Called by hatchling for each wheel and sdist."""
        root = Path(self.root)
        repository = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["seedance"]["repository"]
        text = published((root / "README.md").read_text("utf-8"), repository, metadata["version"])
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
        metadata["urls"] = urls(repository)


def urls(repository: str) -> dict[str, str]:
    """The links of the package's page; none while there is no address."""
    if not repository:
        return {}
    return {
        "Repository": repository,
        "Documentation": f"{repository}/tree/HEAD/docs",
        "Changelog": f"{repository}/blob/HEAD/CHANGELOG.md",
        "Issues": f"{repository}/issues",
    }


def published(readme: str, repository: str, version: str) -> str:
    """The README with each relative link made absolute: at the version's tag, pictures as files.

    As it is while there is no address.
    """
    if not repository:
        return readme

    def absolute(match: re.Match[str]) -> str:
        before, link, after = match.groups()
        if re.match(r"[a-z][a-z0-9+.-]*:|#", link):
            return match[0]
        kind = "raw" if link.partition("#")[0].endswith(PICTURES) else "blob"
        return f"{before}{repository}/{kind}/v{version}/{link}{after}"

    return _HTML.sub(absolute, _MARKDOWN.sub(absolute, readme))
