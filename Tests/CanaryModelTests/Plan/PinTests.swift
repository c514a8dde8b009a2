// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryTestSupport
import Testing

@Suite("Pins") struct PinTests {
    @Test func `a project's own pin replaces the head for it alone`() {
        var scene = PlanScenario([("fmt", []), ("oiio", ["fmt=11.2.0"]), ("osl", ["fmt"])])
        scene.pin("fmt", at: "11.2.0", to: "fmt-0")
        #expect(scene.job("oiio").used == ["fmt": "fmt-0"])
        #expect(scene.job("osl").used == ["fmt": "fmt-1"])
        #expect(scene.job("fmt").source?.revision == "fmt-1")
        #expect(scene.builds("fmt").map(\.source.revision).sorted() == ["fmt-0", "fmt-1"])
        #expect(scene.builds("fmt").first { $0.source.revision == "fmt-0" }?.jobs == [])
    }

    @Test func `an upstream's pin holds for all below it`() {
        var scene = PlanScenario([("fmt", []), ("oiio", ["fmt=11.2.0"]), ("usd", ["oiio", "fmt"])])
        scene.pin("fmt", at: "11.2.0", to: "fmt-0")
        scene.endAll()
        #expect(scene.job("usd").result == .passed)
        #expect(scene.job("usd").used == ["fmt": "fmt-0", "oiio": "oiio-1"])
    }

    @Test func `the nearest of two pins holds, for the whole build`() {
        var scene = PlanScenario([("fmt", []), ("oiio", ["fmt=11.2.0"]), ("usd", ["oiio", "fmt=12.0.0"])])
        scene.pin("fmt", at: "11.2.0", to: "fmt-0")
        scene.pin("fmt", at: "12.0.0", to: "fmt-2")
        #expect(scene.job("usd").used["fmt"] == "fmt-2")
        #expect(scene.job("oiio").used["fmt"] == "fmt-0")
        #expect(scene.builds("oiio").count == 2)
    }

    @Test func `a pin that has ended is not in the snapshot, and the head is used`() {
        let scene = PlanScenario([("fmt", []), ("oiio", ["fmt=11.2.0"])])
        #expect(scene.job("oiio").used == ["fmt": "fmt-1"])
        #expect(scene.plan.builds.map(\.project) == ["fmt", "oiio"])
    }

    @Test func `a pin that cannot be resolved is a red upstream`() {
        var scene = PlanScenario([("fmt", []), ("oiio", ["fmt=11.2.0"])])
        scene.settle()
        scene.snapshot.pins[PinnedRevision(project: "fmt", revision: "11.2.0")] =
            .failed(.fetchRevisionMissing, detail: "no such tag")
        #expect(scene.job("oiio").redUpstreams == ["fmt"])
        #expect(scene.job("oiio").fallback == ["fmt": "fmt-1"])
    }

    @Test func `a stand-in does not bring along what is pinned`() {
        var scene = PlanScenario([("fmt", []), ("exr", ["fmt"]), ("oiio", ["exr", "fmt=11.2.0"])])
        scene.pin("fmt", at: "11.2.0", to: "fmt-0")
        scene.settle()
        scene.head("exr", "exr-2")
        scene.end("exr", PlanScenario.failure)
        let oiio = scene.job("oiio")
        #expect(oiio.used == ["exr": "exr-1", "fmt": "fmt-0"])
        #expect(oiio.fallback == ["exr": "exr-1"])
        #expect(oiio.action == .reuse)
    }

    @Test func `pins hold in lane release too, and not in lane platform`() {
        var scene = PlanScenario([("fmt", []), ("oiio", ["fmt=11.2.0"])], lanes: [.release, .platform])
        scene.release("fmt", "fmt-9")
        scene.pin("fmt", at: "11.2.0", to: "fmt-0")
        #expect(scene.job("oiio/release").used == ["fmt": "fmt-0"])
        #expect(scene.job("oiio/platform").used.isEmpty)
    }

    @Test func `a pin's dates say until when it holds`() {
        let pin = Pin(revision: "v1", until: hour(1))
        #expect(pin.holds(at: hour(0)))
        #expect(!pin.holds(at: hour(1)))
        #expect(Pin(revision: "v1").holds(at: hour(1e6)))
    }
}
