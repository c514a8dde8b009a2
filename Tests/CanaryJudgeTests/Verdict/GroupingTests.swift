// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryTestSupport
import Foundation
import Testing

@testable import CanaryModel

@Suite("One notice for one cause") struct GroupingTests {
    /// All of `jobs` pass at hour 0 on `before`, and fail at 1 to 20 on `after`.
    private func breaking(_ jobs: [String], _ before: String, _ after: String) throws -> Story {
        var story = try Story("")
        for job in jobs {
            try story.add("0 \(job) h0 P \(before)")
            for hour in 1...20 { try story.add("\(hour) \(job) h\(hour) F \(after)") }
        }
        return story
    }

    @Test func `all downstreams of an upstream are in one page, and in one recovery`() throws {
        var story = try breaking(["usd", "osl", "otio"], "oiio=a", "oiio=b")
        for job in ["usd", "osl", "otio"] { try story.add("21 \(job) h21 P oiio=c") }
        #expect(story.paged() == ["19 page osl otio usd (oiio)", "21 recovered osl otio usd (oiio)"])
    }

    @Test func `a suspected job is included in the page, and is not paged again`() throws {
        var story = try breaking(["usd"], "oiio=a", "oiio=b")
        try story.add("0 osl h0 P oiio=a")
        try story.add("10 osl h1 F oiio=c\n20 osl h2 F oiio=d\n28 osl h3 F oiio=d\n30 osl h4 F oiio=d")
        #expect(story.paged() == ["19 page osl usd (oiio)"])
    }

    @Test func `a job that turns red later joins the page that was sent`() throws {
        var story = try breaking(["usd"], "oiio=a", "oiio=b")
        try story.add("0 osl h0 P oiio=a\n24 osl h1 F oiio=c\n48 osl h2 F oiio=c\n72 osl h3 F oiio=c")
        #expect(story.paged() == ["19 page osl usd (oiio)"])
    }

    @Test func `a job that passed on the bad upstream has another cause`() throws {
        var story = try breaking(["usd"], "oiio=a", "oiio=b")
        try story.add(
            "0 osl h0 P oiio=a\n5 osl h1 P oiio=b\n10 osl h2 F oiio=c\n20 osl h3 F oiio=d\n28 osl h4 F oiio=d")
        #expect(story.paged() == ["19 page usd (oiio)", "28 page osl (oiio)"])
    }

    @Test func `the upstream that most jobs share is named`() throws {
        var story = try breaking(["usd"], "oiio=a imath=a", "oiio=b imath=b")
        for job in ["osl", "otio"] {
            try story.add("0 \(job) h0 P oiio=a")
            for hour in 1...20 { try story.add("\(hour) \(job) h\(hour) F oiio=b") }
        }
        #expect(story.paged() == ["19 page osl otio usd (oiio)"])
    }

    @Test func `if several upstreams changed for all jobs, none is named`() throws {
        let story = try breaking(["usd", "osl"], "oiio=a imath=a", "oiio=b imath=b")
        #expect(story.paged() == ["19 page osl usd"])
        #expect(try breaking(["usd"], "oiio=a imath=a", "oiio=b imath=a").paged() == ["19 page usd (oiio)"])
    }

    @Test func `without upstreams each job has a notice of its own`() throws {
        #expect(try breaking(["usd", "osl"], "", "").paged() == ["19 page osl", "19 page usd"])
    }

    @Test func `the recovery is reported when the last job recovers`() throws {
        var story = try breaking(["usd", "osl"], "oiio=a", "oiio=b")
        try story.add("21 usd h21 P oiio=c\n22 osl h22 F oiio=c\n23 osl h23 P oiio=c")
        #expect(story.paged() == ["19 page osl usd (oiio)", "23 recovered osl usd (oiio)"])
    }

    @Test func `a suspected job that heals leaves its page`() throws {
        var story = try breaking(["usd"], "oiio=a", "oiio=b")
        try story.add("0 osl h0 P oiio=a\n10 osl h1 F oiio=b\n20 osl h2 P oiio=b\n30 usd h30 P oiio=c")
        #expect(
            story.reported() == [
                "1 suspected usd (oiio)", "10 suspected osl (oiio)", "19 page osl usd (oiio)", "20 healed osl",
                "30 recovered usd (oiio)",
            ])
    }

    @Test func `jobs of one project that break by its own commit are one notice`() throws {
        let story = try breaking(["usd", "usd@w"], "oiio=a", "oiio=a")
        #expect(story.paged() == ["19 page usd usd@w/head"])
    }

    // MARK: - Inhibition

    @Test func `while an upstream's own job is broken, its downstreams are held inside its notice`() throws {
        var story = try breaking(["oiio"], "imath=a", "imath=a")
        try story.add("0 usd h0 P oiio=a\n21 usd h1 F oiio=b\n30 usd h2 F oiio=c\n45 usd h3 F oiio=c")
        try story.add("50 oiio h50 P imath=a\n50 usd h50 P oiio=d")
        #expect(story.paged() == ["19 page oiio usd (oiio)", "50 recovered oiio usd (oiio)"])
    }

    @Test func `an upstream and a downstream that break in one run share one notice, filed under the upstream`() throws
    {
        var story = try breaking(["oiio"], "imath=a", "imath=a")
        try story.add("0 abc h0 P oiio=a imath=a")
        for hour in 1...20 { try story.add("\(hour) abc h\(hour) F oiio=b imath=a") }
        #expect(story.paged() == ["19 page abc oiio (oiio)"])
    }

    @Test func `an upstream without lines about its own inputs holds its downstreams as well`() throws {
        var story = try Story("0 oiio h0 P\n0 abc h0 P oiio=a")
        for hour in 1...20 { try story.add("\(hour) oiio h\(hour) F\n\(hour) abc h\(hour) F oiio=b") }
        let replay = story.replay()
        #expect(story.paged() == ["19 page abc oiio (oiio)"])
        #expect(replay.sent.first { $0.event.kind == .page }?.event.job == PlanScenario.id("oiio"))
    }

    @Test func `a downstream that stays red after its upstream recovers is reported`() throws {
        var story = try breaking(["oiio"], "imath=a", "imath=a")
        try story.add("0 usd h0 P oiio=a\n21 usd h1 F oiio=b\n30 usd h2 F oiio=c\n45 usd h3 F oiio=c")
        try story.add("50 oiio h50 P imath=a\n51 usd h4 F oiio=d\n52 usd h5 F oiio=d\n60 usd h6 P oiio=e")
        #expect(
            story.paged() == [
                "19 page oiio usd (oiio)", "50 recovered oiio", "51 page usd (oiio)", "60 recovered usd (oiio)",
            ])
    }

    @Test func `a held job that recovers after its upstream's notice was closed is reported`() throws {
        var story = try breaking(["oiio"], "imath=a", "imath=a")
        try story.add("0 usd h0 P oiio=a\n21 usd h1 F oiio=b\n30 usd h2 F oiio=c\n45 usd h3 F oiio=c")
        try story.add("50 oiio h50 P imath=a\n51 usd h4 P oiio=d")
        #expect(story.paged() == ["19 page oiio usd (oiio)", "50 recovered oiio", "51 recovered usd"])
    }

    @Test func `a released upstream is not the upstream's own job`() throws {
        var story = try breaking(["oiio"], "imath=a", "imath=a")
        try story.add("0 usd/release h0 P oiio=a\n21 usd/release h1 F oiio=b\n33 usd/release h2 F oiio=b")
        try story.add("34 usd/release h3 F oiio=b\n42 usd/release h3 F oiio=b")
        #expect(story.paged() == ["19 page oiio", "33 page usd@v/release (oiio)"])
    }

    // MARK: - Culprits

    private let usd = PlanScenario.id("usd")
    private let osl = PlanScenario.id("osl")

    /// A judge of jobs that pass at hour 0 and fail from 1 on, while oiio moves.
    private func judge(_ jobs: [JobID], until last: Int, culprits: [JobID: String] = [:]) -> (StackJudge, [NoticeEvent])
    {
        var judge = StackJudge(policy: Policy())
        var events: [NoticeEvent] = []
        for at in 0...last {
            let observations = jobs.map { job in
                JobObservation(
                    run: "\(at)", job: job,
                    inputs: Inputs(
                        at: hour(Double(at)), inputsHash: "h\(at)", upstreams: ["oiio": at == 0 ? "a" : "b"]),
                    evidence: at == 0 ? .pass : .fail)
            }
            let owed = observations.filter { judge.owes(for: $0) == .control }.map { ($0.job, Self.controlled) }
            events +=
                judge.judge(
                    observations, given: Dictionary(uniqueKeysWithValues: owed), at: hour(Double(at))
                ).events
            if at == 2 {
                for (job, revision) in culprits {
                    events += judge.found(.init(project: "oiio", revision: revision), of: job, at: hour(2))
                }
            }
        }
        return (judge, events.filter { $0.kind.urgency == .page })
    }

    private static var controlled: Answers {
        var answers = Answers()
        answers.add(.pass, to: .control)
        return answers
    }

    @Test func `one notice per culprit commit`() {
        let same = judge([osl, usd], until: 20, culprits: [usd: "x", osl: "x"]).1
        #expect(same.map(\.jobs) == [[osl, usd]] && same.first?.culprit?.revision == "x")
        let two = judge([osl, usd], until: 20, culprits: [usd: "x", osl: "y"]).1
        #expect(two.map(\.jobs) == [[osl], [usd]])
        let one = judge([osl, usd], until: 20, culprits: [usd: "x"]).1
        #expect(one.map(\.jobs) == [[osl, usd]], "a job without a known culprit is included")
    }

    @Test func `a culprit that is found later updates the page; another one is a second page`() {
        var (judge, pages) = judge([osl, usd], until: 20)
        #expect(pages.count == 1)
        let at = hour(21)
        let update = judge.found(.init(project: "oiio", revision: "x"), of: usd, at: at)
        #expect(update.map(\.kind) == [.updated] && update.first?.number == pages.first?.number)
        #expect(judge.board.group(of: osl)?.culprit?.revision == "x")
        #expect(judge.found(.init(project: "oiio", revision: "x"), of: osl, at: at) == [])
        let second = judge.found(.init(project: "oiio", revision: "y"), of: osl, at: at)
        #expect(second.map(\.jobs) == [[osl]] && second.map(\.kind) == [.page])
        #expect(judge.board.group(of: usd)?.number != judge.board.group(of: osl)?.number)
    }

    @Test func `the board survives being stored`() throws {
        let board = judge([osl, usd], until: 20).0.board
        #expect(board.groups.count == 1)
        let stored = try JSONEncoder().encode(board)
        #expect(try JSONDecoder().decode(NoticeBoard.self, from: stored) == board)
        let text = String(decoding: stored, as: UTF8.self)
        for key in ["notices", "movement", "movers"] {
            #expect(text.contains("\"\(key)\":"), "older versions wrote it")
        }
    }

    @Test func `a changed image is a cause like an upstream`() {
        let old = Inputs(at: hour(0), inputsHash: "h", tree: "t", upstreams: ["oiio": "a"], environment: "e1")
        let new = Inputs(at: hour(1), inputsHash: "h", tree: "t", upstreams: ["oiio": "a"], environment: "e2")
        let (first, second) = (ChangeSet(of: usd, from: old, to: new), ChangeSet(of: osl, from: old, to: new))
        #expect(first.changes == [.image(variant: "v")] && first.upstream == "image of v")
        #expect(first.shared(with: second)?.changes == [.image(variant: "v")])
        #expect(ChangeSet(of: usd, from: old, to: old).changes.isEmpty)
    }
}
