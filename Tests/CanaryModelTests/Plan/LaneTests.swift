// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryTestSupport
import Testing

@Suite("Lanes and shared builds") struct LaneTests {
    private let chain = [("imath", [String]()), ("openexr", ["imath"]), ("oiio", ["openexr"])]

    @Test func `lanes share one build for both jobs`() {
        let scenario = PlanScenario(chain, lanes: [.head, .release])
        #expect(scenario.plan.builds.map(\.project) == ["imath", "openexr", "oiio"])
        #expect(
            scenario.plan.builds.map(\.jobs)
                == ["imath", "openexr", "oiio"].map { name in
                    [PlanScenario.id(name), PlanScenario.id("\(name)/release")]
                })
        #expect(scenario.plan.builds.allSatisfy { $0.lane == .head })
        #expect(scenario.job("imath").key == scenario.job("imath/release").key)
    }

    @Test func `lane release builds upstreams at their tags, for no job of their own`() {
        var scenario = PlanScenario(chain, lanes: [.head, .release])
        scenario.release("imath", "imath-0")
        scenario.release("openexr", "openexr-0")
        scenario.release("oiio", "oiio-0")
        let support = scenario.plan.builds.filter(\.jobs.isEmpty)
        #expect(support.map(\.project) == ["imath", "openexr"])
        #expect(support.map(\.source.revision) == ["imath-0", "openexr-0"])
        #expect(scenario.job("oiio/release").used == ["imath": "imath-0", "openexr": "openexr-0"])
        #expect(scenario.job("oiio/release").source?.revision == "oiio-1")
        #expect(scenario.job("oiio").used == ["imath": "imath-1", "openexr": "openexr-1"])
        #expect(!scenario.plan.builds.contains { $0.source.revision == "oiio-0" })
        scenario.endAll()
        #expect(scenario.plan.jobs.allSatisfy { $0.result == .passed })
    }

    @Test func `a project without a release cannot be an upstream in lane release`() {
        var scenario = PlanScenario(chain, lanes: [.head, .release])
        scenario.release("openexr", "openexr-0")
        scenario.snapshot.releases["imath"] = .failed(.fetchNoRelease, detail: "no tag")
        #expect(scenario.job("openexr/release").result == .blocked)
        #expect(scenario.job("imath/release").action == .build)
    }

    @Test func `a tag that differs from the head only in ignored paths shares its builds and keeps its own revision`() {
        var scenario = PlanScenario(chain, lanes: [.head, .release])
        scenario.release("imath", "imath-0", tree: "imath-1")
        scenario.release("openexr", "openexr-1")
        scenario.end("imath")
        #expect(scenario.job("openexr").key == scenario.job("openexr/release").key)
        #expect(scenario.job("openexr").used == ["imath": "imath-1"])
        #expect(scenario.job("openexr/release").used == ["imath": "imath-0"])
        #expect(
            scenario.builds("openexr").map(\.jobs) == [
                [PlanScenario.id("openexr"), PlanScenario.id("openexr/release")]
            ])
    }

    @Test func `lane platform builds only the project, with nothing hidden`() {
        var scenario = PlanScenario(chain, lanes: [.head, .platform])
        scenario.provides["imath"] = Provides(packages: ["Imath"], files: ["include/Imath"])
        let oiio = scenario.job("oiio/platform")
        #expect(oiio.used.isEmpty)
        #expect(oiio.key != nil && !oiio.conditional)
        #expect(
            scenario.builds("oiio").map(\.jobs) == [[PlanScenario.id("oiio/platform")], [PlanScenario.id("oiio")]]
                || scenario.builds("oiio").map(\.jobs) == [
                    [PlanScenario.id("oiio")], [PlanScenario.id("oiio/platform")],
                ])
        #expect(scenario.job("imath").key != scenario.job("imath/platform").key)
        scenario.end("imath", PlanScenario.failure)
        #expect(scenario.job("oiio").result == .blocked)
        #expect(scenario.job("oiio/platform").finished == nil)
    }

    @Test func `where nothing is hidden, lane platform shares the build`() {
        let scenario = PlanScenario([("imath", [])], lanes: [.head, .platform])
        #expect(scenario.job("imath").key == scenario.job("imath/platform").key)
        #expect(scenario.plan.builds.map(\.jobs) == [[PlanScenario.id("imath"), PlanScenario.id("imath/platform")]])
    }

    @Test func `variants never share builds unless their environment is the same`() {
        var scenario = PlanScenario(chain, variants: ["v", "w"])
        #expect(scenario.job("imath").key != scenario.job("imath@w").key)
        scenario.snapshot.environments["w"] = scenario.snapshot.environments["v"]
        #expect(scenario.job("imath").key == scenario.job("imath@w").key)
        #expect(scenario.builds("imath").count == 1)
    }

    @Test func `a key holds no revision, lane or variant`() {
        var scenario = PlanScenario(chain, lanes: [.head, .release], variants: ["v", "w"])
        scenario.snapshot.environments["w"] = "env-v"
        scenario.endAll()
        let keys = Set(scenario.plan.jobs.filter { $0.job.project == "oiio" }.map(\.key))
        #expect(keys.count == 1)
        for project in ["imath", "openexr", "oiio"] { scenario.head(project, "\(project)-2", tree: "\(project)-1") }
        #expect(Set(scenario.plan.jobs.filter { $0.job.project == "oiio" }.map(\.key)) == keys)
    }

    @Test func `the hidden files of an upstream are part of the keys of all its downstreams`() {
        var scenario = PlanScenario(chain)
        scenario.settle()
        scenario.provides["imath"] = Provides(files: ["include/Imath"])
        scenario.endAll { build in build.project == "oiio" ? nil : "the same tree" }
        let before = scenario.job("oiio").key
        scenario.provides["imath"] = Provides(files: ["include/Imath", "lib/libImath*"])
        scenario.endAll { build in build.project == "oiio" ? nil : "the same tree" }
        #expect(scenario.job("oiio").key != before)
    }
}
