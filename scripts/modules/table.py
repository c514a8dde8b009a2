# SPDX-License-Identifier: Apache-2.0
"""The table of ARCHITECTURE.md: `layer | module | owns | outside libraries | may import`.

Only words in backticks count, and the word `pure` in the third cell. Folders, README files, test targets and
Package.swift are checked against the table.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from modules.project import Finding, Project, Rule, Target

DOCUMENT = "ARCHITECTURE.md"
README_LINES = 10
# Modules of the toolchain that bring a system library with them: listed in the table, not in Package.swift.
OF_THE_TOOLCHAIN = frozenset({"FoundationNetworking"})
# Libraries that several modules may use, and in which layers.
SHARED = {"Logging": range(4, 7)}
_ROW = re.compile(r"^\|\s*(\d+)\s*\|")


@dataclass(frozen=True)
class Module:
    """A row."""

    name: str
    layer: int
    is_pure: bool
    libraries: frozenset[str]
    imports: frozenset[str]
    """The modules that it may import."""
    line: int

    def finding(self, message: str, rule: Rule = Rule.TABLE) -> Finding:
        return Finding(DOCUMENT, self.line, rule, self.name, message)


Table = dict[str, Module]


def read_table(project: Project) -> tuple[Table, list[Finding]]:
    """The rows by module, and what is wrong with malformed rows."""
    table: Table = {}
    findings = []
    for number, line in enumerate((project.root / DOCUMENT).read_text().splitlines(), 1):
        if not _ROW.match(line):
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        names = [re.findall(r"`([^`]+)`", cell) for cell in cells]
        if len(cells) != 5 or len(names[1]) != 1:
            message = f"a row of {len(cells)} cells; expected five, the second with one module in backticks"
            findings.append(Finding(DOCUMENT, number, Rule.TABLE, "row", message))
            continue
        name = names[1][0]
        is_pure = re.search(r"\bpure\b", cells[2]) is not None
        table[name] = Module(name, int(cells[0]), is_pure, frozenset(names[3]), frozenset(names[4]), number)
    return table, findings


def check_table(project: Project, table: Table) -> Iterator[Finding]:
    """Imports go down only, a library belongs to one module, every module has a row, a folder, a README and tests."""
    yield from _check_layers(table)
    yield from _check_libraries(table)
    for name in project.modules:
        if name not in table:
            yield Finding(DOCUMENT, 1, Rule.TABLE, name, f"no row for the module `{name}`")
    for name, module in table.items():
        if name not in project.modules:
            yield module.finding(f"no folder `Sources/{name}`")
        else:
            yield from _check_readme(project, name)
            yield from _check_tests(project, module)


def _check_layers(table: Table) -> Iterator[Finding]:
    for module in table.values():
        for other in sorted(module.imports):
            if other not in table:
                yield module.finding(f"`{module.name}` may import `{other}`, which is not a module")
            elif table[other].layer >= module.layer:
                yield module.finding(f"`{module.name}` may import `{other}`, which is not in a lower layer")


def _check_libraries(table: Table) -> Iterator[Finding]:
    owners: dict[str, str] = {}
    for module in table.values():
        for library in sorted(module.libraries):
            layers = SHARED.get(library)
            if layers is None:
                first = owners.setdefault(library, module.name)
                if first != module.name:
                    yield module.finding(f"`{library}` belongs to two modules: `{first}`, `{module.name}`")
            elif module.layer not in layers:
                allowed = f"only layers {layers.start} to {layers.stop - 1} may"
                yield module.finding(f"`{module.name}` uses `{library}` in layer {module.layer}; {allowed}")


def _check_readme(project: Project, name: str) -> Iterator[Finding]:
    path = f"Sources/{name}/README.md"
    if not (project.root / path).is_file():
        yield Finding(path, 1, Rule.README, name, f"the module `{name}` has no README.md")
        return
    lines = len((project.root / path).read_text().splitlines())
    if lines > README_LINES:
        message = f"{lines} lines; the README of a module has at most {README_LINES}"
        yield Finding(path, lines, Rule.README, name, message)


def _check_tests(project: Project, module: Module) -> Iterator[Finding]:
    """Every module but an executable has a test target of its name."""
    target = next((target for target in project.targets if target.name == module.name), None)
    if target and target.kind == "executable":
        return
    name = f"{module.name}Tests"
    tests = next((target for target in project.targets if target.name == name and target.kind == "test"), None)
    if tests is None:
        yield module.finding(f"no test target `{name}` for the module `{module.name}`", Rule.TESTS)
    elif tests.path != f"Tests/{name}":
        yield module.finding(f"the test target `{name}` is in `{tests.path}`; expected `Tests/{name}`", Rule.TESTS)


def check_targets(project: Project, table: Table) -> Iterator[Finding]:
    """Package.swift declares what the table says, no more and no less."""
    system = frozenset(target.name for target in project.targets if target.is_system_library)
    for target in project.targets:
        if target.kind == "test" or target.is_system_library or not target.path.startswith("Sources/"):
            continue
        if module := table.get(target.name):
            yield from _check_dependencies(target, module, system)
        else:
            message = f"the target `{target.name}` has no row in {DOCUMENT}"
            yield Finding("Package.swift", 1, Rule.MANIFEST, target.name, message)


def _check_dependencies(target: Target, module: Module, system: frozenset[str]) -> Iterator[Finding]:
    name = target.name
    for kind, declared, allowed in (
        ("module", target.targets - system, module.imports),
        ("library", target.products | target.targets & system, module.libraries - OF_THE_TOOLCHAIN),
    ):
        for extra in sorted(declared - allowed):
            message = f"`{name}` depends on the {kind} `{extra}`, which {DOCUMENT} does not allow"
            yield Finding("Package.swift", 1, Rule.MANIFEST, name, message)
        for missing in sorted(allowed - declared):
            yield module.finding(f"`{name}` may import the {kind} `{missing}`, which Package.swift does not declare")
