// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Testing

@testable import CanaryEngine

@Suite("Build gate") struct BuildGateTests {
    @Test func `a closed gate lets the build behind it end, and holds back the next one`() async throws {
        let (gate, stop) = (BuildGate(), StopSignal())
        try await gate.pass(stop) {
            gate.close()
            #expect(gate.isBuilding)
        }
        await gate.drain(until: stop)
        #expect(!gate.isBuilding)
        async let passed = gate.pass(stop) { true }
        gate.open()
        #expect(try await passed)
    }

    @Test func `a stop signal ends the wait before a closed gate`() async throws {
        let (gate, stop) = (BuildGate(), StopSignal())
        gate.close()
        stop.raise()
        await #expect(throws: EngineError.self) { try await gate.pass(stop) {} }
    }
}
