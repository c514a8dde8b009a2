// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryGit
import CanaryModel
import CanaryProcesses
import Foundation

/// A stack of three tiny projects in a temporary folder, and this program to run on it.
struct TemporaryStack: Sendable {
    /// The folder.
    let root: String
    private let git = Git()
    private let program = SelfExecutable()

    /// The projects, upstreams first.
    static let projects = ["base", "left", "top"]

    var state: StateFolder { StateFolder(path: "\(root)/state") }

    /// Makes the folder, the repositories and the manifests.
    ///
    /// - Throws: `GitFailure`, or what keeps files from being written.
    static func make() async throws -> TemporaryStack {
        let folder = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
        let stack = TemporaryStack(root: folder.appending(path: "canary-self-test-\(UUID().uuidString.prefix(8))").path)
        // A store of one byte: each `gc` removes everything that is not needed.
        try stack.write(
            "manifests/stack.yaml",
            """
            stack: self-test
            runtime: process
            lanes: [head]
            variants: {local: {}}
            limits: {store: 1B}

            """)
        for (index, name) in projects.enumerated() {
            try stack.write(
                "manifests/projects/\(name).yaml", stack.manifest(name, on: Array(projects[..<index].suffix(1))))
            try await stack.git.run(
                ["init", "--quiet", "--initial-branch=main", "\(stack.root)/\(name)"], within: .seconds(60),
                otherwise: .environmentEngine)
            try await stack.commit(name, "keep \(name)")
        }
        return stack
    }

    private func manifest(_ name: String, on upstreams: [String]) -> String {
        let checks = upstreams.map { #"grep -q keep "$CANARY_UPSTREAM_\#($0.uppercased())/\#($0).h"; "# }.joined()
        // Long enough to be killed halfway.
        let script = #"echo half > "$CANARY_PREFIX/half"; sleep 0.1; rm "$CANARY_PREFIX/half"; "#
        let install = #"cp "$CANARY_SOURCE/\#(name).h" "$CANARY_PREFIX""#
        return """
            project: \(name)
            repository: \(root)/\(name)
            upstreams: [\(upstreams.joined(separator: ", "))]
            stages: [{stage: build, run: '\(checks)\(script)\(install)'}]

            """
    }

    /// Commits `content` as the header of `project`.
    func commit(_ project: String, _ content: String) async throws {
        try write("\(project)/\(project).h", content + "\n")
        let who = ["-c", "user.name=canary", "-c", "user.email=canary@localhost.invalid", "-c", "commit.gpgsign=false"]
        for words in [["add", "--all"], who + ["commit", "--quiet", "--message", "change"]] {
            try await git.run(
                ["-C", "\(root)/\(project)"] + words, within: .seconds(60), otherwise: .environmentEngine)
        }
    }

    /// Runs a verb on the stack.
    func canary(_ words: String..., killedAfter death: Duration? = nil) async throws(LaunchFailure)
        -> CapturedProcess.End
    {
        try await program.run(
            words + ["--quiet", "--stack", "\(root)/manifests", "--state", state.path], in: root, killedAfter: death)
    }

    /// Removes all of it.
    func remove() { try? FileManager.default.removeItem(atPath: root) }

    private func write(_ path: String, _ content: String) throws {
        let file = URL(filePath: "\(root)/\(path)")
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try content.write(to: file, atomically: false, encoding: .utf8)
    }
}
