// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryTestSupport
import Testing

@Suite("What a run is asked for") struct SelectionTests {
    private let chain = [("imath", [String]()), ("openexr", ["imath"]), ("oiio", ["openexr"])]

    @Test func `what is not selected is skipped, and built where others need it`() {
        var scene = PlanScenario(chain)
        scene.jobs = [PlanScenario.id("openexr")]
        #expect(scene.plan.jobs.map(\.code) == [.notSelected, .neverBuilt, .notSelected])
        #expect(scene.job("imath").result == .skipped)
        #expect(scene.plan.builds.map(\.project) == ["imath", "openexr"])
        #expect(scene.plan.builds.map(\.jobs) == [[], [PlanScenario.id("openexr")]])
        scene.endAll()
        #expect(scene.plan.jobs.map(\.result) == [.skipped, .passed, .skipped])
    }

    @Test func `force builds the selected jobs again, and nothing else`() {
        var scene = PlanScenario(chain)
        scene.settle()
        scene.forced = true
        scene.jobs = [PlanScenario.id("openexr")]
        #expect(scene.job("openexr").action == .build)
        #expect(scene.job("openexr").reason == DecisionReason(.forced, "built again as asked"))
        #expect(scene.plan.builds.map(\.project) == ["openexr"])
        #expect(scene.plan.builds.map(\.reason.code) == [.forced])
        scene.end("openexr")
        #expect(scene.plan.builds.isEmpty)
        #expect(scene.job("openexr").result == .passed)
    }

    @Test func `a forced build that installs another tree changes nothing below: the stored prefix stays`() {
        var scene = PlanScenario(chain)
        scene.settle()
        let key = scene.job("oiio").key
        scene.forced = true
        scene.jobs = [PlanScenario.id("openexr"), PlanScenario.id("oiio")]
        scene.end("openexr", tree: "not reproducible")
        #expect(scene.job("oiio").key == key)
        #expect(scene.builds("oiio").map(\.key) == [key])
    }

    @Test func `a forced build that fails leaves its stored prefix to those below`() {
        var scene = PlanScenario(chain)
        scene.settle()
        scene.forced = true
        scene.jobs = [PlanScenario.id("imath"), PlanScenario.id("openexr")]
        let key = scene.job("openexr").key
        scene.end("imath", PlanScenario.outage)
        let openexr = scene.job("openexr")
        #expect(scene.job("imath").result == .error)
        #expect(openexr.redUpstreams == ["imath"])
        #expect(openexr.fallback == ["imath": "imath-1"])
        #expect(openexr.key == key)
        #expect(scene.builds("openexr").map(\.isReady) == [true])
    }

    @Test func `force on what was never built is no second reason`() {
        var scene = PlanScenario(chain)
        scene.forced = true
        #expect(scene.plan.jobs.map(\.code) == [.neverBuilt, .neverBuilt, .neverBuilt])
    }

    @Test func `until has a key of its own, upstreams are built whole`() {
        var scene = PlanScenario(chain)
        let whole = scene.job("imath").key
        scene.until = .build
        #expect(scene.job("imath").key != whole)
        let builds = scene.builds("imath")
        #expect(builds.map(\.partial).sorted { !$0 && $1 } == [false, true])
        #expect(builds.first { $0.partial }?.recipe.stages.map(\.stage) == [.configure, .build])
        #expect(builds.first { $0.partial }?.jobs == [PlanScenario.id("imath")])
        #expect(builds.first { !$0.partial }?.jobs == [])
        scene.endAll()
        #expect(scene.plan.jobs.allSatisfy { $0.result == .passed })
    }

    @Test func `what until built never stands for a whole build`() {
        var scene = PlanScenario(chain)
        scene.until = .build
        scene.jobs = [PlanScenario.id("imath")]
        scene.settle()
        #expect(scene.knowledge.prefixes.isEmpty)
        scene.until = nil
        scene.jobs = nil
        #expect(scene.job("imath").action == .build)
        #expect(scene.job("imath").finished == nil)
    }

    @Test func `until behind the last stage is the whole build, once`() {
        var scene = PlanScenario(chain)
        scene.until = .test
        #expect(scene.plan.builds.map(\.project) == ["imath", "openexr", "oiio"])
        #expect(scene.plan.builds.allSatisfy { !$0.partial && $0.jobs.count == 1 })
    }
}
