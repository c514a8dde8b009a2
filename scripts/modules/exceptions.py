# SPDX-License-Identifier: Apache-2.0
"""Violations that are accepted, and why. The list should be empty."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from modules.project import Finding, Rule

MOST = 5
_PATH = "scripts/modules/exceptions.py"


@dataclass(frozen=True)
class Allowed:
    """An accepted violation: its file, its rule, and the name of what violates it."""

    path: str
    rule: Rule
    subject: str
    reason: str

    def covers(self, finding: Finding) -> bool:
        return (self.path, self.rule, self.subject) == (finding.path, finding.rule, finding.subject)


EXCEPTIONS: tuple[Allowed, ...] = ()


def without_exceptions(findings: Iterable[Finding], exceptions: Sequence[Allowed]) -> list[Finding]:
    """The findings that no exception covers, and what is wrong with the exceptions themselves."""
    found = list(findings)
    left = [finding for finding in found if not any(allowed.covers(finding) for allowed in exceptions)]
    return left + list(_check_exceptions(found, exceptions))


def _check_exceptions(found: list[Finding], exceptions: Sequence[Allowed]) -> Iterator[Finding]:
    if len(exceptions) > MOST:
        yield _finding("list", f"{len(exceptions)} exceptions; at most {MOST}")
    for allowed in exceptions:
        what = f"the exception of `{allowed.subject}` in `{allowed.path}` from the rule `{allowed.rule}`"
        if not allowed.reason:
            yield _finding(allowed.subject, f"{what} has no reason")
        if not any(allowed.covers(finding) for finding in found):
            yield _finding(allowed.subject, f"{what} is no longer needed; hint: remove it")


def _finding(subject: str, message: str) -> Finding:
    return Finding(_PATH, 1, Rule.EXCEPTION, subject, message)
