// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryModel
import Foundation

/// Writes the files of a revision that a mirror has, and those of its submodules.
package struct MirrorCheckout {
    let mirror: Mirror
    /// How many submodules are around the mirror's repository.
    var depth = 0

    /// Deeper than anyone nests on purpose; an endless chain is an attack.
    private static let deepest = 10

    /// Options with which git writes files as the repository has them.
    package static let asStored = [
        "core.autocrlf=false", "core.eol=lf", "core.attributesFile=/dev/null", "core.symlinks=true",
        "core.fileMode=true", "core.sparseCheckout=false", "core.splitIndex=false",
    ].flatMap { ["-c", $0] }

    /// See `Mirror.checkOut`.
    func write(
        _ revision: String, into target: String, subfolder: String?, submodules: Bool
    ) async throws(GitFailure) {
        try await writeFiles(of: try TreeEntry.tree(of: revision, subfolder), into: target)
        if submodules { try await writeSubmodules(of: revision, into: target, subfolder: subfolder) }
    }

    private func writeFiles(of tree: String, into target: String) async throws(GitFailure) {
        let index = target + ".index"
        defer { for file in [index, index + ".lock"] { unlink(file) } }
        do {
            try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
        } catch {
            throw GitFailure(reason: .fetchCheckout, detail: "`\(target)` cannot be created: \(error)")
        }
        do {
            try await mirror.git.run(
                [mirror.repository.option, "--work-tree=\(target)"] + Self.asStored + [
                    "read-tree", "-u", "--reset", tree,
                ],
                within: mirror.git.limits.transfer, otherwise: .fetchCheckout, setting: ["GIT_INDEX_FILE": index])
        } catch {
            throw Disk.isFull(at: target) ? error.with(.environmentDiskFull) : error
        }
    }

    /// Fills the folders of the submodules of `revision`, and of theirs, each through a mirror of its own.
    private func writeSubmodules(
        of revision: String, into target: String, subfolder: String?
    ) async throws(GitFailure) {
        let modules = try await MirrorSource(mirror: mirror).entries(of: revision, subfolder).filter {
            $0.submodule != nil
        }
        guard !modules.isEmpty else { return }
        guard depth < Self.deepest else {
            throw GitFailure(reason: .fetchSubmodule, detail: "submodules more than \(Self.deepest) deep")
        }
        let submodules = SubmoduleMirrors(parent: mirror)
        let addresses = try await submodules.addresses(at: revision)
        let start = subfolder.map { $0.split(separator: "/").filter { $0 != "." }.joined(separator: "/") + "/" } ?? ""
        for module in modules {
            guard let commit = module.submodule else { continue }
            let path = start + module.path
            guard let written = addresses[path] else {
                throw GitFailure(reason: .fetchSubmodule, detail: "`.gitmodules` has no url for `\(path)`")
            }
            let submodule = try submodules.mirror(of: written, at: path)
            do {
                try await submodule.fetch(commit, branch: nil)
            } catch  where error.reason == .fetchUnreachable || error.reason == .fetchRevisionMissing {
                throw GitFailure(reason: .fetchSubmodule, detail: "submodule `\(path)`: \(error.detail)")
            }
            try await MirrorCheckout(mirror: submodule, depth: depth + 1).write(
                commit, into: "\(target)/\(module.path)", subfolder: nil, submodules: true)
        }
    }
}

extension GitFailure {
    /// The same failure with another reason.
    func with(_ reason: ReasonCode) -> GitFailure { GitFailure(reason: reason, detail: detail) }
}
