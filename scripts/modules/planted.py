# SPDX-License-Identifier: Apache-2.0
"""A small tree without violations, and violations of every rule to plant in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from modules.exceptions import Allowed
from modules.project import Rule, Target
from modules.rules import LICENSE

_TABLE, _MANIFEST = "ARCHITECTURE.md", "Package.swift"
_LOW, _HIGH, _TOP = "Sources/Low/Low.swift", "Sources/High/High.swift", "Sources/Top/Top.swift"
_EXCEPTIONS = "scripts/modules/exceptions.py"


def _library(name: str, *, targets: Sequence[str] = (), products: Sequence[str] = ()) -> list[Target]:
    return [
        Target(name, "library", f"Sources/{name}", frozenset(targets), frozenset(products)),
        Target(f"{name}Tests", "test", f"Tests/{name}Tests", frozenset({name})),
    ]


TARGETS = [
    *_library("Low", products=["Crypto"]),
    *_library("High", targets=["Low"]),
    *_library("CanaryProcesses"),
    *_library("Top", products=["Logging"]),
    *_library("Other", targets=["CZip"], products=["Logging"]),
    Target("CZip", "system-target", "Sources/CZip"),
    Target("program", "executable", "Sources/program", frozenset({"High"})),
]


def _block(opening: str, lines: int) -> str:
    """A declaration of that many lines."""
    return f"{opening} {{\n" + "    // A line.\n" * (lines - 2) + "}\n"


CLEAN_TREE = {
    _TABLE: """
| layer | module | owns | outside libraries | may import |
| --- | --- | --- | --- | --- |
| 0 | `Low` | words, **pure** | `Crypto` | - |
| 1 | `High` | hands, impure | `FoundationNetworking` | `Low` |
| 1 | `CanaryProcesses` | processes | - | - |
| 4 | `Top` | one | `Logging` | - |
| 6 | `Other` | another | `Logging`, `CZip` | - |
| 7 | `program` | the entry point | - | `High` |
""",
    _MANIFEST: "// A line.\n" * 199,
    **{f"Sources/{module}/README.md": "# Module\n" * 10 for module in ("Low", "CanaryProcesses", "Top", "Other")},
    "Sources/High/README.md": "# High\n",
    "Sources/program/README.md": "# program\n",
    "Sources/CZip/module.modulemap": "module CZip [system] {}\n",
    "Sources/CanaryProcesses/Spawn.swift": f"{LICENSE}\n\nlet code = posix_spawn(nil)\n",
    _LOW: f'{LICENSE}\n\nimport Crypto\n\nlet text = "Date() FileManager fork()"  // Date()\n',
    _HIGH: f"{LICENSE}\n\nimport Foundation\nimport FoundationNetworking\npackage import Low\n\nlet now = Date()\n",
    "Sources/High/Tricky.swift": Path(__file__).with_name("Tricky.swift").read_text(),
    _TOP: f"{LICENSE}\n\n" + _block("struct Wide", 249) + _block("func long()", 49),
    "Sources/Top/Extensions.swift": f"{LICENSE}\n\n" + _block("extension String", 300),
    "Sources/Top/Nested.swift": f"{LICENSE}\n\nenum Outer {{\n{_block('enum A', 200)}{_block('enum B', 180)}}}\n",
    "Tests/LowTests/LowTests.swift": f"{LICENSE}\n\n" + _block("func long()", 59) + _block("struct Suite", 500),
}


@dataclass(frozen=True)
class Planted:
    """Text to append to files of the clean tree, and a part of each error that must follow."""

    files: Mapping[str, str]
    expected: tuple[str, ...]
    targets: Sequence[Target] = tuple(TARGETS)
    exceptions: Sequence[Allowed] = ()


def _planted(path: str, text: str, *expected: str) -> Planted:
    return Planted({path: text}, expected)


def _without(name: str, *instead: Target) -> list[Target]:
    return [*(target for target in TARGETS if target.name != name), *instead]


_THE_TABLE = [
    _planted(_TABLE, "| 1 | `Side` | - |\n", "a row of 3 cells; expected five"),
    _planted(_TABLE, "| 1 | `Side` | - | - | - |\n", "no folder `Sources/Side`"),
    _planted(
        _TABLE,
        "| 1 | `Side` | - | `Crypto` | `High` |\n",
        "`Side` may import `High`, which is not in a lower layer",
        "`Crypto` belongs to two modules: `Low`, `Side`",
        "no folder `Sources/Side`",
    ),
    _planted(
        _TABLE,
        "| 3 | `Side` | - | `Logging` | `Odd` |\n",
        "`Side` may import `Odd`, which is not a module",
        "`Side` uses `Logging` in layer 3; only layers 4 to 6 may",
        "no folder `Sources/Side`",
    ),
    _planted("Sources/Odd/Odd.swift", f"{LICENSE}\n", "no row for the module `Odd`"),
    _planted("Sources/Top/README.md", "An eleventh line.\n", "11 lines; the README of a module has at most 10"),
    Planted(
        {_TABLE: "| 1 | `Bare` | - | - | - |\n", "Sources/Bare/Bare.swift": f"{LICENSE}\n"},
        ("no test target `BareTests` for the module `Bare`", "the module `Bare` has no README.md"),
    ),
    Planted(
        {},
        ("the test target `TopTests` is in `Tests/Top`; expected `Tests/TopTests`",),
        targets=_without("TopTests", Target("TopTests", "test", "Tests/Top")),
    ),
]

_THE_MANIFEST = [
    Planted(
        {},
        ("`Top` depends on the module `High`, which", "`Top` may import the library `Logging`, which"),
        targets=_without("Top", Target("Top", "library", "Sources/Top", frozenset({"High"}))),
    ),
    Planted(
        {},
        ("`Low` depends on the library `Yams`, which",),
        targets=_without("Low", Target("Low", "library", "Sources/Low", products=frozenset({"Crypto", "Yams"}))),
    ),
    Planted(
        {},
        ("the target `Odd` has no row",),
        targets=[*TARGETS, Target("Odd", "library", "Sources/Odd")],
    ),
    _planted(_MANIFEST, "// A line.\n", "200 lines; the manifest stays under 200"),
]

_SOURCES = [
    _planted(_LOW, "import High\n", "`Low` imports the module `High`; it may import `Crypto`"),
    _planted(_HIGH, "import Crypto\n", "`High` imports the library `Crypto`"),
    _planted(_HIGH, "import struct Logging.Logger\n", "`High` imports the library `Logging`"),
    _planted(_HIGH, "@testable package import Yams\n", "`High` imports the library `Yams`"),
    _planted(_LOW, "let now = Date()\n", "`Date()`; `Low` is pure"),
    _planted(_LOW, 'let name = "\\(UUID())"\n', "`UUID()`; `Low` is pure"),
    _planted(_LOW, "let files = FileManager.default\n", "`FileManager`; `Low` is pure"),
    _planted(_HIGH, "let code = posix_spawn(nil)\n", "`posix_spawn`; only `CanaryProcesses` starts processes"),
    _planted(_HIGH, "let child = Process()\n", "`Process`; only"),
    _planted(_HIGH, "let child = fork()\n", "`fork`; only"),
    _planted(_HIGH, "let code = execve(nil, nil, nil)\n", "`execve`; only"),
    _planted(_HIGH, "let result = try await Subprocess.run(tool)\n", "`Subprocess.run`; only"),
    _planted(_HIGH, "func shout() { print(1) }\n", "`print`"),
    _planted("Tests/LowTests/New.swift", "import Testing\n", "the first line is not `// SPDX"),
]

_DOC_COMMENTS = [
    _planted(_HIGH, "package func bare() {}\n", "no doc comment on func `bare`"),
    _planted(_HIGH, "/// Far.\n\npackage let far = 1\n", "no doc comment on let `far`"),
    _planted(_HIGH, "extension Int {\n    public init(bare: Void) { self = 0 }\n}\n", "no doc comment on init `init`"),
    _planted(
        _HIGH,
        "// Plain.\n@available(*, deprecated)\n@MainActor static package var `a b`: Int { 1 }\n",
        "no doc comment on var `a b`",
    ),
]

_WORDS = [
    _planted(_HIGH, "// Those for whom it is.\n", "High.swift:8: error: `whom` is not a word"),
    _planted(_HIGH, "let openCourierLists = 1\n", "`Courier` is not a word"),
    _planted("docs/a.md", "Household goods.\n", "docs/a.md:1: error: `Household`"),
]

_WALLS = [
    _planted(_HIGH, "\n" * 400, "a file stays under 400"),
    _planted("Tests/LowTests/LowTests.swift", "\n" * 100, "a file stays under 600"),
    _planted(_HIGH, _block("func long()", 50), "`long` has 50 lines; a function stays under 50"),
    _planted(_HIGH, _block("var long: Int", 50), "`long` has 50 lines"),
    _planted("Tests/HighTests/T.swift", f"{LICENSE}\n" + _block("func long()", 60), "a function stays under 60"),
    _planted(
        _HIGH,
        "func f<K: P<Int, Int>>(\n    a: (K, K), b: (K, Int) -> K = { c, d in c }, c: [K: K],\n    d: Map<K, K>,"
        " e: Int = 1, _ f: @escaping () -> Void,\n    g: [Int] = [1, 2]\n) -> (K, K) { 1 }\n",
        "`f` has 7 parameters; a function takes at most 6",
    ),
    _planted(
        _HIGH,
        "extension Low {\n    init?<T>(a: T, b: T, c: T, d: T, e: T, f: T, g: T,) { nil }\n}\n",
        "`Low.init` has 7 parameters",
    ),
    _planted(
        _HIGH,
        "extension Low {\n    init(\n        a: T, b: T, c: T, d: T, e: T, f: T, g: T\n    ) {\n        self.a = a\n"
        "        start(b, c, d, e, f, g)\n    }\n}\n",
        "`Low.init` has 7 parameters",
    ),
    _planted(
        _HIGH,
        "func deep() {\n    if a { guard b else { switch c { default: do {} catch { d.map { e in e } } } } }\n}\n",
        "High.swift:9: error: `deep` nests 5 blocks; a function nests at most 4",
    ),
    _planted(
        _HIGH,
        "struct Deep {\n    var deep: Int {\n        get {\n"
        "            for a in b { while c { repeat { e({ f { 1 } }) } while g } }\n        }\n    }\n}\n",
        "`Deep.get` nests 5 blocks",
    ),
    _planted(_TOP, "extension Wide {}\n", "`Wide` has 250 lines with its extensions; a type stays under 250"),
    _planted("Sources/Top/Extensions.swift", _block("extension Outer.B", 70), "`Outer.B` has 250 lines"),
    _planted("Sources/Top/Extensions.swift", _block("extension Top.Outer.B", 70), "`Outer.B` has 250 lines"),
    Planted(
        {f"Sources/Other/File{number}.swift": f"{LICENSE}\n" + "\n" * 249 for number in range(20)},
        ("Sources/Other:1: error: `Other` has 5000 lines; a module stays under 5000",),
    ),
]

_LONG = Allowed(_HIGH, Rule.FUNCTION, "long", reason="it is a test")
_THE_EXCEPTIONS = [
    Planted({_HIGH: _block("func long()", 50)}, (), exceptions=[_LONG]),
    Planted({}, (f"{_EXCEPTIONS}:1: error: the exception of `long` in",), exceptions=[_LONG]),
    Planted(
        {_HIGH: _block("func long()", 50)},
        ("has no reason",),
        exceptions=[Allowed(_HIGH, Rule.FUNCTION, "long", reason="")],
    ),
    Planted({_HIGH: _block("func long()", 50)}, ("6 exceptions; at most 5",), exceptions=[_LONG] * 6),
]

PLANTED = [
    Planted({}, ()),
    *_THE_TABLE,
    *_THE_MANIFEST,
    *_SOURCES,
    *_DOC_COMMENTS,
    *_WALLS,
    *_WORDS,
    *_THE_EXCEPTIONS,
]
