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
    func `a slip of the hand is recognised, a stranger is not`(name: String, nearest: String?) {
        #expect(NearestName.of(name, among: known) == nearest)
    }

    @Test func `the nearest wins, and the first by name of two`() {
        #expect(NearestName.of("abcdef", among: ["abcdxx", "abcdex"]) == "abcdex")
        #expect(NearestName.of("abcdef", among: ["zbcdef", "bbcdef"]) == "bbcdef")
        #expect(NearestName.of("a", among: [String]()) == nil)
    }
}
