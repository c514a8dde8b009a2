# SPDX-License-Identifier: Apache-2.0
"""The walls of CONTRIBUTING.md: how large files, functions, types, modules and the manifest may be.

A line is any line between the first and the last, blank ones and comments too.

- A function, initialiser, subscript or computed property reaches from its keyword to its closing brace. Parameters are
  those of its own list, not those of closures that it takes. An initialiser that only assigns properties, one statement
  for each, shows the shape of its value: its parameters are not counted.
- Nesting is how many blocks are open at once in a function or accessor: those of `if`, `else`, `guard`, `for`, `while`,
  `repeat`, `switch`, `do`, `catch`, `defer`, and closures. A `case` opens none; a local function or type starts at 0.
- A type has the lines of its declaration and of all its extensions in one module. The lines of a nested type are its
  own and do not count for the outer type. Extensions of types that no module of ours declares are not counted.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from modules.project import Finding, Project, Rule, SwiftFile
from modules.swift_code import FUNCTIONS, Declaration

FILE_LINES = {"Sources": 400, "Tests": 600}
FUNCTION_LINES = {"Sources": 50, "Tests": 60}
PARAMETERS = 6
NESTING = 4
TYPE_LINES = 250
MODULE_LINES = 5000
MANIFEST_LINES = 200
ASSIGNMENT = re.compile(r"(?:self\.)?\w+ = ")


def check_walls(project: Project) -> Iterator[Finding]:
    """All walls on all files."""
    for file in project.files:
        yield from _check_file(file)
    yield from _check_types(project)
    yield from _check_modules(project)
    manifest = len((project.root / "Package.swift").read_text().splitlines())
    if manifest >= MANIFEST_LINES:
        message = f"{manifest} lines; the manifest stays under {MANIFEST_LINES}"
        yield Finding("Package.swift", manifest, Rule.MANIFEST, "Package.swift", message)


def _check_file(file: SwiftFile) -> Iterator[Finding]:
    lines = len(file.lines)
    if lines >= FILE_LINES[file.tree]:
        message = f"{lines} lines; a file stays under {FILE_LINES[file.tree]}"
        yield file.finding(lines, Rule.FILE, file.path.name, message)
    for declared in file.declarations:
        yield from _check_declaration(file, declared)


def _check_declaration(file: SwiftFile, declared: Declaration) -> Iterator[Finding]:
    name, limit = declared.full_name, FUNCTION_LINES[file.tree]
    if declared.keyword in FUNCTIONS | {"var"} and declared.lines >= limit:
        message = f"`{name}` has {declared.lines} lines; a function stays under {limit}"
        yield file.finding(declared.line, Rule.FUNCTION, name, message)
    if declared.parameters > PARAMETERS and not _only_assigns(file, declared):
        message = f"`{name}` has {declared.parameters} parameters; a function takes at most {PARAMETERS}"
        yield file.finding(declared.line, Rule.PARAMETERS, name, message)
    depth, line = declared.deepest
    if depth > NESTING:
        message = f"`{name}` nests {depth} blocks; a function nests at most {NESTING}"
        yield file.finding(line, Rule.NESTING, name, message)


def _only_assigns(file: SwiftFile, declared: Declaration) -> bool:
    """Whether it is an initialiser whose body is nothing but assignments to its properties."""
    if declared.keyword != "init":
        return False
    lines = file.code[declared.line - 1 : declared.end - 1]
    opening = next((number for number, line in enumerate(lines) if line.rstrip().endswith("{")), len(lines))
    body = [line for line in lines[opening + 1 :] if line.strip()]
    if not body:
        return False
    indent = min(len(line) - len(line.lstrip()) for line in body)
    statements = [line.strip() for line in body if len(line) - len(line.lstrip()) == indent]
    return all(ASSIGNMENT.match(statement) or statement[0] in ")]}" for statement in statements)


def _check_modules(project: Project) -> Iterator[Finding]:
    for module in project.modules:
        lines = sum(len(file.lines) for file in project.sources if file.module == module)
        if lines >= MODULE_LINES:
            message = f"`{module}` has {lines} lines; a module stays under {MODULE_LINES}"
            yield Finding(f"Sources/{module}", 1, Rule.MODULE, module, message)


# --- types ------------------------------------------------------------------------------------------------------------


@dataclass
class TypeSize:
    """A type of ours as one module sees it: its declaration there, if any, and its extensions."""

    name: str
    file: SwiftFile
    """Where it is declared; else where its first extension is."""
    declaration: Declaration
    lines: int = 0


def type_sizes(project: Project) -> dict[str, list[TypeSize]]:
    """The types of ours that a module declares or extends, by module; largest first."""
    sizes: dict[tuple[str, str], TypeSize] = {}
    parts = [(file, part) for file in project.sources for part in file.declarations if part.is_part_of_type]
    for file, part in sorted(parts, key=lambda found: found[1].keyword == "extension"):
        name = _unqualified(part.full_name, project)
        sizes.setdefault((file.module, name), TypeSize(name, file, part)).lines += _own_lines(file, part)
    ours = {size.name for size in sizes.values() if size.declaration.keyword != "extension"}
    by_module: dict[str, list[TypeSize]] = {}
    for (module, name), size in sizes.items():
        if name in ours:
            by_module.setdefault(module, []).append(size)
    return {module: sorted(found, key=lambda size: -size.lines) for module, found in by_module.items()}


def _own_lines(file: SwiftFile, part: Declaration) -> int:
    """Without the lines of the types within."""
    return part.lines - sum(
        nested.lines for nested in file.declarations if nested.is_part_of_type and nested.enclosing_type is part
    )


def _unqualified(name: str, project: Project) -> str:
    """The name without the module before it."""
    module, _, rest = name.partition(".")
    return rest if rest and module in project.modules else name


def _check_types(project: Project) -> Iterator[Finding]:
    for sizes in type_sizes(project).values():
        for size in sizes:
            if size.lines >= TYPE_LINES:
                message = f"`{size.name}` has {size.lines} lines with its extensions; a type stays under {TYPE_LINES}"
                yield size.file.finding(size.declaration.line, Rule.TYPE, size.name, message)
