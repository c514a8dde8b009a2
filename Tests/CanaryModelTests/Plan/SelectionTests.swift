// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryTestSupport
import Testing

@Suite("Selections") struct SelectionTests {
    private let chain = [("imath", [String]()), ("openexr", ["imath"]), ("oiio", ["openexr"])]

    @Test func `a job that is not selected is skipped, but built where others need it`() {
        var scenario = PlanScenario(chain)
        scenario.jobs = [PlanScenario.id("openexr")]
        #expect(scenario.plan.jobs.map(\.code) == [.notSelected, .neverBuilt, .notSelected])
        #expect(scenario.job("imath").result == .skipped)
        #expect(scenario.plan.builds.map(\.project) == ["imath", "openexr"])
        #expect(scenario.plan.builds.map(\.jobs) == [[], [PlanScenario.id("openexr")]])
        scenario.endAll()
        #expect(scenario.plan.jobs.map(\.result) == [.skipped, .passed, .skipped])
    }

    @Test func `force builds the selected jobs again, and nothing else`() {
        var scenario = PlanScenario(chain)
        scenario.settle()
        scenario.forced = true
        scenario.jobs = [PlanScenario.id("openexr")]
        #expect(scenario.job("openexr").action == .build)
        #expect(scenario.job("openexr").reason == DecisionReason(.forced, "built again as asked"))
        #expect(scenario.plan.builds.map(\.project) == ["openexr"])
        #expect(scenario.plan.builds.map(\.reason.code) == [.forced])
        scenario.end("openexr")
        #expect(scenario.plan.builds.isEmpty)
        #expect(scenario.job("openexr").result == .passed)
    }

    @Test
    func `a forced build that installs a different tree changes nothing downstream, because the stored prefix stays`() {
        var scenario = PlanScenario(chain)
        scenario.settle()
        let key = scenario.job("oiio").key
        scenario.forced = true
        scenario.jobs = [PlanScenario.id("openexr"), PlanScenario.id("oiio")]
        scenario.end("openexr", tree: "not reproducible")
        #expect(scenario.job("oiio").key == key)
        #expect(scenario.builds("oiio").map(\.key) == [key])
    }

    @Test func `downstreams of a failed forced build use the stored prefix`() {
        var scenario = PlanScenario(chain)
        scenario.settle()
        scenario.forced = true
        scenario.jobs = [PlanScenario.id("imath"), PlanScenario.id("openexr")]
        let key = scenario.job("openexr").key
        scenario.end("imath", PlanScenario.outage)
        let openexr = scenario.job("openexr")
        #expect(scenario.job("imath").result == .error)
        #expect(openexr.redUpstreams == ["imath"])
        #expect(openexr.fallback == ["imath": "imath-1"])
        #expect(openexr.key == key)
        #expect(scenario.builds("openexr").map(\.isReady) == [true])
    }

    @Test func `force is not the reason for a first build`() {
        var scenario = PlanScenario(chain)
        scenario.forced = true
        #expect(scenario.plan.jobs.map(\.code) == [.neverBuilt, .neverBuilt, .neverBuilt])
    }

    @Test func `a build cut off by until has a different key, and its upstreams are built completely`() {
        var scenario = PlanScenario(chain)
        let whole = scenario.job("imath").key
        scenario.until = .build
        #expect(scenario.job("imath").key != whole)
        let builds = scenario.builds("imath")
        #expect(builds.map(\.partial).sorted { !$0 && $1 } == [false, true])
        #expect(builds.first { $0.partial }?.recipe.stages.map(\.stage) == [.configure, .build])
        #expect(builds.first { $0.partial }?.jobs == [PlanScenario.id("imath")])
        #expect(builds.first { !$0.partial }?.jobs == [])
        scenario.endAll()
        #expect(scenario.plan.jobs.allSatisfy { $0.result == .passed })
    }

    @Test func `a build cut off by until is never used as a complete build`() {
        var scenario = PlanScenario(chain)
        scenario.until = .build
        scenario.jobs = [PlanScenario.id("imath")]
        scenario.settle()
        #expect(scenario.knowledge.prefixes.isEmpty)
        scenario.until = nil
        scenario.jobs = nil
        #expect(scenario.job("imath").action == .build)
        #expect(scenario.job("imath").finished == nil)
    }

    @Test func `until with the last stage is the complete build`() {
        var scenario = PlanScenario(chain)
        scenario.until = .test
        #expect(scenario.plan.builds.map(\.project) == ["imath", "openexr", "oiio"])
        #expect(scenario.plan.builds.allSatisfy { !$0.partial && $0.jobs.count == 1 })
    }
}
