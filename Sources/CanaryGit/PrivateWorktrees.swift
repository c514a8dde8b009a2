// SPDX-License-Identifier: Apache-2.0

package import CanaryFiles
import CanaryModel
import CanaryProcesses
import Foundation
import Glibc

/// Checkouts of our own in a repository of the user's: linked worktrees, used again and again.
///
/// Nothing of the user's is touched: their checkout, index, branches and stash are other files.
package struct PrivateWorktrees: Sendable {
    private let repository: Repository
    private let folder: String

    /// The worktrees of `repository` below `state`, which the caller drives.
    package init(of repository: Repository, in state: StateFolder) {
        self.repository = repository
        folder = state.path + "/worktrees"
    }

    /// Where worktree `number` lies, from 0.
    package func path(_ number: Int) -> String { "\(folder)/\(number)" }

    /// Whether the disk they lie on is full: then a command that fails there says nothing about a commit.
    package var isDiskFull: Bool { Disk.isFull(at: folder) }

    /// Makes sure that there are `count` of them, one after the other: git makes no two at once.
    ///
    /// Throws `fetchCheckout`, `environmentDiskFull`.
    package func prepare(_ count: Int, at revision: String) async throws(GitFailure) {
        for number in 0..<count where !FileManager.default.fileExists(atPath: path(number) + "/.git") {
            try await make(number, at: revision)
        }
    }

    /// Puts all files of `revision` into worktree `number`, and nothing else.
    ///
    /// One process of git, and one more when something else lies there. Throws `fetchCheckout`, `environmentDiskFull`.
    package func checkOut(_ revision: String, in number: Int) async throws(GitFailure) {
        let path = path(number)
        do {
            try await git(["-C", path, "checkout", "--quiet", "--force", "--detach", revision, "--"])
            if !WorktreeContents(path).isClean { try await git(["-C", path, "clean", "--quiet", "-ffdx"]) }
        } catch {
            guard !Disk.isFull(at: folder), error.reason != .environmentDiskFull else {
                throw error.with(.environmentDiskFull)
            }
            // What somebody who died left behind, a lock or half an index, is not worth a second look.
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
                detail: "`\(folder)` cannot be made: \(error)")
        }
        let bare = ["--git-dir=\(repository.common)", "worktree"]
        try await git(bare + ["add", "--quiet", "--force", "--no-checkout", "--detach", path(number), revision])
    }

    /// Removes all of them, and what git knows of them.
    package func remove() async {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names {
            // Git's own removal reads the whole index; its record goes with the pruning.
            Folder.remove("\(folder)/\(name)")
        }
        guard !names.isEmpty else { return }
        rmdir(folder)
        _ = try? await git(["--git-dir=\(repository.common)", "worktree", "prune", "--expire=now"])
    }

    /// Ends what a driver that died left running in them: whatever works there and has no terminal.
    package func endLeftovers() async {
        let start = folder + "/"
        guard FileManager.default.fileExists(atPath: folder) else { return }
        await ProcessScan { process in
            var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
            let count = readlink("/proc/\(process)/cwd", &buffer, buffer.count - 1)
            guard count > 0 else { return false }
            let place = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
            return place.hasPrefix(start) && !Self.hasTerminal(process)
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
