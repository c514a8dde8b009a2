// SPDX-License-Identifier: Apache-2.0

import CanaryText
import Testing

@Suite("NearestName") struct NearestNameTests {
    private let known = ["imath", "openexr", "openimageio", "opencolorio", "openvdb"]

    @Test(arguments: [
        ("imat", "imath"), ("iamth", "imath"), ("openex", "openexr"), ("OpenEXR", "openexr"),
        ("openimagio", "openimageio"),
        ("opncolrio", "opencolorio"), ("x", nil), ("", nil), ("usd", nil), ("maya", nil),
    ])
    func `a typing error is recognised, another name is not`(name: String, nearest: String?) {
        #expect(NearestName.of(name, among: known) == nearest)
    }

    @Test func `the nearest wins, and the first by name of two`() {
        #expect(NearestName.of("abcdef", among: ["abcdxx", "abcdex"]) == "abcdex")
        #expect(NearestName.of("abcdef", among: ["zbcdef", "bbcdef"]) == "bbcdef")
        #expect(NearestName.of("a", among: [String]()) == nil)
    }

    @Test(arguments: [
        ("imth", "imath"), ("IMATH", "imath"), ("opnexr", "openexr"), ("opneexr", "openexr"),
        ("page_after", "page-after"),
    ])
    func `the nearest name is offered`(written: String, meant: String) {
        #expect(NearestName.of(written, among: ["imath", "openexr", "opencolorio", "page-after"]) == meant)
    }

    @Test func `a distant name is not offered`() {
        #expect(NearestName.of("quux", among: ["imath", "openexr"]) == nil)
        #expect(NearestName.of("", among: ["imath"]) == nil)
        #expect(NearestName.of(String(repeating: "x", count: 100_000), among: ["imath"]) == nil)
    }

    @Test func `the sentence names the nearest, else all of them`() {
        #expect(NearestName.question("imth", among: known) == "did you mean `imath`?")
        #expect(NearestName.hint("imth", among: known) == "did you mean `imath`?")
        #expect(NearestName.hint("x", among: ["imath", "openexr"]) == "known: `imath`, `openexr`")
        #expect(NearestName.hint("x", among: []) == nil)
    }
}
