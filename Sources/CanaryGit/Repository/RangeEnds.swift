// SPDX-License-Identifier: Apache-2.0

import CanaryText

/// Why a range of commits cannot be searched, in words for people.
package struct RangeProblem: Error, Hashable {
    /// What is wrong, lower case, without a final stop.
    package let text: String
    /// What to do about it.
    package let hint: String

    init(_ text: String, hint: String = "`git fsck` says whether the repository is whole") {
        self.text = text
        self.hint = hint
    }
}

/// The two ends of a range of commits in a user's repository.
package struct RangeEnds: Sendable {
    /// The repository.
    package let repository: Repository
    /// The commits given as good.
    package let goods: [String]
    /// The commit given as bad.
    package let bad: String
    /// The newest commit on the first-parent line of `bad` that a good commit has: the good one in a linear history, the
    /// merge base where it is on another branch.
    package let base: String

    /// Whether all good commits are on other branches, so that nobody called the base good.
    package var isForked: Bool { !goods.contains(base) }

    /// Resolves good and bad.
    ///
    /// - Parameters:
    ///   - path: the repository or a directory in it, which all of these commits must have.
    ///   - goods: names of commits that pass, not empty.
    ///   - bad: the name of a commit that fails.
    package static func resolve(
        _ path: String, goods: [String], bad: String, git: Git
    ) async throws(RangeProblem) -> RangeEnds {
        let repository = try await open(path, git: git)
        let end = try await commit(bad, "--bad", in: repository)
        var ends: [String] = []
        for good in goods { ends.append(try await commit(good, "--good", in: repository)) }
        let base = try await base(of: ends, end, in: repository)
        let range = RangeEnds(repository: repository, goods: ends, bad: end, base: base)
        try await range.requireSubfolder()
        return range
    }

    private static func open(_ path: String, git: Git) async throws(RangeProblem) -> Repository {
        do {
            return try await Repository.open(path, git: git)
        } catch {
            guard !Repository.isAbsence(error) else {
                throw RangeProblem(
                    "`\(path)` is not in a git repository: \(error.detail)",
                    hint: "use `--repository` to choose one")
            }
            throw RangeProblem(
                "git refuses the repository at `\(path)`: \(error.detail)",
                hint: "`git -C \(path) status` says the same")
        }
    }

    private func requireSubfolder() async throws(RangeProblem) {
        let folder = String(repository.subfolder.dropLast())
        guard !folder.isEmpty else { return }
        for revision in [base] + goods + [bad] where await !repository.holds(folder, at: revision) {
            throw RangeProblem(
                "`\(revision.shortRevision)` has no folder `\(folder)`, where the command shall run",
                hint: "search from the root of the repository: `--repository \(repository.name)`, or `cd` there")
        }
    }

    // MARK: - The two ends

    private static func commit(
        _ name: String, _ option: String, in repository: Repository
    ) async throws(RangeProblem) -> String {
        if let commit = await repository.commit(name) { return commit }
        let isID = name.wholeMatch(of: /[0-9a-fA-F]{7,64}/) != nil
        let reason =
            repository.isShallow
            ? "the repository is shallow: `git fetch --unshallow` gets the rest of its history"
            : isID
                ? "a force-push may have removed it: `git fetch origin \(name)` works as long as the server has it"
                : "expected a commit, a branch or a tag; `git fetch --tags` gets new ones"
        throw RangeProblem(
            "`\(option) \(name)`: `\(repository.name)` has no such commit", hint: reason)
    }

    private static func base(
        of goods: [String], _ bad: String, in repository: Repository
    ) async throws(RangeProblem) -> String {
        guard !goods.contains(bad) else {
            throw RangeProblem(
                "good and bad are the same commit `\(bad.shortRevision)`",
                hint: "`--good` is an older commit that passes, `--bad` (by default `HEAD`) one that fails")
        }
        let oldest: (commit: String, parents: [String])?
        do { oldest = try await repository.oldest(of: bad, without: goods) } catch {
            throw RangeProblem("the history of `\(repository.name)` cannot be read: \(error.detail)")
        }
        guard let oldest else {
            throw RangeProblem(
                "good and bad are swapped: `\(bad.shortRevision)` is an ancestor of "
                    + goods.map { "`\($0.shortRevision)`" }.joined(separator: " or "),
                hint: "`--good` is the older commit; to find a fix, invert the exit status of the command"
            )
        }
        if let base = oldest.parents.first { return base }
        if repository.isShallow {
            throw RangeProblem(
                "the repository is shallow: its history does not lead from bad back to good, and ends at "
                    + "`\(oldest.commit.shortRevision)`, whose parents it has not",
                hint: "`git fetch --unshallow` gets the rest")
        }
        for good in goods where await repository.areRelated(good, bad) { return oldest.commit }
        throw RangeProblem(
            "`\(goods[0].shortRevision)` and `\(bad.shortRevision)` have no common ancestor",
            hint: "both must be commits of one history")
    }
}
