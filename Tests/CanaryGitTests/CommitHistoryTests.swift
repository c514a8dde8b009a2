// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryTestSupport
import Foundation
import Testing

@testable import CanaryGit

@Suite("CommitHistory") final class CommitHistoryTests {
    let temporary = TemporaryFolder()
    let origin: TestRepository

    init() { origin = TestRepository(temporary("origin")) }

    private func history(_ settings: [(key: String, value: String)] = []) -> CommitHistory {
        CommitHistory(
            git: UserSettings.git(settings, home: temporary), option: "--git-dir=\(origin.path)/.git", project: "p")
    }

    /// A commit whose message and headers are exactly these, on top of `parent` with its tree.
    private func raw(_ headers: String, _ message: String, on parents: String...) -> String {
        let tree = origin.git("rev-parse", "\(parents[0])^{tree}")
        let lines =
            ["tree \(tree)"] + parents.map { "parent \($0)" } + [
                "author Ada <a@canary.invalid> 1700000000 +0000", "committer A <a@canary.invalid> 1700000000 +0000",
            ]
        let text = lines.joined(separator: "\n") + "\n\(headers)\n\(message)\n"
        return origin.git("hash-object", "-t", "commit", "-w", "--stdin", input: Data(text.utf8))
    }

    /// A history with all that settings misread: renames, merges, submodules, signatures, and names of all kinds.
    private func build() -> (base: String, end: String) {
        let long = (1...30).map { "line \($0)\n" }.joined()
        let base = origin.commit(["src/api.h": long, "a": "1\n", "d/ü b": "x", "l": "\r\n"], message: "base")
        origin.commit(["src/api.h": nil, "docs/api.h": long], message: "moves a header\n\nand says why")
        origin.commit(["src/\u{1F600}.cmake": "x", "copy": long], message: "\u{7}subject \u{1B}[31mred\u{1B}[0m")
        let side = origin.commit(["side": "1"], message: "side", on: "side", from: base)
        var end = origin.git("rev-parse", "HEAD")
        let merge = origin.git("commit-tree", "\(end)^{tree}", "-p", end, "-p", side, "-m", "Merge side")
        let signature = "gpgsig -----BEGIN SSH SIGNATURE-----\n AAAA\n -----END SSH SIGNATURE-----\n"
        end = raw(signature, "signed", on: merge)
        origin.git("reset", "--quiet", "--hard", end)
        for (number, link) in [String(repeating: "1", count: 40), String(repeating: "2", count: 40)].enumerated() {
            origin.git("update-index", "--add", "--cacheinfo", "160000,\(link),sub")
            origin.git("-c", "user.name=A", "-c", "user.email=a@b", "commit", "--quiet", "-m", "bump \(number)")
        }
        end = raw("encoding ISO-8859-1\n", "plain", on: origin.git("rev-parse", "HEAD"))
        origin.git("update-ref", "refs/heads/main", end)
        return (base, end)
    }

    @Test func `no setting of a user changes which commits are read, nor what they change`() async throws {
        let (base, end) = build()
        temporary.write("attributes", "* -diff text eol=crlf\n")
        let bare = try await history().commits(from: base, to: end)
        #expect(bare.map(\.subject).prefix(2) == ["moves a header", "subject red"])
        #expect(bare.map(\.isRelevant) == [true, true, false, false, false, false, false])
        let counted = try await history().commits(from: base, to: end) { $0.hasPrefix("src/") || $0 == "sub" }
        #expect(counted.map(\.subject).prefix(1) == ["moves a header"] && counted.count == 4)
        let naming = await history().revisions(naming: ["line 7"], from: base, to: end)
        #expect(naming.count == 2)
        for settings in UserSettings.sets {
            let history = history(settings)
            let (found, paths) = try await (
                history.commits(from: base, to: end),
                history.commits(from: base, to: end) { $0.hasPrefix("src/") || $0 == "sub" }
            )
            #expect(found == bare && paths == counted, "\(settings)")
            if settings.count > 1 {
                #expect(await history.revisions(naming: ["line 7"], from: base, to: end) == naming, "\(settings)")
            }
        }
    }

    @Test func `replaced and grafted commits are read as they are`() async throws {
        let (base, end) = build()
        let bare = try await history().commits(from: base, to: end)
        origin.git("replace", bare[3].revision, bare[0].revision)
        origin.git("replace", "--graft", bare[5].revision, base)
        temporary.write("origin/.git/info/grafts", "\(bare[4].revision) \(base)\n")
        #expect(try await history().commits(from: base, to: end) == bare)
        let oldest = try await history().oldest(of: end, without: [base])
        #expect(oldest?.commit == bare[0].revision && oldest?.parents == [base])
    }

    @Test func `a chain with a hole, a wrong end or a torn record is refused`() {
        func log(_ commits: [(String, String)]) -> CommitLog {
            let text = commits.map { "commit \($0.0)\n\0\($0.0)\0\($0.1)\0001700000000\0A\0s\n" }.joined()
            return CommitLog(Array(text.utf8), project: "p")
        }
        let (a, b, c) = (
            String(repeating: "a", count: 40), String(repeating: "b", count: 40), String(repeating: "c", count: 40)
        )
        #expect(log([(a, c), (b, "\(a) \(c)")]).hole(before: b) == nil)
        #expect(log([(a, c), (b, c)]).hole(before: b)?.contains("a hole: `\(c)`") == true)
        #expect(log([(a, c), (b, a)]).hole(before: c)?.contains("ends at `\(b)`") == true)
        #expect(log([]).hole(before: c) == nil)
        #expect(CommitLog(Array("commit \(a)\n\0\(a)\0\(b)\0001".utf8), project: "p").hole(before: a) != nil)
        #expect(CommitLog(Array("commit \(a)\n\0\(b)\0\0001\0A\0s\n".utf8), project: "p").hole(before: b) != nil)
    }

    @Test func `a shallow copy and a refused one are said as that`() async throws {
        let (base, _) = build()
        let shallow = temporary("shallow")
        shell(["git", "clone", "--quiet", "--depth=2", "file://\(origin.path)", shallow])
        let git = UserSettings.git([], home: temporary)
        let end = shell(["git", "-C", shallow, "rev-parse", "HEAD"])
        shell(["git", "-C", shallow, "fetch", "--quiet", "--depth=1", "origin", base])
        await #expect {
            _ = try await RangeEnds.resolve(shallow, goods: [base], bad: end, git: git)
        } throws: {
            let text = ($0 as? RangeProblem)?.text ?? ""
            return text.contains("shallow") && text.contains("whose parents it has not")
        }
        shell(["git", "clone", "--quiet", "--bare", origin.path, temporary("bare.git")])
        let careful = UserSettings.git([("safe.bareRepository", "explicit")], home: temporary)
        await #expect {
            _ = try await RangeEnds.resolve(self.temporary("bare.git"), goods: [base], bad: "main", git: careful)
        } throws: {
            let text = ($0 as? RangeProblem)?.text ?? ""
            return text.contains("safe.bareRepository") && !text.contains("not in a git repository")
        }
    }

    @Test func `an object that a partial clone lacks is named`() {
        let object = String(repeating: "d", count: 40)
        let failure = GitWords.failure(
            in: Array("fatal: x\nfatal: could not fetch \(object) from promisor remote\n".utf8), otherwise: .unknown)
        #expect(failure.reason == .fetchRevisionMissing)
        #expect(failure.detail.contains("a partial clone that lacks the object `\(object)`"))
    }

    @Test func `the base is on the line of first parents, whatever branch good is on`() async throws {
        let root = origin.commit(["a": "0"])
        let second = origin.commit(["a": "1"])
        let release = origin.commit(["a": "2"], on: "release", from: second)
        let third = origin.commit(["a": "3"])
        let merged = origin.commit(["b": "1"], on: "topic", from: root)
        let merge = origin.git("commit-tree", "\(third)^{tree}", "-p", third, "-p", merged, "-m", "Merge topic")
        origin.git("update-ref", "refs/heads/main", merge)
        let git = UserSettings.git([], home: temporary)
        func base(_ goods: String...) async throws -> (String, Bool) {
            let ends = try await RangeEnds.resolve(origin.path, goods: goods, bad: "main", git: git)
            return (ends.base, ends.isForked)
        }
        #expect(try await base(second) == (second, false))
        #expect(try await base(release) == (second, true))
        #expect(try await base(merged) == (root, true))
        #expect(try await base(root, release) == (second, true))
        #expect(try await base(release, third) == (third, false))
    }
}
