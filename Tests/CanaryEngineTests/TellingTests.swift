// SPDX-License-Identifier: Apache-2.0

import CanaryEngine
import CanaryHistory
import CanaryModel
import Foundation
import Testing

@Suite("Telling")
struct TellingTests {
    private let history: History
    private let stack: Stack
    private let usd = JobID(project: "usd", variant: "v", lane: .head)
    private let osl = JobID(project: "osl", variant: "v", lane: .head)
    private static let begin = Date(timeIntervalSince1970: 1_800_000_000)

    init() throws {
        history = try History.inMemory(stack: "demo") { Self.begin }
        let projects = ["usd", "osl"].map {
            Project(name: $0, location: .folder($0), builds: [:], variants: ["v"])
        }
        stack = Stack(
            name: "demo", variants: [Variant(name: "v", image: nil, lanes: [.head])], graph: try ProjectGraph(projects),
            operation: Operation(digest: try CronSchedule("0 8 * * *")),
            notify: [NotifyTarget(name: "file", kind: .file("x"))])
    }

    /// A judge in whose only episode `usd` is broken, and the ruling that said so.
    private func broken() -> (judge: StackJudge, ruling: Ruling) {
        var judge = StackJudge(policy: Policy(reruns: 0, pageAfterAge: .span(.hours(0)), pageAfterHeads: 1))
        var pass = Answers()
        pass.add(.pass, to: .control)
        _ = judge.judge([sighting("r1", 0, .pass)], at: Self.begin)
        let ruling = judge.judge([sighting("r2", 1, .fail)], given: [usd: pass], at: Self.begin + 3600)
        return (judge, ruling)
    }

    private func sighting(_ run: String, _ hour: Double, _ evidence: Evidence) -> Sighting {
        Sighting(
            run: run, job: usd, inputs: Inputs(at: Self.begin + hour * 3600, head: run), evidence: evidence)
    }

    @Test func `a recovery goes on with the thread of its page`() async throws {
        var (judge, ruling) = broken()
        let telling = Telling(history: history, stack: stack)
        let page = try await telling.postings(
            of: ruling.messages.filter { $0.kind == .page }, board: judge.board, run: "r2", at: Self.begin + 3600)
        #expect(page.map(\.notice.key) == ["demo:page:r2-n1"])
        try await history.put(page)
        var again = Answers()
        again.add(.pass, to: .confirm)
        ruling = judge.judge([sighting("r3", 2, .pass)], given: [usd: again], at: Self.begin + 7200)
        let recovery = try await telling.postings(
            of: ruling.messages, board: judge.board, run: "r3", at: Self.begin + 7200)
        #expect(recovery.map(\.notice.key) == ["demo:recovered:r2-n1"])
    }

    @Test func `an update goes on with its page, and a failing environment is no update`() async throws {
        let (judge, ruling) = broken()
        let telling = Telling(history: history, stack: stack)
        let pages = ruling.messages.filter { $0.kind == .page }
        try await history.put(
            try await telling.postings(of: pages, board: judge.board, run: "r2", at: Self.begin + 3600))
        let page = try #require(pages.first)
        let wider = Message(kind: .page, job: usd, jobs: [usd, osl], notice: page.notice)
        let environment = Message(kind: .environment, job: usd, notice: 9)
        let postings = try await telling.postings(
            of: [], updated: [wider, environment], board: judge.board, run: "r3", at: Self.begin)
        #expect(postings.map(\.notice.key) == ["demo:updated:r2-n1:r3"])
        #expect(postings.map(\.due) == [Self.begin + 86400], "with the digest")
    }
}
