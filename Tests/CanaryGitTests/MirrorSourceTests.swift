// SPDX-License-Identifier: Apache-2.0

import CanaryGit
import CanaryModel
import CanaryTestSupport
import Foundation
import Testing

@Suite("Mirror: sources") final class MirrorSourceTests {
    let temporary = TemporaryFolder()
    let counted: CountedGit
    let origin: TestRepository
    let mirror: Mirror
    private let rules: IgnoreRules

    init() throws {
        rules = try IgnoreRules(patterns: ["docs/**", "**/*.md"])
        counted = CountedGit(temporary)
        origin = TestRepository(temporary("origin"))
        mirror = Mirror(project: "p", address: origin.path, folder: temporary("p.git"), git: counted.git)
    }

    private func held(_ files: [String: String]) async throws -> String {
        let revision = origin.commit(files)
        try await mirror.fetch(revision, branch: nil)
        _ = counted.count()
        return revision
    }

    @Test func `a whole tree is git's own, takes one process and is stored`() async throws {
        let head = try await held(["a": "1"])
        let source = try await mirror.source(at: head, ignoring: .none, folder: nil)
        #expect(source.tree == origin.git("rev-parse", "HEAD^{tree}"))
        #expect(source.committedAt == Date(timeIntervalSince1970: 1_700_000_000))
        #expect(counted.count() == 1)
        #expect(try await mirror.source(at: head, ignoring: .none, folder: nil) == source)
        #expect(counted.count() == 0)
    }

    @Test func `ignored paths do not change a tree of many files`() async throws {
        let files = Dictionary(uniqueKeysWithValues: (0..<200).map { ("folder\($0 % 7)/file\($0)", "\($0)") })
        let first = try await held(files)
        let before = try await mirror.source(at: first, ignoring: rules, folder: nil)
        #expect(counted.count() == 2)
        let second = try await held(["docs/deep/x": "1", "folder1/read.md": "2"])
        #expect(try await mirror.source(at: second, ignoring: rules, folder: nil).tree == before.tree)
        let third = try await held(["folder1/file1": "other"])
        #expect(try await mirror.source(at: third, ignoring: rules, folder: nil).tree != before.tree)
        origin.git("update-index", "--chmod=+x", "folder1/file8")
        origin.git("commit", "-q", "-m", "mode")
        let fourth = origin.git("rev-parse", "HEAD")
        try await mirror.fetch(fourth, branch: nil)
        let trees = [third, fourth]
        let third0 = try await mirror.source(at: trees[0], ignoring: rules, folder: nil).tree
        #expect(try await mirror.source(at: trees[1], ignoring: rules, folder: nil).tree != third0)
    }

    @Test func `only the folder counts, and a missing one is an error`() async throws {
        let first = try await held(["lib/a": "1", "other": "1"])
        let before = try await mirror.source(at: first, ignoring: .none, folder: "lib")
        let second = try await held(["other": "2"])
        #expect(try await mirror.source(at: second, ignoring: .none, folder: "./lib/").tree == before.tree)
        for folder in ["none", "../x", "lib/../.."] {
            await #expect {
                try await self.mirror.source(at: second, ignoring: .none, folder: folder)
            } throws: { ($0 as? GitFailure)?.reason == .fetchRevisionMissing }
        }
    }

    @Test func `torn and malformed lines of the store are ignored`() async throws {
        let head = try await held(["a": "1"])
        let source = try await mirror.source(at: head, ignoring: rules, folder: nil)
        let file = temporary("p.git/canary-sources")
        let whole = try #require(text(file))
        for length in [whole.count - 2, whole.count - 8, 30, 0] {
            try Data(whole.prefix(length).utf8).write(to: URL(fileURLWithPath: file))
            #expect(try await mirror.source(at: head, ignoring: rules, folder: nil) == source)
            _ = counted.count()
            #expect(try await mirror.source(at: head, ignoring: rules, folder: nil) == source)
            #expect(counted.count() == 0, "after a line torn at \(length)")
        }
    }

    @Test func `concurrent calls get one answer`() async throws {
        let head = try await held(["a": "1", "docs/x": "1"])
        let trees = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<8 {
                group.addTask { [mirror, rules] in
                    try await mirror.source(at: head, ignoring: rules, folder: nil).tree
                }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(trees.count == 1)
    }

    @Test func `a revision that is not held has no source`() async {
        await #expect {
            try await self.mirror.source(
                at: String(repeating: "1", count: 40), ignoring: .none, folder: nil)
        } throws: { ($0 as? GitFailure)?.reason == .fetchRevisionMissing }
    }
}
