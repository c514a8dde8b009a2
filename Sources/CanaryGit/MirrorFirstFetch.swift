// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryModel
import Foundation

extension Mirror {
    /// The commit at the remote's `branch`, fetched and kept, where there is no mirror yet.
    ///
    /// One conversation with the remote instead of two, as everything must be brought anyway. Nil when there is a mirror,
    /// and when anything goes wrong: `remoteRefs` and `fetch` then tell what. A remote that does not say a word is given
    /// up as early as they would.
    package func firstHead(of branch: String) async -> String? {
        guard !repository.isWhole else { return nil }
        let fresh = repository.beside()
        defer { fresh.remove() }
        let arrived = "refs/canary/first"
        do {
            try fresh.makeEmpty(format: "sha1")
            try await git.run(
                [fresh.option] + Self.fetching
                    + ["--progress", "--", address, "+\(Self.fullName(ofBranch: branch)):\(arrived)"],
                within: git.limits.transfer, firstWordWithin: git.limits.answer, otherwise: .fetchUnreachable)
            let content = try String(contentsOf: URL(filePath: "\(fresh.path)/\(arrived)"), encoding: .utf8)
            let revision = content.trimmingCharacters(in: .whitespacesAndNewlines)
            guard ObjectName.isWhole(revision) else { return nil }
            try FileManager.default.moveItem(
                atPath: "\(fresh.path)/\(arrived)", toPath: "\(fresh.path)/\(MirrorFolder.pin(of: revision))")
            try repository.take(fresh)
            return revision
        } catch {
            return nil
        }
    }
}
