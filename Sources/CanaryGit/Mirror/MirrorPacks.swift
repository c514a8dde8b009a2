// SPDX-License-Identifier: Apache-2.0

package import CanaryFiles
import CanaryModel

/// The packs of mirrors: every fetch adds one, and git's own maintenance is off.
package struct MirrorPacks: Sendable {
    private let folder: String
    private let git: Git

    /// The packs of all mirrors in `state`.
    package init(state: StateFolder, git: Git) {
        folder = "\(state.path)/mirrors"
        self.git = git
    }

    /// As many as git itself accepts before it repacks.
    private static let mostPacks = 50
    private static let mostLoose = 6700

    /// Repacks each fragmented mirror; one that cannot be repacked stays as it is.
    ///
    /// Safe while others fetch: a pack is removed only when another one has all its objects.
    ///
    /// - Returns: how many mirrors were fragmented.
    package func repack() async -> Int {
        let mirrors = repositories(in: folder)
        let fragmented = (mirrors + mirrors.flatMap { repositories(in: "\($0.path)/modules") }).filter(isFragmented)
        for mirror in fragmented {
            mirror.removeStaleLocks()
            _ = try? await git.run(
                [mirror.option, "repack", "-d", "-l", "--quiet", "--geometric=2"], within: git.limits.transfer,
                otherwise: .environmentEngine)
        }
        return fragmented.count
    }

    private func repositories(in folder: String) -> [MirrorFolder] {
        Folder.names(in: folder).filter { $0.hasSuffix(".git") }.sorted().map { MirrorFolder(path: "\(folder)/\($0)") }
    }

    private func isFragmented(_ mirror: MirrorFolder) -> Bool {
        let packs = Folder.names(in: "\(mirror.path)/objects/pack").count { $0.hasSuffix(".pack") }
        // One of 256 folders shows how full the others are.
        return packs > Self.mostPacks || Folder.names(in: "\(mirror.path)/objects/17").count * 256 > Self.mostLoose
    }
}
