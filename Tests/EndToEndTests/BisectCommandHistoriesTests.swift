// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import Testing

@Suite("bisect command in histories with branches") struct BisectCommandHistoriesTests {
    /// Commits with marks from 1 on: the branch, the parents' marks, and the whole tree as names with a line each.
    private func repository(
        _ forge: MiniForge, _ commits: [(branch: String, parents: [Int], files: [String: String])]
    ) -> SearchedRepository {
        var stream = ""
        for (index, commit) in commits.enumerated() {
            stream += "commit refs/heads/\(commit.branch)\nmark :\(index + 1)\n"
            stream += "committer A <a@canary.invalid> \(1_700_000_000 + index) +0000\ndata 2\nc\n"
            for (number, parent) in commit.parents.enumerated() {
                stream += "\(number == 0 ? "from" : "merge") :\(parent)\n"
            }
            stream += "deleteall\n"
            for (name, line) in commit.files.merging(["number": "\(index)"], uniquingKeysWith: { first, _ in first }) {
                stream += "M 100755 inline \(name)\ndata \(line.utf8.count + 1)\n\(line)\n"
            }
        }
        return SearchedRepository(forge, stream: stream, marks: commits.count)
    }

    /// Searches without waits for an outage; the default wait would not end in time.
    private func search(
        _ repository: SearchedRepository, good: String..., command: [String], status: Int = 0,
        options: [String] = []
    ) async throws -> JSON {
        try await repository.forge.start(
            bare: ["bisect", "command", "--repository", repository.path, "--json"] + options
                + good.flatMap { ["--good", $0] } + ["--"] + command
        ).end().expect(status).document()
    }

    @Test func `a good commit on a release branch is built when the merge base fails`() async throws {
        try await MiniForge.with { forge in
            let bad = ["state": "bad"]
            let repository = repository(
                forge,
                [
                    ("main", [], bad), ("main", [1], bad), ("main", [2], bad), ("release", [2], ["state": "good"]),
                    ("main", [3], bad), ("main", [5], bad),
                ])
            let good = repository.commits[3]
            let script = ["sh", "-c", "cat number >> '\(forge.root)/tried'; grep -q good state"]
            let found = try await search(repository, good: good, command: script, status: 1)
            #expect(found["result"] == "notMonotone" && found["culprit"] == nil)
            #expect(found["badBase"]["revision"] == .text(repository.commits[1]))
            #expect(found["badBase"]["good"] == .text(good))
            #expect(contents("\(forge.root)/tried").split(separator: "\n").contains("3"))
            let words = ["bisect", "command", "--repository", repository.path, "--good", good, "--"]
            let told = try await forge.start(bare: words + script).end().expect(1)
            #expect(told.output.contains("the merge base is bad, good is fixed on its branch"))
        }
    }

    @Test func `several good commits narrow the range, and a branch is no obstacle`() async throws {
        try await MiniForge.with { forge in
            let repository = repository(
                forge,
                [
                    ("main", [], ["state": "good"]), ("main", [1], ["state": "good"]),
                    ("release", [2], ["state": "good"]),
                    ("main", [2], ["state": "good"]), ("main", [4], ["state": "bad"]), ("main", [5], ["state": "bad"]),
                ])
            let commits = repository.commits
            let found = try await search(
                repository, good: commits[0], commits[2], command: ["grep", "-q", "good", "state"])
            #expect(found["culprit"]["revision"] == .text(commits[4]) && found["commits"] == 3)
            #expect(found["culprit"]["parent"] == .text(commits[3]))
        }
    }

    @Test func `a merged branch that is older than what is tested names the merge, at once`() async throws {
        try await MiniForge.with { forge in
            let (old, new) = (["state": "good"], ["state": "good", "feature": "x"])
            let repository = repository(
                forge,
                [
                    ("main", [], old), ("side", [1], old), ("side", [2], ["state": "bad"]), ("main", [1], old),
                    ("main", [4], new), ("main", [5], new),
                    ("main", [6, 3], ["state": "bad", "feature": "x"]),
                    ("main", [7], ["state": "bad", "feature": "x"]),
                ])
            let script = ["sh", "-c", "test -e feature && grep -q good state"]
            let found = try await search(repository, good: repository.commits[4], command: script)
            #expect(found["culprit"]["revision"] == .text(repository.commits[6]))
            #expect(found["culprit"]["parent"] == .text(repository.commits[5]))
        }
    }

    @Test func `an octopus is searched on each of its branches`() async throws {
        try await MiniForge.with { forge in
            let (good, bad) = (["state": "good"], ["state": "bad"])
            let repository = repository(
                forge,
                [
                    ("main", [], good), ("one", [1], good), ("two", [1], good), ("two", [3], bad), ("main", [1], good),
                    ("main", [5, 2, 4], bad), ("main", [6], bad),
                ])
            let found = try await search(
                repository, good: repository.commits[0], command: ["grep", "-q", "good", "state"])
            #expect(found["culprit"]["revision"] == .text(repository.commits[3]))
            #expect(found["culprit"]["parent"] == .text(repository.commits[2]))
            #expect(found["culprit"]["merges"] == [.text(repository.commits[5])])
        }
    }

    @Test func `a command that is wrong at good ends with its last lines, and is asked again`() async throws {
        try await MiniForge.with { forge in
            let repository = SearchedRepository(forge, count: 16) { $0 >= 9 ? "bad" : "good" }
            let script = "[ -e '\(forge.root)/well' ] || { echo 'cannot find it' >&2; exit 3; }; grep -q good state"
            let words = ["bisect", "command", "--repository", repository.path, "--good", repository.commits[0], "--"]
            for _ in 0..<2 {
                let ended = try await forge.start(bare: words + ["sh", "-c", script]).end().expect(2)
                #expect(
                    ended.errors.contains("fails at the good commit") && ended.errors.contains("  cannot find it\n"))
                #expect(ended.output.isEmpty && !ended.errors.contains("waiting"))
            }
            try forge.write("well", "")
            try await forge.start(bare: words + ["--fresh"].filter { _ in false } + ["sh", "-c", script]).end().expect(
                0)
        }
    }

    @Test func `the caller's folder and files are the probe's, and the report says which`() async throws {
        try await MiniForge.with { forge in
            let files = { (state: String) in
                ["sub/state": state, "state": "good", "sub/check.sh": "grep -q good state"]
            }
            let repository = repository(
                forge, (1...8).map { ("main", $0 > 1 ? [$0 - 1] : [], files($0 >= 6 ? "bad" : "good")) })
            try forge.write("work/sub/mine", "test ! -e missing && grep -q good state\n")
            let culprit = "culprit: work \(repository.commits[5])"
            for (line, files) in [
                ("sh -e check.sh", "`check.sh` of each commit"), ("sh -eu mine", "`mine` is yours, "),
                ("grep -q good ./state", "`./state` of each commit"),
            ] {
                let ended = try await forge.shell(
                    "'\(MiniForge.canary)' bisect command --fresh --good HEAD~7 -- \(line)", in: "work/sub"
                ).expect(0)
                #expect(ended.output.contains(culprit) && ended.output.contains(files), "\(line): \(ended.output)")
                let check = try #require(ended.output.firstMatch(of: /check +(.*)/)?.1)
                #expect(try await forge.shell(String(check), in: "home").status == 1)
                forge.git("checkout", "--quiet", "main", in: repository.path)
            }
            let lost = try await forge.shell(
                "mkdir new && cd new && '\(MiniForge.canary)' bisect command --good HEAD~7 -- true", in: "work/sub")
            #expect(lost.status == 2 && lost.errors.contains("has no folder `sub/new`"))
        }
    }
}
