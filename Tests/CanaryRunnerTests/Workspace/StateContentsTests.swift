// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryModel
import CanaryTestSupport
import Foundation
import Testing

@testable import CanaryRunner

@Suite("StateContents") final class StateContentsTests {
    let temporary = TemporaryFolder()
    let contents: StateContents

    init() { contents = StateContents(state: StateFolder(path: temporary("state"))) }

    private func found(now: Date = Date()) -> [String] { contents.survey(now: now).found.map(\.item.path) }

    @Test func `everything removable is found by name`() {
        let paths = [
            "prefixes/imath/k1", "attempts/a1", "ccache/imath/v", "mirrors/imath.git", "mirrors/imath.git.old-1",
        ]
        for path in paths { temporary.write("state/\(path)/file", "x") }
        temporary.write("state/canary.sqlite", "x")
        temporary.write("state/mirrors/other", "x")
        temporary.write("state/mirrors/imath.git.new-1/file", "x")
        #expect(found() == paths)
        #expect(found(now: Date() + 7201) == paths.dropLast() + ["mirrors/imath.git.new-1", "mirrors/imath.git.old-1"])
        #expect(StateContents(state: StateFolder(path: temporary("none"))).survey(now: Date()).found.isEmpty)
    }

    @Test func `sizes count blocks, a file with two names counts once, and the parts add up`() throws {
        temporary.write("state/prefixes/imath/k1/lib/x", String(repeating: "x", count: 10_000))
        link(temporary("state/prefixes/imath/k1/lib/x"), temporary("state/prefixes/imath/k1/lib/y"))
        symlink("/usr", temporary("state/prefixes/imath/k1/usr"))
        temporary.write("state/canary.sqlite", String(repeating: "x", count: 5000))
        let (found, otherBytes) = contents.survey(now: Date())
        let use = try #require(found.first).use
        #expect(use.bytes >= 10_000 && use.bytes < 40_000 && Date().timeIntervalSince(use.writtenAt) < 60)
        #expect(use.bytes + otherBytes == DiskUse.of(temporary("state")).bytes && otherBytes >= 5000)
        #expect(DiskUse.of(temporary("none")).bytes == 0)
    }

    @Test func `what is removed is gone, with the folder of its project if that is empty`() {
        for path in ["prefixes/imath/k1/a/b", "prefixes/fmt/k2/a", "prefixes/fmt/k3/a", "mirrors/imath.git/HEAD"] {
            temporary.write("state/\(path)", "x")
        }
        temporary.write("state/attempts/a1/log", "words")
        let gone: [StateItem] = [
            .prefix(project: "imath", key: "k1"), .prefix(project: "fmt", key: "k2"), .mirror(project: "imath"),
            .log(attempt: "a1"), .compilerCache(project: "never", variant: "made"), .mirror(project: "never"),
        ]
        for item in gone { #expect(contents.remove(item), "\(item)") }
        #expect(
            names(below: temporary("state")) == [
                "attempts/", "mirrors/", "prefixes/", "prefixes/fmt/", "prefixes/fmt/k3/", "prefixes/fmt/k3/a",
            ])
    }

    @Test func `a prefix is newer than a time if it was rebuilt since`() {
        temporary.write("state/prefixes/imath/k1/a", "x")
        #expect(contents.isNewer(project: "imath", key: "k1", than: Date() - 60))
        #expect(!contents.isNewer(project: "imath", key: "k1", than: Date() + 60))
        #expect(!contents.isNewer(project: "imath", key: "none", than: Date() - 60))
    }
}
