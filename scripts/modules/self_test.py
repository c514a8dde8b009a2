# SPDX-License-Identifier: Apache-2.0
"""Tests the checks: plants violations in a clean tree, and expects their errors and no others."""

import tempfile
from pathlib import Path

from modules.check import check
from modules.planted import CLEAN_TREE, PLANTED, Planted
from modules.project import Project


def self_test() -> list[str]:
    """A message for each case in which something was missed, or found without reason."""
    return [failure for planted in PLANTED if (failure := _failure(planted))]


def _failure(planted: Planted) -> str | None:
    found = _found(planted)
    missing = [text for text in planted.expected if not any(text in error for error in found)]
    if not missing and len(found) == len(planted.expected):
        return None
    return f"check-modules: expected {list(planted.expected) or 'nothing'}; found {found or 'nothing'}"


def _found(planted: Planted) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in CLEAN_TREE.keys() | planted.files.keys():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(CLEAN_TREE.get(name, "") + planted.files.get(name, ""))
        return [str(finding) for finding in check(Project(root, planted.targets), planted.exceptions)]
