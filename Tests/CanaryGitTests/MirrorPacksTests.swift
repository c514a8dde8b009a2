// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryModel
import CanaryTestSupport
import Foundation
import Testing

@testable import CanaryGit

@Suite("MirrorPacks") final class MirrorPacksTests {
    let temporary = TemporaryFolder()
    var state: StateFolder { StateFolder(path: temporary("state")) }
    private var packs: String { state.mirror(of: "imath") + "/objects/pack" }

    private func count() -> Int { Folder.names(in: packs).count { $0.hasSuffix(".pack") } }

    /// A mirror of `commits` commits, each in a pack of its own; the last one.
    private func mirror(commits: Int) throws -> String {
        let path = state.mirror(of: "imath")
        shell(["git", "init", "--quiet", "--bare", "--initial-branch=main", path])
        var commit = ""
        for number in 0..<commits {
            let tree = shell(["git", "-C", path, "mktree"], input: Data())
            let parent = commit.isEmpty ? [] : ["-p", commit]
            commit = shell(["git", "-C", path, "commit-tree", tree] + parent + ["-m", "\(number)"])
            shell(["git", "-C", path, "update-ref", MirrorFolder.pin(of: commit), commit])
            shell(["git", "-C", path, "repack", "-d", "-q"])
        }
        return commit
    }

    @Test func `a fragmented mirror is repacked, and keeps everything`() async throws {
        let last = try mirror(commits: 52)
        #expect(count() == 52)
        #expect(await MirrorPacks(state: state, git: Git()).repack() == 1)
        #expect(count() < 10)
        #expect(MirrorFolder(path: state.mirror(of: "imath")).holds(last))
        #expect(shell(["git", "-C", state.mirror(of: "imath"), "rev-list", "--count", last]) == "52")
        #expect(await MirrorPacks(state: state, git: Git()).repack() == 0)
    }

    @Test func `a mirror with few packs and a missing one are left alone`() async throws {
        _ = try mirror(commits: 2)
        let before = Folder.names(in: packs).sorted()
        #expect(await MirrorPacks(state: state, git: Git()).repack() == 0)
        #expect(Folder.names(in: packs).sorted() == before)
        #expect(await MirrorPacks(state: StateFolder(path: temporary("none")), git: Git()).repack() == 0)
    }
}
