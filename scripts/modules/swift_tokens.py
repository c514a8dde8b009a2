# SPDX-License-Identifier: Apache-2.0
"""The words of Swift code, and what can be read around one of them: the modifiers before, the parameters after."""

import re
from collections.abc import Sequence
from typing import NamedTuple

CLOSING = {"(": ")", "[": "]", "{": "}"}
_EXPOSING = frozenset({"package", "public", "open"})
_ACCESS = _EXPOSING | {"internal", "fileprivate", "private"}
_MODIFIERS = (
    _ACCESS
    | {"static", "class", "final", "override", "required", "convenience", "mutating", "nonmutating", "indirect"}
    | {"weak", "unowned", "lazy", "dynamic", "nonisolated", "isolated", "distributed", "consuming", "borrowing"}
    | {"prefix", "postfix", "infix"}
)
_TOKEN = re.compile(r"`[^`]*`|[@#]?\w+|->|[-+*/%=<>!&|^~?.]+|[^\s\w]")


class Token(NamedTuple):
    """A word, an operator or a bracket."""

    text: str
    start: int
    line: int
    is_spaced: bool


def tokens(code: str) -> list[Token]:
    """The words of code without comments and literals."""
    found, line, seen = [], 1, 0
    for match in _TOKEN.finditer(code):
        line += code.count("\n", seen, match.start())
        found.append(Token(match.group(), match.start(), line, code[match.start() - 1 : match.start()].isspace()))
        seen = match.start()
    return found


def beginning(found: Sequence[Token], index: int) -> tuple[int, bool]:
    """Where the declaration of the keyword at `index` begins, with its attributes and modifiers.

    Also whether one of them shows it outside of its module.
    """
    is_exposed = False
    while index > 0:
        before = found[index - 1].text
        if before in _MODIFIERS or before.startswith("@"):
            is_exposed |= before in _EXPOSING
            index -= 1
        elif before == ")" and (start := _start_of_modifier(found, index - 1)) is not None:
            index = start
        else:
            break
    return index, is_exposed


def _start_of_modifier(found: Sequence[Token], index: int) -> int | None:
    """The index of the modifier or attribute whose arguments end at `index`; `None` when something else ends there."""
    depth = 0
    while index > 0:
        depth += {")": 1, "(": -1}.get(found[index].text, 0)
        index -= 1
        if depth == 0:
            word = found[index].text
            return index if word.startswith("@") or word in _ACCESS | {"nonisolated", "unowned"} else None
    return None


def parameter_count(found: Sequence[Token], index: int) -> int:
    """How many parameters a function has whose name ends before `index`.

    The list is the first `(...)` outside of `<...>`.
    """
    depth = 0
    for place in range(index, len(found)):
        text = found[place].text
        if text == "{":
            return 0
        if text == "(" and depth == 0:
            return _item_count(found, place)
        if text != "->":
            depth += text.count("<") - text.count(">")
    return 0


def _item_count(found: Sequence[Token], opening: int) -> int:
    """How many items the list has that opens at `opening`; its last comma may be followed by none."""
    depth = count = 0
    is_filled = False
    for index in range(opening + 1, len(found)):
        token = found[index]
        if depth == 0 and token.text in {",", ")"}:
            count += is_filled
            is_filled = False
            if token.text == ")":
                break
        else:
            is_filled = True
            depth += _depth_change(token)
    return count


def _depth_change(token: Token) -> int:
    """By how much a token opens or closes brackets; `<` is a bracket after a name and an operator after a space."""
    if token.text in CLOSING:
        return 1
    if token.text in CLOSING.values():
        return -1
    if token.is_spaced or token.text == "->":
        return 0
    return token.text.count("<") - token.text.count(">")
