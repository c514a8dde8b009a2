# SPDX-License-Identifier: Apache-2.0
"""Separates Swift code from text that only looks like code: comments, strings, regex literals."""

import re

_SPECIAL = re.compile(r'//|/\*|#*"""|#*"|#+/|[/`()]')
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_BARE_REGEX = re.compile(r"/(?![\s/*])(?:\\.|[^/\\\n])+/")
_BEFORE_REGEX = re.compile(r"(?:[(,=:\[{!&|]|\b(?:return|in|try))\s*$")


def masked(text: str) -> str:
    """The text with comments and literals blanked.

    Line breaks and positions stay, and so does the code in interpolations. A name in backticks may be a whole sentence:
    everything but its letters and digits becomes `_`.
    """
    masker = _Masker(text)
    masker.code()
    return "".join(masker.pieces)


class _Masker:
    """Walks through the text once; everything before `position` is in `pieces`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.pieces: list[str] = []

    def keep(self, end: int) -> None:
        self.pieces.append(self.text[self.position : end])
        self.position = end

    def blank(self, end: int) -> None:
        self.pieces.append(re.sub(r"[^\n]", " ", self.text[self.position : end]))
        self.position = end

    def code(self, *, in_string: bool = False) -> None:
        """Keeps code until the text ends, or the interpolation that begins with the next parenthesis."""
        depth = 0
        while found := _SPECIAL.search(self.text, self.position):
            self.keep(found.start())
            opening = found.group()
            if opening in {"(", ")"}:
                depth += 1 if opening == "(" else -1
                self.keep(found.end())
                if in_string and depth == 0:
                    return
            else:
                self.literal(opening)
        self.keep(len(self.text))

    def literal(self, opening: str) -> None:
        if opening == "//":
            self.blank(self.end_of("\n", self.position, behind=False))
        elif opening == "/*":
            self.blank(self.end_of_comment())
        elif opening == "`":
            end = self.end_of("`", self.position + 1)
            self.pieces.append(re.sub(r"[^\w\n`]", "_", self.text[self.position : end]))
            self.position = end
        elif opening.endswith('"'):
            self.string(opening)
        elif opening != "/":
            self.blank(self.end_of("/" + opening[:-1], self.position + len(opening)))
        elif (regex := _BARE_REGEX.match(self.text, self.position)) and self.may_be_regex():
            self.blank(regex.end())
        else:
            self.keep(self.position + 1)

    def may_be_regex(self) -> bool:
        """Whether a value may begin here; otherwise the slash is an operator."""
        return _BEFORE_REGEX.search(self.text, max(0, self.position - 20), self.position) is not None

    def string(self, opening: str) -> None:
        hashes, quotes = opening.rstrip('"'), opening.lstrip("#")
        line_end = r"|\n" if quotes == '"' else ""
        edge = re.compile(rf"(?P<end>{quotes}{hashes}{line_end})|\\{hashes}(?P<code>\()?")
        self.blank(self.position + len(opening))
        while found := edge.search(self.text, self.position):
            if found["end"]:
                self.blank(found.end())
                return
            if found["code"]:
                self.blank(found.end() - 1)
                self.code(in_string=True)
            else:
                self.blank(min(found.end() + 1, len(self.text)))
        self.blank(len(self.text))

    def end_of(self, closing: str, start: int, *, behind: bool = True) -> int:
        found = self.text.find(closing, start)
        if found < 0:
            return len(self.text)
        return found + len(closing) if behind else found

    def end_of_comment(self) -> int:
        """Comments nest."""
        depth = 0
        for edge in _COMMENT_EDGE.finditer(self.text, self.position):
            depth += 1 if edge.group() == "/*" else -1
            if depth == 0:
                return edge.end()
        return len(self.text)
