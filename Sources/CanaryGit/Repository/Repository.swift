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
    let git: Git
    private let location: String

    /// Opens the repository at or around `path`.
    ///
    /// - Throws: `GitFailure` if there is none.
    package static func open(_ path: String, git: Git) async throws(GitFailure) -> Repository {
        let answer = try await git.run(
            ["-C", path, "rev-parse", "--path-format=absolute", "--git-common-dir", "--is-shallow-repository"],
            within: git.limits.answer, otherwise: .fetchCheckout)
        let lines = String(decoding: answer, as: UTF8.self).split(separator: "\n").map(String.init)
        guard lines.count == 2 else { throw GitFailure(reason: .fetchCheckout, detail: "git gave no answer") }
        return Repository(common: lines[0], isShallow: lines[1] == "true", git: git, location: path)
    }

    private init(common: String, isShallow: Bool, git: Git, location: String) {
        self.common = common
        self.isShallow = isShallow
        self.git = git
        self.location = location
        let path = common as NSString
        let around = path.lastPathComponent == ".git" ? path.deletingLastPathComponent : common
        let last = (around as NSString).lastPathComponent
        name = last.hasSuffix(".git") && last.count > 4 ? String(last.dropLast(4)) : last
    }

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

    /// The merge base of two commits; nil if they have none.
    package func mergeBase(_ first: String, _ second: String) async -> String? {
        await history.mergeBase(first, second)
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

    /// Whether `revision` contains `path`, a file or a folder.
    package func holds(_ path: String, at revision: String) async -> Bool {
        let relative = path.hasPrefix("./") ? String(path.dropFirst(2)) : path
        guard !relative.hasPrefix("/"), !relative.isEmpty else { return false }
        return
            (try? await git.run(
                ["--git-dir=\(common)", "cat-file", "-e", "\(revision):\(relative)"], within: git.limits.answer,
                otherwise: .fetchRevisionMissing)) != nil
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
