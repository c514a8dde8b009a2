// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryModel
import Foundation

extension Mirror {
    /// Puts the files of a held `revision` into `into`, which is empty or does not exist, without a `.git`.
    ///
    /// Of a `subfolder` alone the contents lie in `into` itself. The bytes are the repository's: no conversion that
    /// only the user's configuration asks for. One process, and with `submodules` two more and those of each
    /// submodule. Throws `fetchCheckout`, `fetchSubmodule`, `environmentDiskFull`.
    package func checkOut(
        _ revision: String, into target: String, subfolder: String?, submodules: Bool
    ) async throws(GitFailure) {
        try await checkOut(revision, into: target, subfolder: subfolder, submodules: submodules, depth: 0)
    }

    func checkOut(
        _ revision: String, into target: String, subfolder: String?, submodules: Bool, depth: Int
    ) async throws(GitFailure) {
        try await writeFiles(of: try Self.tree(revision, subfolder), into: target)
        if submodules {
            try await checkOutSubmodules(of: revision, into: target, subfolder: subfolder, depth: depth)
        }
    }

    /// Options with which git writes files as the repository has them.
    package static let asStored = [
        "core.autocrlf=false", "core.eol=lf", "core.attributesFile=/dev/null", "core.symlinks=true",
        "core.fileMode=true", "core.sparseCheckout=false", "core.splitIndex=false",
    ].flatMap { ["-c", $0] }

    private func writeFiles(of tree: String, into target: String) async throws(GitFailure) {
        let index = target + ".index"
        defer { for file in [index, index + ".lock"] { unlink(file) } }
        do {
            try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
        } catch {
            throw GitFailure(reason: .fetchCheckout, detail: "`\(target)` cannot be made: \(error)")
        }
        do {
            try await git.run(
                [repository.option, "--work-tree=\(target)"] + Self.asStored + ["read-tree", "-u", "--reset", tree],
                within: git.limits.transfer, otherwise: .fetchCheckout, setting: ["GIT_INDEX_FILE": index])
        } catch {
            throw Disk.isFull(at: target) ? error.with(.environmentDiskFull) : error
        }
    }
}

extension GitFailure {
    /// The same words with another reason.
    func with(_ reason: ReasonCode) -> GitFailure { GitFailure(reason: reason, detail: detail) }
}
