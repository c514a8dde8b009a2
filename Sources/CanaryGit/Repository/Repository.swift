// SPDX-License-Identifier: Apache-2.0

package import CanaryFiles
package import CanaryModel
import Foundation

/// A repository of the user: its history is read, and nothing in it is changed.
package struct Repository: Sendable {
    /// The git directory that all its worktrees share, absolute.
    package let common: String
    /// Its name: that of the folder around `common`.
    package let name: String
    /// Whether it is shallow.
    package let isShallow: Bool
    /// The folder of its working tree that it was opened in: empty for the root, or a path that ends with a slash.
    package let subfolder: String
    /// The folder around `common`, where its submodules are relative to; `common` itself if it is bare.
    let root: String
    let git: Git
    private let location: String

    /// Opens the repository at or around `path`.
    ///
    /// - Throws: `GitFailure` if there is none, or if git refuses it; see `isAbsence(_:)`.
    package static func open(_ path: String, git: Git) async throws(GitFailure) -> Repository {
        let answer = try await git.run(
            [
                "-C", path, "rev-parse", "--path-format=absolute", "--git-common-dir", "--is-shallow-repository",
                "--show-prefix",
            ],
            within: git.limits.answer, otherwise: .fetchCheckout)
        let lines = answer.split(separator: 10, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard lines.count >= 3 else { throw GitFailure(reason: .fetchCheckout, detail: "git gave no answer") }
        return Repository(
            common: lines[0], isShallow: lines[1] == "true", subfolder: lines[2...].dropLast().joined(separator: "\n"),
            git: git, location: path)
    }

    /// Whether `open(_:git:)` failed because there is no repository, rather than because git refuses it.
    package static func isAbsence(_ failure: GitFailure) -> Bool {
        failure.detail.contains("not a git repository") || failure.detail.contains("cannot change to")
    }

    private init(common: String, isShallow: Bool, subfolder: String, git: Git, location: String) {
        self.common = common
        self.isShallow = isShallow
        self.subfolder = subfolder
        self.git = git
        self.location = location
        let path = common as NSString
        root = path.lastPathComponent == ".git" ? path.deletingLastPathComponent : common
        let last = (root as NSString).lastPathComponent
        name = last.hasSuffix(".git") && last.count > 4 ? String(last.dropLast(4)) : last
    }

    /// Whether it has no working tree.
    package var isBare: Bool { root == common }

    /// The default state folder of searches in this repository.
    package var state: StateFolder { StateFolder(path: common + "/canary") }

    /// The commit that `name` means; nil if there is none.
    package func commit(_ name: String) async -> String? {
        guard !name.hasPrefix("-") else { return nil }
        let answer = try? await git.run(
            ["-C", location, "rev-parse", "--verify", "--quiet", name + "^{commit}"], within: git.limits.answer,
            otherwise: .fetchRevisionMissing)
        return answer.map { String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines) }
    }

    /// Whether two commits have a common ancestor.
    package func areRelated(_ first: String, _ second: String) async -> Bool {
        await history.mergeBase(first, second) != nil
    }

    /// The oldest commit that `end` has along its first parents and none of `others` has, with its parents; nil if all of
    /// them are in `others`.
    package func oldest(
        of end: String, without others: [String]
    ) async throws(GitFailure) -> (commit: String, parents: [String])? {
        try await history.oldest(of: end, without: others)
    }

    /// The commits that `end` has along its first parents and `base` has not, oldest first.
    ///
    /// - Parameter readingPaths: whether to read which paths they change, so that some weigh more in a search; slower.
    package func commits(
        from base: String, to end: String, readingPaths: Bool = true
    ) async throws(GitFailure) -> [Commit] {
        try await history.commits(from: base, to: end, readingPaths: readingPaths)
    }

    private var history: CommitHistory { CommitHistory(git: git, option: "--git-dir=\(common)", project: name) }

    /// Whether `revision` contains `path`, from the root of its tree: a file, or a folder.
    package func holds(_ path: String, at revision: String) async -> Bool {
        await answer(["cat-file", "-e", "\(revision):\(path)"]) != nil
    }

    /// Whether it has a remote `origin`, which addresses of submodules can be relative to.
    var hasOrigin: Bool { get async { await answer(["config", "--get", "remote.origin.url"]) != nil } }

    /// All its refs but ours, and those that belong to one worktree, in the form of git's `packed-refs`.
    func packedRefs() async -> [UInt8] {
        let own = ["refs/canary/", "refs/bisect/", "refs/worktree/", "refs/rewritten/"]
        let lines = (await answer(["for-each-ref", "--format=%(objectname) %(refname)"]) ?? []).split(separator: 10)
        let kept = lines.filter { line in
            let name = line.drop { $0 != 32 }.dropFirst()
            return !own.contains { name.starts(with: $0.utf8) }
        }
        return Array(kept.joined(separator: [10])) + (kept.isEmpty ? [] : [10])
    }

    /// What git prints about the repository; nil if it fails.
    private func answer(_ arguments: [String]) async -> [UInt8]? {
        try? await git.run(
            ["--git-dir=\(common)"] + arguments, within: git.limits.answer, otherwise: .fetchRevisionMissing)
    }
}

/// Paths that matter to the downstreams of a project.
package enum SearchedPath {
    private static let endings = [
        ".h", ".hh", ".hpp", ".hxx", ".h++", ".inl", ".h.in", ".cmake", ".cmake.in", ".pc.in", ".gni", ".mk", ".am",
    ]
    private static let names: Set<String> = [
        "CMakeLists.txt", "Makefile", "configure", "configure.ac", "meson.build", "meson_options.txt", "BUILD",
        "BUILD.bazel", "SConstruct", "SConscript", "setup.py", "pyproject.toml", "Cargo.toml", "Package.swift",
    ]

    /// Whether `path` is a header or part of the build system.
    package static func isRelevant(_ path: String) -> Bool {
        endings.contains { path.hasSuffix($0) } || names.contains((path as NSString).lastPathComponent)
    }
}
