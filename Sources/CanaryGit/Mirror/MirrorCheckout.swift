// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryModel
import Foundation

/// Writes the files of a revision that a mirror has, and those of its submodules.
package struct MirrorCheckout {
    let mirror: Mirror
    /// The file of git's index: never in a tree that is checked out, which can hold a link of any name.
    let index: String
    /// Paths, from the root of the whole checkout, whose content need not be there.
    let ignored: IgnoreRules
    /// Where the mirror's repository is in the whole checkout: empty, or a path that ends with a slash.
    var start = ""
    /// How many submodules are around the mirror's repository.
    var depth = 0

    /// Deeper than anyone nests on purpose; an endless chain is an attack.
    private static let deepest = 10

    /// Options with which git writes files as the repository has them.
    package static let asStored = [
        "core.autocrlf=false", "core.eol=lf", "core.attributesFile=/dev/null", "core.symlinks=true",
        "core.fileMode=true", "core.sparseCheckout=false", "core.splitIndex=false", "core.protectNTFS=true",
        "core.protectHFS=true", "index.version=2",
    ].flatMap { ["-c", $0] }

    /// Writes `revision` into `target`, and takes it from what is `left` of the limits; see `Mirror.checkOut`.
    func write(
        _ revision: String, into target: String, subfolder: String?, submodules: Bool, within left: inout CheckoutLimits
    ) async throws(GitFailure) {
        let listing = try await MirrorSource(mirror: mirror).listing(of: revision, subfolder, within: left, at: start)
        try left.take(listing.size, at: start)
        if submodules { try refuseCollisions(in: listing.files.map(\.path), ignoringCase: false) }
        let written = try await writeFiles(of: revision, subfolder, into: target)
        if Folder.ignoresCase(target) { try refuseCollisions(in: written.entries.map(\.path), ignoringCase: true) }
        let large = LargeFiles(folder: target, index: written, isPart: subfolder != nil)
        if let path = large.first(where: { !ignored.ignores(start + $0) }) {
            throw GitFailure(
                reason: .fetchCheckout,
                detail:
                    "`\(start)\(path)` is a pointer of Git LFS, which canary does not use: its content is not in the "
                    + "repository; hint: if the build does not need it, add it to `ignore` in the project's manifest")
        }
        if submodules {
            try await writeSubmodules(of: revision, into: target, subfolder: subfolder, written, within: &left)
        }
    }

    private func writeFiles(
        of revision: String, _ subfolder: String?, into target: String
    ) async throws(GitFailure) -> CheckoutIndex {
        let tree = try TreeEntry.tree(of: revision, subfolder)
        defer { removeIndex() }
        removeIndex()
        try mirror.repository.ignoreDrivers()
        do {
            try await mirror.git.run(
                [mirror.repository.option, "--work-tree=\(target)"] + Self.asStored + [
                    "read-tree", "-u", "--reset", tree,
                ],
                within: mirror.git.limits.transfer, otherwise: .fetchCheckout, setting: ["GIT_INDEX_FILE": index])
        } catch {
            throw Disk.isFull(at: target) ? error.with(.environmentDiskFull) : error
        }
        guard let written = CheckoutIndex(at: index, hashBytes: revision.utf8.count / 2) else {
            throw GitFailure(reason: .fetchCheckout, detail: "git's index `\(index)` cannot be read")
        }
        return written
    }

    private func removeIndex() {
        for file in [index, index + ".lock"] { unlink(file) }
    }

    private func refuseCollisions(in paths: [String], ignoringCase: Bool) throws(GitFailure) {
        guard let collision = PathCollision(in: paths, ignoringCase: ignoringCase) else { return }
        let names =
            collision.first == collision.second
            ? "`\(start)\(collision.first)` twice" : "`\(start)\(collision.first)` and `\(start)\(collision.second)`"
        let why = ignoringCase ? "which are one name on this file system" : "which cannot both be in one folder"
        throw GitFailure(reason: .fetchCheckout, detail: "the tree has \(names), \(why)")
    }

    /// Fills the folders of the submodules of `revision`, and of theirs, each through a mirror of its own.
    ///
    /// Which they are is read from the index: a listing of the tree can have paths that lead elsewhere.
    private func writeSubmodules(
        of revision: String, into target: String, subfolder: String?, _ written: CheckoutIndex,
        within left: inout CheckoutLimits
    ) async throws(GitFailure) {
        guard written.entries.contains(where: { $0.submodule != nil }) else { return }
        guard depth < Self.deepest else {
            throw GitFailure(reason: .fetchSubmodule, detail: "submodules more than \(Self.deepest) deep")
        }
        let mirrors = SubmoduleMirrors(parent: mirror)
        let declared = try await mirrors.declared(at: revision)
        let part = subfolder.map { $0.split(separator: "/").filter { $0 != "." }.joined(separator: "/") + "/" } ?? ""
        for entry in written.entries {
            guard let commit = entry.submodule else { continue }
            let path = part + entry.path
            guard let submodule = declared[path] else {
                throw GitFailure(reason: .fetchSubmodule, detail: "`.gitmodules` has no url for `\(path)`")
            }
            guard !submodule.isLeftOut else { continue }
            try requireOwnFolder(entry.path, in: target)
            let inner = MirrorCheckout(
                mirror: try await mirrors.mirror(of: submodule.url, at: path, with: commit), index: index,
                ignored: ignored, start: "\(start)\(entry.path)/", depth: depth + 1)
            try await inner.write(
                commit, into: "\(target)/\(entry.path)", subfolder: nil, submodules: true, within: &left)
        }
    }

    /// Requires that the folder of a submodule is one, empty, and reached through no link.
    ///
    /// Nothing else writes to a checkout, so what holds now holds while git writes to it.
    private func requireOwnFolder(_ path: String, in target: String) throws(GitFailure) {
        let why: String
        do throws(FolderFailure) {
            if try Folder.make(path, below: target) { return }
            why = "its folder is not empty"
        } catch {
            why = "\(error)"
        }
        throw GitFailure(reason: .fetchCheckout, detail: "the submodule `\(start)\(path)` is refused: \(why)")
    }
}

extension GitFailure {
    /// The same failure with another reason.
    func with(_ reason: ReasonCode) -> GitFailure { GitFailure(reason: reason, detail: detail) }
}
