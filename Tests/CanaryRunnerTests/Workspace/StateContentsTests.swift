// SPDX-License-Identifier: Apache-2.0

import CanaryDiagnosis
import CanaryFiles
import CanaryModel
import CanaryProcesses
import CanaryTestSupport
import Foundation
import Testing

@testable import CanaryRunner

@Suite("StateContents") final class StateContentsTests {
    let place = TemporaryFolder()
    let contents: StateContents

    init() { contents = StateContents(state: StateFolder(path: place("state"))) }

    private func found(now: Date = Date()) -> [String] { contents.survey(now: now).found.map(\.item.path) }

    @Test func `all that can be removed is found by name`() {
        let paths = [
            "prefixes/imath/k1", "attempts/a1", "ccache/imath/v", "mirrors/imath.git", "mirrors/imath.git.old-1",
        ]
        for path in paths { place.write("state/\(path)/file", "x") }
        place.write("state/canary.sqlite", "x")
        place.write("state/mirrors/other", "x")
        place.write("state/mirrors/imath.git.new-1/file", "x")
        #expect(found() == paths)
        #expect(found(now: Date() + 7201) == paths.dropLast() + ["mirrors/imath.git.new-1", "mirrors/imath.git.old-1"])
        #expect(StateContents(state: StateFolder(path: place("none"))).survey(now: Date()).found.isEmpty)
    }

    @Test func `the room is that of the blocks, a file of two names counts once, and the parts make the whole`() throws
    {
        place.write("state/prefixes/imath/k1/lib/x", String(repeating: "x", count: 10_000))
        link(place("state/prefixes/imath/k1/lib/x"), place("state/prefixes/imath/k1/lib/y"))
        symlink("/usr", place("state/prefixes/imath/k1/usr"))
        place.write("state/canary.sqlite", String(repeating: "x", count: 5000))
        let (found, otherBytes) = contents.survey(now: Date())
        let use = try #require(found.first).use
        #expect(use.bytes >= 10_000 && use.bytes < 40_000 && Date().timeIntervalSince(use.writtenAt) < 60)
        #expect(use.bytes + otherBytes == DiskUse.of(place("state")).bytes && otherBytes >= 5000)
        #expect(DiskUse.of(place("none")).bytes == 0)
    }

    @Test func `what is removed is gone, with the folder of its project when that is empty`() {
        for path in ["prefixes/imath/k1/a/b", "prefixes/fmt/k2/a", "prefixes/fmt/k3/a", "mirrors/imath.git/HEAD"] {
            place.write("state/\(path)", "x")
        }
        place.write("state/attempts/a1/log", "words")
        let gone: [StateItem] = [
            .prefix(project: "imath", key: "k1"), .prefix(project: "fmt", key: "k2"), .mirror(project: "imath"),
            .log(attempt: "a1"), .compilerCache(project: "never", variant: "made"), .mirror(project: "never"),
        ]
        for item in gone { #expect(contents.remove(item), "\(item)") }
        #expect(
            names(below: place("state")) == [
                "attempts/", "mirrors/", "prefixes/", "prefixes/fmt/", "prefixes/fmt/k3/", "prefixes/fmt/k3/a",
            ])
    }

    @Test func `a prefix is newer than a time when it was made again since`() {
        place.write("state/prefixes/imath/k1/a", "x")
        #expect(contents.isNewer(project: "imath", key: "k1", than: Date() - 60))
        #expect(!contents.isNewer(project: "imath", key: "k1", than: Date() + 60))
        #expect(!contents.isNewer(project: "imath", key: "none", than: Date() - 60))
    }
}
