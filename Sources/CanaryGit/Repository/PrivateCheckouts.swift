// SPDX-License-Identifier: Apache-2.0

package import CanaryFiles
import CanaryModel
import CanaryProcesses
import Foundation
import Glibc
import Synchronization

/// Our own checkouts of a user's repository, reused for many revisions.
///
/// Each is a small repository of its own, with the user's refs and settings, that reads the objects of the user's
/// repository and writes nothing there: what a command does in it, with git or without, ends with it. They lie outside of
/// every git directory, because many tools leave out paths with `.git` in them.
package final class PrivateCheckouts: Sendable {
    private let repository: Repository
    private let folder: String
    /// What each was like when it was made.
    private let made = Mutex<[Int: PrivateCheckout.Origin]>([:])

    /// The checkouts of `repository`, for a search whose state is in `state`; the caller holds its lock.
    ///
    /// - Parameter environment: its `TMPDIR` is where they are if `state` is inside the git directory.
    package init(
        of repository: Repository, in state: StateFolder,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        self.repository = repository
        let isInside = "\(state.path)/".hasPrefix("\(repository.common)/")
        let outside = isInside ? Self.outside(of: repository, environment) : nil
        folder = outside ?? state.path + "/checkouts"
    }

    /// A folder for temporary files that lives on a disk and belongs to this user alone; nil if there is none.
    private static func outside(of repository: Repository, _ environment: [String: String]) -> String? {
        let isPlain = repository.name.wholeMatch(of: /[A-Za-z0-9_][A-Za-z0-9_.+-]{0,40}/) != nil
        let name = isPlain ? repository.name : "repository"
        var hasher = FieldHasher()
        hasher.add(repository.common)
        let roots = [environment["TMPDIR"], "/var/tmp", "/tmp"].compactMap(\.self).filter { $0.hasPrefix("/") }
        for root in roots where Folder.exists(root) {
            let own = URL(fileURLWithPath: root).resolvingSymlinksInPath().path + "/canary-\(getuid())"
            mkdir(own, 0o700)
            var state = stat()
            guard lstat(own, &state) == 0, state.st_mode & S_IFMT == S_IFDIR, state.st_uid == getuid(),
                state.st_mode & 0o077 == 0
            else { continue }
            return "\(own)/\(name)-\(hasher.finish().prefix(10))"
        }
        return nil
    }

    /// The path of checkout `number`, from 0.
    package func path(_ number: Int) -> String { "\(folder)/\(number)" }

    /// Whether their disk is full: then a failing command says nothing about a commit.
    package var isDiskFull: Bool {
        // The folder itself may be what could not be created.
        var place = folder
        while !Folder.exists(place), place.count > 1 { place = (place as NSString).deletingLastPathComponent }
        return Disk.isFull(at: place)
    }

    /// Makes checkout `number` contain exactly the files of `revision`.
    ///
    /// One git process, and one more if other files are there. If files or settings remain that git does not clean, the
    /// checkout is made anew. Throws `fetchCheckout`, `environmentDiskFull`.
    package func checkOut(_ revision: String, in number: Int) async throws(GitFailure) {
        let checkout = PrivateCheckout(path: path(number), repository: repository)
        do {
            if let origin = made.withLock({ $0[number] }), try await checkout.switched(to: revision, from: origin) {
                return
            }
        } catch {
            guard !isDiskFull, error.reason != .environmentDiskFull else { throw error.with(.environmentDiskFull) }
            guard !Task.isCancelled else { throw error }
        }
        do {
            let origin = try await checkout.make(at: revision)
            made.withLock { $0[number] = origin }
        } catch {
            throw isDiskFull ? error.with(.environmentDiskFull) : error
        }
    }

    /// Removes all checkouts.
    package func remove() {
        made.withLock { $0 = [:] }
        Folder.remove(folder)
        // Ours, if no other search is at work.
        let around = (folder as NSString).deletingLastPathComponent
        if (around as NSString).lastPathComponent == "canary-\(getuid())" { rmdir(around) }
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
}
