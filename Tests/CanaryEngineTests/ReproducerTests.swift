// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryHistory
import CanaryJudge
import CanaryModel
import CanaryRunner
import Foundation
import Testing

@testable import CanaryEngine

@Suite("Reproducer")
struct ReproducerTests {
    private static let digest = "sha256:" + String(repeating: "1", count: 64)
    private static let recipe = Recipe(
        stages: [.configure, .build, .test].map { StageScript(stage: $0, run: "do \($0)") }, network: true)

    /// `base` <- `top`, both of which provide files, in an image.
    private func stack(reference: String = "docker.io/aswf/ci:1") throws -> Stack {
        let projects = [("base", []), ("top", [Upstream(project: "base")])].map { name, upstreams in
            Project(
                name: name, location: .repository("https://canary.invalid/\(name).git"), upstreams: upstreams,
                provides: Provides(files: ["lib/\(name)*"]),
                builds: ["v": VariantBuild(recipe: Self.recipe, limits: AttemptLimits(processes: 9))])
        }
        let image = Image(name: "ci", reference: reference, environment: ["A": "1"])
        return Stack(
            name: "mini", variants: [Variant(name: "v", image: image, lanes: [.head])],
            graph: try ProjectGraph(projects))
    }

    private func source(_ revision: String) -> Source {
        Source(revision: revision, tree: revision, committedAt: Date(timeIntervalSince1970: 1_700_000_000))
    }

    /// What is reproduced of an attempt at `top`, or at `top` alone, that ended like this.
    private func reproduction(
        _ outcome: Outcome, ran stages: [Stage] = [], alone: Bool = false, lane: Lane = .head,
        reference: String = "docker.io/aswf/ci:1"
    ) async throws -> Reproduction {
        let history = try History.inMemory(stack: "mini")
        let stack = try stack(reference: reference)
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        let driver = StateHolder(pid: 1, startedAt: "x")
        try await history.recorder.begin(
            RunStart(id: "r1", trigger: "manual", judged: true, startedAt: now, driver: driver))
        let keys = ["base": "b" + Self.digest, "top": "t" + Self.digest]
        for project in alone ? ["top"] : ["base", "top"] {
            let upstreams =
                project == "top" && !alone
                ? [UpstreamBuild(project: "base", key: keys["base"] ?? "", direct: true)] : []
            let record = BuildRecord(
                key: keys[project] ?? "", project: project, source: source("first-\(project)"), recipe: "another",
                environment: Self.digest, variant: "v", upstreams: upstreams)
            let start = AttemptStart(id: "a-\(project)", purpose: .first, startedAt: now, driver: driver)
            try await history.recorder.begin(start, of: record, in: "r1")
            let runs = stages.map { StageRun(stage: $0, startedAt: now, endedAt: now, exit: .code(0), logOffset: 0) }
            _ = try await history.recorder.finish(
                start.id,
                with: AttemptFinish(finishedAt: now, outcome: project == "top" ? outcome : .passed, stages: runs))
        }
        let plan = PlannedJob(
            job: JobID(project: "top", variant: "v", lane: lane), source: source("top-2"),
            upstreams: alone ? [:] : ["base": source("base-2")], key: keys["top"], conditional: false, action: .build,
            reason: DecisionReason(.headMoved, ""), redUpstreams: [], fallback: ["base": "base-2"],
            finished: FinishedBuild(outcome: outcome), recipe: "another",
            environment: Self.digest)
        try await history.recorder.record(
            [RunJob(planned: plan, verdict: .unknown)], transitions: [], of: "r1")
        let attempt = try #require(try await history.reader.builds.attempt("a-top"))
        return try await Reproducer(
            stack: stack, folder: "/nowhere", state: StateFolder(path: "/nowhere"), history: history.reader
        ).reproduction(of: attempt)
    }

    private func stages(_ reproduction: Reproduction) -> [Stage] { reproduction.build.order.recipe.stages.map(\.stage) }

    @Test func `a build gets the same order as its attempt`() async throws {
        let made = try await reproduction(.ended(in: .build, reason: .buildCompiler), ran: [.configure, .build])
        let order = made.build.order
        #expect(order.revision == "top-2" && order.sourceDateEpoch == 1_700_000_000 && order.lane == .head)
        #expect(order.limits.processes == 9 && order.recipe.network && stages(made) == [.configure, .build])
        #expect(order.upstreams.map(\.project) == ["base"] && made.failing == .build)
        #expect(made.upstreams.map(\.order.revision) == ["base-2"] && made.upstreams.map(\.isStandIn) == [true])
        #expect(made.upstreams[0].order.recipe == Self.recipe && !made.build.isStandIn)
        #expect(made.build.address == "https://canary.invalid/top.git")
        #expect(made.warnings.count == 2, "no recipe is the one on record")
    }

    @Test(arguments: ["docker.io/aswf/ci:1", "docker.io/aswf/ci:1@sha256:" + String(repeating: "2", count: 64)])
    func `the image is named by the digest of the attempt`(_ reference: String) async throws {
        let made = try await reproduction(.passed, reference: reference)
        let container = try #require(made.build.order.container)
        #expect(container.image == "docker.io/aswf/ci:1@\(Self.digest)" && container.variables == ["A": "1"])
        #expect(container.hidden == ["lib/base*", "lib/top*"])
        #expect(made.upstreams[0].order.container?.hidden == ["lib/base*"])
    }

    @Test func `in lane platform nothing is hidden`() async throws {
        let made = try await reproduction(.passed, alone: true, lane: .platform)
        #expect(made.build.order.container?.hidden == [] && made.build.order.lane == .platform)
        #expect(try await reproduction(.passed, alone: true).build.order.container?.hidden == ["lib/top*"])
    }

    @Test func `an attempt that failed to fetch is only fetched`() async throws {
        let made = try await reproduction(.ended(in: .fetch, reason: .fetchCheckout))
        #expect(stages(made) == [] && made.upstreams == [] && made.build.order.upstreams == [] && made.failing == nil)
    }

    @Test func `the stages are those up to the end of the attempt, whatever ended it`() async throws {
        let passed = try await reproduction(.passed, ran: [.configure, .build, .test])
        #expect(stages(passed) == [.configure, .build, .test] && passed.failing == nil)
        let inspected = try await reproduction(Outcome(result: .error, stage: .inspect), ran: [.configure])
        #expect(stages(inspected) == [.configure] && inspected.warnings[0].contains("inspection"))
        // A container that did not start ends in a stage that a recipe need not have.
        let unstarted = try await reproduction(Outcome(result: .error, stage: .install))
        #expect(stages(unstarted) == [.configure, .build, .test])
    }
}
