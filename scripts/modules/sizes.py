# SPDX-License-Identifier: Apache-2.0
"""The sizes of every module, as a table."""

from collections.abc import Iterable, Iterator

from modules.project import Project, SwiftFile
from modules.swift_code import FUNCTIONS, TYPES, Declaration
from modules.walls import TypeSize, type_sizes

_Row = tuple[str, ...]
_HEADER: tuple[_Row, _Row] = (
    ("module", "lines", "files", "types", "package", "file lines", "function lines", "largest type"),
    ("", "", "", "", "+public", "p50 / p95 / max", "p50 / p95 / max", "with its extensions"),
)


def sizes_table(project: Project) -> str:
    """A row for each module and one for all of them; lines as median, 95th percentile and maximum."""
    types = type_sizes(project)
    rows = [*_HEADER]
    for module in project.modules:
        files = [file for file in project.sources if file.module == module]
        rows.append(_row(module, files, types.get(module, [])))
    rows.append(_row("all", project.sources, [size for sizes in types.values() for size in sizes]))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(_line(row, widths) for row in rows)


def _row(name: str, files: list[SwiftFile], types: list[TypeSize]) -> _Row:
    lines = [len(file.lines) for file in files]
    declared = [declared for file in files for declared in file.declarations]
    largest = max(types, key=lambda size: size.lines, default=None)
    return (
        name,
        str(sum(lines)),
        str(len(files)),
        str(sum(declaration.keyword in TYPES for declaration in declared)),
        str(sum(declaration.is_exposed for declaration in declared)),
        _spread(lines),
        _spread(_function_lines(declared)),
        f"{largest.name} {largest.lines}" if largest else "-",
    )


def _function_lines(declared: Iterable[Declaration]) -> Iterator[int]:
    return (declaration.lines for declaration in declared if declaration.keyword in FUNCTIONS and declaration.end)


def _spread(values: Iterable[int]) -> str:
    ordered = sorted(values)
    if not ordered:
        return "-"
    last = len(ordered) - 1
    return " / ".join(f"{ordered[index]:>3}" for index in (last // 2, round(last * 0.95), last))


def _line(row: _Row, widths: list[int]) -> str:
    """The first and the last column are aligned to the left, numbers to the right."""
    first, *middle, last = row
    numbers = [cell.rjust(width) for cell, width in zip(middle, widths[1:-1], strict=True)]
    return "  ".join([first.ljust(widths[0]), *numbers, last])
