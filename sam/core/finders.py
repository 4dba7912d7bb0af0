"""Static files that come from node_modules: the allow-list of `static_assets`, and the icon sprite composed from it."""

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core import checks
from django.core.files.storage import FileSystemStorage

from sam.core.static_assets import (
    ICON_FOLDER,
    LIBRARY_FILES,
    SPRITE_PATH,
    compose_sprite,
)


def node_modules() -> Path:
    """Where `npm ci` put the browser libraries."""
    return Path(settings.BASE_DIR) / "node_modules"


@cache
def sprite_file(modules: Path) -> Path:
    """The icon sprite as a file beside the libraries, written when it is missing or older than the list of icons."""
    content = compose_sprite(modules / ICON_FOLDER)
    target = modules / ".sam" / "icons.svg"
    if not (target.is_file() and target.read_bytes() == content):
        target.parent.mkdir(exist_ok=True)
        # Several processes may start at once: each writes its own copy and the rename is atomic.
        handle, name = tempfile.mkstemp(dir=target.parent)
        with os.fdopen(handle, "wb") as copy:
            copy.write(content)
        os.chmod(name, 0o644)
        os.replace(name, target)
    return target


class BrowserLibrariesStorage(FileSystemStorage):
    """Read-only view on node_modules under the names the product uses. Raises KeyError for any other name."""

    prefix = ""

    def __init__(self) -> None:
        super().__init__(location=node_modules())

    def path(self, name: str) -> str:
        if name == SPRITE_PATH:
            return str(sprite_file(node_modules()))
        return str(node_modules() / LIBRARY_FILES[name])


class BrowserLibrariesFinder(BaseFinder):
    """Finds `vendor/…` files of the allow-list; collectstatic and the development server see nothing else."""

    def __init__(self, app_names: Sequence[str] | None = None, *args: Any, **kwargs: Any) -> None:
        self.storage = BrowserLibrariesStorage()

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        missing = [
            source for source in [*LIBRARY_FILES.values(), ICON_FOLDER] if not (node_modules() / source).exists()
        ]
        if not missing:
            return []
        return [
            checks.Warning(
                f"Browser libraries are missing: {', '.join(missing)}.",
                hint="Run `npm ci` in the project folder, or start with script/run, which does it.",
                id="sam.W001",
            )
        ]

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        found = [self.storage.path(path)] if path in self._names() else []
        found = [file for file in found if Path(file).is_file()]
        return found if find_all else (found[0] if found else [])

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, BrowserLibrariesStorage]]:
        patterns = tuple(ignore_patterns or ())
        for name in self._names():
            if not matches_patterns(name, patterns):
                yield name, self.storage

    @staticmethod
    def _names() -> tuple[str, ...]:
        return (*LIBRARY_FILES, SPRITE_PATH)
