# SPDX-License-Identifier: Apache-2.0
"""All rules together."""

from collections.abc import Sequence

from modules.exceptions import EXCEPTIONS, Allowed, without_exceptions
from modules.project import Finding, Project
from modules.rules import check_sources
from modules.table import check_table, check_targets, read_table
from modules.walls import check_walls
from modules.words import check_words


def check(project: Project, exceptions: Sequence[Allowed] = EXCEPTIONS) -> list[Finding]:
    """What is found, in the order of files and lines."""
    table, malformed = read_table(project)
    findings = [
        *malformed,
        *check_table(project, table),
        *check_targets(project, table),
        *check_sources(project, table),
        *check_walls(project),
        *check_words(project),
    ]
    return sorted(without_exceptions(findings, exceptions), key=lambda finding: (finding.path, finding.line))
