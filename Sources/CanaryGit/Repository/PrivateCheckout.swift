// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryModel
import Foundation
import Glibc

/// One checkout of a user's repository, see `PrivateCheckouts`.
struct PrivateCheckout {
    /// What a checkout was like when it was made.
    struct Origin: Sendable {
        /// The permissions of its folders.
        let mode: mode_t
        /// The files of its git directory, with sizes and times.
        let git: [String]
    }

    let path: String
    let repository: Repository

    private var gitFolder: String { path + "/.git" }

    // MARK: - Made anew

    /// Creates it, in place of anything that is there, with the files of `revision`.
    func make(at revision: String) async throws(GitFailure) -> Origin {
        guard Folder.remove(path) else {
            throw GitFailure(reason: .fetchCheckout, detail: "`\(path)` cannot be removed")
        }
        let refs = await repository.packedRefs()
        let origin = await repository.hasOrigin ? "" : "[remote \"origin\"]\n\turl = \(Self.quoted(repository.root))\n"
        do {
            try Folder.make(path, mode: 0o777)
            for folder in ["objects/info", "refs/heads", "refs/tags", "info"] {
                try Folder.make("\(gitFolder)/\(folder)")
            }
            try write("\(repository.common)/objects\n", to: "objects/info/alternates")
            try Data(refs).write(to: URL(fileURLWithPath: gitFolder + "/packed-refs"))
            try write(settings(revision) + origin, to: "config")
            try write("\(revision)\n", to: "HEAD")
            for file in ["info/exclude", "info/attributes", "shallow"] {
                if let text = FileManager.default.contents(atPath: "\(repository.common)/\(file)") {
                    try text.write(to: URL(fileURLWithPath: "\(gitFolder)/\(file)"))
                }
            }
        } catch {
            throw GitFailure(
                reason: Disk.isFull(at: (path as NSString).deletingLastPathComponent)
                    ? .environmentDiskFull : .fetchCheckout,
                detail: "`\(path)` cannot be created: \(error)")
        }
        try await git(["checkout", "--quiet", "--force", "--detach", revision, "--"])
        var state = stat()
        lstat(path, &state)
        return Origin(mode: state.st_mode, git: footprint)
    }

    private func write(_ text: String, to file: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(gitFolder)/\(file)"))
    }

    /// The user's settings of the repository, then what is different here: other settings would have git convert files,
    /// or take some for unchanged.
    private func settings(_ revision: String) -> String {
        let isLong = revision.utf8.count == 64
        return """
            [include]
            \tpath = \(Self.quoted("\(repository.common)/config"))
            [submodule]
            \trecurse = false
            [extensions]
            \tobjectFormat = \(isLong ? "sha256" : "sha1")
            [core]
            \trepositoryformatversion = 1
            \tbare = false
            \thooksPath = /dev/null
            \tattributesFile = /dev/null
            \tfileMode = true
            \tsymlinks = true
            \tautocrlf = false
            \teol = lf
            \tsparseCheckout = false
            \tsplitIndex = false
            \tfsmonitor = false

            """
    }

    private static func quoted(_ path: String) -> String {
        "\"" + path.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    // MARK: - Used again

    /// Replaces its files by those of `revision`; returns whether they are exactly those, and nothing else changed.
    func switched(to revision: String, from origin: Origin) async throws(GitFailure) -> Bool {
        guard footprint == origin.git else { return false }
        try await git(["checkout", "--quiet", "--force", "--detach", revision, "--"])
        let contents = WorktreeContents(path, hashBytes: revision.utf8.count / 2, mode: origin.mode)
        if contents.isExact { return true }
        try await git(["clean", "--quiet", "-ffdx"])
        return contents.isExact
    }

    /// The files of its git directory with sizes and times: nothing but the index, `HEAD` and objects may change.
    private var footprint: [String] {
        let files = FileManager.default.enumerator(atPath: gitFolder)
        var lines: [String] = []
        while let file = files?.nextObject() as? String {
            if file == "objects" { files?.skipDescendants() }
            if ["objects", "index", "HEAD"].contains(file) { continue }
            var state = stat()
            lstat("\(gitFolder)/\(file)", &state)
            let isFolder = state.st_mode & S_IFMT == S_IFDIR
            let time = isFolder ? "" : "\(state.st_size) \(state.st_ctim.tv_sec).\(state.st_ctim.tv_nsec)"
            lines.append("\(file) \(state.st_mode) \(time)")
        }
        return lines.sorted()
    }

    private func git(_ words: [String]) async throws(GitFailure) {
        let git = repository.git
        try await git.run(
            GitEnvironment.neutral + ["-C", path, "--git-dir=\(gitFolder)", "--work-tree=\(path)"] + words,
            within: git.limits.transfer, otherwise: .fetchCheckout)
    }
}
