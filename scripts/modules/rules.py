# SPDX-License-Identifier: Apache-2.0
"""What a source file may say: imports, side effects, doc comments."""

import re
from collections.abc import Iterator

from modules.project import Finding, Project, Rule, SwiftFile
from modules.swift_code import FUNCTIONS, TYPES, Declaration
from modules.table import Module, Table

LICENSE = "// SPDX-License-Identifier: Apache-2.0"
PROCESSES = "CanaryProcesses"
# Part of Swift itself, allowed everywhere.
STANDARD = frozenset(
    {"Dispatch", "Foundation", "FoundationEssentials", "Glibc", "Musl", "RegexBuilder", "Swift", "Synchronization"}
)
_IMPORT = re.compile(
    r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?"
    r"import\s+(?:(?:struct|class|enum|protocol|typealias|func|let|var)\s+)?(\w+)"
)
_IMPURE = re.compile(
    r"\bDate\(\)|\bDate\.now\b|\bDate\(timeIntervalSinceNow|\bFileManager\b|\bProcessInfo\b|\bUUID\(\)|\.random\w*\("
    r"|\bSystemRandomNumberGenerator\b|\b(?:Continuous|Suspending)Clock\b"
)
_PROCESS = re.compile(
    r"\bposix_spawn\w*|\bProcess(?=\()|\bSubprocess\.run\b"
    r"|(?<!\.)(?<!func )\b(?:v?fork|f?exec(?:v|ve|vp|vpe|l|le|lp)|popen|system)(?=\()"
)
_PRINT = re.compile(r"(?<![\w.])(?<!func )print\(")
_DOCUMENTED = TYPES | FUNCTIONS | {"var", "let", "typealias"}
# Requirements of protocols of Swift; those of our own protocols are read from their declarations.
_WITNESSES = frozenset({"description", "debugDescription", "errorDescription", "==", "<", "<=", ">", ">="}) | {
    "hash",
    "encode",
    "CodingKeys",
    "allCases",
    "rawValue",
    "makeIterator",
    "makeAsyncIterator",
    "next",
}
_VERB_WITNESSES = frozenset({"configuration", "run", "validate", "body"})
_PLAIN_INIT = re.compile(r"init\(\)\s*\{\s*\}|init\(from \w+")


def check_sources(project: Project, table: Table) -> Iterator[Finding]:
    """All rules on all files."""
    required = _requirements(project)
    for file in project.files:
        if not file.lines or file.lines[0] != LICENSE:
            yield file.finding(1, Rule.LICENSE, "license", f"the first line is not `{LICENSE}`")
        if file.tree == "Sources":
            if module := table.get(file.module):
                yield from _check_imports(file, module, table)
            yield from _check_effects(file, table.get(file.module))
            yield from _check_documentation(file, required)


def _check_imports(file: SwiftFile, module: Module, table: Table) -> Iterator[Finding]:
    allowed = module.imports | module.libraries
    for number, line in enumerate(file.code, 1):
        found = _IMPORT.match(line)
        if found and (name := found[1]) not in STANDARD | allowed:
            may = ", ".join(f"`{other}`" for other in sorted(allowed)) or "nothing"
            kind = "module" if name in table else "library"
            message = f"`{module.name}` imports the {kind} `{name}`; it may import {may}"
            yield file.finding(number, Rule.IMPORT, name, message)


def _check_effects(file: SwiftFile, module: Module | None) -> Iterator[Finding]:
    is_pure = module is not None and module.is_pure
    for number, line in enumerate(file.code, 1):
        if is_pure and (found := _IMPURE.search(line)):
            message = f"`{found[0]}`; `{file.module}` is pure: no clock, no randomness, no files"
            yield file.finding(number, Rule.PURE, found[0], message)
        if file.module != PROCESSES and (found := _PROCESS.search(line)):
            message = f"`{found[0]}`; only `{PROCESSES}` starts processes"
            yield file.finding(number, Rule.PROCESS, found[0], message)
        if file.path.name != "Console.swift" and _PRINT.search(line):
            message = "`print`; results go through the verb's output, all else is returned"
            yield file.finding(number, Rule.PRINT, "print", message)


# --- doc comments -----------------------------------------------------------------------------------------------------


def _requirements(project: Project) -> dict[str, frozenset[str]]:
    """The names of the requirements of each of our protocols."""
    members: dict[str, set[str]] = {}
    for file in project.files:
        for declared in file.declarations:
            if declared.parent and declared.parent.keyword == "protocol":
                members.setdefault(declared.parent.name, set()).add(declared.name)
    return {protocol: frozenset(names) for protocol, names in members.items()}


def _check_documentation(file: SwiftFile, required: dict[str, frozenset[str]]) -> Iterator[Finding]:
    conformed = frozenset[str]().union(*(declared.header for declared in file.declarations if declared.is_part_of_type))
    witnesses = _WITNESSES.union(*(required.get(protocol, ()) for protocol in conformed))
    if file.module == "CanaryCommands":
        witnesses |= _VERB_WITNESSES
    for declared in file.declarations:
        if declared.is_exposed and declared.name not in witnesses and not _is_documented(declared, file):
            message = f"no doc comment on {declared.keyword} `{declared.name}`"
            yield file.finding(declared.line, Rule.DOCUMENTATION, declared.name, message)


def _is_documented(declared: Declaration, file: SwiftFile) -> bool:
    """Whether it has a `///` comment right above it, or needs none."""
    if declared.keyword not in _DOCUMENTED or _PLAIN_INIT.match(file.text, declared.start):
        return True
    return declared.first_line > 1 and file.lines[declared.first_line - 2].lstrip().startswith("///")
