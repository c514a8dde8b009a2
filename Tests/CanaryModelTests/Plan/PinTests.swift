// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryTestSupport
import Testing

@Suite("Pins") struct PinTests {
    @Test func `a project's own pin replaces the head for it alone`() {
        var scenario = PlanScenario([("fmt", []), ("oiio", ["fmt=11.2.0"]), ("osl", ["fmt"])])
        scenario.pin("fmt", at: "11.2.0", to: "fmt-0")
        #expect(scenario.job("oiio").used == ["fmt": "fmt-0"])
        #expect(scenario.job("osl").used == ["fmt": "fmt-1"])
        #expect(scenario.job("fmt").source?.revision == "fmt-1")
        #expect(scenario.builds("fmt").map(\.source.revision).sorted() == ["fmt-0", "fmt-1"])
        #expect(scenario.builds("fmt").first { $0.source.revision == "fmt-0" }?.jobs == [])
    }

    @Test func `the pin of an upstream applies to all its downstreams`() {
        var scenario = PlanScenario([("fmt", []), ("oiio", ["fmt=11.2.0"]), ("usd", ["oiio", "fmt"])])
        scenario.pin("fmt", at: "11.2.0", to: "fmt-0")
        scenario.endAll()
        #expect(scenario.job("usd").result == .passed)
        #expect(scenario.job("usd").used == ["fmt": "fmt-0", "oiio": "oiio-1"])
    }

    @Test func `the nearest of two pins applies to the whole build`() {
        var scenario = PlanScenario([("fmt", []), ("oiio", ["fmt=11.2.0"]), ("usd", ["oiio", "fmt=12.0.0"])])
        scenario.pin("fmt", at: "11.2.0", to: "fmt-0")
        scenario.pin("fmt", at: "12.0.0", to: "fmt-2")
        #expect(scenario.job("usd").used["fmt"] == "fmt-2")
        #expect(scenario.job("oiio").used["fmt"] == "fmt-0")
        #expect(scenario.builds("oiio").count == 2)
    }

    @Test func `a pin that has ended is not in the snapshot, and the head is used`() {
        let scenario = PlanScenario([("fmt", []), ("oiio", ["fmt=11.2.0"])])
        #expect(scenario.job("oiio").used == ["fmt": "fmt-1"])
        #expect(scenario.plan.builds.map(\.project) == ["fmt", "oiio"])
    }

    @Test func `a pin that cannot be resolved is a red upstream`() {
        var scenario = PlanScenario([("fmt", []), ("oiio", ["fmt=11.2.0"])])
        scenario.settle()
        scenario.snapshot.pins[PinnedRevision(project: "fmt", revision: "11.2.0")] =
            .failed(.fetchRevisionMissing, detail: "no such tag")
        #expect(scenario.job("oiio").redUpstreams == ["fmt"])
        #expect(scenario.job("oiio").fallback == ["fmt": "fmt-1"])
    }

    @Test func `a fallback does not replace pinned upstreams`() {
        var scenario = PlanScenario([("fmt", []), ("exr", ["fmt"]), ("oiio", ["exr", "fmt=11.2.0"])])
        scenario.pin("fmt", at: "11.2.0", to: "fmt-0")
        scenario.settle()
        scenario.head("exr", "exr-2")
        scenario.end("exr", PlanScenario.failure)
        let oiio = scenario.job("oiio")
        #expect(oiio.used == ["exr": "exr-1", "fmt": "fmt-0"])
        #expect(oiio.fallback == ["exr": "exr-1"])
        #expect(oiio.action == .reuse)
    }

    @Test func `pins apply in lane release too, but not in lane platform`() {
        var scenario = PlanScenario([("fmt", []), ("oiio", ["fmt=11.2.0"])], lanes: [.release, .platform])
        scenario.release("fmt", "fmt-9")
        scenario.pin("fmt", at: "11.2.0", to: "fmt-0")
        #expect(scenario.job("oiio/release").used == ["fmt": "fmt-0"])
        #expect(scenario.job("oiio/platform").used.isEmpty)
    }

    @Test func `a pin applies until its date`() {
        let pin = Pin(revision: "v1", until: hour(1))
        #expect(pin.holds(at: hour(0)))
        #expect(!pin.holds(at: hour(1)))
        #expect(Pin(revision: "v1").holds(at: hour(1e6)))
    }
}
