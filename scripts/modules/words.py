# SPDX-License-Identifier: Apache-2.0
"""Words that were private language once and must not return: docs/glossary.md has the field's words."""

import re
from collections.abc import Iterator
from pathlib import Path

from modules.project import Finding, Project, Rule

# Anywhere, inside names too.
_RETIRED = re.compile(r"wish|pressroom|courier|household|sighting|\bwhom\b", re.IGNORECASE)
_PLACES = ("Sources", "Tests", "docs", "examples", "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")
# Records keep the words of their time.
_RECORDS = Path("docs/decisions")


def check_words(project: Project) -> Iterator[Finding]:
    """Every retired word in sources, tests and documents, but for decision records."""
    for path in _files(project.root):
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            if found := _RETIRED.search(line):
                name = str(path.relative_to(project.root))
                message = f"`{found[0]}` is not a word of this project any more; hint: see docs/glossary.md"
                yield Finding(name, number, Rule.WORD, found[0], message)


def _files(root: Path) -> Iterator[Path]:
    for place in _PLACES:
        start = root / place
        found = sorted(start.rglob("*")) if start.is_dir() else [start]
        yield from (path for path in found if path.is_file() and not _is_left_out(path.relative_to(root)))


def _is_left_out(path: Path) -> bool:
    return path.is_relative_to(_RECORDS) or "Corpus" in path.parts or "Fixtures" in path.parts
