// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import CanaryModel

@Suite("SurfaceChange, files") struct SecondInstallTests {
    private func surface(files: [String: String], headers: [String: String] = [:], symbol: String = "f") -> Surface {
        Surface([.file: .init(files), .header: .init(headers), .symbol: .init([symbol: ""])])
    }

    @Test func `removed, added and changed files are named by their paths`() {
        let first = surface(files: ["lib/liba.so": "1", "lib/b": "1", "share/same": "1"], headers: ["a/a.h": "1"])
        let second = surface(
            files: ["lib/liba.so": "2", "share/c": "1", "share/same": "1"], headers: ["a/a.h": "2"], symbol: "g")
        let change = SurfaceChange(from: first, to: second)
        #expect(change.files == ["include/a/a.h", "lib/b", "lib/liba.so", "share/c"])
        #expect(
            change.secondInstallSummary
                == "the installed tree differs from the first install: include/a/a.h, lib/b, lib/liba.so and share/c")
    }

    @Test(arguments: [
        (0, "the installed tree differs from the first install, although its files are the same"),
        (1, "the installed tree differs from the first install: f01"),
        (2, "the installed tree differs from the first install: f01 and f02"),
    ]) func `few files are all named`(count: Int, summary: String) {
        #expect(change(of: count).secondInstallSummary == summary)
    }

    @Test func `twenty of many files are named, the others are counted`() {
        #expect(change(of: 20).secondInstallSummary.hasSuffix(", f18, f19 and f20"))
        #expect(change(of: 24).secondInstallSummary.hasSuffix(", f19, f20 and 4 more"))
    }

    private func change(of count: Int) -> SurfaceChange {
        let files = (0..<count).map { ($0 < 9 ? "f0\($0 + 1)" : "f\($0 + 1)", "1") }
        return SurfaceChange(from: surface(files: [:]), to: surface(files: Dictionary(uniqueKeysWithValues: files)))
    }
}
