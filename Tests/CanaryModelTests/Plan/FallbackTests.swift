// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryTestSupport
import Testing

@Suite("Red upstreams") struct FallbackTests {
    private let chain = [("imath", [String]()), ("openexr", ["imath"]), ("oiio", ["openexr", "imath"])]

    private var settled: PlanScenario {
        var scenario = PlanScenario(chain)
        scenario.settle()
        return scenario
    }

    @Test func `a red upstream is replaced by its last known good`() {
        var scenario = settled
        scenario.head("imath", "imath-2")
        scenario.head("oiio", "oiio-2")
        #expect(scenario.job("oiio").conditional)
        scenario.end("imath", PlanScenario.failure)
        #expect(scenario.job("imath").result == .failed)
        for name in ["openexr", "oiio"] {
            let job = scenario.job(name)
            #expect(job.redUpstreams == ["imath"])
            #expect(job.fallback == ["imath": "imath-1"])
            #expect(job.used["imath"] == "imath-1")
        }
        #expect(scenario.job("openexr").action == .reuse)
        #expect(scenario.job("oiio").action == .build)
        #expect(scenario.builds("oiio").map(\.isReady) == [true])
    }

    @Test(arguments: [Result.failed, .timedOut, .error, .cancelled])
    func `an upstream with any result except passed is red`(result: Result) {
        var scenario = settled
        scenario.head("imath", "imath-2")
        scenario.end("imath", Outcome(result: result))
        #expect(scenario.job("openexr").fallback == ["imath": "imath-1"])
        scenario.knowledge.lastKnownGood = [:]
        #expect(
            scenario.job("openexr").reason.detail.hasPrefix("`imath` \(result.phrase), and there is no fallback"))
    }

    @Test func `an upstream that cannot be resolved falls back too`() {
        var scenario = settled
        scenario.snapshot.revisions["imath"] = .failed(.fetchUnreachable, detail: "down")
        #expect(scenario.job("imath").result == .error)
        #expect(scenario.job("openexr").fallback == ["imath": "imath-1"])
        #expect(scenario.job("openexr").action == .reuse)
    }

    @Test func `a held upstream falls back, or blocks`() {
        var scenario = settled
        scenario.holds["imath"] = Hold(reason: "frozen")
        #expect(scenario.job("imath").result == .skipped)
        #expect(scenario.job("oiio").fallback == ["imath": "imath-1"])
        scenario.knowledge.lastKnownGood = [:]
        let oiio = scenario.job("oiio")
        #expect(oiio.result == .blocked)
        #expect(oiio.reason == DecisionReason(.upstreamRed, "`imath` is held, and there is no fallback for `imath`"))
    }

    @Test func `the last known good also replaces what it was built on`() {
        var scenario = settled
        scenario.head("imath", "imath-2")
        scenario.head("openexr", "openexr-2")
        scenario.endAll(red: ["openexr"])
        let oiio = scenario.job("oiio")
        #expect(scenario.job("imath").result == .passed)
        #expect(oiio.redUpstreams == ["openexr"])
        #expect(oiio.fallback == ["openexr": "openexr-1"])
        #expect(oiio.used == ["imath": "imath-1", "openexr": "openexr-1"])
        #expect(oiio.action == .reuse)
    }

    @Test func `without a last known good all downstreams are blocked`() {
        var scenario = PlanScenario(chain)
        scenario.end("imath", PlanScenario.failure)
        let plan = scenario.plan
        #expect(plan.builds.isEmpty)
        #expect(plan.jobs.map(\.result) == [.failed, .blocked, .blocked])
        #expect(plan.jobs.map(\.action) == [.build, .blocked, .blocked])
        #expect(plan.jobs[2].code == .upstreamRed)
        #expect(plan.jobs[1].redUpstreams == ["imath"])
        #expect(plan.jobs[2].redUpstreams == ["imath", "openexr"])
        #expect(plan.jobs[2].reason.detail == "`imath` failed, and there is no fallback for `imath`")
        #expect(plan.jobs[2].fallback.isEmpty && plan.jobs[2].key == nil)
    }

    @Test func `with fallback none a red upstream blocks even if it has a last known good`() {
        var scenario = settled
        scenario.fallback = .none
        scenario.head("imath", "imath-2")
        scenario.end("imath", PlanScenario.failure)
        #expect(scenario.job("openexr").result == .blocked)
        #expect(scenario.job("openexr").fallback.isEmpty)
    }

    @Test func `a last known good that is red now blocks, and is not reported as used`() {
        var scenario = settled
        scenario.recipes["imath"] = Recipe(stages: [StageScript(stage: .build, run: "false")], network: false)
        scenario.head("imath", "imath-2")
        scenario.endAll(red: ["imath"])
        let openexr = scenario.job("openexr")
        #expect(openexr.result == .blocked)
        #expect(openexr.fallback.isEmpty)
        #expect(openexr.redUpstreams == ["imath"])
    }

    @Test func `the last known good of a blocked project is used for its downstreams`() {
        var scenario = settled
        scenario.knowledge.lastKnownGood[PlanScenario.id("imath")] = nil
        scenario.head("imath", "imath-2")
        scenario.end("imath", PlanScenario.failure)
        #expect(scenario.job("openexr").result == .blocked)
        let oiio = scenario.job("oiio")
        #expect(oiio.action == .reuse)
        #expect(oiio.redUpstreams == ["imath", "openexr"])
        #expect(oiio.fallback == ["openexr": "openexr-1"])
        #expect(oiio.used == ["imath": "imath-1", "openexr": "openexr-1"])
    }

    @Test func `an optional upstream without a last known good is left out and reported as red`() {
        var scenario = PlanScenario([
            ("imath", []), ("vdb", ["imath"]), ("oiio", ["imath", "vdb?"]), ("usd", ["oiio"]),
        ])
        scenario.end("imath")
        let with = scenario.job("oiio").key
        scenario.end("vdb", PlanScenario.failure)
        let oiio = scenario.job("oiio")
        #expect(oiio.redUpstreams == ["vdb"])
        #expect(oiio.fallback.isEmpty)
        #expect(oiio.used == ["imath": "imath-1"])
        #expect(oiio.key != nil && with == nil)
        scenario.endAll()
        #expect(scenario.job("usd").result == .passed)
        #expect(scenario.job("usd").used["vdb"] == nil)
        #expect(scenario.job("usd").redUpstreams == ["vdb"])
    }

    @Test func `an optional upstream that cannot be resolved or was never in the stack is left out`() {
        var scenario = PlanScenario([("imath", []), ("vdb", []), ("oiio", ["imath", "vdb?", "ptex?"])])
        scenario.snapshot.revisions["vdb"] = .failed(.fetchBranchMissing, detail: "gone")
        scenario.endAll()
        #expect(scenario.job("oiio").result == .passed)
        #expect(scenario.job("oiio").redUpstreams == ["vdb"])
        #expect(scenario.job("oiio").used == ["imath": "imath-1"])
    }

    @Test func `an optional upstream is left out when what it requires is red`() {
        var scenario = PlanScenario([("imath", []), ("tbb", []), ("vdb", ["tbb"]), ("oiio", ["imath", "vdb?"])])
        scenario.endAll(red: ["tbb"])
        #expect(scenario.job("vdb").result == .blocked)
        let oiio = scenario.job("oiio")
        #expect(oiio.result == .passed)
        #expect(oiio.redUpstreams == ["tbb", "vdb"])
        #expect(oiio.used == ["imath": "imath-1"])
    }

    @Test func `a fallback that turns out useless leaves nothing behind`() {
        var scenario = PlanScenario([("imath", []), ("vdb", ["imath"]), ("oiio", ["imath", "vdb?"])])
        scenario.settle()
        scenario.recipes["vdb"] = Recipe(stages: [StageScript(stage: .build, run: "false")], network: false)
        scenario.head("imath", "imath-2")
        scenario.endAll(red: ["vdb"])
        let oiio = scenario.job("oiio")
        #expect(oiio.used == ["imath": "imath-2"])
        #expect(oiio.fallback.isEmpty)
        #expect(oiio.result == .passed)
    }

    @Test func `an upstream that one consumer requires is not left out`() {
        var scenario = PlanScenario([("imath", []), ("vdb", ["imath?"]), ("oiio", ["imath", "vdb?"])])
        scenario.end("imath", PlanScenario.failure)
        #expect(scenario.job("oiio").result == .blocked)
        scenario.endAll()
        #expect(scenario.job("vdb").result == .passed)
        #expect(scenario.job("vdb").used.isEmpty)
    }

    @Test func `in lane release a red upstream blocks, because its last known good is a different revision`() {
        var scenario = PlanScenario(chain, lanes: [.head, .release])
        for project in ["imath", "openexr", "oiio"] { scenario.release(project, "\(project)-0") }
        scenario.settle()
        scenario.release("imath", "imath-0.1")
        scenario.endAll(red: ["imath"])
        #expect(scenario.job("openexr/release").result == .blocked)
        #expect(scenario.job("openexr").result == .passed)
    }
}
