// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryTestSupport
import Testing

@Suite("Lanes and shared builds") struct LaneTests {
    private let chain = [("imath", [String]()), ("openexr", ["imath"]), ("oiio", ["openexr"])]

    @Test func `lanes share one build with both jobs`() {
        let scene = PlanScenario(chain, lanes: [.head, .release])
        #expect(scene.plan.builds.map(\.project) == ["imath", "openexr", "oiio"])
        #expect(
            scene.plan.builds.map(\.jobs)
                == ["imath", "openexr", "oiio"].map { name in
                    [PlanScenario.id(name), PlanScenario.id("\(name)/release")]
                })
        #expect(scene.plan.builds.allSatisfy { $0.lane == .head })
        #expect(scene.job("imath").key == scene.job("imath/release").key)
    }

    @Test func `lane release builds upstreams at their tags, for no job of their own`() {
        var scene = PlanScenario(chain, lanes: [.head, .release])
        scene.release("imath", "imath-0")
        scene.release("openexr", "openexr-0")
        scene.release("oiio", "oiio-0")
        let support = scene.plan.builds.filter(\.jobs.isEmpty)
        #expect(support.map(\.project) == ["imath", "openexr"])
        #expect(support.map(\.source.revision) == ["imath-0", "openexr-0"])
        #expect(scene.job("oiio/release").used == ["imath": "imath-0", "openexr": "openexr-0"])
        #expect(scene.job("oiio/release").source?.revision == "oiio-1")
        #expect(scene.job("oiio").used == ["imath": "imath-1", "openexr": "openexr-1"])
        #expect(!scene.plan.builds.contains { $0.source.revision == "oiio-0" })
        scene.endAll()
        #expect(scene.plan.jobs.allSatisfy { $0.result == .passed })
    }

    @Test func `a project without release cannot be built upon in lane release`() {
        var scene = PlanScenario(chain, lanes: [.head, .release])
        scene.release("openexr", "openexr-0")
        scene.snapshot.releases["imath"] = .failed(.fetchNoRelease, detail: "no tag")
        #expect(scene.job("openexr/release").result == .blocked)
        #expect(scene.job("imath/release").action == .build)
    }

    @Test func `a tag that differs from the head in ignored paths alone shares builds and keeps its own name`() {
        var scene = PlanScenario(chain, lanes: [.head, .release])
        scene.release("imath", "imath-0", tree: "imath-1")
        scene.release("openexr", "openexr-1")
        scene.end("imath")
        #expect(scene.job("openexr").key == scene.job("openexr/release").key)
        #expect(scene.job("openexr").used == ["imath": "imath-1"])
        #expect(scene.job("openexr/release").used == ["imath": "imath-0"])
        #expect(
            scene.builds("openexr").map(\.jobs) == [[PlanScenario.id("openexr"), PlanScenario.id("openexr/release")]])
    }

    @Test func `lane platform builds the project alone, with nothing hidden`() {
        var scene = PlanScenario(chain, lanes: [.head, .platform])
        scene.provides["imath"] = Provides(packages: ["Imath"], files: ["include/Imath"])
        let oiio = scene.job("oiio/platform")
        #expect(oiio.used.isEmpty)
        #expect(oiio.key != nil && !oiio.conditional)
        #expect(
            scene.builds("oiio").map(\.jobs) == [[PlanScenario.id("oiio/platform")], [PlanScenario.id("oiio")]]
                || scene.builds("oiio").map(\.jobs) == [[PlanScenario.id("oiio")], [PlanScenario.id("oiio/platform")]])
        #expect(scene.job("imath").key != scene.job("imath/platform").key)
        scene.end("imath", PlanScenario.failure)
        #expect(scene.job("oiio").result == .blocked)
        #expect(scene.job("oiio/platform").finished == nil)
    }

    @Test func `where nothing would be hidden lane platform shares the build`() {
        let scene = PlanScenario([("imath", [])], lanes: [.head, .platform])
        #expect(scene.job("imath").key == scene.job("imath/platform").key)
        #expect(scene.plan.builds.map(\.jobs) == [[PlanScenario.id("imath"), PlanScenario.id("imath/platform")]])
    }

    @Test func `variants never share builds unless their environment is the same`() {
        var scene = PlanScenario(chain, variants: ["v", "w"])
        #expect(scene.job("imath").key != scene.job("imath@w").key)
        scene.snapshot.environments["w"] = scene.snapshot.environments["v"]
        #expect(scene.job("imath").key == scene.job("imath@w").key)
        #expect(scene.builds("imath").count == 1)
    }

    @Test func `a key holds no revision, lane or variant`() {
        var scene = PlanScenario(chain, lanes: [.head, .release], variants: ["v", "w"])
        scene.snapshot.environments["w"] = "env-v"
        scene.endAll()
        let keys = Set(scene.plan.jobs.filter { $0.job.project == "oiio" }.map(\.key))
        #expect(keys.count == 1)
        for project in ["imath", "openexr", "oiio"] { scene.head(project, "\(project)-2", tree: "\(project)-1") }
        #expect(Set(scene.plan.jobs.filter { $0.job.project == "oiio" }.map(\.key)) == keys)
    }

    @Test func `an upstream's hidden files are in the key of all below it`() {
        var scene = PlanScenario(chain)
        scene.settle()
        scene.provides["imath"] = Provides(files: ["include/Imath"])
        scene.endAll { build in build.project == "oiio" ? nil : "the same tree" }
        let before = scene.job("oiio").key
        scene.provides["imath"] = Provides(files: ["include/Imath", "lib/libImath*"])
        scene.endAll { build in build.project == "oiio" ? nil : "the same tree" }
        #expect(scene.job("oiio").key != before)
    }
}
