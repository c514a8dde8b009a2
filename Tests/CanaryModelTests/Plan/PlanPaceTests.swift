// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryTestSupport
import Simulation
import Testing

@Suite("Planning time", .serialized) struct PlanPaceTests {
    @Test(arguments: [300, 1000])
    func `a plan of many projects is fast`(count: Int) {
        var scenario = Self.scenario(of: count)
        let clock = ContinuousClock()
        let input = scenario.input
        let first = (0..<5).map { _ in clock.measure { _ = Planner.plan(input) } }.min() ?? .zero
        Self.settle(&scenario)
        for index in 0..<10 { scenario.head("p\(index)", "p\(index)-2") }
        let moved = scenario.input
        let next = (0..<5).map { _ in clock.measure { _ = Planner.plan(moved) } }.min() ?? .zero
        print("\(count) projects: first plan \(first), after ten heads moved \(next)")
        #expect(Planner.plan(moved).jobs.count == count)
    }

    /// Ten layers, three upstreams each.
    private static func scenario(of count: Int) -> PlanScenario {
        var random = SplitMix64(seed: 1)
        let width = count / 10
        return PlanScenario(
            (0..<count).map { index in
                let layer = index / width
                let below =
                    layer == 0
                    ? [] : (0..<3).map { _ in (layer - 1) * width + Int.random(in: 0..<width, using: &random) }
                return ("p\(index)", Set(below).sorted().map { "p\($0)" })
            })
    }

    /// Ends layer by layer, which takes ten plans and not as many as there are projects.
    private static func settle(_ scenario: inout PlanScenario) {
        while true {
            let ready = scenario.plan.builds.filter(\.isReady)
            guard !ready.isEmpty else { break }
            for build in ready {
                guard let key = build.key else { continue }
                scenario.finished[key] = PlanScenario.finish(build, key: key, .passed, tree: nil)
            }
        }
        scenario.nextRun()
    }
}
