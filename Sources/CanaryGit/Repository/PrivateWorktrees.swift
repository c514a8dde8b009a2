// SPDX-License-Identifier: Apache-2.0

package import CanaryFiles
import CanaryModel
import CanaryProcesses
import Foundation
import Glibc

/// Our own checkouts of a user's repository: linked worktrees, reused for many revisions.
///
/// The user's checkout, index, branches and stash are not touched.
package struct PrivateWorktrees: Sendable {
    private let repository: Repository
    private let folder: String

    /// The worktrees of `repository` below `state`, whose lock the caller holds.
    package init(of repository: Repository, in state: StateFolder) {
        self.repository = repository
        folder = state.path + "/worktrees"
    }

    /// The path of worktree `number`, from 0.
    package func path(_ number: Int) -> String { "\(folder)/\(number)" }

    /// Whether their disk is full: then a failing command says nothing about a commit.
    package var isDiskFull: Bool { Disk.isFull(at: folder) }

    /// Creates worktrees until there are `count`, one after the other, because git cannot create two at the same time.
    ///
    /// Throws `fetchCheckout`, `environmentDiskFull`.
    package func prepare(_ count: Int, at revision: String) async throws(GitFailure) {
        for number in 0..<count where !FileManager.default.fileExists(atPath: path(number) + "/.git") {
            try await make(number, at: revision)
        }
    }

    /// Makes worktree `number` contain exactly the files of `revision`.
    ///
    /// One git process, and one more if other files are there. Throws `fetchCheckout`, `environmentDiskFull`.
    package func checkOut(_ revision: String, in number: Int) async throws(GitFailure) {
        let path = path(number)
        do {
            try await git(["-C", path, "checkout", "--quiet", "--force", "--detach", revision, "--"])
            if !WorktreeContents(path).isClean { try await git(["-C", path, "clean", "--quiet", "-ffdx"]) }
        } catch {
            guard !Disk.isFull(at: folder), error.reason != .environmentDiskFull else {
                throw error.with(.environmentDiskFull)
            }
            // A lock or a broken index of a killed process: the worktree is created again.
            guard !Task.isCancelled else { throw error }
            try await make(number, at: revision)
            try await git(["-C", path, "checkout", "--quiet", "--force", "--detach", revision, "--"])
        }
    }

    private func make(_ number: Int, at revision: String) async throws(GitFailure) {
        Folder.remove(path(number))
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw GitFailure(
                reason: Disk.isFull(at: repository.common) ? .environmentDiskFull : .fetchCheckout,
                detail: "`\(folder)` cannot be created: \(error)")
        }
        let bare = ["--git-dir=\(repository.common)", "worktree"]
        try await git(bare + ["add", "--quiet", "--force", "--no-checkout", "--detach", path(number), revision])
    }

    /// Removes all worktrees, and git's records of them.
    package func remove() async {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names {
            // Git's own removal would read the whole index; pruning removes the record.
            Folder.remove("\(folder)/\(name)")
        }
        guard !names.isEmpty else { return }
        rmdir(folder)
        _ = try? await git(["--git-dir=\(repository.common)", "worktree", "prune", "--expire=now"])
    }

    /// Kills what a dead process left running in them: processes without a terminal whose directory is there.
    package func endLeftovers() async {
        let start = folder + "/"
        guard FileManager.default.fileExists(atPath: folder) else { return }
        await ProcessScan { process in
            var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
            let count = readlink("/proc/\(process)/cwd", &buffer, buffer.count - 1)
            guard count > 0 else { return false }
            let directory = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
            return directory.hasPrefix(start) && !Self.hasTerminal(process)
        }.end()
    }

    /// Field 7 of `/proc/<pid>/stat` (proc(5)).
    private static func hasTerminal(_ process: pid_t) -> Bool {
        guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let name = stat.lastIndex(of: ")")
        else { return true }
        let fields = stat[name...].split(separator: " ")
        return fields.count > 5 && fields[5] != "0"
    }

    private func git(_ words: [String]) async throws(GitFailure) {
        let git = repository.git
        try await git.run(words, within: git.limits.transfer, otherwise: .fetchCheckout)
    }
}
