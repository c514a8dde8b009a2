// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryTestSupport
import Foundation
import Testing

@Suite("Decisions and their reasons") struct DecisionTests {
    private let family = [("imath", [String]()), ("openexr", ["imath"]), ("oiio", ["openexr"])]

    @Test func `a project that was never built is built, and has no key until its upstreams are built`() {
        let scenario = PlanScenario(family)
        let plan = scenario.plan
        #expect(plan.jobs.map(\.job.project) == ["imath", "openexr", "oiio"])
        #expect(plan.jobs.map(\.action) == [.build, .build, .build])
        #expect(plan.jobs.map(\.code) == [.neverBuilt, .neverBuilt, .neverBuilt])
        #expect(plan.jobs.map(\.conditional) == [false, true, true])
        #expect(plan.jobs.map { $0.key == nil } == [false, true, true])
        #expect(plan.jobs.allSatisfy { $0.finished == nil })
        #expect(plan.builds.map(\.project) == ["imath", "openexr", "oiio"])
        #expect(plan.builds.map(\.isReady) == [true, false, false])
        #expect(scenario.job("oiio").used == ["imath": "imath-1", "openexr": "openexr-1"])
    }

    @Test func `a finished upstream gives its downstream a key`() {
        var scenario = PlanScenario(family)
        scenario.end("imath")
        #expect(scenario.job("imath").result == .passed)
        #expect(scenario.job("openexr").key != nil)
        #expect(!scenario.job("openexr").conditional)
        #expect(scenario.job("oiio").conditional)
        #expect(scenario.plan.builds.map(\.project) == ["openexr", "oiio"])
    }

    @Test func `without changes there is nothing to do`() {
        var scenario = PlanScenario(family)
        scenario.settle()
        #expect(scenario.plan.builds.isEmpty)
        #expect(scenario.plan.jobs.map(\.action) == [.reuse, .reuse, .reuse])
        #expect(scenario.plan.jobs.map(\.code) == [.unchanged, .unchanged, .unchanged])
        #expect(scenario.plan.jobs.allSatisfy { $0.result == .passed })
    }

    @Test func `a new commit builds the project and every downstream that may change`() {
        var scenario = PlanScenario(family)
        scenario.settle()
        scenario.head("openexr", "openexr-2")
        #expect(scenario.job("imath").action == .reuse)
        #expect(scenario.job("openexr").reason == DecisionReason(.headMoved, "`openexr` openexr-1..openexr-2"))
        #expect(scenario.job("oiio").reason == DecisionReason(.upstreamChanged, "`openexr` openexr-1..openexr-2"))
        #expect(scenario.job("oiio").conditional)
    }

    @Test func `an upstream rebuilt with the same tree causes no further builds`() {
        var scenario = PlanScenario(family)
        scenario.settle()
        let tree = scenario.knowledge.prefixes[scenario.job("openexr").key ?? ""]
        scenario.head("openexr", "openexr-2")
        scenario.end("openexr", tree: tree)
        let oiio = scenario.job("oiio")
        #expect(oiio.action == .reuse)
        #expect(
            oiio.reason
                == DecisionReason(
                    .cutOff, "`openexr` openexr-1..openexr-2, but the installed files are the same"))
        #expect(oiio.used["openexr"] == "openexr-2")
        #expect(scenario.plan.builds.isEmpty)
    }

    @Test func `an upstream rebuilt with a different tree causes further builds`() {
        var scenario = PlanScenario(family)
        scenario.settle()
        scenario.head("imath", "imath-2")
        scenario.end("imath")
        #expect(scenario.job("openexr").action == .build)
        #expect(scenario.job("openexr").code == .upstreamChanged)
        #expect(!scenario.job("openexr").conditional)
    }

    @Test func `a commit to ignored paths builds neither the project nor its downstreams`() {
        var scenario = PlanScenario(family)
        scenario.settle()
        scenario.head("imath", "imath-2", tree: "imath-1")
        #expect(scenario.plan.builds.isEmpty)
        #expect(
            scenario.job("imath").reason
                == DecisionReason(.ignoredPaths, "`imath` imath-1..imath-2: only ignored paths changed"))
        #expect(scenario.job("imath").source?.revision == "imath-2")
        #expect(scenario.job("openexr").code == .unchanged)
        #expect(scenario.job("openexr").used == ["imath": "imath-2"])
    }

    @Test func `a head that was moved back reuses the earlier build`() {
        var scenario = PlanScenario(family)
        scenario.settle()
        scenario.head("imath", "imath-2")
        scenario.settle()
        scenario.head("imath", "imath-1")
        let imath = scenario.job("imath")
        #expect(imath.action == .reuse)
        #expect(imath.reason == DecisionReason(.unchanged, "the same inputs were built before"))
        #expect(scenario.plan.builds.isEmpty)
    }

    @Test func `a different recipe causes a build`() {
        var scenario = PlanScenario(family)
        scenario.settle()
        scenario.recipes["imath"] = Recipe(stages: [StageScript(stage: .build, run: "other")], network: false)
        #expect(scenario.job("imath").code == .recipeChanged)
        #expect(scenario.job("openexr").reason == DecisionReason(.upstreamChanged, "an upstream is rebuilt"))
    }

    @Test func `a different image rebuilds everything`() {
        var scenario = PlanScenario(family)
        scenario.settle()
        scenario.snapshot.environments["v"] = "another"
        #expect(scenario.plan.jobs.map(\.code) == [.imageChanged, .imageChanged, .imageChanged])
    }

    @Test func `a failed key is built again`() {
        var scenario = PlanScenario(family)
        scenario.endAll(red: ["oiio"])
        scenario.nextRun()
        #expect(scenario.job("oiio").reason == DecisionReason(.again, "the same inputs failed before"))
        #expect(scenario.plan.builds.map(\.project) == ["oiio"])
    }

    @Test func `added and removed upstreams are named`() {
        var scenario = PlanScenario([("fmt", []), ("imath", []), ("oiio", ["imath"])])
        scenario.settle()
        scenario.edges[2].upstreams = ["fmt"]
        #expect(scenario.job("oiio").reason == DecisionReason(.upstreamChanged, "`fmt` was added, `imath` was removed"))
    }

    @Test func `a held project is skipped until its hold ends`() {
        var scenario = PlanScenario(family)
        scenario.holds["oiio"] = Hold(until: hour(1), reason: "moving house")
        #expect(scenario.job("oiio").action == .skip)
        #expect(scenario.job("oiio").reason == DecisionReason(.held, "moving house"))
        #expect(scenario.job("oiio").result == .skipped)
        #expect(scenario.builds("oiio").isEmpty)
        scenario.holds["oiio"] = Hold(until: hour(0), reason: "moving house")
        #expect(scenario.job("oiio").action == .build)
    }

    @Test func `a head that cannot be resolved ends in an error at once`() {
        var scenario = PlanScenario(family)
        scenario.snapshot.revisions["oiio"] = .failed(.fetchUnreachable, detail: "no route to host")
        let oiio = scenario.job("oiio")
        #expect(oiio.action == .build)
        #expect(oiio.source == nil && oiio.key == nil && oiio.recipe == nil)
        #expect(
            oiio.finished?.outcome
                == .ended(
                    in: .fetch, reason: .fetchUnreachable, firstError: FirstError(text: "no route to host")))
        #expect(oiio.reason == DecisionReason(.neverBuilt, "the repository cannot be reached"))
        scenario.snapshot.revisions["oiio"] = nil
        #expect(scenario.job("oiio").finished?.outcome.reason == .fetchRevisionMissing)
    }

    @Test func `without an environment every job of the variant ends in an error, without fallbacks`() {
        var scenario = PlanScenario(family, variants: ["v", "w"])
        scenario.settle()
        scenario.snapshot.environments["v"] = nil
        for project in ["imath", "openexr", "oiio"] {
            let job = scenario.job(project)
            #expect(job.result == .error)
            #expect(job.finished?.outcome.reason == .environmentEngine)
            #expect(job.redUpstreams.isEmpty && job.fallback.isEmpty)
            #expect(scenario.job("\(project)@w").action == .reuse)
        }
        #expect(scenario.plan.builds.isEmpty)
    }

    @Test func `ranks follow the longest chain of builds that are still to be made`() {
        var scenario = PlanScenario([("a", []), ("b", ["a"]), ("c", ["b"]), ("d", ["a"])])
        scenario.knowledge.durations = ["a@v": 10, "b@v": 20, "d@v": 500]
        func ranks() -> [String: Double] {
            Dictionary(uniqueKeysWithValues: scenario.plan.builds.map { ($0.project, $0.rank) })
        }
        #expect(ranks() == ["a": 510, "b": 80, "c": 60, "d": 500])
        scenario.end("a")
        #expect(ranks() == ["b": 80, "c": 60, "d": 500])
        scenario.end("d")
        #expect(ranks() == ["b": 80, "c": 60])
    }

    @Test func `a build lists all its upstreams, nearest first, and which of them the manifest names`() {
        var scenario = PlanScenario(family)
        scenario.end("imath")
        scenario.end("openexr")
        let inputs = scenario.builds("oiio").first?.upstreams ?? []
        #expect(inputs.map(\.project) == ["openexr", "imath"])
        #expect(inputs.map(\.direct) == [true, false])
        #expect(inputs.map(\.key) == [scenario.job("openexr").key, scenario.job("imath").key])
        #expect(inputs.map(\.revision) == ["openexr-1", "imath-1"])
    }

    @Test func `nothing can be built upon a pass that installed nothing`() {
        var scenario = PlanScenario(family)
        let key = scenario.job("imath").key ?? ""
        scenario.finished[key] = FinishedBuild(outcome: .passed, tree: nil)
        #expect(scenario.job("openexr").result == .blocked)
        #expect(scenario.job("oiio").result == .blocked)
    }
}
