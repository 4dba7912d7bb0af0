"""A partial is named after the element it replaces and says what it needs."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "templates"
PARTIALS = sorted(path for path in ROOT.rglob("_*.html"))


@pytest.mark.parametrize("path", PARTIALS, ids=lambda path: str(path.relative_to(ROOT)))
def test_root_id_matches_file_name(path: Path) -> None:
    """A piece without a root id is only ever included; one with an id is what htmx replaces."""
    source = path.read_text()
    assert source.startswith("{# Needs:")
    root = re.search(r"<[a-z][^>]*>", source)
    found = re.search(r'\sid="([^"{]+)', root[0]) if root else None
    if found:
        assert found[1].rstrip("-") == path.stem.removeprefix("_").replace("_", "-")


FORBIDDEN = re.compile(r'\sstyle="|<script>|\son[a-z]+="|hx-on|javascript:')


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.html")), ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_obey_the_content_security_policy(path: Path) -> None:
    if "print" in path.relative_to(ROOT).parts:
        return
    assert not FORBIDDEN.search(path.read_text())
