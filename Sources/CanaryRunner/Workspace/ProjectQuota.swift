// SPDX-License-Identifier: Apache-2.0

package import CanaryFiles
import CanaryModel
import CanaryProcesses
package import CanaryText
import Foundation

/// Quotas of disk for attempts, on a file system that counts by project: ext4 and xfs that are mounted with `prjquota`.
///
/// The kernel refuses what exceeds one, where `MachineWatch` notices it a second later. Each attempt has a project of its
/// own. Where this is missing, or fails, the watch alone remains; nothing is started then.
package struct ProjectQuota: Hashable, Sendable {
    /// Where the file system is mounted.
    package let mountPoint: String
    /// The folders in which the tools are looked up, separated by colons.
    private let path: String

    /// The quotas for `state`; nil where its file system has none, or without root's rights.
    ///
    /// - Parameters:
    ///   - mounts: the text of `/proc/self/mountinfo`; read by default.
    ///   - user: who runs the tools.
    ///   - path: where the tools are.
    package init?(
        state: StateFolder, mounts: String? = nil, user: UInt32 = geteuid(), path: String = StageEnvironment.path
    ) {
        let mounts = mounts ?? (try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)) ?? ""
        guard user == 0, let mount = Self.mount(of: state.path, in: mounts), mount.countsProjects else { return nil }
        mountPoint = mount.point
        self.path = path
    }

    /// The tools that are needed and not installed.
    package var missingTools: [String] { ["chattr", "setquota"].filter { tool($0) == nil } }

    /// Bounds what `folders` of `attempt`, which are empty, may take together.
    ///
    /// - Returns: whether they are bounded.
    package func begin(_ attempt: String, in folders: [String], limit: ByteSize) async -> Bool {
        let blocks = max(1, limit.bytes >> 10)
        let files = max(1, limit.bytes / MachineWatch.entrySize)
        guard await set(attempt, blocks: blocks, files: files) else { return false }
        return await run("chattr", ["-p", Self.project(of: attempt), "+P"] + folders)
    }

    /// Releases what is left of `attempt`.
    ///
    /// - Parameter kept: what it installed, if that is stored.
    package func end(_ attempt: String, keeping kept: String?) async {
        if let kept { _ = await run("chattr", ["-R", "-p", "0", "-P", kept]) }
        _ = await set(attempt, blocks: 0, files: 0)
    }

    private func set(_ attempt: String, blocks: Int, files: Int) async -> Bool {
        await run("setquota", ["-P", Self.project(of: attempt), "0", "\(blocks)", "0", "\(files)", mountPoint])
    }

    private func run(_ name: String, _ arguments: [String]) async -> Bool {
        guard let tool = tool(name) else { return false }
        let command = Command(tool, arguments, variables: ["PATH": path, "LC_ALL": "C"])
        return (try? await CapturedProcess.run(command, within: .seconds(60)))?.status == .code(0)
    }

    private func tool(_ name: String) -> String? {
        path.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    /// The number of the project of `attempt`, far from those that people choose (FNV-1a).
    static func project(of attempt: String) -> String {
        let hash = attempt.utf8.reduce(2_166_136_261 as UInt32) { ($0 ^ UInt32($1)) &* 16_777_619 }
        return String(hash >> 2 | 1 << 30)
    }

    /// The mount on which `path` lies, of those in `mounts` (proc(5)).
    private static func mount(of path: String, in mounts: String) -> (point: String, countsProjects: Bool)? {
        let all = mounts.split(separator: "\n").compactMap { line -> (point: String, countsProjects: Bool)? in
            let words = line.split(separator: " ")
            guard words.count > 9, let end = words.firstIndex(of: "-"), end + 3 < words.count else { return nil }
            let options = words[end + 3].split(separator: ",")
            return (unescaped(words[4]), options.contains("prjquota") || options.contains("pquota"))
        }
        let around = all.filter { $0.point == "/" || path == $0.point || path.hasPrefix($0.point + "/") }
        // Of several at one place, the last one hides the others.
        return around.reversed().max { $0.point.utf8.count < $1.point.utf8.count }
    }

    private static func unescaped(_ text: Substring) -> String {
        [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")].reduce(String(text)) {
            $0.replacing($1.0, with: $1.1)
        }
    }
}
