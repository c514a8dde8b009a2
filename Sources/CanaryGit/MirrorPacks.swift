// SPDX-License-Identifier: Apache-2.0

package import CanaryFiles
import CanaryModel

/// The pieces that mirrors keep their objects in: every fetch adds one, and git's own upkeep is off.
package struct MirrorPacks: Sendable {
    private let folder: String
    private let git: Git

    /// Those of all mirrors in `state`.
    package init(state: StateFolder, git: Git) {
        folder = "\(state.path)/mirrors"
        self.git = git
    }

    /// As many as git itself lets come together before its upkeep sets in.
    private static let mostPacks = 50
    private static let mostLoose = 6700

    /// Joins the pieces of each mirror that has too many; what cannot be joined stays as it is.
    ///
    /// Nothing is lost in it, not even what a fetch brings meanwhile: a piece is removed when another one holds all of
    /// its objects.
    ///
    /// - Returns: how many mirrors were too scattered.
    package func join() async -> Int {
        let mirrors = repositories(in: folder)
        let scattered = (mirrors + mirrors.flatMap { repositories(in: "\($0.path)/modules") }).filter(isScattered)
        for mirror in scattered {
            mirror.removeStaleLocks()
            _ = try? await git.run(
                [mirror.option, "repack", "-d", "-l", "--quiet", "--geometric=2"], within: git.limits.transfer,
                otherwise: .environmentEngine)
        }
        return scattered.count
    }

    private func repositories(in folder: String) -> [MirrorFolder] {
        Folder.names(in: folder).filter { $0.hasSuffix(".git") }.sorted().map { MirrorFolder(path: "\(folder)/\($0)") }
    }

    private func isScattered(_ mirror: MirrorFolder) -> Bool {
        let packs = Folder.names(in: "\(mirror.path)/objects/pack").count { $0.hasSuffix(".pack") }
        // One of 256 folders tells how full the others are.
        return packs > Self.mostPacks || Folder.names(in: "\(mirror.path)/objects/17").count * 256 > Self.mostLoose
    }
}
