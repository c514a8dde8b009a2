# SPDX-License-Identifier: Apache-2.0
"""What is checked, the files and the targets of a tree; and what is found, violations."""

import json
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path, PurePath
from typing import Any

from modules.swift_code import Declaration, declarations
from modules.swift_text import masked


class Rule(StrEnum):
    """What a violation violates."""

    TABLE = "table"
    MANIFEST = "manifest"
    README = "readme"
    TESTS = "tests"
    LICENSE = "license"
    IMPORT = "import"
    PURE = "pure"
    PROCESS = "process"
    PRINT = "print"
    DOCUMENTATION = "documentation"
    FILE = "file"
    FUNCTION = "function"
    PARAMETERS = "parameters"
    NESTING = "nesting"
    TYPE = "type"
    MODULE = "module"
    WORD = "word"
    EXCEPTION = "exception"


@dataclass(frozen=True)
class Finding:
    """A violation of a rule by something that has a name."""

    path: str
    line: int
    rule: Rule
    subject: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: error: {self.message}"


@dataclass(frozen=True)
class SwiftFile:
    """A file of Sources or Tests; its path is relative to the root."""

    path: PurePath
    text: str

    @property
    def tree(self) -> str:
        return self.path.parts[0]

    @property
    def module(self) -> str:
        return self.path.parts[1]

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @cached_property
    def code(self) -> list[str]:
        """The lines without comments and literals."""
        return masked(self.text).splitlines()

    @cached_property
    def declarations(self) -> list[Declaration]:
        return declarations(self.text)

    def finding(self, line: int, rule: Rule, subject: str, message: str) -> Finding:
        return Finding(str(self.path), line, rule, subject, message)


@dataclass(frozen=True)
class Target:
    """A target of Package.swift: a library, an executable, a test or a system library."""

    name: str
    kind: str
    path: str
    targets: frozenset[str] = frozenset()
    """The targets of this package that it depends on."""
    products: frozenset[str] = frozenset()
    """The libraries of other packages that it depends on."""

    @property
    def is_system_library(self) -> bool:
        return self.kind == "system-target"

    @staticmethod
    def described(value: dict[str, Any]) -> "Target":
        """From the JSON of `swift package describe`."""
        return Target(
            value["name"],
            value["type"],
            value["path"],
            frozenset(value.get("target_dependencies", ())),
            frozenset(value.get("product_dependencies", ())),
        )


class Project:
    """The tree at `root`, read once."""

    def __init__(self, root: Path, targets: Iterable[Target]) -> None:
        self.root = root
        self.targets = list(targets)
        self.files = list(_swift_files(root))

    @property
    def sources(self) -> list[SwiftFile]:
        return [file for file in self.files if file.tree == "Sources"]

    @property
    def modules(self) -> list[str]:
        """The folders of Sources, without those that only give a system library a name."""
        folders = [folder for folder in (self.root / "Sources").iterdir() if folder.is_dir()]
        return sorted(folder.name for folder in folders if not (folder / "module.modulemap").exists())


def described_targets(root: Path) -> list[Target]:
    """The targets of the package at `root`, from SwiftPM.

    Raises `CalledProcessError` when SwiftPM fails; it has then explained that on standard error.
    """
    command = ["swift", "package", "--package-path", str(root), "describe", "--type", "json"]
    answer = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return [Target.described(value) for value in json.loads(answer.stdout)["targets"]]


def _swift_files(root: Path) -> Iterator[SwiftFile]:
    for tree in ("Sources", "Tests"):
        for path in sorted((root / tree).rglob("*.swift")):
            if "Fixtures" not in path.parts:
                yield SwiftFile(path.relative_to(root), path.read_text())
