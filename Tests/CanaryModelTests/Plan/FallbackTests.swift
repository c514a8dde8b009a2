// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryTestSupport
import Testing

@Suite("Red upstreams") struct FallbackTests {
    private let chain = [("imath", [String]()), ("openexr", ["imath"]), ("oiio", ["openexr", "imath"])]

    private var settled: PlanScenario {
        var scene = PlanScenario(chain)
        scene.settle()
        return scene
    }

    @Test func `a red upstream's last known good stands in for it`() {
        var scene = settled
        scene.head("imath", "imath-2")
        scene.head("oiio", "oiio-2")
        #expect(scene.job("oiio").conditional)
        scene.end("imath", PlanScenario.failure)
        #expect(scene.job("imath").result == .failed)
        for name in ["openexr", "oiio"] {
            let job = scene.job(name)
            #expect(job.redUpstreams == ["imath"])
            #expect(job.fallback == ["imath": "imath-1"])
            #expect(job.used["imath"] == "imath-1")
        }
        #expect(scene.job("openexr").action == .reuse)
        #expect(scene.job("oiio").action == .build)
        #expect(scene.builds("oiio").map(\.isReady) == [true])
    }

    @Test(arguments: [Result.failed, .timedOut, .error, .cancelled])
    func `whatever an upstream ended with, if not passed, it is red`(result: Result) {
        var scene = settled
        scene.head("imath", "imath-2")
        scene.end("imath", Outcome(result: result))
        #expect(scene.job("openexr").fallback == ["imath": "imath-1"])
        scene.knowledge.lastKnownGood = [:]
        #expect(
            scene.job("openexr").reason.detail.hasPrefix("`imath` ended \(result.rawValue), and nothing can stand in"))
    }

    @Test func `an upstream that cannot be resolved falls back too`() {
        var scene = settled
        scene.snapshot.revisions["imath"] = .failed(.fetchUnreachable, detail: "down")
        #expect(scene.job("imath").result == .error)
        #expect(scene.job("openexr").fallback == ["imath": "imath-1"])
        #expect(scene.job("openexr").action == .reuse)
    }

    @Test func `a held upstream falls back, or blocks`() {
        var scene = settled
        scene.holds["imath"] = Hold(reason: "frozen")
        #expect(scene.job("imath").result == .skipped)
        #expect(scene.job("oiio").fallback == ["imath": "imath-1"])
        scene.knowledge.lastKnownGood = [:]
        let oiio = scene.job("oiio")
        #expect(oiio.result == .blocked)
        #expect(oiio.reason == DecisionReason(.upstreamRed, "`imath` is held, and nothing can stand in for `imath`"))
    }

    @Test func `the last known good brings along what it was built on`() {
        var scene = settled
        scene.head("imath", "imath-2")
        scene.head("openexr", "openexr-2")
        scene.endAll(red: ["openexr"])
        let oiio = scene.job("oiio")
        #expect(scene.job("imath").result == .passed)
        #expect(oiio.redUpstreams == ["openexr"])
        #expect(oiio.fallback == ["openexr": "openexr-1"])
        #expect(oiio.used == ["imath": "imath-1", "openexr": "openexr-1"])
        #expect(oiio.action == .reuse)
    }

    @Test func `without a last known good the downstream is blocked, and so is all below`() {
        var scene = PlanScenario(chain)
        scene.end("imath", PlanScenario.failure)
        let plan = scene.plan
        #expect(plan.builds.isEmpty)
        #expect(plan.jobs.map(\.result) == [.failed, .blocked, .blocked])
        #expect(plan.jobs.map(\.action) == [.build, .blocked, .blocked])
        #expect(plan.jobs[2].code == .upstreamRed)
        #expect(plan.jobs[1].redUpstreams == ["imath"])
        #expect(plan.jobs[2].redUpstreams == ["imath", "openexr"])
        #expect(plan.jobs[2].reason.detail == "`imath` ended failed, and nothing can stand in for `imath`")
        #expect(plan.jobs[2].fallback.isEmpty && plan.jobs[2].key == nil)
    }

    @Test func `with fallback none a red upstream blocks although it was good once`() {
        var scene = settled
        scene.fallback = .none
        scene.head("imath", "imath-2")
        scene.end("imath", PlanScenario.failure)
        #expect(scene.job("openexr").result == .blocked)
        #expect(scene.job("openexr").fallback.isEmpty)
    }

    @Test func `a last known good that is red now as well blocks, and is not said to be used`() {
        var scene = settled
        scene.recipes["imath"] = Recipe(stages: [StageScript(stage: .build, run: "false")], network: false)
        scene.head("imath", "imath-2")
        scene.endAll(red: ["imath"])
        let openexr = scene.job("openexr")
        #expect(openexr.result == .blocked)
        #expect(openexr.fallback.isEmpty)
        #expect(openexr.redUpstreams == ["imath"])
    }

    @Test func `a blocked project's own last known good carries those below it`() {
        var scene = settled
        scene.knowledge.lastKnownGood[PlanScenario.id("imath")] = nil
        scene.head("imath", "imath-2")
        scene.end("imath", PlanScenario.failure)
        #expect(scene.job("openexr").result == .blocked)
        let oiio = scene.job("oiio")
        #expect(oiio.action == .reuse)
        #expect(oiio.redUpstreams == ["imath", "openexr"])
        #expect(oiio.fallback == ["openexr": "openexr-1"])
        #expect(oiio.used == ["imath": "imath-1", "openexr": "openexr-1"])
    }

    @Test func `an optional upstream without a last known good is left out, and that is said`() {
        var scene = PlanScenario([("imath", []), ("vdb", ["imath"]), ("oiio", ["imath", "vdb?"]), ("usd", ["oiio"])])
        scene.end("imath")
        let with = scene.job("oiio").key
        scene.end("vdb", PlanScenario.failure)
        let oiio = scene.job("oiio")
        #expect(oiio.redUpstreams == ["vdb"])
        #expect(oiio.fallback.isEmpty)
        #expect(oiio.used == ["imath": "imath-1"])
        #expect(oiio.key != nil && with == nil)
        scene.endAll()
        #expect(scene.job("usd").result == .passed)
        #expect(scene.job("usd").used["vdb"] == nil)
        #expect(scene.job("usd").redUpstreams == ["vdb"])
    }

    @Test func `an optional upstream that cannot be resolved or was never in the stack is left out`() {
        var scene = PlanScenario([("imath", []), ("vdb", []), ("oiio", ["imath", "vdb?", "ptex?"])])
        scene.snapshot.revisions["vdb"] = .failed(.fetchBranchMissing, detail: "gone")
        scene.endAll()
        #expect(scene.job("oiio").result == .passed)
        #expect(scene.job("oiio").redUpstreams == ["vdb"])
        #expect(scene.job("oiio").used == ["imath": "imath-1"])
    }

    @Test func `an optional upstream is left out when what it requires is red`() {
        var scene = PlanScenario([("imath", []), ("tbb", []), ("vdb", ["tbb"]), ("oiio", ["imath", "vdb?"])])
        scene.endAll(red: ["tbb"])
        #expect(scene.job("vdb").result == .blocked)
        let oiio = scene.job("oiio")
        #expect(oiio.result == .passed)
        #expect(oiio.redUpstreams == ["tbb", "vdb"])
        #expect(oiio.used == ["imath": "imath-1"])
    }

    @Test func `what an optional upstream's useless stand-in brought along does not stay`() {
        var scene = PlanScenario([("imath", []), ("vdb", ["imath"]), ("oiio", ["imath", "vdb?"])])
        scene.settle()
        scene.recipes["vdb"] = Recipe(stages: [StageScript(stage: .build, run: "false")], network: false)
        scene.head("imath", "imath-2")
        scene.endAll(red: ["vdb"])
        let oiio = scene.job("oiio")
        #expect(oiio.used == ["imath": "imath-2"])
        #expect(oiio.fallback.isEmpty)
        #expect(oiio.result == .passed)
    }

    @Test func `an upstream that somebody requires is not left out`() {
        var scene = PlanScenario([("imath", []), ("vdb", ["imath?"]), ("oiio", ["imath", "vdb?"])])
        scene.end("imath", PlanScenario.failure)
        #expect(scene.job("oiio").result == .blocked)
        scene.endAll()
        #expect(scene.job("vdb").result == .passed)
        #expect(scene.job("vdb").used.isEmpty)
    }

    @Test func `in lane release a red upstream blocks: what was good was another revision`() {
        var scene = PlanScenario(chain, lanes: [.head, .release])
        for project in ["imath", "openexr", "oiio"] { scene.release(project, "\(project)-0") }
        scene.settle()
        scene.release("imath", "imath-0.1")
        scene.endAll(red: ["imath"])
        #expect(scene.job("openexr/release").result == .blocked)
        #expect(scene.job("openexr").result == .passed)
    }
}
