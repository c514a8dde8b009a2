// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Testing

@testable import CanaryDiagnosis

@Suite("Fingerprint")
struct FingerprintTests {
    private func print(_ text: String, _ stage: Stage = .build, _ reason: ReasonCode = .buildCompiler) -> String {
        Fingerprint.of(stage, reason, FirstError(text: text), cause: nil)
    }

    @Test(arguments: [
        ("a.cpp:1:2: error: 'X' does not name a type; did you mean 'Y'?", "b/c.cpp:9: error: unknown type name ‘X’"),
        (
            "a.cpp:1:2: fatal error: Imath/half.h: No such file or directory",
            "x.h:3:1: fatal error: 'Imath/half.h' file not found"
        ),
        (
            "a.cpp:(.text+0x9): undefined reference to `Imath_3_1::f(int)'",
            "ld.lld: error: undefined symbol: Imath_3_2::f(int)"
        ),
        ("/usr/bin/ld: cannot find -lfoo: No such file or directory", "ld.lld: error: unable to find library -lfoo"),
        ("a.h:1:1: error: bad T<int, U<float>> here", "a.h:7:9: error: bad T<double> here"),
        ("a.h:1:1: error: no room at 0x7ffe12 for 12", "a.h:2:1: error: no room at 0xdead for 7"),
        ("a.h:1: error: unused [-Werror=unused]", "a.h:1: error: unused [-Werror,-Wunused]"),
        ("/p/1/a.h:1: error: bad /x/y/z.so.3.1.2", "/q/a.h:3: error: bad /w/z.so.3.2.0"),
    ])
    func `compilers, folders, lines and numbers may differ`(_ one: String, _ other: String) {
        #expect(print(one) == print(other))
    }

    @Test(arguments: [
        ("a.cpp:1: error: 'X' does not name a type", "a.cpp:1: error: 'Z' does not name a type"),
        ("a.cpp:1: error: 'V2f' does not name a type", "a.cpp:1: error: 'V3f' does not name a type"),
        ("a.cpp:1: error: expected ';' before '}' token", "b.cpp:1: error: expected ';' before '}' token"),
        ("a.cpp:1: undefined reference to `f(int)'", "a.cpp:1: multiple definition of `f(int)'"),
    ])
    func `names and complaints may not`(_ one: String, _ other: String) {
        #expect(print(one) != print(other))
    }

    @Test func `the stage is part of the fingerprint`() {
        #expect(print("x", .build) != print("x", .test))
    }

    @Test func `the log is not part of it when the machine failed`() {
        #expect(print("one", .build, .environmentKilled) == print("two", .build, .environmentKilled))
        #expect(print("one", .build, .environmentKilled) != print("one", .build, .environmentDiskFull))
    }

    @Test(arguments: [
        ("'Imf_3_2' 0x1F b/c.h:12: V3f sRGB8 v1.2", "'Imf_#_#' # c.h:#: V3f sRGB8 v#.#"),
        ("TryCompile-34ETYh cmTC_5c293 /tmp/ccJrlcT0.s 84f760f15152b534a39e6db28f9fcf01", "# # # #"),
        ("operator< of A<B<C> > and a->b", "operator< of A<> and a->b"), ("3.20 sec,  12 of 40", "#.# sec, # of #"),
    ])
    func `numbers, hashes and arguments of templates are folded`(_ text: String, _ folded: String) {
        #expect(Fingerprint.normalised(text) == folded)
    }
}
