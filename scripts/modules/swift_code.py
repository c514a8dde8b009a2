# SPDX-License-Identifier: Apache-2.0
"""Finds the declarations of a Swift file: where they begin and end, how many parameters they have, how deep they nest.

This is not a compiler: it reads words and brackets, and relies on the spaces and line breaks of `swift format`.
"""

import re
from dataclasses import dataclass

from modules.swift_text import masked
from modules.swift_tokens import CLOSING, Token, beginning, parameter_count, tokens

TYPES = frozenset({"struct", "class", "enum", "actor", "protocol"})
FUNCTIONS = frozenset({"func", "init", "deinit", "subscript"})
_VALUES = frozenset({"var", "let", "typealias"})
_ACCESSORS = frozenset({"get", "set", "willSet", "didSet", "_read", "_modify"})
_OBSERVERS = frozenset({"willSet", "didSet"})
# When a statement begins, the declaration before it had no body.
_STATEMENTS = frozenset(
    {"if", "guard", "for", "while", "switch", "do", "repeat", "defer", "return", "import", "case", "associatedtype"}
)
# After these a type continues on the next line.
_JOINERS = frozenset({":", ",", "->", "&", "=", "."})


@dataclass(eq=False)
class Declaration:
    """A declaration; or the file as a whole, with an empty keyword."""

    keyword: str
    name: str
    start: int
    line: int
    first_line: int
    """The line of its first attribute or modifier."""
    is_exposed: bool
    parent: "Declaration | None"
    parameters: int = 0
    header: frozenset[str] = frozenset()
    """The words between its keyword and its body."""
    end: int = 0
    """The line of its closing brace; 0 without a body."""
    deepest: tuple[int, int] = (0, 0)
    """The most blocks and closures that are open at once in it, and the line of the innermost."""
    is_assigned: bool = False
    """Whether `=` follows: braces after it are a value's, unless they hold observers."""

    @property
    def lines(self) -> int:
        return self.end - self.line + 1 if self.end else 0

    @property
    def is_part_of_type(self) -> bool:
        """Whether it is a type or an extension."""
        return self.keyword in TYPES or self.keyword == "extension"

    @property
    def enclosing_type(self) -> "Declaration | None":
        """The nearest type or extension around it."""
        outer = self.parent
        while outer and not outer.is_part_of_type:
            outer = outer.parent
        return outer

    @property
    def full_name(self) -> str:
        """Its name after those of the types around it."""
        outer = self.enclosing_type
        return f"{outer.full_name}.{self.name}" if outer else self.name


def declarations(text: str) -> list[Declaration]:
    """The file itself, then all declarations in their order."""
    return _Parser(text).parse()


@dataclass
class _Frame:
    """An open bracket: whose code is inside, and in how many blocks."""

    owner: Declaration
    depth: int
    is_code: bool
    body_of: Declaration | None = None
    """The declaration that it ends."""
    pending: Declaration | None = None
    """The declaration whose body may follow."""


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.code = masked(text)
        self.tokens = tokens(self.code)
        file = Declaration("", "the file", 0, 1, 1, is_exposed=False, parent=None)
        self.found = [file]
        self.frames = [_Frame(file, 0, is_code=True)]

    def parse(self) -> list[Declaration]:
        for index, token in enumerate(self.tokens):
            if token.text in CLOSING:
                self.open(index)
            elif token.text in CLOSING.values():
                self.close(token)
            elif self.frames[-1].is_code:
                self.word(index)
        return self.found

    def text_at(self, index: int) -> str:
        return self.tokens[index].text if 0 <= index < len(self.tokens) else ""

    # --- brackets -----------------------------------------------------------------------------------------------------

    def open(self, index: int) -> None:
        frame, token = self.frames[-1], self.tokens[index]
        if token.text != "{":
            self.frames.append(_Frame(frame.owner, frame.depth, is_code=False))
        elif (declared := frame.pending) and self.is_body(declared, index):
            frame.pending = None
            self.frames.append(_Frame(declared, 0, is_code=True, body_of=declared))
            declared.header = frozenset(re.findall(r"\w+", self.code[declared.start : token.start]))
        else:
            depth = frame.depth + 1
            frame.owner.deepest = max(frame.owner.deepest, (depth, token.line), key=lambda deepest: deepest[0])
            self.frames.append(_Frame(frame.owner, depth, is_code=True))

    def is_body(self, declared: Declaration, index: int) -> bool:
        return not declared.is_assigned or self.text_at(index + 1) in _OBSERVERS

    def close(self, token: Token) -> None:
        if len(self.frames) > 1:
            frame = self.frames.pop()
            if frame.body_of:
                frame.body_of.end = token.line

    # --- words --------------------------------------------------------------------------------------------------------

    def word(self, index: int) -> None:
        frame, token, before = self.frames[-1], self.tokens[index], self.text_at(index - 1)
        is_label = self.text_at(index + 1) == ":"
        if is_label or before == "import" or (before.endswith(".") and not before.endswith("..")):
            return
        if self.is_declaration(index):
            declared = self.declaration(index)
            self.found.append(declared)
            frame.pending = None if token.text in {"let", "typealias"} else declared
        elif token.text in _STATEMENTS:
            frame.pending = None
        elif frame.pending and frame.pending.keyword == "var":
            if token.line > self.tokens[index - 1].line and before not in _JOINERS:
                frame.pending = None
            elif token.text == "=":
                frame.pending.is_assigned = True

    def is_declaration(self, index: int) -> bool:
        keyword, second = self.tokens[index].text, self.text_at(index + 2)
        if keyword in TYPES:
            return second[:1] in {"{", ":", "<"} or second == "where"
        if keyword in _VALUES:
            return self.text_at(index - 1) not in {"if", "guard", "while", "for", "case", ","}
        if keyword in _ACCESSORS:
            frame = self.frames[-1]
            is_property = frame.body_of is not None and frame.body_of.keyword in {"var", "subscript"}
            return is_property and self.text_at(index + 1) in {"{", "(", "async", "throws"}
        return keyword in FUNCTIONS or keyword == "extension"

    def declaration(self, index: int) -> Declaration:
        token = self.tokens[index]
        after_name = index + 2 if token.text == "func" else index + 1
        first, is_exposed = beginning(self.tokens, index)
        return Declaration(
            token.text,
            self.name(index),
            token.start,
            token.line,
            self.tokens[first].line,
            is_exposed,
            parent=self.frames[-1].owner,
            parameters=parameter_count(self.tokens, after_name) if token.text in FUNCTIONS else 0,
        )

    def name(self, index: int) -> str:
        keyword = self.text_at(index)
        if keyword in {"init", "deinit", "subscript"} | _ACCESSORS or index + 1 >= len(self.tokens):
            return keyword
        token = self.tokens[index + 1]
        name = self.text[token.start : token.start + len(token.text)].strip("`")
        index += 2
        while keyword == "extension" and self.text_at(index) == ".":
            name += "." + self.text_at(index + 1).strip("`")
            index += 2
        return name
