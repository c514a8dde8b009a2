// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import Foundation

/// Who the root of a build is on this machine: an id that has no rights here, so that what breaks out has none either.
package struct BuildOwner: Hashable, Sendable {
    /// The id of its user.
    package let user: UInt32
    /// The id of its group.
    package let group: UInt32

    /// How many ids a container has.
    private static let count: UInt32 = 65536
    /// Whose ranges in `/etc/subuid` and `/etc/subgid` are meant for containers that root starts (containers-storage.conf(5)).
    private static let name = "containers"

    /// The owner of builds in podman, when it runs as root and the machine has set ids aside for containers.
    ///
    /// One range for all, so that a build reads what others have installed.
    static func ofPodman() -> BuildOwner? {
        guard geteuid() == 0, let user = start(in: "/etc/subuid"), let group = start(in: "/etc/subgid") else {
            return nil
        }
        return BuildOwner(user: user, group: group)
    }

    private static func start(in path: String) -> UInt32? {
        start(in: (try? String(contentsOfFile: path, encoding: .utf8)) ?? "", of: name)
    }

    /// The start of the first range of `name` that is large enough, in the form of subuid(5).
    static func start(in text: String, of name: String) -> UInt32? {
        text.split(separator: "\n").lazy.compactMap { line -> UInt32? in
            let fields = line.split(separator: ":")
            guard fields.count == 3, fields[0] == name, let start = UInt32(fields[1]), let count = UInt32(fields[2]),
                count >= Self.count
            else { return nil }
            return start
        }.first
    }

    /// The options of podman.
    var mapping: [String] { ["--uidmap=0:\(user):\(Self.count)", "--gidmap=0:\(group):\(Self.count)"] }

    /// Makes it the owner of all at `path`; does nothing if it owns `path` already.
    ///
    /// - Throws: `FolderFailure`.
    func own(_ path: String) throws(FolderFailure) {
        var state = stat()
        guard lstat(path, &state) == 0 else { throw FolderFailure(action: "read", path: path, code: errno) }
        if state.st_uid != user || state.st_gid != group { try Folder.give(path, to: (user, group)) }
    }
}
