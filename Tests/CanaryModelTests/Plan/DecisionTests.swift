// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryTestSupport
import Foundation
import Testing

@Suite("Decisions and their reasons") struct DecisionTests {
    private let family = [("imath", [String]()), ("openexr", ["imath"]), ("oiio", ["openexr"])]

    @Test func `what was never built is built, and waits for its upstreams without a key`() {
        let scene = PlanScenario(family)
        let plan = scene.plan
        #expect(plan.jobs.map(\.job.project) == ["imath", "openexr", "oiio"])
        #expect(plan.jobs.map(\.action) == [.build, .build, .build])
        #expect(plan.jobs.map(\.code) == [.neverBuilt, .neverBuilt, .neverBuilt])
        #expect(plan.jobs.map(\.conditional) == [false, true, true])
        #expect(plan.jobs.map { $0.key == nil } == [false, true, true])
        #expect(plan.jobs.allSatisfy { $0.finished == nil })
        #expect(plan.builds.map(\.project) == ["imath", "openexr", "oiio"])
        #expect(plan.builds.map(\.isReady) == [true, false, false])
        #expect(scene.job("oiio").used == ["imath": "imath-1", "openexr": "openexr-1"])
    }

    @Test func `a finished upstream gives its downstream a key`() {
        var scene = PlanScenario(family)
        scene.end("imath")
        #expect(scene.job("imath").result == .passed)
        #expect(scene.job("openexr").key != nil)
        #expect(!scene.job("openexr").conditional)
        #expect(scene.job("oiio").conditional)
        #expect(scene.plan.builds.map(\.project) == ["openexr", "oiio"])
    }

    @Test func `nothing new is nothing to do`() {
        var scene = PlanScenario(family)
        scene.settle()
        #expect(scene.plan.builds.isEmpty)
        #expect(scene.plan.jobs.map(\.action) == [.reuse, .reuse, .reuse])
        #expect(scene.plan.jobs.map(\.code) == [.unchanged, .unchanged, .unchanged])
        #expect(scene.plan.jobs.allSatisfy { $0.result == .passed })
    }

    @Test func `a moved head builds the project, and below it all that may change`() {
        var scene = PlanScenario(family)
        scene.settle()
        scene.head("openexr", "openexr-2")
        #expect(scene.job("imath").action == .reuse)
        #expect(scene.job("openexr").reason == DecisionReason(.headMoved, "`openexr` openexr-1..openexr-2"))
        #expect(scene.job("oiio").reason == DecisionReason(.upstreamChanged, "`openexr` openexr-1..openexr-2"))
        #expect(scene.job("oiio").conditional)
    }

    @Test func `an upstream rebuilt to the same tree stops there`() {
        var scene = PlanScenario(family)
        scene.settle()
        let tree = scene.knowledge.prefixes[scene.job("openexr").key ?? ""]
        scene.head("openexr", "openexr-2")
        scene.end("openexr", tree: tree)
        let oiio = scene.job("oiio")
        #expect(oiio.action == .reuse)
        #expect(
            oiio.reason
                == DecisionReason(
                    .cutOff, "`openexr` openexr-1..openexr-2, and what they install is the same"))
        #expect(oiio.used["openexr"] == "openexr-2")
        #expect(scene.plan.builds.isEmpty)
    }

    @Test func `an upstream rebuilt to another tree goes on`() {
        var scene = PlanScenario(family)
        scene.settle()
        scene.head("imath", "imath-2")
        scene.end("imath")
        #expect(scene.job("openexr").action == .build)
        #expect(scene.job("openexr").code == .upstreamChanged)
        #expect(!scene.job("openexr").conditional)
    }

    @Test func `a commit to ignored paths builds nothing, here and below`() {
        var scene = PlanScenario(family)
        scene.settle()
        scene.head("imath", "imath-2", tree: "imath-1")
        #expect(scene.plan.builds.isEmpty)
        #expect(
            scene.job("imath").reason == DecisionReason(.ignoredPaths, "`imath` imath-1..imath-2: ignored paths only"))
        #expect(scene.job("imath").source?.revision == "imath-2")
        #expect(scene.job("openexr").code == .unchanged)
        #expect(scene.job("openexr").used == ["imath": "imath-2"])
    }

    @Test func `a head that moved back stands on what was built before`() {
        var scene = PlanScenario(family)
        scene.settle()
        scene.head("imath", "imath-2")
        scene.settle()
        scene.head("imath", "imath-1")
        let imath = scene.job("imath")
        #expect(imath.action == .reuse)
        #expect(imath.reason == DecisionReason(.unchanged, "the same inputs were built before"))
        #expect(scene.plan.builds.isEmpty)
    }

    @Test func `another recipe builds again`() {
        var scene = PlanScenario(family)
        scene.settle()
        scene.recipes["imath"] = Recipe(stages: [StageScript(stage: .build, run: "other")], network: false)
        #expect(scene.job("imath").code == .recipeChanged)
        #expect(scene.job("openexr").reason == DecisionReason(.upstreamChanged, "an upstream is built anew"))
    }

    @Test func `another image builds all again`() {
        var scene = PlanScenario(family)
        scene.settle()
        scene.snapshot.environments["v"] = "another"
        #expect(scene.plan.jobs.map(\.code) == [.imageChanged, .imageChanged, .imageChanged])
    }

    @Test func `a failed key is executed again`() {
        var scene = PlanScenario(family)
        scene.endAll(red: ["oiio"])
        scene.nextRun()
        #expect(scene.job("oiio").reason == DecisionReason(.again, "the same inputs ended failed"))
        #expect(scene.plan.builds.map(\.project) == ["oiio"])
    }

    @Test func `an upstream that came or went is said`() {
        var scene = PlanScenario([("fmt", []), ("imath", []), ("oiio", ["imath"])])
        scene.settle()
        scene.edges[2].upstreams = ["fmt"]
        #expect(scene.job("oiio").reason == DecisionReason(.upstreamChanged, "`fmt` came, `imath` went"))
    }

    @Test func `a held project is skipped until its hold ends`() {
        var scene = PlanScenario(family)
        scene.holds["oiio"] = Hold(until: hour(1), reason: "moving house")
        #expect(scene.job("oiio").action == .skip)
        #expect(scene.job("oiio").reason == DecisionReason(.held, "moving house"))
        #expect(scene.job("oiio").result == .skipped)
        #expect(scene.builds("oiio").isEmpty)
        scene.holds["oiio"] = Hold(until: hour(0), reason: "moving house")
        #expect(scene.job("oiio").action == .build)
    }

    @Test func `a head that cannot be resolved ends in error at once`() {
        var scene = PlanScenario(family)
        scene.snapshot.revisions["oiio"] = .failed(.fetchUnreachable, detail: "no route to host")
        let oiio = scene.job("oiio")
        #expect(oiio.action == .build)
        #expect(oiio.source == nil && oiio.key == nil && oiio.recipe == nil)
        #expect(
            oiio.finished?.outcome
                == .ended(
                    in: .fetch, reason: .fetchUnreachable, firstError: FirstError(text: "no route to host")))
        #expect(oiio.reason == DecisionReason(.neverBuilt, "the repository cannot be reached"))
        scene.snapshot.revisions["oiio"] = nil
        #expect(scene.job("oiio").finished?.outcome.reason == .fetchRevisionMissing)
    }

    @Test func `without an environment every job of the variant ends in error, and nothing falls back`() {
        var scene = PlanScenario(family, variants: ["v", "w"])
        scene.settle()
        scene.snapshot.environments["v"] = nil
        for project in ["imath", "openexr", "oiio"] {
            let job = scene.job(project)
            #expect(job.result == .error)
            #expect(job.finished?.outcome.reason == .environmentEngine)
            #expect(job.redUpstreams.isEmpty && job.fallback.isEmpty)
            #expect(scene.job("\(project)@w").action == .reuse)
        }
        #expect(scene.plan.builds.isEmpty)
    }

    @Test func `ranks follow the longest chain of what is still to be built`() {
        var scene = PlanScenario([("a", []), ("b", ["a"]), ("c", ["b"]), ("d", ["a"])])
        scene.knowledge.durations = ["a@v": 10, "b@v": 20, "d@v": 500]
        func ranks() -> [String: Double] {
            Dictionary(uniqueKeysWithValues: scene.plan.builds.map { ($0.project, $0.rank) })
        }
        #expect(ranks() == ["a": 510, "b": 80, "c": 60, "d": 500])
        scene.end("a")
        #expect(ranks() == ["b": 80, "c": 60, "d": 500])
        scene.end("d")
        #expect(ranks() == ["b": 80, "c": 60])
    }

    @Test func `a build lists all it stands on, nearest first, and which of it the manifest names`() {
        var scene = PlanScenario(family)
        scene.end("imath")
        scene.end("openexr")
        let inputs = scene.builds("oiio").first?.upstreams ?? []
        #expect(inputs.map(\.project) == ["openexr", "imath"])
        #expect(inputs.map(\.direct) == [true, false])
        #expect(inputs.map(\.key) == [scene.job("openexr").key, scene.job("imath").key])
        #expect(inputs.map(\.revision) == ["openexr-1", "imath-1"])
    }

    @Test func `a pass that installed nothing cannot be built upon`() {
        var scene = PlanScenario(family)
        let key = scene.job("imath").key ?? ""
        scene.finished[key] = FinishedBuild(outcome: .passed, tree: nil)
        #expect(scene.job("openexr").result == .blocked)
        #expect(scene.job("oiio").result == .blocked)
    }
}
