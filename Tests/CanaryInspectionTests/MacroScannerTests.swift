// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import CanaryInspection

@Suite("MacroScanner") struct MacroScannerTests {
    private func macros(_ text: String) -> [String] {
        text.withCString { MacroScanner.macros(in: $0) }.map {
            $0.definition.isEmpty ? $0.name : "\($0.name)=\($0.definition)"
        }
    }

    @Test(arguments: [
        ("#define A", ["A"]),
        ("  #  define\tA  1   2\n", ["A=1 2"]),
        ("/* x */ #define A 1", ["A=1"]),
        ("\u{FEFF}#define A 1", ["A=1"]),
        ("#define A(x, y) (x) + (y)\n", ["A=(x, y) (x) + (y)"]),
        ("#define A 1 /* one\n more */ + 2 // end\n#define B", ["A=1 + 2", "B"]),
        ("#define A \\\n  1 \\\r\n + 2 \\  \n + 3\nint x;", ["A=1 + 2 + 3"]),
        ("#define \\\n A 1", ["A=1"]),
        ("#define A \"//x\" '\"' \"a\\\"/*\"\n#define B", ["A=\"//x\" '\"' \"a\\\"/*\"", "B"]),
        ("#if X\n#define A 1\n#else\n#define A 2\n#endif\n", ["A=1", "A=2"]),
    ])
    func `definitions are read in all branches, comments and blanks apart`(_ text: String, _ expected: [String]) {
        #expect(macros(text) == expected)
    }

    @Test(arguments: [
        "// #define A\n", "// x \\\n#define A\n", "/*\n#define A\n*/", "/*\n#define A\n", "x #define A\n",
        "const char *s = \"\\\n#define A\\\n\";", "auto s = R\"x(\n#define A\n)\" )x\";", "#define 1A", "#define",
        "#defined A",
        "#\n", "'", "\"", "/", "",
    ])
    func `what only looks like a definition is none`(_ text: String) {
        #expect(macros(text) == [])
    }

    @Test(arguments: ["int n = 1'000'000;", "auto q = '\"';", "#error don't\n", "// it's\n", "char c = '\\'';"])
    func `quotes of all uses do not hide what follows`(_ text: String) {
        #expect(macros("\(text)\n#define A 1\n") == ["A=1"])
    }

    @Test(arguments: [
        "#ifndef G\n#define G\n#define A 1\n#endif\n",
        "// c\n#ifndef G /* c */\n# define G 1\n#define A 1\n#endif // G\n\n",
        "#pragma once\n#if !defined(G)\n#define G\n#if X\n#else\n#define A 1\n#endif\n#endif /* G */",
        "#if ! defined G\n#define G\n#pragma x\n#define A 1\nint f();\n#endif G\n",
    ])
    func `a macro that only guards its header is left out`(_ text: String) {
        #expect(macros(text) == ["A=1"])
    }

    @Test(arguments: [
        "#ifndef G\n#define G\n#endif\nint f();\n", "#ifndef G\n#define G\n#endif\n#include <a.h>\n",
        "int f();\n#ifndef G\n#define G\n#endif\n", "#ifndef G\n#define G\n#else\n#endif\n", "#ifndef G\n#define G\n",
        "#include <a.h>\n#ifndef G\n#define G\n#endif\n", "#ifndef H\n#endif\n#ifndef G\n#define G\n#endif",
        "#ifdef G\n#define G\n#endif\n",
    ])
    func `a macro that others can ask for is none`(_ text: String) {
        #expect(macros(text) == ["G"])
    }

    @Test func `a guard with a value is a macro`() {
        #expect(macros("#ifndef VERSION\n#define VERSION 3\n#endif\n") == ["VERSION=3"])
    }
}
