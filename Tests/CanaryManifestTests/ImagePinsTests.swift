// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import CanaryManifest

@Suite("ImagePins") struct ImagePinsTests {
    @Test func `only whole references are rewritten, the rest stays as written`() {
        let text = """
            # x/a:1 is ours
            a: {reference: "x/a:1", year: 2026}  # it's x/a:1
            d: {env: {A: "b # c", D: e#f}, reference: x/a:1}
            b: {reference: x/a:10}
            c: {reference: 'x/a:1@sha256:00'}
            """
        let pinned = ImagePins.rewrite(text, pins: ["x/a:1": "x/a:1@sha256:11", "x/a:1@sha256:00": "x/a:1@sha256:11"])
        #expect(
            pinned == """
                # x/a:1 is ours
                a: {reference: "x/a:1@sha256:11", year: 2026}  # it's x/a:1
                d: {env: {A: "b # c", D: e#f}, reference: x/a:1@sha256:11}
                b: {reference: x/a:10}
                c: {reference: 'x/a:1@sha256:11'}
                """)
    }

    @Test func `without pins nothing changes`() {
        let text = "a: {reference: \"x/a:1\"}\r\n\u{FEFF}ü\n"
        #expect(ImagePins.rewrite(text, pins: [:]) == text)
    }
}
