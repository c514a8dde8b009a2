// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// A git repository that stands for a remote, isolated from the user's configuration.
package struct TestRepository: Sendable {
    package let path: String

    /// Uses the existing repository at `path`.
    package init(at path: String) { self.path = path }

    /// Creates an empty repository at `path`.
    @discardableResult
    package init(_ path: String, bare: Bool = false, branch: String = "main", format: String = "sha1") {
        self.init(at: path)
        let kind = bare ? ["--bare"] : []
        shell(["git", "init", "--quiet", "--initial-branch=\(branch)", "--object-format=\(format)"] + kind + [path])
    }

    /// Runs git in the repository, and returns what it printed.
    @discardableResult
    package func git(_ words: String..., input: Data? = nil) -> String {
        shell(["git"] + words, in: path, input: input)
    }

    /// Commits files, where nil removes one, and returns the commit.
    ///
    /// A checkout then shows exactly its branch.
    ///
    /// - Parameters:
    ///   - branch: the branch of `HEAD` unless given.
    ///   - base: the parent, the end of the branch unless given.
    ///   - rewriting: whether the commit has no parent and replaces the branch, as a force-push can.
    @discardableResult
    package func commit(
        _ files: [String: String?], message: String = "change", on branch: String? = nil, from base: String? = nil,
        at second: Int = 1_700_000_000, rewriting: Bool = false
    ) -> String {
        let ref = branch.map { "refs/heads/\($0)" } ?? headRef
        var stream = "commit \(ref)\nmark :1\ncommitter A <a@canary.invalid> \(second) +0000\n"
        stream += "data \(message.utf8.count)\n\(message)\n"
        if let parent = base ?? (!rewriting && exists(ref) ? "\(ref)^0" : nil) { stream += "from \(parent)\n" }
        for (name, content) in files.sorted(by: { $0.key < $1.key }) {
            stream += content.map { "M 100644 inline \(name)\ndata \($0.utf8.count)\n\($0)\n" } ?? "D \(name)\n"
        }
        return load(stream, marks: 1)[0]
    }

    /// Loads a stream of `git fast-import` with marks from 1 on, and returns their commits.
    package func load(_ stream: String, marks: Int) -> [String] {
        let questions = (1...marks).map { "get-mark :\($0)\n" }.joined()
        let answer = git(
            "fast-import", "--quiet", "--force", "--date-format=raw", input: Data((stream + questions).utf8))
        if gitFolder != path { git("reset", "--quiet", "--hard") }
        return answer.split(separator: "\n").map(String.init)
    }

    /// Tags a commit, or the end of a branch.
    package func tag(_ name: String, at commit: String = "main") { git("tag", name, commit) }

    /// The commit at the end of a branch.
    package func head(_ branch: String = "main") -> String { git("rev-parse", "refs/heads/\(branch)") }

    private var gitFolder: String { FileManager.default.fileExists(atPath: "\(path)/.git") ? "\(path)/.git" : path }

    private var headRef: String {
        (text("\(gitFolder)/HEAD") ?? "").trimmingCharacters(in: .whitespacesAndNewlines).replacing("ref: ", with: "")
    }

    private func exists(_ ref: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(gitFolder)/\(ref)")
            || (text("\(gitFolder)/packed-refs") ?? "").contains(" \(ref)\n")
    }
}
